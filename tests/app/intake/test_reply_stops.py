"""What stops at once, and for whom: law, wrong numbers, danger, what is personal, hostile texts."""

from datetime import date, timedelta

import pytest

from app.hearing.intents import Confidence, Intent
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.intake.special import forget_special, read_special
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene, add_message, add_namesake
from tests.app.intake.saying import WORDS, all_that_staff_sees, answers, holds, says
from tests.factories import NOON


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


@pytest.mark.parametrize(
    ("intent", "hold"),
    [
        (Intent.LAWYER, "attorney"),
        (Intent.INSOLVENCY, "legal"),
        (Intent.BREATHING_SPACE, "breathing_space"),
    ],
)
def test_where_the_law_wants_silence_nothing_is_answered(
    scene: Scene, intent: Intent, hold: str
) -> None:
    assert says(scene, intent) is ReplyTaken.HELD

    assert holds(scene) == [(hold, False)]
    assert scene.tasks() == ["legal"]
    assert answers(scene) == []


def test_a_wrong_number_is_closed_and_its_owner_thanked(scene: Scene) -> None:
    assert says(scene, Intent.WRONG_PERSON) is ReplyTaken.UNDERSTOOD

    assert [row["reason"] for row in scene.rows("suppression")] == ["wrong_person"]
    assert holds(scene) == [("wrong_person", True)]
    assert "address_disowned" in answers(scene)


def test_what_is_perhaps_a_wrong_number_holds_until_a_person_knows(scene: Scene) -> None:
    says(scene, Intent.WRONG_PERSON, confidence=Confidence.POSSIBLE)

    assert scene.rows("suppression") == []
    assert holds(scene) == [("reply", False)]
    assert answers(scene) == []


def test_who_asks_for_a_call_is_perhaps_no_stranger(scene: Scene) -> None:
    says(scene, Intent.WRONG_PERSON, Intent.CALL_ME, confidence=Confidence.LIKELY)

    assert scene.rows("suppression") == []
    assert ("reply", False) in holds(scene)


def test_where_a_child_reads_nobody_writes_again(scene: Scene) -> None:
    says(scene, Intent.MINOR, confidence=Confidence.POSSIBLE)
    assert scene.rows("suppression") == [], "perhaps a child: nothing is closed for good"
    assert holds(scene) == [("reply", False)]

    says(scene, Intent.MINOR, key="sandbox:2")
    (closed,) = scene.rows("suppression")
    assert (closed["reason"], closed["medium"]) == ("wrong_person", None)
    assert closed["creditor_id"] == scene.creditor_id
    assert [(row["team"], row["kind"]) for row in scene.rows("task")] == [("care", "minor")] * 2
    assert "address_disowned" in answers(scene)


@pytest.mark.parametrize(
    ("intent", "ends"),
    [(Intent.ILLNESS, True), (Intent.HARDSHIP, True), (Intent.BEREAVEMENT, False)],
)
def test_what_is_personal_stands_on_a_note_alone(scene: Scene, intent: Intent, ends: bool) -> None:
    assert says(scene, intent) is ReplyTaken.HELD

    assert holds(scene) == [("hardship", ends)]
    assert [(t["team"], t["kind"]) for t in scene.rows("task")] == [("care", "hardship")]
    assert scene.rows("reply")[0]["intent"] == "special"
    assert answers(scene) == ["hardship_reported"]
    seen = all_that_staff_sees(scene)
    assert WORDS not in seen
    assert intent is Intent.HARDSHIP or str(intent) not in seen


def test_a_note_is_read_by_name_and_goes_in_time(scene: Scene) -> None:
    says(scene, Intent.ILLNESS)
    with scene.database.write() as session:
        note = read_special(session, 1, read_by="Noa", now=NOON)
        assert (note.kind, note.words) == ("illness", WORDS)
        assert WORDS not in repr(note)
        with pytest.raises(ValueError, match="who reads"):
            read_special(session, 1, read_by=" ", now=NOON)
    (read,) = scene.rows("event", "kind = 'special_note_read'")
    assert "Noa" in str(read["payload"])

    with scene.database.write() as session:
        assert forget_special(session, NOON) == 0
        assert forget_special(session, NOON + timedelta(seconds=1)) == 1
        with pytest.raises(LookupError):
            read_special(session, 1, read_by="Noa", now=NOON)
    assert WORDS not in repr(scene.rows("special_note"))


