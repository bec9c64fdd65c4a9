"""Somebody may be in danger: who is on call is called at night, one after the other, until one
has it; and nothing of the customer is in what they get."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.book.on_call import put_on_call, roster, take_off_call
from app.delivery.calls import Calls
from app.delivery.dispatch import Channels
from app.hearing.intents import Intent
from app.intake.alarms import NoSuchAlarm, take_alarm, without_alarms
from app.intake.replies import Written, receive_reply
from app.intake.special import read_special
from app.intake.tasks import change_task
from app.lab.local_smtp import LocalSmtp
from app.lab.served import served
from app.lab.twilio import ACCOUNT, TOKEN, LocalTwilio
from app.loops.alarms import Alarms
from app.loops.sandbox import hand_receipts
from campaigns.vocabulary import Medium
from channels.delivery import DeliveryStatus, Receipt
from channels.email_smtp import SmtpEmail
from channels.sandbox import SandboxSms
from channels.sandbox_faults import Faults
from channels.sms_twilio import TwilioSms
from channels.smtp_line import Relay
from channels.twilio_api import TwilioApi
from tests.app.intake.reader import Understands
from tests.databases import on_both_stores
from tests.factories import add_creditor, add_customer
from tests.world import World

NIGHT = datetime(
    2026, 6, 5, 23, 40, tzinfo=UTC
)  # Saturday, 02:40 in Haifa: nobody may be written to
CONSOLE = "https://desk.carmel.example"
CUSTOMER, WORDS = "+972521234567", "what Dana wrote at night"
NOA, OMER, HOUSE = "+972500000001", "omer@carmel.example", "+972500000003"


@pytest.fixture
def night(migrated_url: str) -> Iterator[World]:
    world = World(migrated_url, start=NIGHT)
    carmel = add_creditor(world.database)
    add_customer(world.database, carmel, "Dana", phone=CUSTOMER)
    yield world
    world.close()


def on_call(world: World, *addresses: str, creditor_id: int | None = 1) -> None:
    with world.database.write() as session:
        for address in addresses:
            put_on_call(session, creditor_id, address, name="N", by="Noa", now=world.now)


def danger(world: World, *, sender: str = CUSTOMER, key: str = "sandbox:1") -> None:
    (ours,) = world.rows("sender", "medium = 'sms'")
    text = Written(key, Medium.SMS, sender, ours["address"], WORDS, world.now)
    with world.database.write() as session:
        receive_reply(session, text, now=world.now, reader=Understands(Intent.SELF_HARM))


def alarms(world: World, faults: Faults | None = None) -> Alarms:
    channels = dict(world.channels)
    channels["sms", "sandbox"] = SandboxSms(world.ledger, faults=faults)
    return Alarms(world.database, channels, CONSOLE)


def called(world: World) -> list[str]:
    """Whom the provider says that it wrote to, in order, without the customer."""
    found = [each.recipient for each in world.ledger.acceptances()]
    return [recipient for recipient in found if recipient != CUSTOMER]


def after(world: World, **delta: float) -> datetime:
    world.clock.move_to(world.now + timedelta(**delta))
    return world.now


@on_both_stores
def test_the_first_is_called_at_once_by_night_and_the_next_when_nobody_takes_it(
    night: World,
) -> None:
    on_call(night, NOA, OMER)
    on_call(night, HOUSE, creditor_id=None)
    danger(night)
    loop = alarms(night)

    assert loop.tick(night.now) == 1
    assert called(night) == [NOA]
    assert loop.tick(after(night, minutes=4)) == 0
    loop.tick(after(night, minutes=1))
    assert called(night) == [NOA, OMER]
    loop.tick(after(night, minutes=5))
    assert called(night) == [NOA, OMER, NOA], "it begins anew: nobody has it"

    with night.database.write() as session:
        take_alarm(session, 1, by="Omer", now=night.now)
        with pytest.raises(NoSuchAlarm, match="duly alarm list"):
            take_alarm(session, 1, by="Noa", now=night.now)
    assert loop.tick(after(night, hours=9)) == 0
    assert [row["owner"] for row in night.rows("task", "kind = 'danger'")] == ["Omer"]
    kinds = [row["kind"] for row in night.rows("event", "kind LIKE 'alarm%'")]
    assert kinds == ["alarm_raised", *["alarm_called"] * 3, "alarm_taken"]


def test_what_is_sent_names_a_task_and_nothing_of_the_customer(night: World) -> None:
    on_call(night, NOA, OMER)
    danger(night)
    loop = alarms(night)
    loop.tick(night.now)
    loop.tick(after(night, minutes=5))

    text, mail = list(night.ledger.acceptances())
    where = f"{CONSOLE}/console/queues/tasks/1"
    assert text.text == f"URGENT: open task 1 now. Take it: {where} or duly alarm take 1"
    assert mail.text == text.text
    assert mail.subject == "URGENT: task 1, open it now"
    told = repr(night.rows("event")) + text.text + str(mail.subject)
    for private in (WORDS, "Dana", CUSTOMER):
        assert private not in told


def test_nobody_waits_long_for_a_provider_that_does_not_take_it(night: World) -> None:
    """Refused: the next at once. Not known, or later: once more, then the next."""
    on_call(night, NOA, OMER)
    danger(night)

    alarms(night, Faults(refuse=1.0)).tick(night.now)
    alarms(night).tick(after(night, seconds=5))
    assert called(night) == [OMER]

    danger(night, key="sandbox:2")
    loop = alarms(night, Faults(later=1.0))
    for _ in range(3):
        loop.tick(night.now)
        after(night, seconds=30)
    outcomes = [row["outcome"] for row in night.rows("alarm_call", "alarm_id = 2")]
    assert outcomes == ["later", "later", "accepted"]
    assert called(night) == [OMER, OMER]


def test_a_text_that_does_not_arrive_has_the_next_one_called(night: World) -> None:
    on_call(night, NOA, OMER)
    danger(night)
    alarms(night, Faults(fail=1.0)).tick(night.now)
    hand_receipts(night.database, night.ledger, after(night, seconds=30))

    alarms(night).tick(night.now)
    assert called(night) == [NOA, OMER]
    assert night.rows("inbound") == []
    strange = Receipt(
        receipt_id="r1",
        provider="sandbox",
        provider_id="p1",
        attempt_key="m-1-1",
        status=DeliveryStatus.FAILED,
        at=night.now,
    )
    with night.database.write() as session:
        assert without_alarms(session, [strange], now=night.now) == (strange,)


def test_reading_the_note_or_taking_the_task_is_taking_the_alarm(night: World) -> None:
    on_call(night, NOA)
    danger(night)
    danger(night, key="sandbox:2")
    loop = alarms(night)
    assert loop.tick(night.now) == 2
    with night.database.write() as session:
        read_special(session, 1, read_by="Noa", now=night.now)
        change_task(session, 2, {"owner": "Omer"}, night.now)

    assert loop.tick(after(night, minutes=5)) == 0
    assert [row["taken_by"] for row in night.rows("alarm")] == ["Noa", "Omer"]


def test_a_stranger_in_danger_is_whose_sender_they_wrote_to(night: World) -> None:
    on_call(night, NOA)
    danger(night, sender="+972529999999")

    assert alarms(night).tick(night.now) == 1
    assert called(night) == [NOA]


def test_with_nobody_on_call_the_log_says_so_and_somebody_who_comes_is_called(
    night: World, caplog: pytest.LogCaptureFixture
) -> None:
    danger(night)
    loop = alarms(night)
    caplog.clear()
    assert loop.tick(night.now) == 0
    assert [(r.levelname, "nobody is on call" in r.message) for r in caplog.records] == [
        ("CRITICAL", True)
    ]

    on_call(night, HOUSE, creditor_id=None)
    loop.tick(after(night, minutes=5))
    assert called(night) == [HOUSE]


def test_it_does_not_tire_but_calls_less_often(night: World) -> None:
    on_call(night, NOA)
    danger(night)
    loop = alarms(night)
    waits = []
    for _ in range(7):
        loop.tick(night.now)
        (row,) = night.rows("alarm")
        due = datetime.fromisoformat(str(row["due_at"])).replace(tzinfo=UTC)
        waits.append((due - night.now) // timedelta(minutes=1))
        night.clock.move_to(due)
    assert waits == [5, 10, 20, 40, 60, 60, 60]


def test_a_list_of_its_own_comes_before_the_houses(night: World) -> None:
    on_call(night, HOUSE, creditor_id=None)
    with night.database.read() as session:
        assert [row.address for row in roster(session, 1)] == [HOUSE]
    on_call(night, NOA)
    with night.database.write() as session:
        assert [row.address for row in roster(session, 1)] == [NOA]
        assert take_off_call(session, 2, by="Noa", now=night.now)
        assert not take_off_call(session, 2, by="Noa", now=night.now)
        assert [row.address for row in roster(session, 1)] == [HOUSE]


def test_over_the_wire_a_text_by_twilio_and_a_mail_by_a_relay(night: World) -> None:
    on_call(night, NOA, OMER)
    night.run("UPDATE sender SET provider = 'twilio' WHERE medium = 'sms'")
    night.run("UPDATE sender SET provider = 'smtp' WHERE medium = 'email'")
    danger(night)
    twilio = LocalTwilio(night.clock.now)
    with served(twilio.app()) as url, LocalSmtp() as relay, Calls() as calls:
        api = TwilioApi(ACCOUNT, TOKEN, base_url=url, callback=f"{url}/webhooks/twilio")
        sms = TwilioSms(api)
        mail = SmtpEmail(Relay(host="127.0.0.1", port=relay.port, security="none"))
        channels: Channels = {("sms", "twilio"): sms, ("email", "smtp"): mail}
        loop = Alarms(night.database, channels, CONSOLE, run=calls.run)
        loop.tick(night.now)
        loop.tick(after(night, minutes=5))
        for channel in (sms, mail):
            calls.run(channel.close())

        (text,), (letter,) = twilio.taken, relay.taken()
    assert (text.form["To"], text.form["Body"][:19]) == (NOA, "URGENT: open task 1")
    assert letter.recipients == (OMER,)
    assert b"URGENT: open task 1 now" in letter.content
