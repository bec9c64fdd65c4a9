"""What a customer is told comes next is what the loops then do, when nothing else happens."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.engine.catalogue import Catalogue
from app.engine.outlook import NOTHING, Kind, Outlook, outlook
from app.intake.disputes import DisputeKind, dispute_invoice
from app.intake.hardship import report_hardship
from app.intake.promises import MadeBy, make_promise
from app.loops.sandbox import hand_receipts
from app.store.rows import Hold, Instalment, Plan
from campaigns.money import Money
from tests.app.delivery.cast import creditor, owing
from tests.factories import add, add_campaign, add_invoice
from tests.world import World

STEP = timedelta(hours=2)
PLACES = (
    ("IL", "Asia/Jerusalem", "he"),
    ("LT", "Europe/Vilnius", "lt"),
    ("AE", "Asia/Dubai", "ar"),
    ("GB", "Europe/London", "en"),
)

sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


def told(world: World, customer_id: int) -> Outlook | None:
    with world.database.read() as session:
        return outlook(session, Catalogue(), customer_id, world.now)


@dataclass(frozen=True)
class Foretold:
    """What was said at an instant, and of which open cases."""

    at: datetime
    customer_id: int
    cases: frozenset[int]
    outlook: Outlook


@pytest.mark.slow
@sqlite_only
def test_what_it_says_is_what_the_loops_then_do(world: World) -> None:
    zones = _cast(world)
    catalogue, foretold = Catalogue(), []
    ends = world.now + timedelta(days=90)
    while world.now < ends:
        _live_until(world, world.now + timedelta(hours=22))
        with world.database.read() as session:
            for customer_id in zones:
                found = outlook(session, catalogue, customer_id, world.now)
                cases = {
                    row["id"]
                    for row in world.rows("dunning_case", f"customer_id = {customer_id}")
                    if row["phase"] != "closed"
                }
                assert found is not None
                foretold.append(Foretold(world.now, customer_id, frozenset(cases), found))

    wrong = [each for each in foretold if not _came_true(world, each, zones[each.customer_id])]
    kinds = Counter(each.outlook.kind for each in foretold)
    assert wrong == []
    assert kinds[Kind.MESSAGE] > 200, kinds
    assert kinds[Kind.HANDOVER] > 10, kinds
    assert kinds[Kind.NOTHING] > 10, kinds
    assert any(each.outlook.moved for each in foretold)


def _cast(world: World) -> dict[int, ZoneInfo]:
    """In four countries: all media, a mailbox alone, a small debt; each due on another day."""
    zones = {}
    for number, (country, zone, locale) in enumerate(PLACES):
        columns = {"country": country, "zone": zone, "locale": locale}
        owed = creditor(world, country.lower(), **columns)
        add_campaign(
            world.database, owed, name="before", subject="invoice", journey="consumer_before_due"
        )
        for place in range(3):
            name = f"{country}{place}"
            due_on = date(2026, 6, 1) + timedelta(days=3 * number + 2 * place)
            phone = None if place == 1 else f"+97252000{number}{place}00"
            customer_id = owing(world, owed, name, due_on=due_on, phone=phone, **columns)
            zones[customer_id] = ZoneInfo(zone)
            if place == 2:
                with world.database.write() as session:
                    session.connection().exec_driver_sql(
                        "UPDATE invoice SET amount_minor = 1500, open_minor = 1500"
                        f" WHERE customer_id = {customer_id}"
                    )
    return zones


def _live_until(world: World, until: datetime) -> None:
    while world.now < until:
        world.clock.move_to(min(world.now + STEP, until))
        world.loops.settle(world.now)
        while hand_receipts(world.database, world.ledger, world.now):
            world.loops.settle(world.now)


def _came_true(world: World, said: Foretold, zone: ZoneInfo) -> bool:
    cases = ",".join(map(str, sorted(said.cases))) or "0"
    messages = world.rows("message", f"case_id IN ({cases}) AND state = 'accepted'")
    later = sorted(at for m in messages if (at := _instant(m["accepted_at"])) > said.at)
    match said.outlook.kind:
        case Kind.MESSAGE:
            return bool(later) and later[0].astimezone(zone).date() == said.outlook.on
        case Kind.HANDOVER:
            closed = world.rows("dunning_case", f"id IN ({cases}) AND outcome = 'handed_over'")
            on = [_instant(row["closed_at"]).astimezone(zone).date() for row in closed]
            return not later and said.outlook.on in on
        case Kind.NOTHING | Kind.PERSON:
            return not later
        case _:
            return False


def _instant(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


@sqlite_only
def test_each_thing_that_stops_a_case_has_a_kind_of_its_own(world: World) -> None:
    owed = creditor(world)
    due_on = date(2026, 6, 1)
    names = "plain promised disputed troubled read paid staff plan deaf"
    plain, promised, disputed, troubled, read, paid, staff, planned, deaf = (
        owing(world, owed, name, due_on=due_on) for name in names.split()
    )
    world.loops.settle(world.now)
    now = world.now
    with world.database.write() as session:
        make_promise(
            session,
            customer_id=promised,
            amount=Money(24050, "ILS"),
            due_on=date(2026, 6, 10),
            made_by=MadeBy.PAGE,
            now=now,
        )
        dispute_invoice(
            session,
            customer_id=disputed,
            invoice_id=disputed,  # one invoice each, in the same order
            kind=DisputeKind.OTHER,
            words=None,
            now=now,
        )
        report_hardship(session, customer_id=troubled, kind="talk", words=None, now=now)
    _hold(world, read, "reply", now + timedelta(days=5))
    _hold(world, paid, "payment", now + timedelta(days=14))
    _hold(world, staff, "staff", None)
    _plan(world, planned)
    with world.database.write() as session:
        session.connection().exec_driver_sql(
            "UPDATE address SET valid = FALSE WHERE value LIKE 'deaf-%'"
        )

    assert told(world, plain) == Outlook(Kind.MESSAGE, date(2026, 6, 4))
    assert told(world, promised) == Outlook(Kind.PROMISE, date(2026, 6, 10))
    assert told(world, disputed) == Outlook(Kind.DISPUTE)
    assert told(world, troubled) == Outlook(Kind.HELP)
    assert told(world, read) == Outlook(Kind.READING, date(2026, 6, 6))
    assert told(world, paid) == Outlook(Kind.ARRIVING)
    assert told(world, staff) == Outlook(Kind.PAUSED)
    assert told(world, planned) == Outlook(Kind.PLAN, date(2026, 6, 20))
    found = told(world, deaf)
    assert found is not None
    assert found.kind is Kind.HANDOVER  # said once, and unreachable since
    world.loops.settle(now + timedelta(minutes=1))
    assert told(world, promised) == Outlook(Kind.PROMISE, date(2026, 6, 10))


@sqlite_only
def test_the_sabbath_puts_a_message_off_and_it_is_said(world: World) -> None:
    owed = creditor(world)
    customer_id = owing(world, owed, due_on=date(2026, 6, 2), email=None, phone="+972520000001")
    world.move(days=1)  # Tuesday: due today; the first reminder falls on Friday, an eve

    world.clock.move_to(datetime(2026, 6, 5, 13, 0, tzinfo=UTC))

    assert told(world, customer_id) == Outlook(Kind.MESSAGE, date(2026, 6, 7), moved=True)


@sqlite_only
def test_nobody_in_the_control_group_and_nobody_without_a_case_is_written_to(world: World) -> None:
    owed = creditor(world)
    control, idle = owing(world, owed, "control"), owing(world, owed, due_on=date(2026, 9, 1))
    world.loops.settle(world.now)
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE dunning_case SET arm = 'control'")

    assert told(world, control) == NOTHING
    assert told(world, idle) == NOTHING


@sqlite_only
def test_a_journey_that_is_not_published_tells_nothing(world: World) -> None:
    customer_id = owing(world, creditor(world))
    world.loops.settle(world.now)
    with world.database.write() as session:
        session.connection().exec_driver_sql("UPDATE campaign SET journey = 'none'")

    assert told(world, customer_id) is None


@sqlite_only
def test_of_several_cases_the_first_to_speak_counts(world: World) -> None:
    owed = creditor(world)
    add_campaign(
        world.database, owed, name="before", subject="invoice", journey="consumer_before_due"
    )
    customer_id = owing(world, owed, due_on=date(2026, 5, 25))
    world.loops.settle(world.now)
    add_invoice(world.database, customer_id, "INV-2", due_on=date(2026, 6, 8))
    world.move(hours=42)  # before the day's messages go out

    found = told(world, customer_id)

    assert [row["phase"] for row in world.rows("dunning_case")] == ["ready", "ready"]
    assert found == Outlook(Kind.MESSAGE, date(2026, 6, 3))


def _hold(world: World, customer_id: int, kind: str, until: datetime | None) -> None:
    person = world.rows("customer", f"id = {customer_id}")[0]["person_id"]
    add(
        world.database,
        Hold,
        person_id=person,
        customer_id=customer_id,
        kind=kind,
        placed_at=world.now,
        renewed_at=world.now,
        until=until,
    )


def _plan(world: World, customer_id: int) -> None:
    plan_id = add(
        world.database,
        Plan,
        customer_id=customer_id,
        currency="ILS",
        amount_minor=24050,
        agreed_at=world.now,
        agreed_by="page",
    )
    for number, day in ((1, 20), (2, 27)):
        add(
            world.database,
            Instalment,
            plan_id=plan_id,
            number=number,
            amount_minor=12025,
            due_on=date(2026, 6, day),
            grace_until=datetime(2026, 6, day + 2, tzinfo=UTC),
        )
