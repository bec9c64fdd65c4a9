"""Whoever is tried from today on stands where they stand: it tells what the loops then do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from sqlalchemy import select
from sqlmodel import Session, SQLModel

import app.store.rows  # noqa: F401  # so that every table is known
from app.book.days import start_of
from app.intake.concerned import stop_customer
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.holds import place_hold
from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy, make_promise
from app.intake.tidy import break_promises, end_holds, miss_instalments
from app.loops.instants import next_instant
from app.loops.sandbox import hand_receipts
from app.loops.tryout.asked import Trial
from app.loops.tryout.run import Tried, try_out
from app.loops.tryout.standing import BROUGHT, LEFT_OUT
from app.loops.tryout.stops import Note
from app.loops.tryout.telling import Kind, Line
from app.payments.stale import expire_stale, signal_abandoned
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import Case, Checkout, Creditor, Customer, Halt, PhoneCall, Sender
from campaigns.language import read_journey
from campaigns.money import Money
from campaigns.vocabulary import HoldKind
from tests.factories import add_campaign, add_creditor, add_customer, add_invoice
from tests.world import World

on_one_store = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

ZONE, NAME = "Asia/Jerusalem", "consumer_gentle"
TEXT = files("campaigns").joinpath("library", f"{NAME}.yaml").read_text("utf-8")
BEGINS = datetime(2026, 5, 31, 21, 0, tzinfo=UTC)  # the first of June in Haifa
TODAY = date(2026, 6, 9)  # the reminder of day 3 is out
DAYS = 16
OWED = Money(24_050, "ILS")

Arrange = Callable[[Session, int, datetime], object]


def _promise(session: Session, customer: int, now: datetime) -> object:
    return make_promise(
        session, customer_id=customer, amount=OWED, due_on=date(2026, 6, 12), made_by=MadeBy.PAGE,
        now=now,
    )  # fmt: skip


def _plan(session: Session, customer: int, now: datetime) -> object:
    parts = [Part(OWED, date(2026, 6, day)) for day in (11, 28)]
    return agree_plan(session, customer_id=customer, parts=parts, agreed_by=MadeBy.STAFF, now=now)


def _dispute(session: Session, customer: int, now: datetime) -> object:
    kind = DisputeKind.WRONG_AMOUNT
    return dispute_invoice(
        session, customer_id=customer, invoice_id=1, kind=kind, words=None, now=now
    )


def _hold(session: Session, customer: int, now: datetime) -> object:
    concerned, until = stop_customer(session, customer), now + timedelta(days=7)
    return place_hold(session, concerned, HoldKind.STAFF, until=until, why="a call", now=now)


def _hardship(session: Session, customer: int, now: datetime) -> object:
    return report_hardship(session, customer_id=customer, kind="income", words=None, now=now)


def _called(session: Session, customer: int, now: datetime) -> object:
    """Often enough that the caps of a week are full."""
    row = {"customer_id": customer, "person_id": customer, "creditor_id": 1, "called_by": "noa"}
    ends = {"outcome": "refuses", "called_at": now}
    insert_rows(session, PhoneCall, [{**row, **ends} for _ in range(3)])
    return 3


def _halt(session: Session, _customer: int, now: datetime) -> object:
    """The stop button for texts; letters by mail go on."""
    row = {"medium": "sms", "placed_at": now, "placed_by": "noa", "note": "a mistake"}
    insert_rows(session, Halt, [row])
    return row


def _paused(session: Session, _customer: int, now: datetime) -> object:
    """Both ways are closed over the day of the next step."""
    until = now + timedelta(days=11)
    told = {"paused_until": until, "pause_reason": "too many complaints"}
    return session.connection().execute(table_of(Sender).update().values(told))


def _full(session: Session, _customer: int, now: datetime) -> object:
    """For so long that the next message of the journey meets it."""
    until = now + timedelta(days=11, minutes=20)
    return session.connection().execute(table_of(Sender).update().values(full_until=until))


def _at_limit(session: Session, _customer: int, now: datetime) -> object:
    """Nobody has asked yet, so no instant is on record at which there is room."""
    hours = {(now + timedelta(days=d)).replace(minute=0).isoformat(): 5 for d in range(13)}
    told = {"per_day": 5, "sent_by_hour": hours}
    return session.connection().execute(table_of(Sender).update().values(told))


def _stale(session: Session, _customer: int, now: datetime) -> object:
    late = {"ledger_as_of": now - timedelta(hours=30), "ledger_max_age_s": 26 * 3600}
    return session.connection().execute(table_of(Creditor).update().values(late))


def _pay_page(session: Session, customer: int, now: datetime) -> object:
    """Opened by the customer, and left."""
    revision = select(table_of(Customer).c.ledger_revision).where(
        table_of(Customer).c.id == customer
    )
    row = {
        "key": "pay:1", "customer_id": customer, "case_id": 1, "currency": "ILS",
        "amount_minor": OWED.minor, "gateway": "sandbox", "session_id": "s1", "created_at": now,
        "ledger_revision": session.connection().execute(revision).scalar_one(),
        "expires_at": now + timedelta(hours=24),
    }  # fmt: skip
    insert_rows(session, Checkout, [row])
    return row


def _nothing(_session: Session, _customer: int, _now: datetime) -> object:
    return None


ARRANGED: Mapping[str, Arrange] = {
    "nothing": _nothing,
    "a promise": _promise,
    "a plan": _plan,
    "a dispute": _dispute,
    "a hold": _hold,
    "hardship": _hardship,
    "calls": _called,
    "the stop button": _halt,
    "paused senders": _paused,
    "full senders": _full,
    "senders at their limit": _at_limit,
    "a stale book": _stale,
    "a pay page": _pay_page,
}


NOTES = {
    "the stop button": (Note.HALTED,),
    "a stale book": (Note.STALE,),
    "paused senders": (Note.SENDER_WAITS,),
    "full senders": (Note.SENDER_WAITS,),
}


BY_SENDER = {
    "paused senders": {"sender_unhealthy"},
    "full senders": {"sender_full"},
    "senders at their limit": {"sender_full"},
}


@pytest.fixture
def world(migrated_url: str) -> Iterator[World]:
    made = World(migrated_url, start=BEGINS)
    add_campaign(made.database, add_creditor(made.database))
    yield made
    made.close()


def _customer(world: World) -> int:
    told = {"email": "dana@people.example", "phone": "+972521000001"}
    customer_id = add_customer(world.database, 1, "C1", **told)
    add_invoice(world.database, customer_id)
    add_invoice(world.database, customer_id, "I-later", due_on=date(2026, 6, 14))
    return customer_id


def _live(world: World, until: datetime) -> None:
    """The real loops on the real book, at every instant at which anything is due."""
    while world.now < until:
        while hand_receipts(world.database, world.ledger, world.now):
            continue
        with world.database.write() as session:
            for change in (break_promises, miss_instalments, end_holds):
                change(session, world.now)
            signal_abandoned(session, world.now)
            expire_stale(session, world.now)
        world.loops.settle(world.now)
        midnight = start_of(world.now.date() + timedelta(days=1), ZONE)
        with world.database.read() as session:
            found = (next_instant(session, world.now), world.ledger.next_due_at(), until, midnight)
        world.clock.move_to(min(at for at in found if at is not None and at > world.now))


def _tried(world: World, customer_id: int, starts_on: date | None = None) -> Tried:
    trial = Trial(NAME, TEXT, 1, customer_id, "", starts_on, DAYS, world.now)
    return try_out(world.database, trial, read_journey(TEXT, NAME))


def _lines(tried: Tried, kind: Kind) -> list[Line]:
    return [line for day in tried.days for line in day.lines if line.kind is kind]


def _said(tried: Tried) -> list[tuple[str, str | None, str | None]]:
    said = _lines(tried, Kind.SAID)
    return [(f"{line.at:%m-%d %H:%M}", line.template, line.medium) for line in said]


def _done(world: World, since: int) -> list[tuple[str, str | None, str | None]]:
    messages = {row["id"]: row for row in world.rows("message")}
    attempts = world.rows("attempt", f"state = 'accepted' AND id > {since}")
    return [
        (row["gated_at"][5:16], messages[row["message_id"]]["template"], row["medium"])
        for row in attempts
    ]


@pytest.mark.slow
@on_one_store
@pytest.mark.parametrize("arranged", ARRANGED)
def test_a_trial_from_today_is_what_the_loops_then_do(world: World, arranged: str) -> None:
    customer_id = _customer(world)
    _live(world, start_of(TODAY, ZONE) + timedelta(hours=13))
    with world.database.write() as session:
        ARRANGED[arranged](session, customer_id, world.now)
    so_far = len(world.rows("attempt"))
    assert so_far > 0

    foretold = _tried(world, customer_id)
    _live(world, start_of(TODAY + timedelta(days=DAYS), ZONE))

    assert foretold.starts_on == TODAY
    assert _said(foretold) == _done(world, so_far)
    assert foretold.notes == NOTES.get(arranged, ())
    held = {line.reason for line in _lines(foretold, Kind.HELD)}
    assert held & {"sender_full", "sender_unhealthy"} == BY_SENDER.get(arranged, set())
    says = [template for _, template, _ in _said(foretold)]
    assert ("checkout_abandoned" in says) == (arranged == "a pay page")
    assert bool(says) == (arranged != "a stale book")


@on_one_store
def test_stops_of_today_are_none_for_a_journey_that_begins_anew(world: World) -> None:
    customer_id = _customer(world)
    _live(world, start_of(TODAY, ZONE))
    anew = _tried(world, customer_id, date(2026, 6, 1))
    with world.database.write() as session:
        for arranged in (_halt, _stale, _pay_page):
            arranged(session, customer_id, world.now)

    assert _tried(world, customer_id, date(2026, 6, 1)) == anew


@on_one_store
def test_a_trial_tells_that_other_journeys_do_not_speak_in_it(world: World) -> None:
    customer_id = _customer(world)
    _live(world, start_of(TODAY, ZONE))
    other = add_campaign(world.database, 1, name="other")
    with world.database.write() as session:
        (case,) = session.connection().execute(select(table_of(Case))).mappings()
        beside = {**case, "id": 77, "key": "k:77", "campaign_id": other}
        insert_rows(session, Case, [beside])

    assert _tried(world, customer_id).notes == (Note.ALONE,)


@on_one_store
def test_whoever_has_arranged_something_and_was_never_written_to_is_tried_with_it(
    world: World,
) -> None:
    customer_id = _customer(world)
    with world.database.write() as session:
        _hold(session, customer_id, world.now)
    tried = _tried(world, customer_id)

    assert tried.starts_on == date(2026, 6, 1)
    assert min(at for at, _, _ in _said(tried)) > "06-08"


@on_one_store
def test_from_an_earlier_day_the_journey_begins_anew_with_what_is_arranged(world: World) -> None:
    customer_id = _customer(world)
    _live(world, start_of(TODAY, ZONE))
    anew = _said(_tried(world, customer_id, date(2026, 6, 1)))
    with world.database.write() as session:
        _hold(session, customer_id, world.now)  # until the 16th
    held = _said(_tried(world, customer_id, date(2026, 6, 1)))

    assert anew[0][1] == "due_today"
    assert min(at for at, _, _ in held) > "06-15"


def test_every_table_that_knows_customers_comes_along_or_says_why_not() -> None:
    whose = {
        "customer_id", "person_id", "case_id", "message_id", "address_id", "invoice_id", "plan_id",
        "payment_id", "reply_id", "task_id", "event_id", "late_invoice_id",
    }  # fmt: skip
    tables = SQLModel.metadata.tables.values()
    knowing = {table.name for table in tables if whose & set(table.c.keys())}

    assert knowing - BROUGHT == set(LEFT_OUT)
