"""Compares Duly's tables with the providers' own lists, the only other witness of what went out.

Each question is answered by findings: none means that the promise was kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import case, exists, or_, select
from sqlmodel import Session

from app.lab.drill_stops import Stop
from app.store.given import table_of
from app.store.rows import Attempt, Case, Creditor, Message, MessageApproval
from channels.delivery import DeliveryStatus

_ATTEMPT, _CASE, _MESSAGE = table_of(Attempt), table_of(Case), table_of(Message)
_CREDITOR, _APPROVAL = table_of(Creditor), table_of(MessageApproval)
_APPROVED = exists().where(
    _APPROVAL.c.message_id == _ATTEMPT.c.message_id,
    _APPROVAL.c.outcome == "approved",
    _APPROVAL.c.decided_at <= _ATTEMPT.c.gated_at,
    or_(_APPROVAL.c.void_at.is_(None), _APPROVAL.c.void_at > _ATTEMPT.c.gated_at),
)
_ARRIVED = frozenset(
    status for status in DeliveryStatus if status.rank >= DeliveryStatus.DELIVERED.rank
)
KNOWN = ("accepted", "assumed_sent")
MOVING = ("waiting", "sending", "unclear")


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A message that a provider has taken, by its own account. `route` is a route's name."""

    route: str
    provider_id: str
    attempt_key: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that may not be, and by which route."""

    route: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.route}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt as Duly has it. `guard` is the person's revision that its gate saw, `delivery`
    how far its message got; None for a try that another one followed. `wants_word`: a person had to
    approve it, and `has_word` says whether they had when its gate let it through."""

    route: str
    key: str
    message: str
    person_id: int
    state: str
    failed: bool
    delivery: str | None
    category: str
    guard: int
    gated_at: datetime
    wants_word: bool = False
    has_word: bool = False


