"""A message to the team, its answer, a call at a chosen time, preferences, and one question."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.book.choices import Choosable
from app.book.thread import Answered, Reminded, Unshown, Wrote, is_answered, thread
from app.hearing.intents import Intent
from app.intake.call_hours import own_numbers
from app.intake.calls import (
    Called,
    NoSuchCall,
    arrange_call,
    call_was_made,
    cancel_call,
    forget_numbers,
    open_call,
)
from app.intake.concerned import Concerned, stop_customer
from app.intake.confirming import CONFIRMED_A_DAY, confirm
from app.intake.feedback import Understood, feedback_figures, give_feedback
from app.intake.opt_ins import agree_on_page
from app.intake.preferences import prefer, reached
from app.intake.replies.classing import replies
from app.intake.replies.to_team import write_to_team
from app.intake.staff_answers import NotAnswered, answer_reply
from app.store.engines import Database
from app.store.rows import Link, Message
from campaigns.teamhours import AnswerBy
from campaigns.vocabulary import Medium, Signal
from tests.app.intake.make import Scene, add_message
from tests.app.intake.reader import Understands
from tests.app.intake.saying import answers, holds, says
from tests.databases import on_both_stores
from tests.factories import NOON, add, add_customer

WORDS = "Why is there a fee? asks Dana of Herzl street"
TOMORROW = NOON + timedelta(days=1)
SOON = AnswerBy(TOMORROW.date(), TOMORROW)
SLOT = (NOON + timedelta(hours=20), NOON + timedelta(hours=22))


@pytest.fixture
def scene(database: Database) -> Scene:
    made = Scene.of(database)
    add_message(made)
    return made


def _message_id(scene: Scene) -> int:
    return int(scene.rows("message")[0]["id"])


def _writes(scene: Scene, *intents: Intent, words: str = WORDS, at: datetime = NOON) -> int:
    with scene.database.write() as session:
        return write_to_team(
            session,
            stop_customer(session, scene.customer_id),
            words,
            message_id=_message_id(scene),
            answer=SOON,
            now=at,
            reader=Understands(*intents or (Intent.UNCLEAR,)),
        )


def _answer(scene: Scene, reply_id: int, words: str = "It is gone.", hours: int = 3) -> int:
    with scene.database.write() as session:
        now = NOON + timedelta(hours=hours)
        return answer_reply(session, reply_id, words, by="Noa Levi", now=now)


def _arrange(scene: Scene, called: Called | None = None, days: int = 0) -> int:
    with scene.database.write() as session:
        return arrange_call(
            session,
            stop_customer(session, scene.customer_id),
            (SLOT[0] + timedelta(days=days), SLOT[1] + timedelta(days=days)),
            called or Called(scene.address()),
            message_id=_message_id(scene),
            now=NOON,
        )


@on_both_stores
def test_a_message_halts_what_speaks_and_the_team_has_it_by_its_day(scene: Scene) -> None:
    before = scene.guard()
    reply_id = _writes(scene)

    (task,) = scene.rows("task")
    assert (task["kind"], task["team"], task["key"]) == (
        "message",
        "service",
        f"message:{reply_id}",
    )
    assert str(task["due_at"]).startswith("2026-06-02")
    assert holds(scene) == [("reply", True)]
    assert answers(scene) == ["request_made"]
    (reply,) = scene.rows("reply")
    assert (reply["text"], reply["medium"], reply["classed_at"]) == (WORDS, "page", None)
    assert str(reply["answer_by"]) == "2026-06-02"
    assert scene.guard() > before
    assert WORDS not in repr(scene.rows("event") + scene.rows("task") + scene.rows("hold"))


def test_what_a_message_asks_for_is_done_and_answered_once(scene: Scene) -> None:
    _writes(scene, Intent.CALL_ME)

    assert scene.tasks() == ["call_me", "message"]
    assert answers(scene) == ["call_asked"]


def test_a_stop_in_a_message_stops_at_once_and_is_not_answered(scene: Scene) -> None:
    _writes(scene, Intent.OPT_OUT)

    assert [row["reason"] for row in scene.rows("suppression")] != []
    assert set(answers(scene)) == {"opted_out"}
    assert scene.tasks() == ["message"]


def test_somebody_in_danger_is_heard_and_their_words_are_kept_apart(scene: Scene) -> None:
    _writes(scene, Intent.SELF_HARM)

    assert scene.tasks() == ["danger", "message"]
    assert [row["text"] for row in scene.rows("reply")] == [""]
    assert "danger_reported" in answers(scene)
    with scene.database.read() as session:
        (entry,) = [e for e in thread(session, scene.customer_id) if isinstance(e, Wrote)]
    assert (entry.words, entry.unshown) == ("", Unshown.IN_CONFIDENCE)


@on_both_stores
def _document(value: Any) -> dict[str, Any]:
    """A column of JSON, which SQLite's driver answers as it is written."""
    document: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return document


