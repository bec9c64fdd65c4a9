"""What we ask of Twilio, against its published contract; some by hand, where that is absent."""

import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels import twilio_content, twilio_lookup
from channels.seam import ApprovedContent, Envelope, Medium
from channels.sms_twilio import TwilioSms
from channels.transport import Reply, Request, Unsent
from channels.twilio_api import TwilioApi
from channels.whatsapp_twilio import TwilioWhatsapp
from tests.channels.make import NOON, envelope, run

ACCOUNT = "AC" + "0d" * 16
SERVICE = "MG" + "5e" * 16
CONTENT = "HX" + "c0" * 16
SPECS = {
    "api.twilio.com": "openapi_twilio_api_v2010_messages.json",
    "content.twilio.com": "openapi_twilio_content_v1.json",
    "lookups.twilio.com": "openapi_twilio_lookups_v2_phonenumber.json",
}


A_TEXT: dict[str, Any] = {
    "name": "a_b",
    "locale": "he",
    "body": "שלום {{1}}.",
    "samples": {"1": "דנה"},
    "category": "UTILITY",
}


class Pen(TwilioApi):
    """Writes requests down instead of sending them."""

    def __init__(self) -> None:
        super().__init__(ACCOUNT, "token", callback="https://pay.example.com/webhooks/twilio")
        self.requests: list[Request] = []

    async def carry(self, request: Request) -> Reply:
        self.requests.append(request)
        return Unsent("connect")


def sms(**changes: Any) -> Envelope:
    return envelope(deliver_before=NOON + timedelta(hours=3), **changes)


PEN = Pen()


def asked() -> Iterator[tuple[str, Request]]:
    """Every kind of request that we make."""
    pen = Pen()
    text, whatsapp = TwilioSms(pen), TwilioWhatsapp(pen)
    content = ApprovedContent(CONTENT, {"1": "דנה"})
    asks = {
        "sms": text.send(sms()),
        "sms of a service": text.send(sms(sender=SERVICE)),
        "whatsapp in free words": whatsapp.send(envelope(Medium.WHATSAPP)),
        "whatsapp by content": whatsapp.send(
            envelope(Medium.WHATSAPP, heard_at=None, content=content)
        ),
        "look for an sms": text.find(sms()),
        "look for a whatsapp": whatsapp.find(envelope(Medium.WHATSAPP)),
        "contents": twilio_content.contents(pen),
        "look up a number": twilio_lookup.look_up(pen, "+972500000100"),
        "write a content": twilio_content.submit(pen, **A_TEXT),
    }
    for name, work in asks.items():
        run(work)
        yield name, pen.requests[-1]
    approval = {"name": "a_b", "category": "UTILITY"}
    yield (
        "ask for approval",
        pen.draft(
            lambda client: client.content.v1.contents(CONTENT).approval_create.create(
                twilio_content.Json(approval)
            )
        ),
    )


REQUESTS = dict(asked())


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_is_one_that_the_contract_knows(name: str, vectors: Path) -> None:
    from openapi_core.testing import MockRequest

    request = REQUESTS[name]
    url = urlsplit(request.url)

    contract(vectors / "twilio" / SPECS[url.netloc]).validate_request(
        MockRequest(
            f"https://{url.netloc}",
            request.method,
            url.path,
            args={**parse_qs(url.query), **dict(request.query)},
            headers=dict(request.headers),
            data=_body(request),
            content_type=request.headers.get("Content-Type", "application/json"),
        )
    )


@pytest.mark.parametrize("name", [name for name in REQUESTS if "sms" in name or "words" in name])
def test_the_fields_of_a_message_are_all_in_the_contract(name: str, vectors: Path) -> None:
    """A form may hold more than its schema, so a field that was misspelt would pass above."""
    request = REQUESTS[name]
    spec = json.loads((vectors / "twilio" / SPECS["api.twilio.com"]).read_text("utf-8"))
    way = spec["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]
    body = way["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
    known = {"POST": set(body["schema"]["properties"])}
    known["GET"] = {parameter["name"] for parameter in way["get"]["parameters"]}
    fields = request.form if request.method == "POST" else request.query

    assert fields
    assert set(fields) - known[request.method] == set()


FIELDS = dict.fromkeys(
    (
        "from_", "messaging_service_sid", "body", "content_sid", "content_variables",
        "validity_period", "status_callback",
    ),
    st.text(),
) | {"smart_encoded": st.sampled_from(["true", "false"])}  # fmt: skip


@given(st.lists(st.fixed_dictionaries({"to": st.text()}, optional=FIELDS), min_size=1, max_size=4))
def test_a_message_that_was_filled_in_is_the_one_that_the_library_builds(
    messages: list[Mapping[str, str]],
) -> None:
    for fields in messages:
        ask = partial(_create, **fields)

        assert PEN.message(fields) == PEN.draft(ask)


def _create(client: Any, **fields: str) -> None:
    client.messages.create(**fields)


def test_a_content_is_written_in_whatsapps_language_with_samples_for_its_blanks() -> None:
    request = REQUESTS["write a content"]

    assert (request.method, request.url) == ("POST", "https://content.twilio.com/v1/Content")
    assert request.json == {
        "friendly_name": "a_b",
        "language": "he",
        "variables": {"1": "דנה"},
        "types": {"twilio/text": {"body": "שלום {{1}}."}},
    }


def test_approval_is_asked_of_whatsapp_with_a_name_and_a_category() -> None:
    request = REQUESTS["ask for approval"]

    assert request.url.endswith(f"/v1/Content/{CONTENT}/ApprovalRequests/whatsapp")
    assert request.json == {"name": "a_b", "category": "UTILITY"}


def test_a_message_is_looked_for_by_both_ends_and_its_day() -> None:
    request = REQUESTS["look for a whatsapp"]

    assert request.url.endswith(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json")
    assert request.query == {
        "To": "whatsapp:+972500000100",
        "From": "whatsapp:+972500000001",
        "DateSent>": "2026-03-02T11:00:00Z",
        "PageSize": "100",
    }


def test_every_request_carries_the_login_and_shows_it_to_nobody() -> None:
    for request in REQUESTS.values():
        assert request.headers["Authorization"].startswith("Basic ")
        assert "Basic" not in repr(request)
        assert "+972500000100" not in repr(request).replace(request.url, "")


@cache
def contract(path: Path) -> Any:
    from openapi_core import OpenAPI

    return OpenAPI.from_dict(json.loads(path.read_text("utf-8")))


def _body(request: Request) -> bytes | None:
    if request.json is not None:
        return json.dumps(request.json).encode()
    return urlencode(request.form).encode() if request.form else None
