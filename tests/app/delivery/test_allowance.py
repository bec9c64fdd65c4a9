"""What a sender may send in a day: its tier, its warm-up, and segments that count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.book.senders import change_sender
from app.delivery.allowance import DAY, HOUR, Wanted, allowed_on, reserve
from app.store.bulk import update_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Message, Sender
from tests.app.delivery.cast import creditor, gate, intend, owing, together
from tests.databases import on_both_stores
from tests.factories import NOON
from tests.world import World

MONDAY = date(2026, 6, 1)


def settle_sender(world: World, **columns: Any) -> int:
    """Gives the first sender these columns, and answers its id."""
    sender = int(world.rows("sender")[0]["id"])
    with world.database.write() as session:
        update_rows(session, Sender, [{"id": sender, **columns}])
    return sender


def taken(database: Database, sender: int, units: int, now: datetime) -> datetime | None:
    with database.write() as session:
        return reserve(session, [Wanted(sender, units)], now)[0]


@on_both_stores
@pytest.mark.parametrize(
    ("per_day", "ramp_first", "on", "allowed"),
    [
        (None, None, MONDAY, None),
        (1000, None, MONDAY, 1000),
        (None, 50, MONDAY, 50),
        (1000, 50, MONDAY + DAY, 100),
        (1000, 50, MONDAY + 4 * DAY, 800),
        (1000, 50, MONDAY + 5 * DAY, 1000),
        (None, 50, MONDAY + 60 * DAY, None),
        (1000, 50, MONDAY - DAY, 50),
    ],
)
def test_a_new_sender_may_send_twice_as_much_each_day(
    world: World, per_day: int | None, ramp_first: int | None, on: date, allowed: int | None
) -> None:
    creditor(world)
    started = MONDAY if ramp_first else None
    sender = settle_sender(world, per_day=per_day, ramp_first=ramp_first, ramp_started_on=started)
    table = table_of(Sender)
    with world.database.read() as session:
        row = session.connection().execute(select(table).where(table.c.id == sender)).one()

    assert allowed_on(row, on) == allowed


def test_what_is_over_the_tier_waits_until_there_is_room(world: World) -> None:
    owed = creditor(world)
    for number in range(5):
        owing(world, owed, f"C{number}")
    intend(world)
    for row in world.rows("sender"):
        with world.database.write() as session:
            update_rows(session, Sender, [{"id": row["id"], "per_day": 3}])
    with world.database.write() as session:
        late = [
            {"id": row["id"], "valid_until": world.now + 3 * DAY} for row in world.rows("message")
        ]
        update_rows(session, Message, late)

    assert len(gate(world)) == 3
    held = world.rows("message", "reason = 'sender_full'")
    assert [row["state"] for row in held] == ["waiting", "waiting"]
    assert gate(world) == [], "nothing is claimed for a sender that is full"

    world.clock.move_to(world.now + DAY + HOUR)
    assert len(gate(world)) == 2


def test_what_would_be_too_late_by_then_is_not_said_and_says_why(world: World) -> None:
    owed = creditor(world)
    for number in range(2):
        owing(world, owed, f"C{number}")
    intend(world)
    for row in world.rows("sender"):
        with world.database.write() as session:
            update_rows(session, Sender, [{"id": row["id"], "per_day": 1}])

    assert len(gate(world)) == 1
    (late,) = world.rows("message", "state = 'expired'")
    assert late["reason"] == "sender_full"


@on_both_stores
def test_two_workers_share_one_count(world: World) -> None:
    creditor(world)
    sender = settle_sender(world, per_day=10)

    answers = together(
        *[lambda: [taken(world.database, sender, 1, world.now) for _ in range(8)] for _ in range(2)]
    )

    assert sum(until is None for worker in answers for until in worker) == 10


@on_both_stores
def test_the_mailboxes_of_a_domain_warm_up_together(world: World) -> None:
    """Mailbox providers trust a domain, whoever writes from it."""
    for name in ("carmel", "galil", "negev"):
        creditor(world, name)
    first, second, other = (row["id"] for row in world.rows("sender", "medium = 'email'"))
    ramp = {"ramp_first": 3, "ramp_started_on": world.now.date()}
    with world.database.write() as session:
        mailboxes = [
            {"id": first, "address": "noa@Pay.example", **ramp},
            {"id": second, "address": "lev@pay.example", **ramp},
            {"id": other, "address": "lev@other.example", **ramp},
        ]
        update_rows(session, Sender, mailboxes)

    answers = [taken(world.database, sender, 1, world.now) for sender in (first, second) * 2]

    assert [until is None for until in answers] == [True, True, True, False]
    assert taken(world.database, other, 1, world.now) is None
    tomorrow = world.now + DAY
    assert taken(world.database, second, 1, tomorrow) is None, "twice as much on the next day"


@on_both_stores
def test_the_segments_of_a_text_take_their_time(world: World) -> None:
    creditor(world)
    sender = settle_sender(world, per_second=2.0, free_at=None)

    assert taken(world.database, sender, 5, world.now) is None

    free_at = world.rows("sender", f"id = {sender}")[0]["free_at"]
    assert str(world.now + timedelta(seconds=2))[:19] == str(free_at)[:19]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_24_hours_ever_hold_more_than_the_tier(migrated_url: str) -> None:
    world = World(migrated_url)
    creditor(world)
    sender = settle_sender(world, per_day=7)

    @given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 3)), max_size=40))
    def holds(steps: list[tuple[int, int]]) -> None:
        settle_sender(world, sent_by_hour={}, full_until=None)
        now, sent = NOON.astimezone(UTC), []
        for minutes, units in steps:
            now += timedelta(minutes=minutes)
            until = taken(world.database, sender, units, now)
            if until is None:
                sent.append((now, units))
            else:
                assert now < until <= now + DAY + HOUR
            assert sum(n for at, n in sent if at > now - DAY) <= 7

    holds()
    world.close()


@on_both_stores
def test_a_higher_tier_holds_at_once(world: World) -> None:
    owed = creditor(world)
    for number in range(3):
        owing(world, owed, f"C{number}")
    intend(world)
    late = {"valid_until": world.now + 3 * DAY}
    with world.database.write() as session:
        update_rows(session, Message, [{"id": r["id"], **late} for r in world.rows("message")])
        update_rows(session, Sender, [{"id": r["id"], "per_day": 1} for r in world.rows("sender")])
    assert len(gate(world)) == 1
    assert gate(world) == []

    with world.database.write() as session:
        for row in world.rows("sender"):
            assert change_sender(session, row["id"], {"per_day": 10}, world.now)

    assert len(gate(world)) == 2


@on_both_stores
def test_whoever_mends_a_sender_need_not_wait_for_its_pause(world: World) -> None:
    owing(world, creditor(world))
    intend(world)
    pause = {"paused_until": world.now + timedelta(hours=6), "pause_reason": "wrong key"}
    with world.database.write() as session:
        update_rows(session, Sender, [{"id": r["id"], **pause} for r in world.rows("sender")])
    assert gate(world) == []

    with world.database.write() as session:
        for row in world.rows("sender"):
            change_sender(session, row["id"], {"active": True}, world.now)

    assert len(gate(world)) == 1