def test_an_answer_goes_where_the_link_went_and_ends_the_halt(scene: Scene) -> None:
    reply_id = _writes(scene)
    with scene.database.read() as session:
        (waiting,) = replies(session, unread_only=True)
    assert waiting["answer_by"] == date(2026, 6, 2)
    _answer(scene, reply_id)

    assert scene.tasks() == []
    assert [row["released_at"] is not None for row in scene.rows("hold")] == [True]
    (event,) = scene.rows("event", "kind = 'message_answered'")
    assert _document(event["payload"])["address_id"] == scene.address()
    assert "gone" not in repr(scene.rows("event"))
    assert answers(scene)[-1] == "message_answered"
    with scene.database.read() as session:
        assert replies(session, unread_only=True) == []
        assert is_answered(session, scene.customer_id)


def test_a_late_answer_is_no_answer_to_their_own_act_any_more(scene: Scene) -> None:
    _answer(scene, _writes(scene), hours=30)

    (signal,) = scene.rows("case_signal", "signal = 'message_answered'")
    assert not signal["own_act"]
    assert "address_id" not in str(scene.rows("event", "kind = 'message_answered'"))


def test_an_answer_needs_words_and_a_name(scene: Scene) -> None:
    reply_id = _writes(scene)
    for words, by in (("", "Noa"), ("Hello", " "), ("x" * 4001, "Noa")):
        with scene.database.write() as session, pytest.raises(NotAnswered):
            answer_reply(session, reply_id, words, by=by, now=NOON)
    assert scene.rows("staff_answer") == []


def test_the_thread_tells_who_wrote_what_and_sums_up_what_went_by_itself(scene: Scene) -> None:
    add_message(scene)
    scene.run("UPDATE message SET accepted_at = '2026-05-30 09:00:00.000000'")
    _answer(scene, _writes(scene))

    with scene.database.read() as session:
        found = thread(session, scene.customer_id)

    assert [type(entry) for entry in found] == [Reminded, Wrote, Answered]
    assert [entry.times for entry in found if isinstance(entry, Reminded)] == [2]
    assert [entry.by for entry in found if isinstance(entry, Answered)] == ["Noa Levi"]


def test_nobody_reads_what_came_from_a_number_that_others_have(scene: Scene) -> None:
    says(scene, Intent.UNCLEAR, text=WORDS)
    with scene.database.read() as session:
        assert WORDS in repr([e.words for e in thread(session, scene.customer_id)
                              if isinstance(e, Wrote)])  # fmt: skip
    other = add_customer(scene.database, scene.creditor_id, "C2", person="person-2")
    add_point = f"INSERT INTO contact_point (customer_id, address_id, medium, active, asked, answered) VALUES ({other}, {scene.address()}, 'sms', true, 0, 0)"  # noqa: E501
    scene.run(add_point)

    with scene.database.read() as session:
        (entry,) = [e for e in thread(session, scene.customer_id) if isinstance(e, Wrote)]
        assert (entry.words, entry.unshown) == ("", Unshown.SHARED)
        assert thread(session, other) == ()


@on_both_stores
def test_a_call_is_a_task_at_its_hour_and_silence_until_then(scene: Scene) -> None:
    _arrange(scene)

    (task,) = scene.rows("task", "state = 'open'")
    assert task["kind"] == "call_me"
    assert str(task["due_at"]).startswith("2026-06-02 05:00")
    assert holds(scene) == [("reply", True)]
    assert answers(scene) == ["call_arranged"]


def test_there_is_one_call_at_a_time_and_it_moves_and_is_cancelled(scene: Scene) -> None:
    _arrange(scene)
    second = _arrange(scene, days=1)
    with scene.database.read() as session:
        found = open_call(session, scene.customer_id)
    assert found is not None
    assert found.id == second
    assert scene.tasks() == ["call_me"]

    for is_first in (True, False):
        with scene.database.write() as session:
            user = stop_customer(session, scene.customer_id)
            done = cancel_call(session, user, message_id=_message_id(scene), now=NOON)
            assert done is is_first
    assert scene.tasks() == []
    assert [row["released_at"] is not None for row in scene.rows("hold")] == [True]
    told = [signal for signal in answers(scene) if signal != "hold_released"]
    assert told == ["call_arranged", "call_arranged", "call_cancelled"]


def test_to_cancel_a_call_ends_no_other_halt(scene: Scene) -> None:
    _writes(scene)
    _arrange(scene)
    with scene.database.write() as session:
        user = stop_customer(session, scene.customer_id)
        cancel_call(session, user, message_id=None, now=NOON)

    assert [row["released_at"] for row in scene.rows("hold")] == [None]


