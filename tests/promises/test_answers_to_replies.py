"""What is written is acted on at once, and answered once, where it was written."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import pytest

from app.book.disputes import dispute_of_number, disputes_of
from app.engine.checks.policy import nothing_outside_policy
from app.engine.checks.stops import nothing_after_a_stop
from app.hearing.intents import Intent
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.store.rows import Address, ContactPoint, Customer, Dispute, Message, Sender
from app.wording.crisis import crisis_line
from app.wording.files import LOCALES
from campaigns.vocabulary import Medium
from tests.app.intake.reader import Understands
from tests.promises.stage import PHASES, Stage, staging

NIGHT = datetime(2026, 6, 2, 23, 30, tzinfo=UTC)  # 02:30 in Haifa
FRIDAY = date(2026, 6, 5)

ANSWERS: Final[dict[Intent, str | None]] = {
    Intent.SELF_HARM: "crisis_line",
    Intent.OPT_OUT: "opt_out_confirmed",
    Intent.WRONG_PERSON: "address_closed",
    Intent.BEREAVEMENT: "hardship_received",
    Intent.MINOR: "address_closed",
    Intent.LAWYER: None,
    Intent.INSOLVENCY: None,
    Intent.BREATHING_SPACE: None,
    Intent.ILLNESS: "hardship_received",
    Intent.HARDSHIP: "hardship_received",
    Intent.COMPLAINT: "request_received",
    Intent.ABUSE: None,
    Intent.DISPUTE: "dispute_received",
    Intent.PAID_ALREADY: "payment_looked_for",
    Intent.NOT_UNDERSTOOD: "plain_words",
    Intent.PART_PAYMENT: "choose_parts",
    Intent.PLAN_REQUEST: "choose_parts",
    Intent.PROMISE: "promise_confirmed",
    Intent.INVOICE_COPY: "invoice_link",
    Intent.CALL_ME: "call_promised",
    Intent.LANGUAGE: "preference_noted",
    Intent.CHANNEL: "preference_noted",
    Intent.HOUR: "preference_noted",
    Intent.HELP: "who_writes",
    Intent.OPT_IN: None,
    Intent.THANKS: None,
    Intent.UNCLEAR: None,
}
"""Every intent, with the template that answers it; docs/answers.md says the same."""

DETAILS: Final[dict[Intent, dict[str, Any]]] = {
    Intent.PROMISE: {"on": FRIDAY},
    Intent.LANGUAGE: {"locale": "he"},
    Intent.CHANNEL: {"medium": "email"},
    Intent.HOUR: {"not_before": time(9), "not_after": time(20)},
}


@pytest.fixture
def stage(migrated_url: str) -> Iterator[Stage]:
    with staging(migrated_url) as made:
        yield made


def _writes(
    stage: Stage, customer: int, *intents: Intent, through: str = "sms", **told: Any
) -> ReplyTaken:
    """A text from the customer to their creditor, that means this."""
    (point,) = stage.get(ContactPoint, customer_id=customer, medium=through)
    (ours,) = stage.get(Sender, creditor_id=stage.creditor, medium=through)
    written = Written(
        key=f"{customer}:{intents}:{stage.now.isoformat()}",
        medium=Medium(through),
        from_address=stage.one(Address, id=point.address_id).value,
        to_address=ours.address,
        text="words",
        at=stage.now,
    )
    with stage.database.write() as session:
        return receive_reply(session, written, now=stage.now, reader=Understands(*intents, **told))


def _violations(stage: Stage) -> list[int | None]:
    with stage.database.read() as session:
        return [
            nothing_after_a_stop(session).violations,
            nothing_outside_policy(session, stage.now).violations,
        ]


@pytest.mark.parametrize("through", ["sms", "email", "whatsapp"])
def test_each_intent_is_answered_once_where_it_was_written(stage: Stage, through: str) -> None:
    assert set(ANSWERS) == set(Intent)
    media = ("sms", "email", "whatsapp")
    people = {intent: stage.owe(str(intent), media=media) for intent in Intent}
    stage.decide()
    for intent, customer in people.items():
        _writes(stage, customer, intent, through=through, **DETAILS.get(intent, {}))
    stage.play(hours=6)

    answers = stage.sent(category="receipt")
    said = {
        intent: [sent.template for sent in answers if sent.customer_id == customer]
        for intent, customer in people.items()
    }
    assert said == {intent: [t] if t else [] for intent, t in ANSWERS.items()}
    assert {sent.medium for sent in answers} == {through}
    assert _violations(stage) == [0, 0]


def test_who_has_a_running_case_gets_one_answer_and_not_two(stage: Stage) -> None:
    people = [stage.owe(name, media=("sms", "email")) for name in ("Ada", "Ben", "Cleo")]
    stage.tick()
    before = {customer: len(stage.said(customer)) for customer in people}
    _writes(stage, people[0], Intent.PROMISE, on=FRIDAY)
    _writes(stage, people[1], Intent.DISPUTE)
    _writes(stage, people[2], Intent.ILLNESS)
    stage.play(hours=12)

    said = [stage.said(customer)[before[customer] :] for customer in people]
    assert said == [["promise_confirmed"], ["dispute_received"], ["hardship_received"]]
    left_out = stage.get(
        Message, customer_id=people[0], state="stopped", template="promise_confirmed"
    )
    assert {message.reason for message in left_out} <= {"answered_already"}
    given = stage.get(
        Message, customer_id=people[0], template="promise_confirmed", state="accepted"
    )
    assert len(given) == 1, "the reason is true: what it speaks of was said"


@pytest.mark.parametrize("locale", LOCALES)
def test_whoever_may_be_in_danger_is_answered_at_night_and_then_left_to_a_person(
    stage: Stage, locale: str
) -> None:
    stage.clock.move_to(NIGHT)
    customer = stage.owe("Ada", locale=locale, country="IL", due_on=NIGHT.date())
    _writes(stage, customer, Intent.SELF_HARM)
    stage.play(days=40)

    (sent,) = stage.sent(customer_id=customer)
    line = crisis_line("IL", locale)
    assert (sent.at, sent.template) == (NIGHT, "crisis_line")
    assert line.number is not None
    assert line.number in sent.text
    assert line.emergency in sent.text
    assert "http" not in sent.text
    assert "24" not in sent.text
    assert _violations(stage) == [0, 0]


def test_who_is_somebody_else_is_thanked_at_the_closed_address_and_told_of_no_debt(
    stage: Stage,
) -> None:
    stage.clock.move_to(NIGHT)
    customer = stage.owe("Ada", due_on=NIGHT.date())
    _writes(stage, customer, Intent.WRONG_PERSON)
    stage.play(days=30)

    (sent,) = stage.sent(customer_id=customer)
    assert (sent.at, sent.template) == (NIGHT, "address_closed")
    assert not {"Ada", "240", "http"} & set(sent.text.replace("/", " ").split())
    assert _violations(stage) == [0, 0]


def test_other_closed_addresses_are_not_answered(stage: Stage) -> None:
    customer = stage.owe("Ada", due_on=date(2026, 6, 20))
    _writes(stage, customer, Intent.OPT_OUT)
    stage.play(hours=1)
    _writes(stage, customer, Intent.PAID_ALREADY)
    stage.play(hours=24)

    assert stage.said(customer) == ["opt_out_confirmed"]


@pytest.mark.parametrize("phase", PHASES[:2])
@pytest.mark.parametrize(
    ("intent", "told"),
    [
        (Intent.PROMISE, {"on": FRIDAY}),
        (Intent.PAID_ALREADY, {}),
        (Intent.SELF_HARM, {}),
        (Intent.LAWYER, {}),
        (Intent.UNCLEAR, {}),
    ],
)
def test_a_message_that_another_worker_is_about_to_send_dies_at_the_gate(
    stage: Stage, intent: Intent, told: dict[str, Any], phase: str
) -> None:
    customer = stage.owe("Ada")
    stage.decide()
    worker = stage.worker()

    left = stage.deliver(
        after=phase,
        act=lambda: _writes(stage, customer, intent, **told),
        delivery=worker.delivery,
    )

    assert left == 0
    (message,) = stage.get(Message, customer_id=customer, template="due_today")
    assert message.state == "stopped"
    assert message.reason in ("promise_open", "reply_unread", "hold")


def test_what_was_wished_for_is_so_from_the_next_message_on(stage: Stage) -> None:
    customer = stage.owe("Ada", media=("sms", "email"), locale="en")
    _writes(stage, customer, Intent.LANGUAGE, locale="he")
    stage.pass_by(minutes=1)
    _writes(stage, customer, Intent.CHANNEL, medium="email")
    stage.play(days=4)

    later = stage.sent(customer_id=customer)
    assert {sent.medium for sent in later if sent.category == "reminder"} == {"email"}
    assert stage.one(Customer, id=customer).locale == "he"
    assert all(any("\u05d0" <= char <= "\u05ea" for char in sent.text) for sent in later)


def test_hours_that_were_wished_for_bind_the_next_message(stage: Stage) -> None:
    customer = stage.owe("Ada", due_on=date(2026, 6, 2))
    _writes(stage, customer, Intent.HOUR, not_before=time(17), not_after=time(20))
    stage.play(days=6)

    reminders = [s.at for s in stage.sent(customer_id=customer) if s.category == "reminder"]
    assert reminders
    assert all(17 <= (at + timedelta(hours=3)).hour < 20 for at in reminders)


def test_an_answer_to_a_dispute_names_the_number_by_which_staff_find_it(stage: Stage) -> None:
    customer = stage.owe("Ada", media=("sms",), locale="en")
    stage.tick()
    _writes(stage, customer, Intent.DISPUTE)
    stage.play(hours=1)

    (dispute,) = stage.get(Dispute, customer_id=customer)
    (answer,) = [s for s in stage.sent(customer_id=customer) if s.template == "dispute_received"]
    assert f"Reference: D-{dispute.id}." in answer.text.replace("\u2068", "").replace("\u2069", "")
    with stage.database.read() as session:
        (found,) = disputes_of(session, dispute_id=dispute_of_number(f"d-{dispute.id}"))
    assert (found.customer, found.state) == ("Ada", "open")
    assert [dispute_of_number(strange) for strange in ("", "D-0", "1 OR 1", "x")] == [None] * 4
