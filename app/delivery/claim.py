"""Claims the messages that can start now: leased, one a person a batch, no faster than its sender.

A lease ends by itself, so a worker that dies gives its messages back. `fence` rises with every
claim; a gate that comes with an old fence has lost the message to somebody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, Select, and_, bindparam, exists, or_, select, update
from sqlmodel import Session

from app.book.snapshot_channels import RED
from app.delivery.breaker import PROBE_WITHIN, is_half_open
from app.delivery.halts import HALTED
from app.store.bulk import insert_returning_ids, lock_rows, update_rows
from app.store.columns import word
from app.store.given import chunks, dicts, table_of
from app.store.rows import Campaign, Case, Link, Message, Sender
from app.wording.links import token
from app.wording.page_codes import code, code_hash
from campaigns.vocabulary import SubjectKind

START_WITHIN = timedelta(seconds=2)  # a batch holds what its senders can start in this time
LINK_LIFE = timedelta(days=30)
"""So long a link works after the last message that carried it, unless a setting says otherwise."""
_KEPT_FRESH = timedelta(days=1)

_MESSAGE, _SENDER, _LINK = table_of(Message), table_of(Sender), table_of(Link)
_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)

COLUMNS = (
    "id", "key", "case_id", "creditor_id", "customer_id", "person_id", "template", "category",
    "origin", "slot", "ordinal", "medium", "contact_point_id", "address_id", "sender_id",
    "answers_event_at", "choice_probability", "due_at", "valid_until", "fence", "attempts",
    "approval", "approved_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that has not left, with the columns of `COLUMNS`."""

    row: Mapping[str, Any]

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def wants_approval(self) -> bool:
        """Whether a person has to approve it, and nobody has."""
        return self.row["approval"] is not None and self.row["approved_at"] is None


@dataclass(frozen=True, slots=True)
class Claimed(Waiting):
    """A leased message with its sender and its links (purpose to id)."""

    sender: Row[Any]
    links: Mapping[str, int]

    @property
    def fence(self) -> int:
        return int(self.row["fence"])


def is_anything_due(session: Session, now: datetime) -> bool:
    """Whether a claim would find something to look at. Cheap, and locks nothing."""
    return session.connection().execute(_ANY_DUE, _at(now)).first() is not None


def claim(
    session: Session,
    now: datetime,
    *,
    limit: int,
    lease: timedelta,
    secret: bytes,
    link_life: timedelta = LINK_LIFE,
) -> list[Claimed]:
    """Leases at most `limit` due messages to the caller until `now + lease`."""
    rows = _due(session, now, limit)
    senders = _senders(session, {row["sender_id"] for row in rows})
    taken = _startable(rows, senders, now)
    for row in taken:
        row["fence"] += 1
    leased = [{"id": row["id"], "lease_until": now + lease, "fence": row["fence"]} for row in taken]
    update_rows(session, Message, leased)
    _book_time(session, taken, senders, now)
    links = _links(session, taken, now, secret, link_life)
    return [Claimed(row, senders[row["sender_id"]], links[row["id"]]) for row in taken]


def give_back(session: Session, claimed: Sequence[Claimed]) -> None:
    """Ends the leases of those that nobody has taken since."""
    lock_rows(session, Message, [each.id for each in claimed])
    rows = [{"of": each.id, "at_fence": each.fence} for each in claimed]
    session.connection().execute(_GIVEN_BACK, rows)


_GIVEN_BACK = (
    update(_MESSAGE)
    .where(
        _MESSAGE.c.id == bindparam("of"),
        _MESSAGE.c.fence == bindparam("at_fence"),
        _MESSAGE.c.state == word("waiting"),
    )
    .values(lease_until=None)
)

_OTHER = _SENDER.alias("other")
_RELIEVED = exists().where(
    _OTHER.c.creditor_id == _SENDER.c.creditor_id,
    _OTHER.c.medium == _SENDER.c.medium,
    _OTHER.c.active,
    _OTHER.c.quality.is_distinct_from(RED),
    or_(_OTHER.c.paused_until.is_(None), _OTHER.c.paused_until <= bindparam("now")),
)
"""Of a sender that is paused: whether another one speaks for it, to which the gate hands over."""

_BLOCKED = select(_SENDER.c.id).where(
    or_(
        and_(or_(_SENDER.c.paused_until > bindparam("now"), _SENDER.c.quality == RED), ~_RELIEVED),
        _SENDER.c.free_at >= bindparam("soon"),
        _SENDER.c.probe_until > bindparam("now"),
        _SENDER.c.full_until > bindparam("now"),
        HALTED,
    )
)
"""The senders that are paused, probed, full or stopped, or have as much as they can start."""

_DUE: Select[Any] = (
    select(*(_MESSAGE.c[name] for name in COLUMNS))
    .where(
        _MESSAGE.c.state == word("waiting"),
        _MESSAGE.c.due_at <= bindparam("now"),
        or_(_MESSAGE.c.lease_until.is_(None), _MESSAGE.c.lease_until <= bindparam("now")),
        # What is too late waits for no sender: the gate ends it.
        or_(_MESSAGE.c.sender_id.not_in(_BLOCKED), _MESSAGE.c.valid_until <= bindparam("now")),
    )
    .order_by(_MESSAGE.c.due_at, _MESSAGE.c.id)
)
"""Due and nobody's, the longest first."""

_ANY_DUE = _DUE.with_only_columns(_MESSAGE.c.id).limit(1)


def _at(now: datetime) -> dict[str, datetime]:
    return {"now": now, "soon": now + START_WITHIN}


