"""What each understood reply does: the rows, the holds, the tasks, and what is answered."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.hearing.intents import Confidence, DisputeAbout, Intent
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.intake.replies.acts import ACTS
from app.intake.special import forget_special, read_special
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene, add_message, add_namesake
from tests.app.intake.reader import Understands
from tests.factories import NOON

WORDS = "what Dana of Herzl street wrote"


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def _says(scene: Scene, *intents: Intent, key: str = "sandbox:1", **told: Any) -> ReplyTaken:
    text, medium = told.pop("text", WORDS), Medium.SMS
    written = Written(key, medium, told.pop("sender", PHONE), OUR_NUMBER, text, NOON)
    reader = Understands(*intents, **told)
    with scene.database.write() as session:
        return receive_reply(session, written, now=NOON, reader=reader)


def _answers(scene: Scene) -> list[str]:
    """What the case of answers was told, in order."""
    campaigns = {row["id"] for row in scene.rows("campaign", "name = 'service_answers'")}
    cases = {r["id"] for r in scene.rows("dunning_case") if r["campaign_id"] in campaigns}
    told = [row["signal"] for row in scene.rows("case_signal") if row["case_id"] in cases]
    return [signal for signal in told if signal != "reply_received"]


def _holds(scene: Scene) -> list[tuple[str, bool]]:
    """The kind of each hold, and whether it ends by itself."""
    return [(row["kind"], row["until"] is not None) for row in scene.rows("hold")]


def _everything_that_staff_sees(scene: Scene) -> str:
    tables = ("event", "task", "hold", "reply", "hardship", "complaint", "consent", "suppression")
    return repr([scene.rows(table) for table in tables])


def test_every_intent_has_its_act() -> None:
    assert set(ACTS) == set(Intent)


def test_a_text_is_stored_with_all_that_was_read_in_it(scene: Scene) -> None:
    _says(scene, Intent.PROMISE, Intent.THANKS, on=date(2026, 6, 4))

    (reply,) = scene.rows("reply")
    assert (reply["text"], reply["intent"], reply["classed_by"]) == (WORDS, "promise", "duly")
    assert "thanks" in str(reply["meant"])
    assert WORDS not in repr(scene.rows("event")) + repr(scene.rows("task"))


def test_the_day_is_that_of_the_customers_wall(scene: Scene) -> None:
    scene.run("UPDATE customer SET zone = 'Pacific/Auckland', locale = 'lt'")
    reader = Understands(Intent.THANKS)
    night = NOON.replace(hour=20)
    with scene.database.write() as session:
        written = Written("sandbox:1", Medium.SMS, PHONE, OUR_NUMBER, WORDS, night)
        receive_reply(session, written, now=night, reader=reader)

    (asked,) = reader.asked
    assert asked.on == night.date() + timedelta(days=1)
    assert asked.locales[0] == "lt"


def test_a_promise_is_of_all_that_is_due_unless_a_sum_is_named(scene: Scene) -> None:
    friday = date(2026, 6, 5)
    assert _says(scene, Intent.PROMISE, on=friday) is ReplyTaken.UNDERSTOOD

    (promise,) = scene.rows("promise")
    assert (promise["amount_minor"], promise["made_by"]) == (124_050, "reply")
    assert str(promise["due_on"]).startswith("2026-06-05")
    assert scene.rows("hold") == []
    assert scene.tasks() == []
    assert _answers(scene) == ["promise_made"]


def test_a_promise_of_a_sum_is_of_that_sum(scene: Scene) -> None:
    _says(scene, Intent.PROMISE, on=date(2026, 6, 5), amount=Decimal(500))

    assert [row["amount_minor"] for row in scene.rows("promise")] == [50_000]


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        ({}, "promise_offered"),
        ({"on": date(2027, 6, 5)}, "promise_offered"),
        ({"on": date(2026, 6, 5), "amount": Decimal(1)}, "promise_offered"),
        ({"on": date(2026, 6, 5), "currency": "USD"}, "promise_offered"),
    ],
)
def test_a_promise_without_a_day_that_we_take_waits_for_a_person(
    scene: Scene, told: dict[str, Any], answer: str
) -> None:
    assert _says(scene, Intent.PROMISE, **told) is ReplyTaken.HELD

    assert scene.rows("promise") == []
    assert _holds(scene) == [("reply", True)]
    assert scene.tasks() == ["promise_offered"]
    assert _answers(scene) == [answer]


def test_a_second_promise_is_answered_by_a_person(scene: Scene) -> None:
    _says(scene, Intent.PROMISE, on=date(2026, 6, 5))
    _says(scene, Intent.PROMISE, key="sandbox:2", on=date(2026, 6, 9))

    assert len(scene.rows("promise")) == 1
    assert _answers(scene) == ["promise_made", "request_made"]


def test_a_dispute_takes_the_invoice_that_is_named(scene: Scene) -> None:
    text = "inv-2 is wrong"
    assert _says(scene, Intent.DISPUTE, text=text, about=DisputeAbout.AMOUNT).value == "understood"

    (dispute,) = scene.rows("dispute")
    assert (dispute["invoice_id"], dispute["kind"]) == (scene.large, "wrong_amount")
    assert dispute["words"] == text
    assert scene.rows("hold") == []
    assert _answers(scene) == ["invoice_disputed"]


def test_a_dispute_of_who_knows_what_holds_everything(scene: Scene) -> None:
    assert _says(scene, Intent.DISPUTE) is ReplyTaken.HELD

    assert scene.rows("dispute") == []
    assert _holds(scene) == [("reply", True)]
    assert scene.tasks() == ["reply"]


def test_a_dispute_of_the_only_invoice_needs_no_number(scene: Scene) -> None:
    scene.run(f"UPDATE invoice SET open_minor = 0 WHERE id = {scene.small}")
    _says(scene, Intent.DISPUTE)

    assert [row["invoice_id"] for row in scene.rows("dispute")] == [scene.large]


def test_who_has_paid_is_not_asked_while_finance_looks(scene: Scene) -> None:
    _says(scene, Intent.PAID_ALREADY, on=date(2026, 5, 28), method="bank_transfer")

    (task,) = scene.rows("task")
    assert (task["team"], task["kind"]) == ("finance", "already_paid")
    assert "2026-05-28" in str(task["detail"])
    assert "bank_transfer" in str(task["detail"])
    assert _holds(scene) == [("reply", True)]
    assert _answers(scene) == ["payment_reported"]


def test_what_was_paid_how_is_told_by_a_code_alone(scene: Scene) -> None:
    _says(scene, Intent.PAID_ALREADY, method="at the post office in Herzl street")

    assert "Herzl" not in repr(scene.rows("task"))


@pytest.mark.parametrize("intent", [Intent.PLAN_REQUEST, Intent.PART_PAYMENT])
def test_who_wants_parts_gets_the_form_and_a_pause(scene: Scene, intent: Intent) -> None:
    assert _says(scene, intent) is ReplyTaken.UNDERSTOOD

    assert _holds(scene) == [("reply", True)]
    assert scene.tasks() == []
    assert _answers(scene) == ["plan_asked"]


def test_where_no_parts_are_offered_a_person_finds_a_way(scene: Scene) -> None:
    scene.run("""UPDATE creditor SET envelope = '{"plan": {"most_parts": 0}}'""")
    assert _says(scene, Intent.PLAN_REQUEST) is ReplyTaken.HELD

    assert scene.tasks() == ["plan_request"]
    assert _answers(scene) == ["request_made"]


def test_of_one_sum_only_the_gravest_word_counts(scene: Scene) -> None:
    _says(scene, Intent.PART_PAYMENT, Intent.PROMISE, on=date(2026, 6, 5))

    assert scene.rows("promise") == []
    assert scene.tasks() == ["reply"]  # the rest is read by a person
    assert _answers(scene) == ["plan_asked"]


def test_a_copy_is_answered_with_the_page(scene: Scene) -> None:
    scene.run("UPDATE invoice SET document = 'https://x.example/1.pdf'")
    assert _says(scene, Intent.INVOICE_COPY) is ReplyTaken.UNDERSTOOD

    assert scene.rows("hold") == scene.rows("task") == []
    assert _answers(scene) == ["invoice_asked"]


def test_a_copy_that_we_have_not_is_sent_by_a_person(scene: Scene) -> None:
    _says(scene, Intent.INVOICE_COPY)

    assert scene.tasks() == ["invoice_copy"]


def test_who_wants_a_call_gets_one(scene: Scene) -> None:
    _says(scene, Intent.CALL_ME, not_before=time(17))

    (task,) = scene.rows("task")
    assert task["kind"] == "call_me"
    assert "17:00" in str(task["detail"])
    assert _answers(scene) == ["call_asked"]


def test_another_language_is_that_of_the_next_message(scene: Scene) -> None:
    _says(scene, Intent.LANGUAGE, locale="ar")

    assert scene.rows("customer")[0]["locale"] == "ar"
    assert scene.rows("hold") == scene.rows("task") == []
    assert _answers(scene) == ["preference_given"]


def test_a_language_that_we_do_not_write_is_a_task(scene: Scene) -> None:
    before = scene.rows("customer")[0]["locale"]
    _says(scene, Intent.LANGUAGE, locale="fi")

    assert scene.rows("customer")[0]["locale"] == before
    assert scene.tasks() == ["language"]


def test_another_medium_is_that_of_the_next_message(scene: Scene) -> None:
    _says(scene, Intent.CHANNEL, medium="email")

    assert scene.rows("customer")[0]["preferred_medium"] == "email"
    assert _answers(scene) == ["preference_given"]


def test_a_medium_without_an_address_is_a_task(scene: Scene) -> None:
    scene.run("UPDATE contact_point SET active = false WHERE medium = 'email'")
    _says(scene, Intent.CHANNEL, medium="email")

    assert scene.rows("customer")[0]["preferred_medium"] is None
    assert scene.tasks() == ["channel"]


@pytest.mark.parametrize(
    ("told", "hours"),
    [
        ({"not_before": time(17), "not_after": time(20)}, "mon-sun 17:00-20:00"),
        ({"not_before": time(17)}, "mon-sun 17:00-21:00"),
        ({"not_after": time(12)}, "mon-sun 08:00-12:00"),
        ({}, None),
        ({"not_before": time(22)}, None),
    ],
)
def test_other_hours_are_those_of_the_next_message(
    scene: Scene, told: dict[str, Any], hours: str | None
) -> None:
    _says(scene, Intent.HOUR, **told)

    assert scene.rows("customer")[0]["hours"] == hours
    assert scene.tasks() == ([] if hours else ["hours"])


def test_thanks_stop_nothing_and_are_not_answered(scene: Scene) -> None:
    assert _says(scene, Intent.THANKS) is ReplyTaken.UNDERSTOOD

    assert scene.rows("hold") == scene.rows("task") == []
    assert _answers(scene) == []


def test_a_complaint_has_a_day_and_an_owner(scene: Scene) -> None:
    _says(scene, Intent.COMPLAINT)

    (complaint,) = scene.rows("complaint")
    assert (complaint["kind"], complaint["owner"]) == ("complaint", "service")
    assert str(complaint["answer_by"]).startswith("2026-06-16")
    assert scene.tasks() == ["complaint"]
    assert _holds(scene) == [("reply", True)]
    assert _answers(scene) == ["request_made"]


def test_who_asks_what_we_know_gets_it_within_a_month_and_nothing_stops(scene: Scene) -> None:
    _says(scene, Intent.COMPLAINT, rule="data_request")

    (request,) = scene.rows("complaint")
    assert request["kind"] == "data_request"
    assert str(request["answer_by"]).startswith("2026-06-29")
    assert scene.tasks() == ["data_request"]
    assert scene.rows("hold") == []


@pytest.mark.parametrize(
    ("intent", "answer"), [(Intent.ABUSE, []), (Intent.NOT_UNDERSTOOD, ["question_asked"])]
)
def test_who_is_angry_or_lost_has_a_person(scene: Scene, intent: Intent, answer: list[str]) -> None:
    assert _says(scene, intent) is ReplyTaken.HELD

    assert _holds(scene) == [("reply", True)]
    assert scene.tasks() == ["reply"]
    assert _answers(scene) == answer


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
    assert _says(scene, intent) is ReplyTaken.HELD

    assert _holds(scene) == [(hold, False)]
    assert scene.tasks() == ["legal"]
    assert _answers(scene) == []


def test_a_wrong_number_is_closed_and_its_owner_thanked(scene: Scene) -> None:
    assert _says(scene, Intent.WRONG_PERSON) is ReplyTaken.UNDERSTOOD

    assert [row["reason"] for row in scene.rows("suppression")] == ["wrong_person"]
    assert _holds(scene) == [("wrong_person", True)]
    assert "address_disowned" in _answers(scene)


def test_what_is_perhaps_a_wrong_number_holds_until_a_person_knows(scene: Scene) -> None:
    _says(scene, Intent.WRONG_PERSON, confidence=Confidence.POSSIBLE)

    assert scene.rows("suppression") == []
    assert _holds(scene) == [("reply", False)]
    assert _answers(scene) == []


def test_who_asks_for_a_call_is_perhaps_no_stranger(scene: Scene) -> None:
    _says(scene, Intent.WRONG_PERSON, Intent.CALL_ME, confidence=Confidence.LIKELY)

    assert scene.rows("suppression") == []
    assert ("reply", False) in _holds(scene)


def test_where_a_child_reads_nobody_writes_again(scene: Scene) -> None:
    _says(scene, Intent.MINOR)

    assert _holds(scene) == [("reply", False)]
    assert scene.tasks() == ["minor"]


@pytest.mark.parametrize(
    ("intent", "ends"),
    [(Intent.ILLNESS, True), (Intent.HARDSHIP, True), (Intent.BEREAVEMENT, False)],
)
def test_what_is_personal_stands_on_a_note_alone(scene: Scene, intent: Intent, ends: bool) -> None:
    assert _says(scene, intent) is ReplyTaken.HELD

    assert _holds(scene) == [("hardship", ends)]
    assert [(t["team"], t["kind"]) for t in scene.rows("task")] == [("care", "hardship")]
    assert scene.rows("reply")[0]["intent"] == "special"
    assert _answers(scene) == ["hardship_reported"]
    seen = _everything_that_staff_sees(scene)
    assert WORDS not in seen
    assert intent is Intent.HARDSHIP or str(intent) not in seen


def test_a_note_is_read_by_name_and_goes_in_time(scene: Scene) -> None:
    _says(scene, Intent.ILLNESS)
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
    taken = _says(scene, Intent.SELF_HARM, Intent.PROMISE, confidence=confidence)

    assert taken is ReplyTaken.HELD
    assert _holds(scene) == [("danger", False)]
    (danger, *_) = scene.rows("task")
    assert (danger["team"], danger["kind"]) == ("care", "danger")
    assert str(danger["due_at"]).startswith("2026-06-01 09:15")
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert WORDS not in caplog.text + _everything_that_staff_sees(scene)
    assert scene.rows("promise") == []
    likely = confidence >= Confidence.LIKELY
    assert _answers(scene) == (["danger_reported"] if likely else [])


def test_danger_is_answered_even_beside_a_stop(scene: Scene) -> None:
    _says(scene, Intent.SELF_HARM, Intent.OPT_OUT)

    assert scene.rows("suppression")
    assert _answers(scene) == ["opted_out", "danger_reported"]


def test_danger_from_nobody_known_is_a_persons_at_once(scene: Scene) -> None:
    taken = _says(scene, Intent.SELF_HARM, sender="+972500000999")

    assert taken is ReplyTaken.FROM_NOBODY_KNOWN
    assert [(t["team"], t["kind"]) for t in scene.rows("task")] == [("care", "danger")]


def test_beside_a_hard_stop_only_what_silences_is_done(scene: Scene) -> None:
    _says(scene, Intent.OPT_OUT, Intent.PAID_ALREADY, Intent.CALL_ME)

    assert scene.rows("suppression")
    assert scene.tasks() == ["already_paid", "reply"]
    assert _answers(scene) == ["opted_out"]


def test_a_stop_word_with_thanks_is_a_stop_word(scene: Scene) -> None:
    assert _says(scene, Intent.OPT_OUT, Intent.THANKS) is ReplyTaken.OPTED_OUT

    assert scene.rows("hold") == scene.rows("task") == []


def test_what_is_only_possible_is_left_to_a_person(scene: Scene) -> None:
    taken = _says(scene, Intent.PROMISE, confidence=Confidence.POSSIBLE, on=date(2026, 6, 5))

    assert taken is ReplyTaken.HELD
    assert scene.rows("promise") == []
    assert scene.rows("reply")[0]["classed_at"] is None
    assert scene.tasks() == ["reply"]


def test_of_two_who_share_a_number_nobody_promises(scene: Scene) -> None:
    add_namesake(scene)
    _says(scene, Intent.PROMISE, on=date(2026, 6, 5))

    assert scene.rows("promise") == []
    assert _holds(scene) == [("reply", True), ("reply", True)]
    assert _answers(scene) == []


def test_a_hard_stop_is_that_of_all_who_share_a_number(scene: Scene) -> None:
    add_namesake(scene)
    _says(scene, Intent.LAWYER)

    assert _holds(scene) == [("attorney", False), ("attorney", False)]


def test_the_message_tells_which_of_two_wrote(scene: Scene) -> None:
    add_namesake(scene)
    add_message(scene)
    _says(scene, Intent.PROMISE, on=date(2026, 6, 5))

    assert [row["customer_id"] for row in scene.rows("promise")] == [scene.customer_id]


def test_one_answer_a_kind_and_day_and_no_more_than_a_person_would_send(scene: Scene) -> None:
    asked = (
        *(Intent.INVOICE_COPY, Intent.INVOICE_COPY, Intent.PAID_ALREADY, Intent.CALL_ME),
        *(Intent.NOT_UNDERSTOOD, Intent.LANGUAGE, Intent.PLAN_REQUEST),
    )
    for number, intent in enumerate(asked):
        locale = "ar" if intent is Intent.LANGUAGE else None
        _says(scene, intent, key=f"sandbox:{number}", locale=locale)

    assert _answers(scene) == [
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
    assert [kind for kind, _ in _holds(scene)] == ["reply"]


def test_an_endless_text_does_nothing_but_stop(scene: Scene) -> None:
    _says(scene, Intent.PROMISE, text="x" * 100_000, on=date(2026, 6, 5))
    assert scene.rows("promise") == []

    _says(scene, Intent.LAWYER, text="x" * 100_000, key="sandbox:2")
    assert ("attorney", False) in _holds(scene)