def test_a_number_that_was_typed_goes_with_its_call(scene: Scene) -> None:
    wish = _arrange(scene, Called(number="+97248550100"))
    with scene.database.write() as session:
        call_was_made(session, wish, by="Noa", now=SLOT[1])
    assert [row["number"] for row in scene.rows("call_wish")] == [None]
    with scene.database.write() as session, pytest.raises(NoSuchCall):
        call_was_made(session, wish, by="Noa", now=SLOT[1])

    _arrange(scene, Called(number="+97248550100"))
    with scene.database.write() as session:
        assert forget_numbers(session, SLOT[1] + timedelta(days=6)) == 0
        assert forget_numbers(session, SLOT[1] + timedelta(days=8)) == 1
    assert "48550100" not in repr(scene.rows("event") + scene.rows("task"))


def test_only_numbers_that_are_theirs_are_offered(scene: Scene) -> None:
    with scene.database.read() as session:
        user = Concerned(scene.customer_id, 1, scene.creditor_id)
        assert [number.ending for number in own_numbers(session, user)] == ["100"]
    says(scene, Intent.WRONG_PERSON)
    with scene.database.read() as session:
        assert own_numbers(session, user) == ()


def _prefer(scene: Scene, **wanted: str | None) -> bool:
    values: dict[Choosable, str | None] = dict.fromkeys(Choosable)
    values |= {Choosable(name): value for name, value in wanted.items()}
    with scene.database.write() as session:
        user = stop_customer(session, scene.customer_id)
        return prefer(session, user, values, pay_day=None, message_id=_message_id(scene), now=NOON)


def test_a_preference_counts_until_it_is_given_back(scene: Scene) -> None:
    assert _prefer(scene, locale="he", hours="mon-sun 10:00-12:00", preferred_medium="email")
    assert not _prefer(scene, locale="he", hours="mon-sun 10:00-12:00", preferred_medium="email")
    (customer,) = scene.rows("customer")
    assert (customer["locale"], customer["preferred_medium"]) == ("he", "email")
    assert {each["by"] for each in _document(customer["chosen"]).values()} == {"page"}

    assert _prefer(scene)
    (customer,) = scene.rows("customer")
    assert (customer["preferred_medium"], customer["hours"]) == (None, None)
    assert customer["locale"] == "he"  # until a feed says otherwise
    assert customer["chosen"] in ("{}", {})
    assert answers(scene) == ["preference_given", "preference_given"]


def test_only_open_channels_are_offered_and_whatsapp_wants_a_word(scene: Scene) -> None:
    with scene.database.write() as session:
        user = stop_customer(session, scene.customer_id)
        before = {each.medium: each.agreed for each in reached(session, user, NOON)}
        if Medium.WHATSAPP in before:
            agree_on_page(session, user, Medium.WHATSAPP, "en: I agree", now=NOON)
            after = {each.medium: each.agreed for each in reached(session, user, NOON)}
            assert after[Medium.WHATSAPP]
    assert Medium.SMS in before
    said = [row for row in scene.rows("consent") if row["source"] == "page"]
    assert [(r["method"], r["evidence"]) for r in said] in ([], [("ticked", "en: I agree")])


def _feedback(scene: Scene, answer: Understood, link_id: int, *, days: int = 0) -> bool:
    with scene.database.write() as session:
        return give_feedback(
            session,
            stop_customer(session, scene.customer_id),
            answer,
            "the fee",
            link_id=link_id,
            message_id=_message_id(scene),
            locale="en",
            now=NOON + timedelta(days=days),
        )


def test_the_question_is_asked_once_and_counted(scene: Scene) -> None:
    link = {"customer_id": scene.customer_id, "purpose": "pay", "created_at": NOON}
    first, second = (add(scene.database, Link, expires_at=TOMORROW, **link) for _ in range(2))
    assert _feedback(scene, Understood.PARTLY, first)
    assert not _feedback(scene, Understood.NO, first, days=100)
    assert not _feedback(scene, Understood.NO, second, days=10)
    assert _feedback(scene, Understood.YES, second, days=100)

    with scene.database.read() as session:
        found = feedback_figures(session, since=NOON - timedelta(days=1))
    assert sorted((row.locale, row.answer, row.times) for row in found) == [
        ("en", "partly", 1),
        ("en", "yes", 1),
    ]
    assert "the fee" not in repr(scene.rows("event"))


def test_whoever_presses_on_and_on_is_no_mailing_list(scene: Scene) -> None:
    for _ in range(CONFIRMED_A_DAY + 3):
        with scene.database.write() as session:
            user = stop_customer(session, scene.customer_id)
            confirm(session, user, _message_id(scene), Signal.PLAN_CHANGED, now=NOON)

    assert len(answers(scene)) == CONFIRMED_A_DAY


def test_without_a_message_it_is_confirmed_where_the_last_one_went(scene: Scene) -> None:
    with scene.database.read() as session:
        known = session.get_one(Message, _message_id(scene)).accepted_at is not None
    with scene.database.write() as session:
        user = stop_customer(session, scene.customer_id)
        confirm(session, user, None, Signal.PLAN_CHANGED, now=NOON)

    assert answers(scene) == (["plan_changed"] if known else [])