@pytest.mark.parametrize("confidence", list(Confidence))
def test_danger_is_a_persons_at_once_however_doubtful(
    scene: Scene, confidence: Confidence, caplog: pytest.LogCaptureFixture
) -> None:
    taken = says(scene, Intent.SELF_HARM, Intent.PROMISE, confidence=confidence)

    assert taken is ReplyTaken.HELD
    assert holds(scene) == [("danger", False)]
    (danger, *_) = scene.rows("task")
    assert (danger["team"], danger["kind"]) == ("care", "danger")
    assert str(danger["due_at"]).startswith("2026-06-01 09:15")
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert WORDS not in caplog.text + all_that_staff_sees(scene)
    assert scene.rows("promise") == []
    likely = confidence >= Confidence.LIKELY
    assert answers(scene) == (["danger_reported"] if likely else [])


def test_danger_is_answered_even_beside_a_stop(scene: Scene) -> None:
    says(scene, Intent.SELF_HARM, Intent.OPT_OUT)

    assert scene.rows("suppression")
    assert answers(scene) == ["opted_out", "danger_reported"]


def test_danger_from_nobody_known_is_a_persons_at_once(scene: Scene) -> None:
    taken = says(scene, Intent.SELF_HARM, sender="+972500000999")

    assert taken is ReplyTaken.FROM_NOBODY_KNOWN
    assert [(t["team"], t["kind"]) for t in scene.rows("task")] == [("care", "danger")]


def test_beside_a_hard_stop_only_what_silences_is_done(scene: Scene) -> None:
    says(scene, Intent.OPT_OUT, Intent.PAID_ALREADY, Intent.CALL_ME)

    assert scene.rows("suppression")
    assert scene.tasks() == ["already_paid", "reply"]
    assert answers(scene) == ["opted_out"]


def test_a_stop_word_with_thanks_is_a_stop_word(scene: Scene) -> None:
    assert says(scene, Intent.OPT_OUT, Intent.THANKS) is ReplyTaken.OPTED_OUT

    assert scene.rows("hold") == scene.rows("task") == []


def test_what_is_only_possible_is_left_to_a_person(scene: Scene) -> None:
    taken = says(scene, Intent.PROMISE, confidence=Confidence.POSSIBLE, on=date(2026, 6, 5))

    assert taken is ReplyTaken.HELD
    assert scene.rows("promise") == []
    assert scene.rows("reply")[0]["classed_at"] is None
    assert scene.tasks() == ["reply"]


def test_of_two_who_share_a_number_nobody_promises(scene: Scene) -> None:
    add_namesake(scene)
    says(scene, Intent.PROMISE, on=date(2026, 6, 5))

    assert scene.rows("promise") == []
    assert holds(scene) == [("reply", True), ("reply", True)]
    assert answers(scene) == []


def test_a_hard_stop_is_that_of_all_who_share_a_number(scene: Scene) -> None:
    add_namesake(scene)
    says(scene, Intent.LAWYER)

    assert holds(scene) == [("attorney", False), ("attorney", False)]


def test_the_message_tells_which_of_two_wrote(scene: Scene) -> None:
    add_namesake(scene)
    add_message(scene)
    says(scene, Intent.PROMISE, on=date(2026, 6, 5))

    assert [row["customer_id"] for row in scene.rows("promise")] == [scene.customer_id]


def test_one_answer_a_kind_and_day_and_no_more_than_a_person_would_send(scene: Scene) -> None:
    asked = (
        *(Intent.INVOICE_COPY, Intent.INVOICE_COPY, Intent.PAID_ALREADY, Intent.CALL_ME),
        *(Intent.NOT_UNDERSTOOD, Intent.LANGUAGE, Intent.PLAN_REQUEST),
    )
    for number, intent in enumerate(asked):
        locale = "ar" if intent is Intent.LANGUAGE else None
        says(scene, intent, key=f"sandbox:{number}", locale=locale)

    assert answers(scene) == [
        *("invoice_asked", "payment_reported", "call_asked", "question_asked"),
        "preference_given",
    ]
    assert "answers_often" in scene.tasks()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\0\0", "\u202e" * 50 + "evil", "\ud800 alone", "x" * 100_000, "👎" * 3000],
    ids=["empty", "blank", "nul", "override", "surrogate", "endless", "emoji"],
)
def test_whatever_comes_is_kept_and_held(scene: Scene, text: str) -> None:
    written = Written("sandbox:1", Medium.SMS, PHONE, OUR_NUMBER, text, NOON)
    with scene.database.write() as session:
        assert receive_reply(session, written, now=NOON) is ReplyTaken.HELD

    (reply,) = scene.rows("reply")
    assert len(reply["text"]) <= 20_000
    assert [kind for kind, _ in holds(scene)] == ["reply"]


def test_an_endless_text_does_nothing_but_stop(scene: Scene) -> None:
    says(scene, Intent.PROMISE, text="x" * 100_000, on=date(2026, 6, 5))
    assert scene.rows("promise") == []

    says(scene, Intent.LAWYER, text="x" * 100_000, key="sandbox:2")
    assert ("attorney", False) in holds(scene)
