"""Figures by day: exact, whatever comes late, dies or is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from app.book.days import day_of
from app.figures import daily
from app.figures.daily import SETTLED, count_days, save_day
from app.figures.names import OUTCOME_WITHIN
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import (
    Complaint,
    DailyFigure,
    Event,
    FigureDay,
    Hold,
    Message,
    Payment,
    Promise,
    Refused,
    Reply,
    Suppression,
)
from tests.app.figures.chance import Chance
from tests.app.figures.lives import Lives
from tests.databases import on_both_stores
from tests.factories import NOON, add

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OVER = OUTCOME_WITHIN + SETTLED + DAY


def figures(database: Database, **wanted: Any) -> Counter[tuple[Any, ...]]:
    """Numbers by creditor, day, figure, medium, language, hour and about."""
    rows = _rows(database, DailyFigure, **wanted)
    names = ("creditor_id", "day", "figure", "medium", "language", "hour", "about")
    return Counter({tuple(getattr(row, name) for name in names): row.number for row in rows})


def _rows(database: Database, model: type, **wanted: Any) -> list[Any]:
    with database.read() as session:
        query = select(table_of(model)).filter_by(**wanted)
        return list(session.connection().execute(query))


def _count_all(database: Database, now: datetime) -> None:
    while count_days(database, now):
        continue


def _number(database: Database, figure: str) -> int:
    return sum(figures(database, figure=figure).values())


@on_both_stores
def test_a_day_tells_what_was_sent_and_what_came_of_it(database: Database) -> None:
    lives = Lives(database)
    hebrew, english = lives.customers
    night = NOON.replace(hour=22)  # 01:00 of the next day in Haifa, 23:00 in London
    lives.send(hebrew, NOON)
    read = lives.send(english, night)
    bounced = lives.send(hebrew, NOON + HOUR, medium="email")
    lives.send(hebrew, NOON, state="expired")
    lives.change(read, delivery="delivered", delivered_at=night, clicked_at=night + DAY)
    lives.change(bounced, delivery="bounced", delivered_at=NOON + HOUR)
    _count_all(database, NOON + 2 * DAY)
    me, first, second = lives.creditor_id, date(2026, 6, 1), date(2026, 6, 2)
    assert figures(database, figure="sent") == {
        (me, first, "sent", "sms", "he", 12, ""): 1,
        (me, first, "sent", "email", "he", 13, ""): 1,
        (me, second, "sent", "sms", "en", 23, ""): 1,
    }
    assert figures(database, figure="failed") == {(me, first, "failed", "email", "he", 13, ""): 1}
    assert figures(database, figure="delivered") == {
        (me, second, "delivered", "sms", "en", 23, ""): 1
    }
    assert figures(database, figure="visited") == {(me, second, "visited", "sms", "en", 23, ""): 1}
    assert figures(database, figure="unsent") == {
        (me, first, "unsent", "sms", "", -1, "outside_hours"): 1
    }
    assert _number(database, "segments") == 6
    assert _number(database, "sender_sent") == 3


@on_both_stores
def test_a_payment_stands_beside_the_last_message_before_it_and_beside_the_arm(
    database: Database,
) -> None:
    lives = Lives(database)
    first, second = lives.customers
    lives.pay(first, NOON, 100)
    lives.send(first, NOON + HOUR, medium="email")
    lives.send(first, NOON + 2 * HOUR)
    lives.pay(first, NOON + 3 * HOUR, 200)
    lives.pay(first, NOON + 20 * DAY, 300)
    with database.write() as session:
        session.connection().exec_driver_sql(
            f"UPDATE dunning_case SET arm = 'control' WHERE customer_id = {second}"
        )
    lives.pay(second, NOON, 400)
    _count_all(database, NOON + 21 * DAY)
    rows = _rows(database, DailyFigure, figure="collected_after")
    assert {(row.medium, row.about): row.amount_minor for row in rows if row.day.day == 1} == {
        ("", "none"): 100,
        ("sms", "treatment"): 200,
        ("", "control"): 400,
    }
    assert [(row.about, row.amount_minor) for row in rows if row.day.day != 1] == [("none", 300)]
    assert sum(r.amount_minor for r in _rows(database, DailyFigure, figure="collected")) == 1000


@on_both_stores
def test_what_was_refused_withdrawn_complained_of_and_paused_is_told(database: Database) -> None:
    lives = Lives(database)
    customer_id, _ = lives.customers
    refused = {"case_id": 1, "at": NOON, "asked_by": "decide", "rule": "il-1", "medium": "sms"}
    add(database, Refused, **refused, reason="rest_day")
    add(database, Suppression, address_id=1, medium="sms", reason="opted_out", at=NOON)
    add(database, Suppression, address_id=1, medium="sms", reason="bounced", at=NOON)
    told = {"customer_id": customer_id, "received_at": NOON, "answer_by": NOON.date()}
    add(database, Complaint, **told)
    placed = {"person_id": customer_id, "placed_at": NOON, "renewed_at": NOON}
    add(database, Hold, **placed, kind="hardship")
    add(database, Hold, **placed, kind="staff")
    for help_, at in (("pause", NOON), ("pause", NOON + HOUR), ("plan", NOON), ("referral", NOON)):
        payload = {"hardship_id": 1, "help": help_}
        add(database, Event, kind="help_given", at=at, customer_id=customer_id, payload=payload)
    _count_all(database, NOON)
    me, day = lives.creditor_id, NOON.date()
    assert figures(database) == {
        (me, day, "refused", "sms", "", -1, "rest_day"): 1,
        (me, day, "opted_out", "sms", "", -1, ""): 1,
        (me, day, "complaints", "", "", -1, "complaint"): 1,
        (me, day, "help_given", "", "", -1, "pause"): 2,  # and one was made longer
        (me, day, "help_given", "", "", -1, "plan_talk"): 1,
        (me, day, "help_given", "", "", -1, "referral"): 1,
    }


def test_what_comes_of_a_message_too_late_counts_no_more(database: Database) -> None:
    lives = Lives(database)
    message_id = lives.send(lives.customers[0], NOON)
    lives.change(message_id, clicked_at=NOON + OUTCOME_WITHIN + 2 * DAY)
    _count_all(database, NOON + OVER)
    assert _number(database, "visited") == 0
    assert _number(database, "visits") == 0  # on its own day it is one, once that has come
    _count_all(database, NOON + OVER + 2 * DAY)
    assert _number(database, "visits") == 1


def test_a_day_is_counted_often_while_it_runs_and_never_again_when_nothing_can_change_it(
    database: Database,
) -> None:
    lives = Lives(database)
    _count_all(database, NOON)
    (today,) = _rows(database, FigureDay)
    assert today.due_at == NOON + MINUTE
    _count_all(database, NOON + DAY)
    first, second = sorted(_rows(database, FigureDay), key=lambda row: row.day)
    assert (first.due_at, second.due_at) == (NOON + DAY + 4 * HOUR, NOON + DAY + MINUTE)
    _count_all(database, NOON + OVER)
    assert _rows(database, FigureDay, day=NOON.date())[0].due_at is None
    lives.send(lives.customers[0], NOON)
    _count_all(database, NOON + OVER + DAY)
    assert _number(database, "sent") == 0


def test_figures_outlive_the_rows_that_they_were_counted_from(database: Database) -> None:
    lives = Lives(database)
    lives.reply(lives.customers[0], NOON)
    _count_all(database, NOON + OVER)
    with database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM reply")
    _count_all(database, NOON + OVER + DAY)
    assert _number(database, "replies") == 1


def test_a_worker_that_was_overtaken_writes_nothing(database: Database) -> None:
    lives = Lives(database)
    lives.send(lives.customers[0], NOON)
    _count_all(database, NOON)
    with database.read() as session:
        due = session.connection().execute(daily._DUE, {"now": NOON + MINUTE, "most": 9}).all()
        stale = daily._count(session, due)
    lives.send(lives.customers[0], NOON)
    _count_all(database, NOON + MINUTE)
    assert [save_day(database, day, NOON + 2 * MINUTE) for day in stale] == [False]
    assert _number(database, "sent") == 2


class Killed(Exception):
    """The process ended here."""


def _act(chance: Chance, lives: Lives, now: datetime) -> None:
    """One thing that happens; what a provider tells may be of a while ago."""
    customer_id = chance.one_of(lives.customers)
    ago = now - chance.one_of((timedelta(0), HOUR, 9 * HOUR))
    acts: list[Callable[[], Any]] = [
        lambda: lives.send(customer_id, now, medium=chance.one_of(("sms", "email"))),
        lambda: lives.send(customer_id, now, state=chance.one_of(("expired", "refused"))),
        lambda: lives.pay(customer_id, now, chance.below(999)),
        lambda: lives.reply(customer_id, ago),
        lambda: lives.promise(customer_id, now, 5, state="kept", ended_at=now + DAY),
    ]
    if lives.messages:
        message_id = chance.one_of(lives.messages)
        acts += [
            lambda: lives.change(message_id, delivery="delivered", delivered_at=ago),
            lambda: lives.change(message_id, delivery="bounced", updated_at=now),
            lambda: lives.change(message_id, clicked_at=now),
            lambda: lives.change(message_id, answered_at=now),
        ]
    chance.one_of(acts)()


def _tick(chance: Chance, database: Database, now: datetime, stale: list[Any]) -> None:
    """A tick that may die before it writes, or hold what it found until somebody else wrote."""
    fate = chance.below(10)
    if fate < 5:
        count_days(database, now, most=chance.one_of((1, 40)))
    elif fate < 7:
        with pytest.raises(Killed):
            _die_while_writing(database)
    else:
        with database.read() as session:
            due = session.connection().execute(daily._DUE, {"now": now, "most": 5}).all()
            stale += [(day, now) for row in due for day in daily._count(session, [row])]
    if stale and chance.below(2):
        day, then = stale.pop(chance.below(len(stale)))
        save_day(database, day, then)


def _die_while_writing(database: Database) -> None:
    with database.write() as session:
        insert_rows(session, DailyFigure, [_PHANTOM])
        raise Killed


_PHANTOM = {"creditor_id": 1, "day": date(2026, 6, 1), "figure": "sent", "number": 99}


@pytest.mark.parametrize("seed", range(2))
def test_after_any_order_of_things_the_figures_are_those_of_a_full_count(
    database: Database, seed: int
) -> None:
    chance = Chance(seed)
    houses = [Lives(database), Lives(database, zone="Asia/Kathmandu", name="everest")]
    now, stale = NOON, list[Any]()
    for _ in range(60):
        now += chance.one_of((MINUTE, HOUR, 7 * HOUR))
        _act(chance, chance.one_of(houses), now)
        _tick(chance, database, now, stale)
    _count_all(database, now + OVER)
    for day, then in stale:  # of workers that slept all the while
        save_day(database, day, then)
    zones = {house.creditor_id: house.zone for house in houses}
    assert _kept(database) == _counted_anew(database, zones)


def _kept(database: Database) -> Counter[tuple[Any, ...]]:
    told: Counter[tuple[Any, ...]] = Counter()
    for row in _rows(database, DailyFigure):
        key = row.creditor_id, row.day, row.figure
        told[*key, row.medium, row.language, row.hour] += row.number
        told[*key, "money"] += row.amount_minor
    return +told


def _counted_anew(database: Database, zones: dict[int, str]) -> Counter[tuple[Any, ...]]:
    """By plain Python, from all rows."""
    told: Counter[tuple[Any, ...]] = Counter()
    customers = {row.id: row for row in _table(database, "customer")}
    attempts = {row.message_id: row for row in _table(database, "attempt")}

    def note(me: int, at: datetime, figure: str, medium: str = "", money: int = 0) -> None:
        day = day_of(at, zones[me])
        told[me, day, figure, medium, "", -1] += 1
        told[me, day, figure, "money"] += money

    for row in _rows(database, Message):
        me = row.creditor_id
        if row.state in ("expired", "refused"):
            note(me, row.updated_at, "unsent", row.medium)
        if row.clicked_at is not None:
            note(me, row.clicked_at, "visits", row.medium)
        if row.accepted_at is None:
            continue
        day = day_of(row.accepted_at, zones[me])
        until = datetime.combine(day + DAY, datetime.min.time(), ZoneInfo(zones[me]))
        until += OUTCOME_WITHIN
        zone = customers[row.customer_id].zone or zones[me]
        locale = attempts[row.id].locale
        hour = row.accepted_at.astimezone(ZoneInfo(zone)).hour
        failed = row.delivery == "bounced"
        came = {
            "sent": 1,
            "segments": 2,
            "failed": failed,
            "delivered": bool(row.delivered_at and row.delivered_at < until and not failed),
            "visited": bool(row.clicked_at and row.clicked_at < until),
            "answered": bool(row.answered_at and row.answered_at < until),
        }
        for figure, number in came.items():
            told[me, day, figure, row.medium, locale, hour] += int(number)
            if figure in ("sent", "failed", "segments"):
                told[me, day, f"sender_{figure}", row.medium, "", -1] += int(number)
    for row in _rows(database, Payment):
        note(row.creditor_id, row.received_at, "collected", money=row.amount_minor)
        spoken = [
            message
            for message in _rows(database, Message, customer_id=row.customer_id)
            if message.accepted_at and message.accepted_at <= row.received_at
        ]
        last = max(spoken, key=lambda message: (message.accepted_at, message.id), default=None)
        medium = last.medium if last else ""
        note(row.creditor_id, row.received_at, "collected_after", medium, row.amount_minor)
    for row in _rows(database, Reply):
        note(customers[row.customer_id].creditor_id, row.received_at, "replies", "sms")
    for row in _rows(database, Promise):
        me = customers[row.customer_id].creditor_id
        note(me, row.made_at, "promises_made", money=row.amount_minor)
        note(me, row.ended_at, "promises_kept", money=row.amount_minor)
    return +told


def _table(database: Database, name: str) -> list[Any]:
    with database.read() as session:
        return list(session.connection().exec_driver_sql(f"SELECT * FROM {name}"))
