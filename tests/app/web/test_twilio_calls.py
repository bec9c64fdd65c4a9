"""Twilio calls the app: statuses only move forward, STOP stops, and a stranger is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from app.intake.inbox import intake_tick
from app.intake.twilio import TwilioSource
from app.lab.twilio import TOKEN, LocalTwilio
from app.lab.twilio_book import Taken
from app.lab.twilio_calls import Call
from app.payments.choice import Gateways
from app.web.app import create_app
from tests.app.web.people import NOW, ORIGIN, Payer, Stand, add_attempt, change
from tests.databases import on_both_stores

SOURCE = TwilioSource(TOKEN, ORIGIN)
SID = "SM" + "0b" * 16
HOOK = f"{ORIGIN}/webhooks/twilio"


@dataclass(frozen=True)
class Line:
    """The app as Twilio reaches it, and a message that Twilio has taken."""

    stand: Stand
    client: TestClient
    local: LocalTwilio
    taken: Taken

    def post(self, call: Call) -> int:
        path = call.url.removeprefix(ORIGIN)
        answer = self.client.post(path, content=call.body, headers=dict(call.headers))
        assert answer.text in ("", "The signature does not fit.\n")
        return answer.status_code

    def tick(self) -> None:
        intake_tick(self.stand.database, {"twilio": SOURCE}, now=NOW)

    def value(self, query: str) -> Any:
        with self.stand.database.read() as session:
            return session.connection().execute(text(query)).scalar_one()


@pytest.fixture
def line(stand: Stand, dana: Payer) -> Iterator[Line]:
    add_attempt(stand, dana, provider_id=SID)
    change(stand, "UPDATE sender SET provider = 'twilio'")
    change(stand, "UPDATE message SET delivery = 'accepted'")
    gateways = Gateways.of(stand.gateway)
    app = create_app(stand.settings, stand.database, stand.clock, gateways, sources=[SOURCE])
    local = LocalTwilio(lambda: NOW)
    form = {"To": "+972520000001", "StatusCallback": f"{HOOK}?attempt=attempt-{dana.message_id}"}
    taken = Taken(SID, form, "A reminder", NOW)
    with TestClient(app, base_url=ORIGIN) as client:
        yield Line(stand, client, local, taken)


def test_statuses_land_once_in_any_order_and_only_move_forward(line: Line) -> None:
    delivered = line.local.tells(line.taken, "delivered")

    codes = [line.post(each) for each in (delivered, delivered)]
    codes.append(line.post(line.local.tells(line.taken, "sent")))
    line.tick()

    assert codes == [200, 200, 200]
    assert line.value("SELECT delivery FROM message") == "delivered"
    assert line.value("SELECT count(*) FROM event WHERE kind = 'message_delivered'") == 1
    assert line.value("SELECT count(*) FROM inbound WHERE handled_at IS NULL") == 0


def test_a_status_clears_up_an_attempt_whose_outcome_nobody_knew(line: Line) -> None:
    change(line.stand, "UPDATE attempt SET state = 'unclear', provider_id = NULL")
    change(line.stand, "UPDATE message SET state = 'unclear'")

    line.post(line.local.tells(line.taken, "sent"))
    line.tick()

    assert line.value("SELECT state FROM message") == "accepted"
    assert line.value("SELECT provider_id FROM attempt") == line.taken.sid


def test_an_opt_out_that_only_twilio_knew_stops_the_address_before_it_is_answered(
    line: Line,
) -> None:
    assert line.post(line.local.tells(line.taken, "failed", 21610)) == 200

    assert line.value("SELECT DISTINCT reason FROM suppression") == "opted_out"


@on_both_stores
def test_stop_by_text_stops_before_it_is_answered(line: Line) -> None:
    number = line.value("SELECT address FROM sender WHERE medium = 'sms'")
    writer = line.value("SELECT value FROM address WHERE kind = 'phone'")
    stop = line.local.hears(HOOK, sender=writer, to=number, text="STOP")

    assert [line.post(stop), line.post(stop)] == [200, 200]

    assert line.value("SELECT DISTINCT reason FROM suppression") == "opted_out"
    assert line.value("SELECT count(*) FROM inbound") == 1


def test_of_a_signature_that_comes_twice_the_first_counts(line: Line) -> None:
    call = line.local.tells(line.taken, "sent")
    name, signature = next(item for item in call.headers.items() if "signature" in item[0])
    others = [item for item in call.headers.items() if item[0] != name]
    path = call.url.removeprefix(ORIGIN)

    def code(*signatures: str) -> int:
        headers = [*others, *((name, each) for each in signatures)]
        return line.client.post(path, content=call.body, headers=headers).status_code

    assert (code("forged", signature), code(signature, "forged")) == (403, 200)


def test_a_forged_call_is_refused_and_nothing_of_it_is_kept(line: Line) -> None:
    call = line.local.tells(line.taken, "delivered")
    forged = [
        replace(call, body=call.body + b"&ErrorCode=1"),
        replace(call, url=f"{HOOK}?attempt=another"),
        replace(call, headers={**call.headers, "x-twilio-signature": "bm8="}),
    ]

    assert [line.post(each) for each in forged] == [403, 403, 403]
    assert line.value("SELECT count(*) FROM inbound") == 0
