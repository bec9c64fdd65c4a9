"""Confirmations of opt-outs and answers to HELP leave at any hour; nothing else does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.engine.checks.policy import nothing_outside_policy
from app.engine.checks.stops import nothing_after_a_stop
from app.hearing.reading import Verdict
from app.intake.concerned import stop_customer
from app.intake.holds import place_hold
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.store.rows import (
    Address,
    Case,
    CaseSignal,
    ContactPoint,
    Event,
    Hold,
    Message,
    Notice,
    Sender,
    Suppression,
    Task,
)
from campaigns.vocabulary import HoldKind, Medium
from tests.databases import on_both_stores
from tests.factories import NOON
from tests.promises.stage import Stage, staging

SABBATH_NIGHT = datetime(2026, 6, 5, 23, 0, tzinfo=UTC)  # Saturday, 02:00 in Haifa


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    with staging(migrated_url) as made:
        yield made


def _writes(
    stage: Stage, customer: int, words: str, *, handled: Verdict | None = None
) -> ReplyTaken:
    """A text from the customer's number to the number of its creditor."""
    (point,) = stage.get(ContactPoint, customer_id=customer, medium="sms")
    number = stage.one(Address, id=point.address_id).value
    return _text(stage, number, words, handled)


def _text(stage: Stage, number: str, words: str, handled: Verdict | None = None) -> ReplyTaken:
    (ours,) = stage.get(Sender, creditor_id=stage.creditor, medium="sms")
    written = Written(
        key=f"{number}:{words}:{stage.now.isoformat()}",
        medium=Medium.SMS,
        from_address=number,
        to_address=ours.address,
        text=words,
        at=stage.now,
        handled=handled,
    )
    with stage.database.write() as session:
        return receive_reply(session, written, now=stage.now)


def _violations(stage: Stage) -> list[int | None]:
    with stage.database.read() as session:
        return [
            nothing_after_a_stop(session).violations,
            nothing_outside_policy(session, stage.now).violations,
        ]


def test_on_a_sabbath_night_the_confirmation_leaves_at_once_and_a_reminder_waits(
    stage: Stage,
) -> None:
    stage.clock.move_to(SABBATH_NIGHT)
    other = stage.owe("Ben", due_on=SABBATH_NIGHT.date())
    customer = stage.owe("Ada", due_on=SABBATH_NIGHT.date())

    assert _writes(stage, customer, "הסר") is ReplyTaken.OPTED_OUT
    stage.tick()

    assert [(s.at, s.template) for s in stage.sent()] == [(SABBATH_NIGHT, "opt_out_confirmed")]
    assert stage.said(other) == []
    stage.play(days=3)
    assert stage.said(customer) == ["opt_out_confirmed"]
    assert stage.said(other)
    assert _violations(stage) == [0, 0]


def test_a_second_stop_is_not_confirmed_again(stage: Stage) -> None:
    customer = stage.owe("Ada")
    _writes(stage, customer, "STOP")
    stage.tick()
    stage.pass_by(seconds=40)

    _writes(stage, customer, "STOP")
    stage.play(hours=1)

    assert stage.said(customer) == ["opt_out_confirmed"]


def test_a_confirmation_that_is_five_minutes_late_is_dropped_for_a_reason(stage: Stage) -> None:
    customer = stage.owe("Ada")
    _writes(stage, customer, "STOP")
    stage.decide()
    stage.pass_by(minutes=5)

    stage.play(hours=1)

    assert stage.said(customer) == []
    assert stage.one(Message, template="opt_out_confirmed").reason == "expired"
    assert stage.get(Case, customer_id=customer)[0].phase == "closed"


@on_both_stores
@pytest.mark.parametrize("why", ["bounced", "complained"])
def test_nothing_is_confirmed_to_an_address_that_bounced_or_complained(
    stage: Stage, why: str
) -> None:
    customer = stage.owe("Ada")
    (point,) = stage.get(ContactPoint, customer_id=customer)
    stage.run(
        "INSERT INTO suppression (address_id, medium, reason, at)"
        " VALUES (:address, 'sms', :why, :at)",
        address=point.address_id,
        why=why,
        at=NOON if stage.url.startswith("postgresql") else f"{NOON:%Y-%m-%d %H:%M:%S.%f}",
    )

    _writes(stage, customer, "STOP")
    _writes(stage, customer, "HELP")
    stage.play(hours=1)

    assert stage.said(customer) == []


def test_the_answer_stays_on_the_address_of_the_act(stage: Stage) -> None:
    customer = stage.owe("Ada", media=("sms", "email"), preferred_medium="email")

    _writes(stage, customer, "STOP")
    stage.tick()

    (sent,) = stage.sent(template="opt_out_confirmed")
    assert sent.medium == "sms"


