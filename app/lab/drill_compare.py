"""Compares Duly's tables with the provider's own list, the only other witness of what went out.

Three questions, each answered by sentences: none means that the promise was kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import exists, or_, select
from sqlmodel import Session

from app.lab.drill_field import Stop
from app.store.bulk import table_of
from app.store.rows import Attempt, Case, Message

_ATTEMPT, _CASE, _MESSAGE = table_of(Attempt), table_of(Case), table_of(Message)
KNOWN = ("accepted", "assumed_sent")
MOVING = ("waiting", "sending", "unclear")


class Acceptance(Protocol):
    """A message that a provider has taken, by its own account."""

    @property
    def provider_id(self) -> str: ...

    @property
    def attempt_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt as Duly has it. `guard` is the person's revision that its gate saw."""

    key: str
    message: str
    person_id: int
    state: str
    failed: bool
    category: str
    guard: int


def attempts(session: Session) -> dict[str, Tried]:
    """Every attempt on record, by its key."""
    query = select(
        _ATTEMPT.c.key,
        _MESSAGE.c.key.label("message"),
        _ATTEMPT.c.person_id,
        _ATTEMPT.c.state,
        _ATTEMPT.c.failed,
        _ATTEMPT.c.category,
        _ATTEMPT.c.evidence,
    ).join_from(_ATTEMPT, _MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
    return {row.key: _tried(row) for row in session.connection().execute(query)}


def _tried(row: Any) -> Tried:
    return Tried(
        row.key,
        row.message,
        row.person_id,
        row.state,
        row.failed,
        row.category,
        row.evidence["guard"],
    )


def sent_twice(acceptances: Iterable[Acceptance], tried: Mapping[str, Tried]) -> list[str]:
    """Two acceptances of one message, where the earlier was not certainly reported failed."""
    found: list[str] = []
    earlier: dict[str, Tried] = {}
    for taken in acceptances:
        attempt = tried.get(taken.attempt_key)
        if attempt is None:
            continue  # `lost` tells of it
        before = earlier.get(attempt.message)
        if before is not None and (before.key == attempt.key or not before.failed):
            found.append(f"message {attempt.message} by {before.key} and then by {attempt.key}")
        earlier[attempt.message] = attempt
    return found


def unknown(acceptances: Iterable[Acceptance], tried: Mapping[str, Tried]) -> list[str]:
    """Acceptances that Duly does not know of, or takes for something else."""
    found = []
    for taken in acceptances:
        attempt = tried.get(taken.attempt_key)
        if attempt is None:
            found.append(f"acceptance {taken.provider_id}: its attempt is not on record")
        elif attempt.state not in KNOWN and not attempt.failed:
            found.append(f"attempt {attempt.key} was accepted, but is on record as {attempt.state}")
    return found


def stuck(session: Session) -> list[str]:
    """Messages that nothing will move, open cases that nobody will look at, and cases whose
    message is gone. To be asked when everything has settled."""
    messages = select(_MESSAGE.c.key, _MESSAGE.c.state).where(_MESSAGE.c.state.in_(MOVING))
    its_message = exists().where(_MESSAGE.c.key == _CASE.c.message_key)
    cases = select(_CASE.c.key).where(
        _CASE.c.phase != "closed",
        or_(_CASE.c.look_at.is_(None), _CASE.c.message_key.is_not(None) & ~its_message),
    )
    run = session.connection().execute
    return [f"message {row.key} stays {row.state}" for row in run(messages)] + [
        f"case {row.key} is open, but without a look or without its message" for row in run(cases)
    ]


def after_stop(
    acceptances: Iterable[Acceptance], tried: Mapping[str, Tried], stops: Sequence[Stop]
) -> list[str]:
    """Acceptances whose gate saw the person's guard as a committed stop had left it, or later.

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
        if told is not None and attempt.guard >= told.revision:
            found.append(
                f"attempt {attempt.key} passed its gate at revision {attempt.guard}, after a"
                f" {told.kind} at {told.revision}"
            )
    return found
