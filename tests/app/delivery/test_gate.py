"""What the gate asks anew: caps, hours on the recipient's wall, the age of the book."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Event, Thread
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text

from app.delivery.dispatch import envelope
from app.store.bulk import update_rows
from app.store.rows import Creditor
from tests.app.delivery.cast import REMINDED, creditor, gate, intend, owing, together
from tests.databases import on_both_stores
from tests.world import World


@on_both_stores
def test_two_campaigns_on_one_person_share_the_cap(world: World) -> None:
    """Two creditors, two workers, one person, and a house cap of one a day."""
    first, second = creditor(world), creditor(world, "galil")
    for number in range(6):
        owing(world, first, f"A{number}", person=f"p{number}", due_on=REMINDED)
        owing(world, second, f"B{number}", person=f"p{number}", due_on=REMINDED)
    intend(world)
    workers = [world.worker().delivery for _ in range(2)]
    claims = [worker.claim(world.now) for worker in workers]
    drafts = [
        worker.prepare(claim, world.now) for worker, claim in zip(workers, claims, strict=True)
    ]

    together(lambda: workers[0].gate(drafts[0]), lambda: workers[1].gate(drafts[1]))

    attempts = world.rows("attempt")
    assert len(attempts) == 6
    assert len({row["person_id"] for row in attempts}) == 6
    lost = world.rows("refusal", "asked_by = 'gate'")
    assert {row["reason"] for row in lost} <= {"cap_reached", "gap_not_over"}
    assert len(lost) == 6
    assert all(row["look_again_at"] is not None for row in lost)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_gate_takes_less_at_a_time_while_others_wait_to_write(world: World) -> None:
    owed = creditor(world)
    for number in range(6):
        owing(world, owed, f"A{number}")
    intend(world)
    delivery = world.worker(slice=1).delivery
    drafts = delivery.prepare(delivery.claim(world.now), world.now)
    visitors = [Thread(target=_write_once, args=[world]) for _ in range(2)]
    came, sizes = [], list[int]()

    def come(_c: object, _k: object, sql: str, rows: Sequence[object], _x: object, m: bool) -> None:
        if sql.startswith("INSERT INTO attempt "):
            sizes.append(len(rows) if m else 1)
            if visitors:
                came.append(visitors.pop())
                came[-1].start()
                while not world.database.is_awaited:
                    Event().wait(0.002)

    engine = delivery._database.engine
    event.listen(engine, "before_cursor_execute", come)
    passed = delivery.gate(drafts[:1]), delivery.gate(drafts[1:])
    event.remove(engine, "before_cursor_execute", come)
    for visitor in came:
        visitor.join()

    assert [len(each) for each in passed] == [1, 5]
    assert sizes == [1, 1, 1, 3], "one at a time, until nobody waits any more"


def _write_once(world: World) -> None:
    with world.database.write() as session:
        session.connection().execute(text("SELECT 1"))


def test_the_loser_of_a_cap_speaks_later(world: World) -> None:
    first, second = creditor(world), creditor(world, "galil")
    owing(world, first, "A", person="one")
    owing(world, second, "B", person="one")

    world.live(until=world.now + timedelta(days=3), step=timedelta(hours=1))

    gated = sorted(row["gated_at"] for row in world.rows("attempt"))
    assert len(gated) >= 2
    times = [datetime.fromisoformat(str(at)).replace(tzinfo=UTC) for at in gated]
    assert all(b - a >= timedelta(hours=20) for a, b in pairwise(times))


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("zone", "country", "at"),
    [
        ("Europe/Vilnius", "LT", datetime(2027, 3, 28, 0, 30, tzinfo=UTC)),  # a gap at 03:00
        ("Europe/Vilnius", "LT", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # a fold at 04:00
        ("Asia/Jerusalem", "IL", datetime(2027, 3, 25, 23, 30, tzinfo=UTC)),  # a gap at 02:00
    ],
)
def test_a_night_with_a_gap_or_a_fold_has_its_morning(
    migrated_url: str, zone: str, country: str, at: datetime
) -> None:
    world = World(migrated_url, start=at - timedelta(days=1))
    owed = creditor(world, country=country, zone=zone)
    owing(world, owed, due_on=at.date(), country=country, zone=zone)

    world.live(until=at + timedelta(days=4), step=timedelta(hours=1))  # over Easter Monday

    for attempt in world.rows("attempt"):
        gated = datetime.fromisoformat(str(attempt["gated_at"])).replace(tzinfo=UTC)
        assert 8 <= gated.astimezone(ZoneInfo(zone)).hour < 20
    assert len(world.rows("attempt")) >= 1
    world.close()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("start", "closes"),
    [
        (datetime(2026, 3, 27, 9, tzinfo=UTC), 18),  # the Friday before a gap
        (datetime(2026, 3, 30, 9, tzinfo=UTC), 17),
        (datetime(2026, 10, 23, 9, tzinfo=UTC), 17),  # the Friday before a fold
        (datetime(2026, 10, 26, 9, tzinfo=UTC), 18),
    ],
)
def test_the_provider_may_deliver_until_the_hours_close_on_the_recipients_wall(
    migrated_url: str, start: datetime, closes: int
) -> None:
    world = World(migrated_url, start=start)
    vilnius = {"country": "LT", "zone": "Europe/Vilnius"}
    owing(world, creditor(world, **vilnius), due_on=start.date(), **vilnius)
    intend(world)

    (passed,) = gate(world)
    letter = envelope(passed, world.addresses, world.now)

    assert letter.deliver_before == start.replace(hour=closes) - timedelta(minutes=1)
    (attempt,) = world.rows("attempt")
    assert datetime.fromisoformat(str(attempt["valid_until"])).replace(tzinfo=UTC) == (
        letter.deliver_before
    )
    world.close()


@on_both_stores
def test_a_stale_book_is_a_stop(world: World) -> None:
    as_of = world.now - timedelta(hours=20)
    owed = creditor(world, ledger_max_age_s=26 * 3600, ledger_as_of=as_of)
    owing(world, owed, due_on=REMINDED)
    intend(world)
    world.clock.move_to(world.now + timedelta(hours=6, minutes=1))  # 18:01 in Haifa

    world.loops.settle(world.now)

    assert world.rows("attempt") == []
    assert world.rows("message")[0]["reason"] == "ledger_stale"
    with world.database.write() as session:
        update_rows(session, Creditor, [{"id": owed, "ledger_as_of": world.now}])
    world.live(until=world.now + timedelta(days=1), step=timedelta(hours=1))
    assert len(world.accepted()) == 1
