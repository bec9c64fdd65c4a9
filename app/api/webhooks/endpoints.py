"""Endpoints: who is told of which events. Each has a secret of its own, which is stored nowhere."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, delete, exists, func, insert, literal, select, update
from sqlmodel import Session

from app.payments.standard_webhooks import secret_of
from app.store.bulk import insert_returning_ids, lock_rows, update_rows
from app.store.columns import Filtered, word
from app.store.given import rows_by_id, table_of
from app.store.rows import Creditor, Customer, Endpoint, EndpointCall, Event

MOST: Final = 20
"""Endpoints of one creditor: each is asked about with every event."""

KEPT_FOR: Final = timedelta(days=30)
"""How long the log of a call that went well is kept."""

REPLAYED_AT_ONCE: Final = 5_000
"""Events that a replay goes over in one transaction, wanted or not."""

_REPLAY: Final = ("replay_since", "replay_after_id", "replay_to_id")

_ENDPOINT, _CALL = table_of(Endpoint), table_of(EndpointCall)
_EVENT, _CUSTOMER = table_of(Event), table_of(Customer)


class EndpointRefused(ValueError):
    """An endpoint that cannot be made. Says why."""


def add_endpoint(
    session: Session,
    *,
    url: str,
    kinds: Sequence[str],
    creditor_id: int | None,
    by: str,
    now: datetime,
) -> int:
    """Adds one, told of what happens from now on. Raises `EndpointRefused`."""
    if creditor_id is not None:
        lock_rows(session, Creditor, [creditor_id])
    living = select(func.count()).where(
        _ENDPOINT.c.creditor_id.is_not_distinct_from(creditor_id), _ENDPOINT.c.state != "ended"
    )
    if session.connection().execute(living).scalar_one() >= MOST:
        raise EndpointRefused(f"There are {MOST} endpoints already: end one first.")
    newest = highest_event(session)
    row = {
        "creditor_id": creditor_id,
        "url": url,
        "kinds": sorted(set(kinds)),
        "created_at": now,
        "created_by": by,
        "low_id": newest,
        "high_id": newest,
        "marked_at": now,
    }
    return insert_returning_ids(session, Endpoint, [row])[0]


def change_endpoint(session: Session, endpoint_id: int, state: str) -> None:
    """Pauses it, lets it go on with what waited, or ends it for good."""
    update_rows(session, Endpoint, [{"id": endpoint_id, "state": state, "failing_since": None}])


def rotate_secret(session: Session, endpoint_id: int) -> int:
    """Gives it another secret from the next call on. Answers the generation."""
    row = rows_by_id(session, Endpoint, [endpoint_id])[endpoint_id]
    update_rows(session, Endpoint, [{"id": endpoint_id, "generation": row.generation + 1}])
    return int(row.generation) + 1


def replay(session: Session, endpoint_id: int, since: datetime) -> int:
    """Has it told again of all that happened since. Answers the last event that it will be told of
    again: up to there its log is gone over by and by, which no restart ends."""
    endpoint = rows_by_id(session, Endpoint, [endpoint_id])[endpoint_id]
    wanted = {"replay_since": since, "replay_after_id": 0, "replay_to_id": endpoint.high_id}
    update_rows(session, Endpoint, [{"id": endpoint_id, **wanted}])
    return int(endpoint.high_id)


def replay_some(session: Session, endpoint: Row[Any], now: datetime) -> bool:
    """Goes over the next events of a replay. Answers whether more of it is left."""
    if endpoint.replay_after_id is None:
        return False
    after: int = endpoint.replay_after_id
    last: int = endpoint.replay_to_id
    until = min(last, after + REPLAYED_AT_ONCE)
    wanted = events_for(endpoint).where(
        _EVENT.c.at >= endpoint.replay_since, _EVENT.c.id > after, _EVENT.c.id <= until
    )
    write_calls(session, endpoint.id, wanted.where(~_is_known(endpoint.id)), now)
    again = (
        update(_CALL)
        .where(_CALL.c.endpoint_id == endpoint.id, _CALL.c.event_id.in_(wanted))
        .values(state="waiting", due_at=now, tries=0)
    )
    session.connection().execute(again)
    left = until < last
    goes_on = {"replay_after_id": until} if left else dict.fromkeys(_REPLAY)
    update_rows(session, Endpoint, [{"id": endpoint.id, **goes_on}])
    return left


def rests_until(session: Session, endpoint: Row[Any], now: datetime) -> datetime:
    """When what is new for it is due: now, or with what failed."""
    if endpoint.failing_since is None:
        return now
    tried = select(func.min(_CALL.c.due_at)).where(
        _CALL.c.endpoint_id == endpoint.id, _CALL.c.state == word("waiting"), _CALL.c.tries > 0
    )
    found: datetime | None = session.connection().execute(tried).scalar()
    return now if found is None else max(found, now)


def hold_back(session: Session, endpoint_id: int, until: datetime) -> None:
    """Lets no call that waits be due before then."""
    held = (
        update(_CALL)
        .where(
            _CALL.c.endpoint_id == endpoint_id,
            _CALL.c.state == word("waiting"),
            _CALL.c.due_at < until,
        )
        .values(due_at=until)
    )
    session.connection().execute(held)


def events_for(endpoint: Row[Any]) -> Select[Any]:
    """The ids of the events that this endpoint is told of."""
    query = select(_EVENT.c.id)
    if endpoint.creditor_id is not None:
        query = query.join(_CUSTOMER, _CUSTOMER.c.id == _EVENT.c.customer_id).where(
            Filtered(_CUSTOMER.c.creditor_id) == endpoint.creditor_id
        )
    return query.where(_EVENT.c.kind.in_(endpoint.kinds)) if endpoint.kinds else query


def fresh_events(endpoint: Row[Any]) -> Select[Any]:
    """The ids of events that it should be told of and that are not on its log.

    On PostgreSQL an event with a lower id may be committed after one with a higher: until a mark is
    old enough, everything above it is looked at again.
    """
    return events_for(endpoint).where(_EVENT.c.id > endpoint.low_id, ~_is_known(endpoint.id))


def log_new_events(session: Session, endpoint: Row[Any], most: int, due_at: datetime) -> int:
    """Puts so many of them on its log, the oldest first. Answers how many."""
    fresh = fresh_events(endpoint).order_by(_EVENT.c.id).limit(most)
    return write_calls(session, endpoint.id, fresh, due_at)


def forgettable_calls(now: datetime) -> Select[Any]:
    """Calls that were made long ago, of events that nobody looks at again."""
    return (
        select(_CALL.c.id)
        .join(_ENDPOINT, _ENDPOINT.c.id == _CALL.c.endpoint_id)
        .where(
            _CALL.c.state == "told",
            _CALL.c.told_at < now - KEPT_FOR,
            _CALL.c.event_id <= _ENDPOINT.c.low_id,
        )
    )


def forget_calls(session: Session, now: datetime) -> int:
    """Forgets those. Answers how many."""
    old = delete(_CALL).where(_CALL.c.id.in_(forgettable_calls(now)))
    return session.connection().execute(old).rowcount


def write_calls(session: Session, endpoint_id: int, events: Select[Any], due_at: datetime) -> int:
    chosen = events.subquery()
    columns = ("endpoint_id", "event_id", "state", "tries", "due_at")
    rows = select(
        literal(endpoint_id),
        chosen.c.id,
        literal("waiting"),
        literal(0),
        literal(due_at, _CALL.c.due_at.type),
    )
    return session.connection().execute(insert(_CALL).from_select(columns, rows)).rowcount


def _is_known(endpoint_id: int) -> Any:
    return exists().where(_CALL.c.endpoint_id == endpoint_id, _CALL.c.event_id == _EVENT.c.id)


def highest_event(session: Session) -> int:
    return session.connection().execute(select(func.max(_EVENT.c.id))).scalar_one() or 0


def secret_of_endpoint(key: bytes, endpoint_id: int, generation: int) -> str:
    """What signs the calls to this endpoint, in the form of Standard Webhooks."""
    name = b"duly/endpoint/%d/%d" % (endpoint_id, generation)
    return secret_of(hmac.digest(key, name, "sha256"))
