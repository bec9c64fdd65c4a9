"""The gate refuses what the law does not want said so, and keeps what it dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.book.choices import ChosenBy
from app.book.snapshot_parts import notices
from app.delivery.dispatch import envelope
from app.intake.notices import record_notice
from app.intake.own_hours import set_own_hours
from app.store.publishing import publish
from app.wording import page_codes
from app.wording.files import by_template, read_file, shipped_files
from app.wording.revisions import revision_of
from app.wording.words import LocalWords, Mark, Text
from campaigns.duties import Act
from tests.app.delivery.cast import creditor, gate, intend, owing
from tests.databases import on_both_stores
from tests.world import SECRET, World

ADDRESS = "1 Sample Street, Springfield"
FIRST_DUE = date(2026, 5, 29)


def american(world: World, name: str = "C1", **columns: Any) -> int:
    """A consumer in Illinois, whose mail needs no consent of a first party."""
    house = columns.pop("house")
    return owing(
        world, house, name, country="US", region="IL", zone="America/Chicago",
        due_on=FIRST_DUE, **columns,
    )  # fmt: skip


def house(world: World, **columns: Any) -> int:
    us = {"country": "US", "zone": "America/Chicago", "locale": "en", "currency": "USD"}
    return creditor(world, **{**us, **columns})


def noon_in_chicago(world: World) -> None:
    world.clock.move_to(datetime(2026, 6, 1, 17, tzinfo=UTC))


def reworded(name: str, *, closing: str, marks: tuple[Mark, ...] = ()) -> str:
    """The shipped template with other closing words."""
    drafts = next(d for d in by_template(shipped_files()) if f"/{name}/" in d[0].path)
    read = [words for draft in drafts if (words := read_file(draft)[0]) is not None]
    return revision_of(_closed(words, closing, marks) for words in read).content


def _closed(words: LocalWords, closing: str, marks: tuple[Mark, ...]) -> LocalWords:
    texts = {key: text for key, text in words.texts.items() if not key.startswith("email.closing")}
    return replace(words, texts={**texts, "email.closing": Text(closing)}, marks=frozenset(marks))


def test_a_mail_without_the_postal_address_is_refused_and_one_task_tells_of_all(
    world: World,
) -> None:
    carmel = house(world)
    for name in ("C1", "C2"):
        american(world, name, house=carmel)
    noon_in_chicago(world)
    world.loops.settle(world.now)

    held = world.rows("message")
    assert {(row["state"], row["reason"]) for row in held} == {("refused", "field_missing")}
    assert [row["rule"] for row in world.rows("refusal", "asked_by = 'gate'")] == ["US-CANSPAM"] * 2
    (task,) = world.rows("task", "kind = 'wording'")
    assert task["team"] == "engineering"
    assert world.rows("attempt") == []


def test_with_the_address_it_leaves(world: World) -> None:
    carmel = house(world, brand={"person": "Noa", "postal_address": ADDRESS})
    american(world, house=carmel)
    noon_in_chicago(world)
    world.loops.settle(world.now)

    assert [row["state"] for row in world.rows("message")] == ["accepted"]
    assert world.rows("notice") == []  # of a first party no law dates the first message


@on_both_stores
def test_a_collectors_first_message_begins_the_days_of_the_validation_notice(
    world: World,
) -> None:
    brand = {"person": "Noa", "postal_address": ADDRESS}
    carmel = house(world, brand=brand, role="third_party_collector")
    person = american(world, house=carmel)
    with world.database.write() as session:
        words = reworded("reminder_first", closing="{{ initial_disclosure }}")
        publish(session, "template", "reminder_first", words, now=world.now)
    noon_in_chicago(world)
    world.loops.settle(world.now)

    (message,) = world.rows("message")
    assert (message["state"], message["reason"]) == ("accepted", None)
    (notice,) = world.rows("notice")
    assert (notice["act"], notice["customer_id"]) == ("first_message", person)
    (task,) = world.rows("task", "kind = 'notice'")
    assert task["key"] == f"notice:validation_notice:{person}"
    assert str(task["due_at"])[:10] == "2026-06-06"

    world.move(days=8)
    (case,) = world.rows("dunning_case")
    assert case["reason"] == "notice_missing"
    assert len(world.rows("message")) == 1

    with world.database.write() as session:
        assert record_notice(session, person, Act.VALIDATION_NOTICE, date(2026, 6, 9), world.now)
    world.loops.settle(world.now)
    assert world.rows("dunning_case")[0]["reason"] != "notice_missing"
    assert world.rows("task", "kind = 'notice' AND state = 'open'")[1:] == []


@on_both_stores
def test_a_notice_counts_once_accepted_and_no_longer_when_it_bounced(world: World) -> None:
    vilnius = {"country": "LT", "zone": "Europe/Vilnius"}
    carmel = creditor(world, **vilnius, locale="lt", currency="EUR")
    person = owing(world, carmel, due_on=date(2026, 4, 10), **vilnius)
    intend(world)
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE message SET template = 'notice_handover'")
    world.loops.settle(world.now)

    (message,) = world.rows("message")
    assert message["state"] == "accepted"
    assert "1 July 2026" in world.rows("attempt")[0]["text"]  # not the journey's day 60
    assert on_record(world, person) == [Act.PRE_TRANSFER_NOTICE]
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE message SET delivery = 'bounced'")
    assert on_record(world, person) == []


def on_record(world: World, customer_id: int) -> list[str]:
    with world.database.read() as session:
        return [fact.act for fact in notices(session, [customer_id]).get(customer_id, [])]


def test_a_receipt_that_asks_for_money_does_not_go_out_for_a_barred_debt(world: World) -> None:
    carmel = creditor(world)
    owing(world, carmel)
    intend(world)
    with world.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql(
            "UPDATE message SET template = 'hardship_received', category = 'receipt'"
        )
        connection.exec_driver_sql("UPDATE invoice SET limitation_on = '2026-05-01'")
        words = reworded("hardship_received", closing="Until soon.", marks=(Mark.ASKS_PAYMENT,))
        publish(session, "template", "hardship_received", words, now=world.now)
    world.loops.delivery.tick(world.now)
    (message,) = world.rows("message")
    assert (message["state"], message["reason"]) == ("stopped", "limitation_passed")
    assert world.rows("refusal", "asked_by = 'gate'")[0]["rule"] == "HOUSE-TIMEBAR"


def emirati(world: World, house: int, name: str = "C1") -> int:
    """A consumer in Dubai who has a number and no mailbox."""
    dubai = {"country": "AE", "zone": "Asia/Dubai", "locale": "ar"}
    return owing(
        world, house, name, due_on=FIRST_DUE, email=None, phone=f"+97150123456{name[-1]}", **dubai
    )


def in_dubai(world: World, **columns: Any) -> int:
    dubai = {"country": "AE", "zone": "Asia/Dubai", "locale": "ar", "currency": "AED"}
    return creditor(world, **{**dubai, **columns})


def linked(name: str) -> str:
    """The shipped template without its SMS for places where none may hold a link."""
    drafts = next(d for d in by_template(shipped_files()) if f"/{name}/" in d[0].path)
    read = [words for draft in drafts if (words := read_file(draft)[0]) is not None]
    return revision_of(
        replace(words, texts={key: text for key, text in words.texts.items() if key != "sms_plain"})
        for words in read
    ).content


def test_an_sms_to_the_emirates_goes_without_a_link(world: World) -> None:
    emirati(world, in_dubai(world))
    intend(world)
    passed, delivery = gate(world), world.loops.delivery
    sent = envelope(passed[0], world.addresses, world.now).text
    delivery.settle(delivery.dispatch(passed))

    assert [row["state"] for row in world.rows("message")] == ["accepted"]
    (attempt,) = world.rows("attempt")
    assert "لدينا" in attempt["text"]
    assert "link:" not in attempt["text"]
    assert "http" not in attempt["text"]
    (link,) = world.rows("link", "code_hash IS NOT NULL")
    typed = page_codes.code(SECRET, link["id"])
    assert link["purpose"] == "pay"
    assert page_codes.placeholder(link["id"]) in attempt["text"], "what is kept holds no code"
    assert typed in sent, "the customer has it"
    assert link["code_hash"] == page_codes.code_hash(SECRET, typed)


def test_one_with_a_link_is_refused_at_the_gate_and_then_when_deciding(world: World) -> None:
    emirati(world, in_dubai(world))
    intend(world)
    with world.database.write() as session:
        publish(session, "template", "reminder_first", linked("reminder_first"), now=world.now)
    world.loops.settle(world.now)

    refusals = world.rows("refusal")
    assert [row["asked_by"] for row in refusals] == ["gate", "decide"]
    assert {(row["rule"], row["reason"], row["medium"]) for row in refusals} == {
        ("AE-SMS-URL", "link_forbidden", "sms")
    }
    assert [row["medium"] for row in world.rows("attempt")] == ["whatsapp"]  # which may hold one


@pytest.mark.parametrize(
    ("place", "consented", "rules"),
    [("work", False, {"US-REGF-WORK"}), ("work", True, set()), ("home", True, set())],
)
def test_a_collector_writes_to_an_address_at_work_with_consent_alone(
    world: World, place: str, *, consented: bool, rules: set[str]
) -> None:
    brand = {"person": "Noa", "postal_address": ADDRESS}
    carmel = house(world, brand=brand, role="third_party_collector")
    american(world, house=carmel)
    with world.database.write() as session:
        connection = session.connection()
        connection.exec_driver_sql(f"UPDATE contact_point SET place = '{place}'")
        if not consented:
            connection.exec_driver_sql("DELETE FROM consent")
        words = reworded("reminder_first", closing="{{ initial_disclosure }}")
        publish(session, "template", "reminder_first", words, now=world.now)
    noon_in_chicago(world)
    world.loops.settle(world.now)

    assert {row["rule"] for row in world.rows("refusal")} == rules
    assert [row["place"] for row in world.rows("attempt")] == ([] if rules else [place])


def threatening(world: World) -> None:
    """The first reminder speaks of going to court, and everybody may."""
    marks = (Mark.LEGAL_THREAT,)
    with world.database.write() as session:
        session.connection().exec_driver_sql(
            """UPDATE creditor SET capabilities = '["legal_action"]'"""
        )
        words = reworded("reminder_first", closing="{{ initial_disclosure }}", marks=marks)
        publish(session, "template", "reminder_first", words, now=world.now)


def test_a_collector_speaks_of_court_only_after_the_days_of_the_validation_notice(
    world: World,
) -> None:
    """US-REGF-VALIDEND: what overshadows waits; until the notice is given, for the notice."""
    brand = {"person": "Noa", "postal_address": ADDRESS}
    carmel = house(world, brand=brand, role="third_party_collector")
    american(world, house=carmel)
    threatening(world)
    noon_in_chicago(world)
    world.loops.settle(world.now)

    assert [row["reason"] for row in world.rows("message")] == ["notice_before"]
    assert world.rows("refusal", "asked_by = 'gate'")[0]["rule"] == "US-REGF-VALIDEND"

    assert world.rows("attempt") == []


def test_what_overshadows_the_validation_notice_waits_until_its_days_are_over(
    world: World,
) -> None:
    brand = {"person": "Noa", "postal_address": ADDRESS}
    carmel = house(world, brand=brand, role="third_party_collector")
    person = american(world, house=carmel)
    threatening(world)
    with world.database.write() as session:
        record_notice(session, person, Act.VALIDATION_NOTICE, date(2026, 6, 1), world.now)
    noon_in_chicago(world)
    world.loops.settle(world.now)

    (refusal,) = world.rows("refusal", "asked_by = 'gate'")
    assert (refusal["rule"], refusal["reason"]) == ("US-REGF-VALIDEND", "notice_running")
    assert world.rows("attempt") == []


@pytest.mark.parametrize("is_given", [False, True])
def test_a_bank_in_israel_speaks_of_court_only_after_its_written_notice(
    world: World, *, is_given: bool
) -> None:
    """IL-BOI450-CHANCE."""
    person = owing(world, creditor(world, sector="bank"), due_on=FIRST_DUE)
    threatening(world)
    _said_after(world, person, "IL-BOI450-CHANCE", is_given=is_given)


@pytest.mark.parametrize("is_given", [False, True])
def test_costs_are_asked_of_an_israeli_consumer_only_after_the_written_notice(
    world: World, *, is_given: bool
) -> None:
    """IL-13B2."""
    costs = {"cost_breakdown": "Collection: 40 ILS"}
    person = owing(world, creditor(world), due_on=FIRST_DUE, custom=costs)
    with world.database.write() as session:
        words = reworded("reminder_first", closing="{{ cost_breakdown }}")
        publish(session, "template", "reminder_first", words, now=world.now)
    _said_after(world, person, "IL-13B2", is_given=is_given)


def _said_after(world: World, person: int, rule: str, *, is_given: bool) -> None:
    if is_given:
        with world.database.write() as session:
            record_notice(session, person, Act.WRITTEN_DEBT_NOTICE, date(2026, 6, 1), world.now)
    world.loops.settle(world.now)

    told = [(row["state"], row["reason"]) for row in world.rows("message")]
    rules = {row["rule"] for row in world.rows("refusal", "asked_by = 'gate'")}
    assert told == [("accepted", None) if is_given else ("refused", "notice_before")]
    assert rules == (set() if is_given else {rule})


def test_a_sender_that_is_not_registered_waits_for_it(world: World) -> None:
    """AE-SMS-SENDER: of a real provider, whose sender speaks once its registration is there."""
    emirati(world, in_dubai(world))
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE sender SET provider = 'carrier'")
    intend(world)
    assert {(r["rule"], r["reason"]) for r in world.rows("refusal", "medium = 'sms'")} == {
        ("AE-SMS-SENDER", "clearance_missing")
    }


@on_both_stores
def test_the_hours_that_a_customer_asked_for_are_kept(world: World) -> None:
    person = owing(world, creditor(world), due_on=FIRST_DUE)
    with world.database.write() as session:
        set_own_hours(session, person, "Mon-Fri  16:00-18:00", world.now, by=ChosenBy.STAFF)
    world.loops.settle(world.now)  # noon

    assert world.rows("attempt") == []
    assert world.rows("dunning_case")[0]["reason"] == "outside_hours"
    world.move(hours=5)
    assert [row["state"] for row in world.rows("message")] == ["accepted"]
