"""What each understood reply does: the rows, the tasks, and what is answered."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.hearing.intents import DisputeAbout, Intent
from app.intake.replies import ReplyTaken, Written, receive_reply
from app.intake.replies.acts import ACTS
from app.store.engines import Database
from campaigns.vocabulary import Medium
from tests.app.intake.make import OUR_NUMBER, PHONE, Scene
from tests.app.intake.reader import Understands
from tests.app.intake.saying import WORDS, answers, holds, says
from tests.factories import NOON


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene.of(database)


def test_every_intent_has_its_act() -> None:
    assert set(ACTS) == set(Intent)


def test_a_text_is_stored_with_all_that_was_read_in_it(scene: Scene) -> None:
    says(scene, Intent.PROMISE, Intent.THANKS, on=date(2026, 6, 4))

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
    assert says(scene, Intent.PROMISE, on=friday) is ReplyTaken.UNDERSTOOD

    (promise,) = scene.rows("promise")
    assert (promise["amount_minor"], promise["made_by"]) == (124_050, "reply")
    assert str(promise["due_on"]).startswith("2026-06-05")
    assert scene.rows("hold") == []
    assert scene.tasks() == []
    assert answers(scene) == ["promise_made"]


def test_a_promise_of_a_sum_is_of_that_sum(scene: Scene) -> None:
    says(scene, Intent.PROMISE, on=date(2026, 6, 5), amount=Decimal(500))

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
    assert says(scene, Intent.PROMISE, **told) is ReplyTaken.HELD

    assert scene.rows("promise") == []
    assert holds(scene) == [("reply", True)]
    assert scene.tasks() == ["promise_offered"]
    assert answers(scene) == [answer]


def test_a_second_promise_is_answered_by_a_person(scene: Scene) -> None:
    says(scene, Intent.PROMISE, on=date(2026, 6, 5))
    says(scene, Intent.PROMISE, key="sandbox:2", on=date(2026, 6, 9))

    assert len(scene.rows("promise")) == 1
    assert answers(scene) == ["promise_made", "request_made"]


def test_a_dispute_takes_the_invoice_that_is_named(scene: Scene) -> None:
    text = "inv-2 is wrong"
    assert says(scene, Intent.DISPUTE, text=text, about=DisputeAbout.AMOUNT).value == "understood"

    (dispute,) = scene.rows("dispute")
    assert (dispute["invoice_id"], dispute["kind"]) == (scene.large, "wrong_amount")
    assert dispute["words"] == text
    assert scene.rows("hold") == []
    assert answers(scene) == ["invoice_disputed"]


def test_a_dispute_of_who_knows_what_holds_everything(scene: Scene) -> None:
    assert says(scene, Intent.DISPUTE) is ReplyTaken.HELD

    assert scene.rows("dispute") == []
    assert holds(scene) == [("reply", True)]
    assert scene.tasks() == ["reply"]


def test_a_dispute_of_the_only_invoice_needs_no_number(scene: Scene) -> None:
    scene.run(f"UPDATE invoice SET open_minor = 0 WHERE id = {scene.small}")
    says(scene, Intent.DISPUTE)

    assert [row["invoice_id"] for row in scene.rows("dispute")] == [scene.large]


def test_who_has_paid_is_not_asked_while_finance_looks(scene: Scene) -> None:
    says(scene, Intent.PAID_ALREADY, on=date(2026, 5, 28), method="bank_transfer")

    (task,) = scene.rows("task")
    assert (task["team"], task["kind"]) == ("finance", "already_paid")
    assert "2026-05-28" in str(task["detail"])
    assert "bank_transfer" in str(task["detail"])
    assert holds(scene) == [("reply", True)]
    assert answers(scene) == ["payment_reported"]


def test_what_was_paid_how_is_told_by_a_code_alone(scene: Scene) -> None:
    says(scene, Intent.PAID_ALREADY, method="at the post office in Herzl street")

    assert "Herzl" not in repr(scene.rows("task"))


@pytest.mark.parametrize("intent", [Intent.PLAN_REQUEST, Intent.PART_PAYMENT])
def test_who_wants_parts_gets_the_form_and_a_pause(scene: Scene, intent: Intent) -> None:
    assert says(scene, intent) is ReplyTaken.UNDERSTOOD

    assert holds(scene) == [("reply", True)]
    assert scene.tasks() == []
    assert answers(scene) == ["plan_asked"]


def test_where_no_parts_are_offered_a_person_finds_a_way(scene: Scene) -> None:
    scene.run("""UPDATE creditor SET envelope = '{"plan": {"most_parts": 0}}'""")
    assert says(scene, Intent.PLAN_REQUEST) is ReplyTaken.HELD

    assert scene.tasks() == ["plan_request"]
    assert answers(scene) == ["request_made"]


def test_of_one_sum_only_the_gravest_word_counts(scene: Scene) -> None:
    says(scene, Intent.PART_PAYMENT, Intent.PROMISE, on=date(2026, 6, 5))

    assert scene.rows("promise") == []
    assert scene.tasks() == ["reply"]  # the rest is read by a person
    assert answers(scene) == ["plan_asked"]


def test_a_copy_is_answered_with_the_page(scene: Scene) -> None:
    scene.run("UPDATE invoice SET document = 'https://x.example/1.pdf'")
    assert says(scene, Intent.INVOICE_COPY) is ReplyTaken.UNDERSTOOD

    assert scene.rows("hold") == scene.rows("task") == []
    assert answers(scene) == ["invoice_asked"]


def test_a_copy_that_we_have_not_is_sent_by_a_person(scene: Scene) -> None:
    says(scene, Intent.INVOICE_COPY)

    assert scene.tasks() == ["invoice_copy"]


def test_who_wants_a_call_gets_one(scene: Scene) -> None:
    says(scene, Intent.CALL_ME, not_before=time(17))

    (task,) = scene.rows("task")
    assert task["kind"] == "call_me"
    assert "17:00" in str(task["detail"])
    assert answers(scene) == ["call_asked"]


def test_another_language_is_that_of_the_next_message(scene: Scene) -> None:
    says(scene, Intent.LANGUAGE, locale="ar")

    assert scene.rows("customer")[0]["locale"] == "ar"
    assert scene.rows("hold") == scene.rows("task") == []
    assert answers(scene) == ["preference_given"]


def test_a_language_that_we_do_not_write_is_a_task(scene: Scene) -> None:
    before = scene.rows("customer")[0]["locale"]
    says(scene, Intent.LANGUAGE, locale="fi")

    assert scene.rows("customer")[0]["locale"] == before
    assert scene.tasks() == ["language"]


def test_another_medium_is_that_of_the_next_message(scene: Scene) -> None:
    says(scene, Intent.CHANNEL, medium="email")

    assert scene.rows("customer")[0]["preferred_medium"] == "email"
    assert answers(scene) == ["preference_given"]


def test_a_medium_without_an_address_is_a_task(scene: Scene) -> None:
    scene.run("UPDATE contact_point SET active = false WHERE medium = 'email'")
    says(scene, Intent.CHANNEL, medium="email")

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
    says(scene, Intent.HOUR, **told)

    assert scene.rows("customer")[0]["hours"] == hours
    assert scene.tasks() == ([] if hours else ["hours"])


def test_thanks_stop_nothing_and_are_not_answered(scene: Scene) -> None:
    assert says(scene, Intent.THANKS) is ReplyTaken.UNDERSTOOD

    assert scene.rows("hold") == scene.rows("task") == []
    assert answers(scene) == []


def test_a_complaint_has_a_day_and_an_owner(scene: Scene) -> None:
    says(scene, Intent.COMPLAINT)

    (complaint,) = scene.rows("complaint")
    assert (complaint["kind"], complaint["owner"]) == ("complaint", "service")
    assert str(complaint["answer_by"]).startswith("2026-06-16")
    assert scene.tasks() == ["complaint"]
    assert holds(scene) == [("reply", True)]
    assert answers(scene) == ["request_made"]


def test_who_asks_what_we_know_gets_it_within_a_month_and_nothing_stops(scene: Scene) -> None:
    says(scene, Intent.COMPLAINT, rule="data_request")

    (request,) = scene.rows("complaint")
    assert request["kind"] == "data_request"
    assert str(request["answer_by"]).startswith("2026-06-29")
    assert scene.tasks() == ["data_request"]
    assert scene.rows("hold") == []


@pytest.mark.parametrize(
    ("intent", "answer"), [(Intent.ABUSE, []), (Intent.NOT_UNDERSTOOD, ["question_asked"])]
)
def test_who_is_angry_or_lost_has_a_person(scene: Scene, intent: Intent, answer: list[str]) -> None:
    assert says(scene, intent) is ReplyTaken.HELD

    assert holds(scene) == [("reply", True)]
    assert scene.tasks() == ["reply"]
    assert answers(scene) == answer
