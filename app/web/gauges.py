"""What the database tells of how the running goes, as metrics.

Each is a look at the head of an index, a small table, or a count that stops: none grows with the
book. Labels are words of ours, never a creditor's or a customer's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import ColumnElement, and_, case, func, literal, select, union_all
from sqlmodel import Session

from app.book.stale import stale_books
from app.delivery.breaker import OPENS_AFTER
from app.delivery.halts import halts_in_force
from app.intake.tasks import APPROVAL, Team
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import (
    Case,
    Endpoint,
    EndpointCall,
    EventTally,
    Inbound,
    LoopBeat,
    Message,
    Promise,
    Sender,
    Task,
)
from campaigns.vocabulary import Medium

MOST: Final = 2000
"""Rows that a metric looks at; what is counted by them stops here."""

_CASE, _MESSAGE, _SENDER = table_of(Case), table_of(Message), table_of(Sender)
_INBOUND, _ENDPOINT, _CALL = table_of(Inbound), table_of(Endpoint), table_of(EndpointCall)
_PROMISE, _TASK = table_of(Promise), table_of(Task)
_TALLY, _BEAT = table_of(EventTally), table_of(LoopBeat)

_SENDS: Final = {
    "message_accepted": "accepted",
    "message_refused": "refused",
    "message_deferred": "later",
    "message_unclear": "unclear",
}
_PROMISES: Final = {"promise_made": "made", "promise_kept": "kept", "promise_broken": "broken"}
_FORGED: Final = "callback_refused"


def read_metrics(session: Session, now: datetime) -> Iterator[Metric]:
    """Every metric as of now."""
    for reading in _READINGS:
        yield from reading(session, now)


def _due(session: Session, now: datetime) -> Iterator[Metric]:
    query = (
        select(_CASE.c.look_at)
        .where(_CASE.c.phase != word("closed"), _CASE.c.look_at <= now)
        .order_by(_CASE.c.look_at)
        .limit(1)
    )
    oldest = session.connection().execute(query).scalar()
    yield _gauge("duly_due_lag_seconds", "Since the oldest due case is due.", _age(oldest, now))


def _queue(session: Session, now: datetime) -> Iterator[Metric]:
    """A medium of which none is among the first `MOST` is no older than the last of them."""
    query = (
        select(_MESSAGE.c.medium, _MESSAGE.c.due_at)
        .where(_MESSAGE.c.state == word("waiting"), _MESSAGE.c.due_at <= now)
        .order_by(_MESSAGE.c.due_at, _MESSAGE.c.id)
        .limit(MOST)
    )
    rows = session.connection().execute(query).all()
    oldest = {row.medium: row.due_at for row in reversed(rows)}
    beyond = rows[-1].due_at if len(rows) == MOST else None
    ages = {medium: _age(oldest.get(medium, beyond), now) for medium in Medium}
    told = "Since the oldest due message of a channel is due."
    yield _by("duly_queue_age_seconds", told, "channel", ages)
    counts = Counter(row.medium for row in rows)
    told = f"Due messages, of the {MOST} that are due longest."
    yield _by("duly_queue_messages", told, "channel", {each: counts[each] for each in Medium})


def _tallies(session: Session, _now: datetime) -> Iterator[Metric]:
    rows = session.connection().execute(select(_TALLY)).all()
    told = "Tries by what the provider answered."
    sends = CounterMetricFamily("duly_sends", told, labels=["channel", "outcome"])
    forged = CounterMetricFamily(
        "duly_forged_calls", "Seconds in which forged calls came.", labels=["source"]
    )
    for row in rows:
        if row.kind in _SENDS:
            sends.add_metric([row.about, _SENDS[row.kind]], row.times)
        elif row.kind == _FORGED:
            forged.add_metric([row.about], row.times)
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.kind] += row.times
    yield sends
    yield forged
    promises = {state: sums[kind] for kind, state in _PROMISES.items()}
    yield _counter("duly_promises", "Promises by what became of them.", "state", promises)
    yield _counter("duly_events", "Events by kind.", "kind", sums)


def _promises(session: Session, now: datetime) -> Iterator[Metric]:
    grace = _PROMISE.c.grace_until
    day = now + timedelta(days=1)
    found = _counts(
        session,
        (
            ("overdue", _PROMISE.c.id, (_PROMISE.c.state == word("open"), grace <= now)),
            ("day", _PROMISE.c.id, (_PROMISE.c.state == word("open"), grace > now, grace <= day)),
        ),
    )
    told = f"Open promises that end within a day or should have ended; at most {MOST} are counted."
    yield _by("duly_promises_due", told, "when", found)


def _breakers(session: Session, now: datetime) -> Iterator[Metric]:
    state = case(
        (_SENDER.c.paused_until > now, "open"),
        (_SENDER.c.errors_in_row >= OPENS_AFTER, "half_open"),
        else_="closed",
    )
    by = (_SENDER.c.medium, _SENDER.c.provider, state)
    query = select(*by, func.count()).where(_SENDER.c.active).group_by(*by)
    told = "Senders by the state of their breaker."
    family = GaugeMetricFamily("duly_breakers", told, labels=["channel", "provider", "state"])
    for medium, provider, stands, count in session.connection().execute(query):
        family.add_metric([medium, provider, stands], count)
    yield family


def _inbound(session: Session, now: datetime) -> Iterator[Metric]:
    waits = (_INBOUND.c.handled_at.is_(None), _INBOUND.c.problem.is_(None))
    query = (
        select(_INBOUND.c.source, _INBOUND.c.received_at)
        .where(*waits)
        .order_by(_INBOUND.c.id)
        .limit(MOST)
    )
    rows = session.connection().execute(query).all()
    ages = {row.source: _age(row.received_at, now) for row in reversed(rows)}
    told = "Since the oldest call that is not yet interpreted came."
    yield _by("duly_calls_in_lag_seconds", told, "source", ages)
    problem = (_INBOUND.c.handled_at.is_(None), _INBOUND.c.problem.is_not(None))
    found = _counts(session, (("problem", _INBOUND.c.id, problem),))
    told = f"Calls that could not be taken in; at most {MOST} are counted."
    yield _gauge("duly_calls_in_problems", told, found["problem"])


def _endpoints(session: Session, now: datetime) -> Iterator[Metric]:
    oldest = (
        select(_CALL.c.due_at)
        .where(
            _CALL.c.endpoint_id == _ENDPOINT.c.id,
            _CALL.c.state == word("waiting"),
            _CALL.c.due_at <= now,
        )
        .order_by(_CALL.c.due_at)
        .limit(1)
        .scalar_subquery()
    )
    query = select(_ENDPOINT.c.state, _ENDPOINT.c.failing_since, oldest.label("due_at")).where(
        _ENDPOINT.c.state != "ended"
    )
    rows = session.connection().execute(query).all()
    active = [row for row in rows if row.state == "active"]
    lag = max((_age(row.due_at, now) for row in active), default=0.0)
    yield _gauge("duly_calls_out_lag_seconds", "Since the oldest call out is due.", lag)
    failing = sum(row.failing_since is not None for row in active)
    states = {
        "well": len(active) - failing,
        "failing": failing,
        "paused": len(rows) - len(active),
    }
    yield _by("duly_endpoints", "Endpoints that are told of events.", "state", states)


def _tasks(session: Session, now: datetime) -> Iterator[Metric]:
    """What has no date counts as later."""
    due, hour, day = _TASK.c.due_at, now + timedelta(hours=1), now + timedelta(days=1)
    bounds: dict[str, ColumnElement[bool]] = {
        "overdue": due <= now,
        "hour": and_(due > now, due <= hour),
        "day": and_(due > hour, due <= day),
        "later": due > day,
        "undated": due.is_(None),
    }
    asked = [
        (f"{team}/{name}", _TASK.c.id, (_TASK.c.state == word("open"), _TASK.c.team == team, bound))
        for team in Team
        for name, bound in bounds.items()
    ]
    told = f"Open tasks by how soon they are due; at most {MOST} of each are counted."
    family = GaugeMetricFamily("duly_tasks_open", told, labels=["team", "due"])
    for name, count in _counts(session, asked).items():
        family.add_metric(name.split("/"), count)
    yield family


def _approvals(session: Session, now: datetime) -> Iterator[Metric]:
    """Of the first `MOST` by deadline."""
    query = (
        select(_TASK.c.team, _TASK.c.created_at)
        .where(_TASK.c.state == word("open"), _TASK.c.kind == APPROVAL)
        .order_by(_TASK.c.due_at, _TASK.c.id)
        .limit(MOST)
    )
    rows = session.connection().execute(query).all()
    counts = Counter(row.team for row in rows)
    asked = {team: [row.created_at for row in rows if row.team == team] for team in Team}
    ages = {team: _age(min(at, default=None), now) for team, at in asked.items()}
    told = f"Messages that wait for somebody's word; at most {MOST} are counted."
    yield _by("duly_approvals_waiting", told, "team", {each: counts[each] for each in Team})
    told = "Since the word was asked for that a team has owed longest."
    yield _by("duly_approval_age_seconds", told, "team", ages)


def _house(session: Session, now: datetime) -> Iterator[Metric]:
    stale = len(stale_books(session, now))
    yield _gauge("duly_stale_books", "Creditors whose book is too old to send on.", stale)
    stopped = len(halts_in_force(session))
    yield _gauge("duly_halts", "Stops by hand that are in force.", stopped)
    beats = session.connection().execute(select(_BEAT)).all()
    ages = {row.name: _age(row.at, now) for row in beats}
    yield _by("duly_loop_age_seconds", "Since a loop did its work in any process.", "loop", ages)


_Reading = Callable[[Session, datetime], Iterable[Metric]]
_READINGS: Final[tuple[_Reading, ...]] = (
    _due, _queue, _tallies, _promises, _breakers, _inbound, _endpoints, _tasks, _approvals,
    _house,
)  # fmt: skip

_Asked = tuple[str, ColumnElement[Any], Sequence[ColumnElement[bool]]]


def _counts(session: Session, asked: Sequence[_Asked]) -> dict[str, int]:
    """How many rows fit each of these conditions, counted up to `MOST`."""
    bounded = [
        (name, select(column).where(*where).limit(MOST).subquery()) for name, column, where in asked
    ]
    looks = [
        select(literal(name).label("name"), func.count().label("times")).select_from(rows)
        for name, rows in bounded
    ]
    found = session.connection().execute(union_all(*looks)).all()
    return {row.name: row.times for row in found}


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)


def _by(name: str, told: str, label: str, values: dict[Any, Any]) -> Metric:
    family = GaugeMetricFamily(name, told, labels=[label])
    for each, value in values.items():
        family.add_metric([str(each)], value)
    return family


def _counter(name: str, told: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, told, labels=[label])
    for each, value in values.items():
        family.add_metric([each], value)
    return family