def attempts(session: Session) -> dict[str, Tried]:
    """Every attempt on record, by its key."""
    query = (
        select(
            _CREDITOR.c.external_id.label("route"),
            _ATTEMPT.c.key,
            _MESSAGE.c.key.label("message"),
            _ATTEMPT.c.person_id,
            _ATTEMPT.c.state,
            _ATTEMPT.c.failed,
            case((_ATTEMPT.c.number == _MESSAGE.c.attempts, _MESSAGE.c.delivery)).label("delivery"),
            _ATTEMPT.c.category,
            _ATTEMPT.c.evidence,
            _ATTEMPT.c.gated_at,
            _MESSAGE.c.approval.is_not(None).label("wants_word"),
            _APPROVED.label("has_word"),
        )
        .join_from(_ATTEMPT, _MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
        .join(_CREDITOR, _CREDITOR.c.id == _ATTEMPT.c.creditor_id)
    )
    return {row.key: _tried(row) for row in session.connection().execute(query)}


def _tried(row: Any) -> Tried:
    return Tried(
        row.route,
        row.key,
        row.message,
        row.person_id,
        row.state,
        row.failed,
        row.delivery,
        row.category,
        row.evidence["guard"],
        row.gated_at,
        row.wants_word,
        row.has_word,
    )


def sent_twice(acceptances: Iterable[Acceptance], tried: Mapping[str, Tried]) -> list[Finding]:
    """Two acceptances of one message, where the earlier was not certainly reported failed."""
    found: list[Finding] = []
    earlier: dict[str, Tried] = {}
    for taken in acceptances:
        attempt = tried.get(taken.attempt_key)
        if attempt is None:
            continue  # `lost` tells of it
        before = earlier.get(attempt.message)
        if before is not None and (before.key == attempt.key or not before.failed):
            what = f"message {attempt.message} by {before.key} and then by {attempt.key}"
            found.append(Finding(taken.route, what))
        earlier[attempt.message] = attempt
    return found


def unknown(acceptances: Iterable[Acceptance], tried: Mapping[str, Tried]) -> list[Finding]:
    """Acceptances that Duly does not know of, or takes for something else."""
    found = []
    for taken in acceptances:
        attempt = tried.get(taken.attempt_key)
        if attempt is None:
            what = f"acceptance {taken.provider_id}: its attempt is not on record"
            found.append(Finding(taken.route, what))
        elif attempt.state not in KNOWN and not attempt.failed:
            what = f"attempt {attempt.key} was accepted, but is on record as {attempt.state}"
            found.append(Finding(taken.route, what))
    return found


def imagined(acceptances: Iterable[Acceptance], tried: Mapping[str, Tried]) -> list[Finding]:
    """Attempts that Duly has as accepted, and the provider does not have at all."""
    taken = {one.attempt_key for one in acceptances}
    return [
        Finding(attempt.route, f"attempt {key} is on record as accepted, but nobody took it")
        for key, attempt in tried.items()
        if attempt.state == "accepted" and key not in taken
    ]


def fell_back(tried: Mapping[str, Tried], delivered: Collection[str]) -> list[Finding]:
    """Attempts that were told to be delivered, and of which less is on record: a call that came too
    late has undone one that came before it."""
    return [
        Finding(attempt.route, f"attempt {key} was delivered, and is on record as {known}")
        for key, attempt in tried.items()
        if key in delivered
        and (attempt.failed or attempt.delivery is not None)
        and (known := attempt.delivery or "failed") not in _ARRIVED
    ]


def stuck(session: Session) -> list[Finding]:
    """Messages that nothing will move, open cases that nobody will look at, and cases whose
    message is gone. To be asked when everything has settled."""
    messages = (
        select(_CREDITOR.c.external_id, _MESSAGE.c.key, _MESSAGE.c.state)
        .join_from(_MESSAGE, _CREDITOR, _CREDITOR.c.id == _MESSAGE.c.creditor_id)
        .where(_MESSAGE.c.state.in_(MOVING))
    )
    its_message = exists().where(_MESSAGE.c.key == _CASE.c.message_key)
    cases = (
        select(_CREDITOR.c.external_id, _CASE.c.key)
        .join_from(_CASE, _CREDITOR, _CREDITOR.c.id == _CASE.c.creditor_id)
        .where(
            _CASE.c.phase != "closed",
            or_(_CASE.c.look_at.is_(None), _CASE.c.message_key.is_not(None) & ~its_message),
        )
    )
    run = session.connection().execute
    lost = "is open, but without a look or without its message"
    return [
        *(Finding(route, f"message {key} stays {state}") for route, key, state in run(messages)),
        *(Finding(route, f"case {key} {lost}") for route, key in run(cases)),
    ]


def without_word(acceptances: Iterable[Acceptance], tried: Mapping[str, Tried]) -> list[Finding]:
    """Acceptances of what a person had to approve, and had not when it passed its gate."""
    return [
        Finding(taken.route, f"attempt {taken.attempt_key} passed its gate unapproved")
        for taken in acceptances
        if (attempt := tried.get(taken.attempt_key)) is not None
        and attempt.wants_word
        and not attempt.has_word
    ]


def after_stop(
    acceptances: Iterable[Acceptance], tried: Mapping[str, Tried], stops: Sequence[Stop]
) -> list[Finding]:
    """Acceptances whose gate saw the person's guard as a committed stop had left it, or later,
    while that stop held.

    A receipt may go out after a stop, if the stop is what it answers.
    """
    first: dict[int, Stop] = {}
    for stop in stops:
        known = first.get(stop.person_id)
        if known is None or stop.revision < known.revision:
            first[stop.person_id] = stop
    found = []
    for taken in acceptances:
        attempt = tried.get(taken.attempt_key)
        if attempt is None or attempt.category == "receipt":
            continue
        told = first.get(attempt.person_id)
        if told is None or (told.until is not None and attempt.gated_at >= told.until):
            continue
        if attempt.guard >= told.revision:
            what = f"attempt {attempt.key} passed its gate at revision {attempt.guard}, after a"
            found.append(Finding(taken.route, f"{what} {told.kind} at {told.revision}"))
    return found
