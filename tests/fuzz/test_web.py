"""Schemathesis over every route: forms, pages and webhooks answer, whatever they are sent."""

from __future__ import annotations

from typing import Any, Final

import pytest
import schemathesis
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.core.result import Ok
from starlette.testclient import TestClient

from app.intake.mail_sources import SendGridInbound
from app.intake.sendgrid import SendGridSource
from app.intake.sources import Source
from app.intake.twilio import TwilioSource
from app.lab.local_sendgrid import LocalSendGrid
from app.loops.assembly import publish_shipped
from app.payments.choice import Gateways
from app.web.app import create_app
from tests.app.web.people import NOW, ORIGIN, SECRET, add_payer, standing
from tests.fuzz.conftest import bounded
from tests.fuzz.strange import BOMBS

pytestmark = [
    pytest.mark.slow,
    # GET and HEAD of one page are one function of ours, and have no description of their own.
    pytest.mark.filterwarnings("ignore:Duplicate Operation ID"),
]

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
TOKEN: Final = "t" * 32
KINDS: Final = (
    "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=X",
    "text/plain", "message/rfc822", "image/png", "", "multipart/form-data",
)  # fmt: skip


@SQLITE
def test_no_route_breaks(migrated_url: str) -> None:
    """Answers below 500, and forms that nobody filled in change nothing."""
    with standing(migrated_url) as stand:
        publish_shipped(stand.database, NOW)  # else it is not ready, and says so by 503
        payer = add_payer(stand)
        described: dict[str, Any] = stand.app.openapi()
        schema = schemathesis.openapi.from_dict(described)
        found = schema.get_all_operations()
        operations = [each.ok() for each in found if isinstance(each, Ok)]
        assert len(operations) > 20
        with TestClient(stand.app, base_url=ORIGIN, raise_server_exceptions=False) as client:

            @bounded
            @given(st.one_of(*(each.as_strategy() for each in operations)), st.booleans())
            def ask(case: Any, known: bool) -> None:
                if known and "token" in case.path_parameters:
                    case.path_parameters["token"] = payer.token
                sent = case.as_transport_kwargs(base_url=ORIGIN)
                kept = {
                    name: sent[name]
                    for name in ("method", "url", "params", "data", "json")
                    if sent.get(name) is not None
                }
                answer = client.request(**kept)
                assert answer.status_code < 500, (case.method, case.path)

            ask()


@SQLITE
def test_no_webhook_breaks_or_believes(migrated_url: str) -> None:
    with standing(migrated_url) as stand:
        key = LocalSendGrid().public_key
        sources: list[Source] = [
            SendGridInbound(SECRET.encode(), token=TOKEN),
            SendGridSource(key),
            TwilioSource("a token", ORIGIN),
        ]
        gateways = Gateways.of(stand.gateway)
        app = create_app(stand.settings, stand.database, stand.clock, gateways, sources=sources)
        names = [source.name for source in sources] + ["sandbox"]
        with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:

            @bounded
            @given(
                st.sampled_from(names),
                BOMBS | st.binary(max_size=300),
                st.sampled_from(KINDS),
                st.sampled_from(["", "gzip", "br", "identity"]),
                st.sampled_from(["", f"?token={TOKEN}", "?token=x", "?attempt=1"]),
            )
            def call(name: str, body: bytes, kind: str, encoding: str, query: str) -> None:
                headers = {"content-type": kind, "content-encoding": encoding}
                told = client.post(f"/webhooks/{name}{query}", content=body, headers=headers)
                is_let_in = name == "sendgrid-inbound" and query == f"?token={TOKEN}"
                assert told.status_code == (200 if is_let_in else 403)

            call()