def test_help_is_answered_at_night_and_holds_nobody(stage: Stage) -> None:
    stage.clock.move_to(SABBATH_NIGHT)
    customer = stage.owe("Ada", due_on=SABBATH_NIGHT.date() + timedelta(days=30))

    assert _writes(stage, customer, "help") is ReplyTaken.HELPED
    stage.tick()
    stage.pass_by(minutes=2)
    assert _writes(stage, customer, "עזרה") is ReplyTaken.HELPED
    stage.tick()

    assert stage.said(customer) == ["who_writes", "who_writes"]
    assert stage.get(Hold) == []
    assert stage.get(Task) == []
    assert _violations(stage) == [0, 0]


def test_help_after_a_stop_is_still_answered(stage: Stage) -> None:
    customer = stage.owe("Ada")
    _writes(stage, customer, "STOP")
    stage.tick()
    stage.pass_by(days=3)

    _writes(stage, customer, "HELP")
    stage.tick()

    assert stage.said(customer) == ["opt_out_confirmed", "who_writes"]
    assert _violations(stage) == [0, 0]


def test_a_machine_that_asks_for_help_for_ever_is_left_to_a_person_and_holds_nobody(
    stage: Stage,
) -> None:
    customer = stage.owe("Ada")
    taken = []
    for _ in range(6):
        taken.append(_writes(stage, customer, "HELP"))
        stage.tick()
        stage.pass_by(minutes=10)

    assert taken == [ReplyTaken.HELPED] * 3 + [ReplyTaken.HELPED_OFTEN] * 3
    assert stage.said(customer).count("who_writes") == 3
    assert [task.kind for task in stage.get(Task)] == ["help_often"]
    silences = stage.get(Event, kind="help_unanswered", customer_id=customer)
    assert [event.payload["answers_a_day"] for event in silences] == [3, 3, 3]
    assert stage.get(Hold) == []

    stage.pass_by(days=1)
    assert _writes(stage, customer, "HELP") is ReplyTaken.HELPED


@pytest.mark.parametrize("kind", [HoldKind.BREATHING_SPACE, HoldKind.MENTAL_HEALTH_CRISIS])
def test_in_a_silence_of_the_law_what_they_ask_is_answered_and_nothing_else_goes(
    stage: Stage, kind: HoldKind
) -> None:
    customer = stage.owe("Ada")
    with stage.database.write() as session:
        concerned = stop_customer(session, customer)
        place_hold(session, concerned, kind, until=None, why="told", now=stage.now)
    stage.pass_by(minutes=1)
    _writes(stage, customer, "HELP")
    stage.tick()
    _writes(stage, customer, "STOP")
    stage.tick()
    stage.pay(customer)
    stage.play(hours=1)

    assert stage.said(customer) == ["who_writes", "opt_out_confirmed"]
    assert _violations(stage) == [0, 0]


def test_a_collector_confirms_and_says_who_writes_without_the_fields_of_a_message_about_a_debt(
    migrated_url: str,
) -> None:
    american = {"country": "US", "zone": "America/Chicago", "locale": "en", "currency": "USD"}
    columns = {**american, "role": "third_party_collector"}
    with staging(migrated_url, creditor=columns) as stage:
        customer = stage.owe("Ada", country="US", region="IL", zone="America/Chicago")
        _writes(stage, customer, "HELP")
        stage.tick()
        _writes(stage, customer, "STOP")
        stage.tick()

        assert stage.said(customer) == ["who_writes", "opt_out_confirmed"]
        assert stage.get(Notice) == []  # no first message: it told of no debt
        assert _violations(stage) == [0, 0]


def test_an_unknown_number_that_asks_for_help_is_a_task(stage: Stage) -> None:
    assert _text(stage, "+972521119999", "HELP") is ReplyTaken.FROM_NOBODY_KNOWN

    stage.tick()
    assert stage.sent() == []
    assert [task.kind for task in stage.get(Task)] == ["unknown_writer"]


def test_two_customers_of_one_number_get_one_confirmation(stage: Stage) -> None:
    customer = stage.owe("Ada")
    other = stage.owe("Ben")
    (point,) = stage.get(ContactPoint, customer_id=customer)
    stage.run(
        "UPDATE contact_point SET address_id = :address WHERE customer_id = :other",
        address=point.address_id,
        other=other,
    )

    _writes(stage, customer, "STOP")
    stage.play(hours=1)

    assert [sent.template for sent in stage.sent()] == ["opt_out_confirmed"]
    assert len(stage.get(Suppression, reason="opted_out")) == 2


def test_where_the_provider_answers_keywords_we_do_not(stage: Stage) -> None:
    customer = stage.owe("Ada")
    stage.put(Sender, answers_keywords=True)

    _writes(stage, customer, "STOP")
    _writes(stage, customer, "HELP")
    stage.play(hours=1)

    assert stage.said(customer) == []
    assert stage.get(CaseSignal, signal="help_asked") == []


def test_what_the_provider_says_that_it_answered_we_do_not_answer_again(stage: Stage) -> None:
    customer = stage.owe("Ada")

    _writes(stage, customer, "pomoc", handled=Verdict.HELP)
    _writes(stage, customer, "dosyć", handled=Verdict.OPT_OUT)
    stage.play(hours=1)

    assert stage.said(customer) == []
    assert len(stage.get(Suppression, reason="opted_out")) >= 1