def _due(session: Session, now: datetime, limit: int) -> list[dict[str, Any]]:
    query = _DUE.limit(limit).with_for_update(skip_locked=True, key_share=True, of=_MESSAGE)
    return dicts(session.connection().execute(query, _at(now)))


def _senders(session: Session, ids: set[int]) -> Mapping[int, Row[Any]]:
    """Locked, so that two workers do not give one sender the same time twice."""
    query = select(_SENDER).where(_SENDER.c.id.in_(sorted(ids))).order_by(_SENDER.c.id)
    query = query.with_for_update(key_share=True)
    return {row.id: row for row in session.connection().execute(query)}


def _startable(
    rows: Sequence[dict[str, Any]], senders: Mapping[int, Row[Any]], now: datetime
) -> list[dict[str, Any]]:
    """One message a person, and no more per sender than it can start."""
    started: Counter[int] = Counter()
    persons: set[int] = set()
    taken = []
    for row in rows:
        sender = senders[row["sender_id"]]
        is_late = row["valid_until"] <= now
        if row["person_id"] in persons or not (is_late or started[sender.id] < _room(sender, now)):
            continue
        started[sender.id] += not is_late
        persons.add(row["person_id"])
        taken.append(row)
    return taken


def _room(sender: Row[Any], now: datetime) -> int:
    """How many more this sender can start in time; one at least, for the slowest."""
    if is_half_open(sender):
        return int(sender.probe_until is None or sender.probe_until <= now)
    ahead = max(sender.free_at - now, timedelta(0)) if sender.free_at else timedelta(0)
    if ahead >= START_WITHIN:  # another worker was first
        return 0
    return max(1, int((START_WITHIN - ahead).total_seconds() * sender.per_second))


def _book_time(
    session: Session,
    taken: Sequence[Mapping[str, Any]],
    senders: Mapping[int, Row[Any]],
    now: datetime,
) -> None:
    """Takes the time that the batch needs off its senders, so that the next one leaves it. Whose
    breaker is half open sends nothing more until its probe has come to something."""
    started = Counter(row["sender_id"] for row in taken if row["valid_until"] > now)
    rows = [
        {
            "id": sender_id,
            "free_at": max(senders[sender_id].free_at or now, now)
            + timedelta(seconds=count / senders[sender_id].per_second),
            "probe_until": now + PROBE_WITHIN if is_half_open(senders[sender_id]) else None,
        }
        for sender_id, count in sorted(started.items())
    ]
    update_rows(session, Sender, rows)


def _links(
    session: Session,
    rows: Sequence[Mapping[str, Any]],
    now: datetime,
    secret: bytes,
    life: timedelta,
) -> Mapping[int, dict[str, int]]:
    """The links of each message; made on its first claim and kept for every later try, which lets
    them live on: their end is counted from the last one."""
    found: dict[int, dict[str, int]] = {row["id"]: {} for row in rows}
    ageing = []
    for part in chunks([row["id"] for row in rows]):
        query = select(_LINK.c.id, _LINK.c.message_id, _LINK.c.purpose, _LINK.c.expires_at)
        for link in session.connection().execute(query.where(_LINK.c.message_id.in_(part))):
            found[link.message_id][link.purpose] = link.id
            if link.expires_at < now + life - _KEPT_FRESH:
                ageing.append({"id": link.id, "expires_at": now + life})
    update_rows(session, Link, ageing)
    new = [
        _link_row(row, purpose, now + life, now)
        for row, purposes in _purposes(session, [row for row in rows if not found[row["id"]]])
        for purpose in purposes
    ]
    ids = insert_returning_ids(session, Link, new)
    for link_id, made in zip(ids, new, strict=True):
        found[made["message_id"]][made["purpose"]] = link_id
    hashes = [
        _hashes(link_id, made["purpose"], secret) for link_id, made in zip(ids, new, strict=True)
    ]
    update_rows(session, Link, hashes)
    return found


def _hashes(link_id: int, purpose: str, secret: bytes) -> dict[str, Any]:
    """What a link is found by: by whoever taps it, and the page also by whoever types its code."""
    typed = code(secret, link_id) if purpose == "pay" else ""
    return {
        "id": link_id,
        "token_hash": sha256(token(secret, link_id).encode()).hexdigest(),
        "code_hash": code_hash(secret, typed),
    }


def _purposes(
    session: Session, rows: Sequence[Mapping[str, Any]]
) -> list[tuple[Mapping[str, Any], Sequence[str]]]:
    """What the links of each message are for: a case of a subscription, or of a plan, has one for
    the card."""
    cases = [row["case_id"] for row in rows]
    query = (
        select(_CASE.c.id)
        .join(_CAMPAIGN, _CAMPAIGN.c.id == _CASE.c.campaign_id)
        .where(_CASE.c.id.in_(cases), _CAMPAIGN.c.subject.in_(_CARDED))
    )
    carded = set(session.connection().execute(query).scalars()) if cases else set()
    return [
        (row, ("pay", "unsubscribe", *(("card",) if row["case_id"] in carded else ())))
        for row in rows
    ]


_CARDED = (SubjectKind.SUBSCRIPTION.value, SubjectKind.PLAN.value)


def _link_row(
    row: Mapping[str, Any], purpose: str, expires_at: datetime, now: datetime
) -> dict[str, Any]:
    return {
        "customer_id": row["customer_id"],
        "message_id": row["id"],
        "purpose": purpose,
        "created_at": now,
        "expires_at": expires_at,
    }
