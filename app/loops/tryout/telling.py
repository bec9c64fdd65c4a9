"""What each day of a trial brought: said, held back or passed over and why, done, ended."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Table, and_, bindparam, func, or_, select
from sqlmodel import Session

from app.intake.tasks import APPROVAL
from app.loops.rehearsed import SILENCES
from app.loops.tryout.asked import Happening
from app.store.given import table_of
from app.store.rows import Attempt, Case, Event, Message, Refused, Sender, Task
from app.wording.links import mask
from campaigns.case import step_of

_ATTEMPT, _MESSAGE, _CASE = table_of(Attempt), table_of(Message), table_of(Case)
_EVENT, _REFUSED, _TASK = table_of(Event), table_of(Refused), table_of(Task)
_SENDER = table_of(Sender)
_GONE = ("accepted", "unclear", "assumed_sent")
_LOST = ("stopped", "expired", "refused")
_FULL, _UNHEALTHY = "sender_full", "sender_unhealthy"
_WAITING = (
    select(
        *(_MESSAGE.c[n] for n in ("id", "medium", "origin", "reason", "due_at")),
        *(_SENDER.c[n] for n in ("full_until", "paused_until", "pause_reason")),
    )
    .join(_SENDER, _SENDER.c.id == _MESSAGE.c.sender_id)
    .where(
        _MESSAGE.c.state == "waiting",
        or_(
            _MESSAGE.c.reason == _FULL,
            and_(
                _MESSAGE.c.due_at <= bindparam("now"),
                or_(
                    _SENDER.c.full_until > bindparam("now"),
                    _SENDER.c.paused_until > bindparam("now"),
                ),
            ),
        ),
    )
    .order_by(_MESSAGE.c.id)
)
"""What its sender does not hand over: it found it full, or it is not claimed at all."""
_UNSEEN = frozenset({"not_yet", "told_already", "control_arm"})


class Kind(StrEnum):
    """What a line is."""

    SAID = "said"
    BACK = "back"  # the address did not take it
    HELD = "held"  # a rule lets it wait, or forbids the medium
    PASSED = "passed"  # the step is given up
    QUIET = "quiet"  # the case speaks to nobody from here on
    TASK = "task"
    DONE = "done"  # the customer did it
    NOT_DONE = "not_done"  # it could not be
    OPENED = "opened"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `reason` and `params` say why; `until` when it is looked at
    again. Of a message there is all that the customer would read."""

    at: datetime
    kind: Kind
    step: str | None = None
    medium: str | None = None
    reason: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    template: str | None = None
    locale: str | None = None
    subject: str | None = None
    text: str | None = None
    segments: int | None = None
    title: str | None = None
    happening: Happening | None = None


@dataclass(frozen=True, slots=True)
class TriedDay:
    """A day on which something happened; `number` counts from the first, `late` from the day the
    journey counts from (None before a case is open)."""

    day: date
    number: int
    late: int | None
    lines: tuple[Line, ...]


class Reader:
    """Reads what is new since it was last asked."""

    def __init__(self, session: Session) -> None:
        """What is there already was before the trial."""
        last = [_last(session, table) for table in (_ATTEMPT, _EVENT, _REFUSED, _TASK)]
        self._attempts, self._events, self._refusals, self._tasks = last
        query = select(_MESSAGE.c.id).where(_MESSAGE.c.state.in_(_LOST))
        self._lost = set(session.connection().execute(query).scalars())
        self._quiet: str | None = None
        self._waiting: list[Line] = []
        self._waited: set[tuple[int, str | None]] = set()

    def watch(self, session: Session, now: datetime) -> None:
        """Notes what waits for its sender now: once it has left, nothing tells that it waited."""
        for row in session.connection().execute(_WAITING, {"now": now}):
            line = _waits(row, now)
            if (row.id, line.reason) not in self._waited:
                self._waited.add((row.id, line.reason))
                self._waiting.append(line)

    def read(self, session: Session, now: datetime) -> list[Line]:
        """In the order in which it happened."""
        waiting, self._waiting = self._waiting, []
        found = (
            *waiting,
            *self._said(session),
            *self._passed(session),
            *self._held(session),
            *self._given(session),
            *self._given_up(session),
            *self._fell_quiet(session, now),
        )
        return _once(sorted(found, key=lambda line: line.at))

    def anchor(self, session: Session) -> date | None:
        """What the days of the newest case are counted from."""
        query = select(_CASE.c.anchor_on).order_by(_CASE.c.id.desc()).limit(1)
        return session.connection().scalar(query)

    def _said(self, session: Session) -> Iterator[Line]:
        query = (
            select(_ATTEMPT, _MESSAGE.c.template, _MESSAGE.c.origin)
            .join(_MESSAGE, _MESSAGE.c.id == _ATTEMPT.c.message_id)
            .where(_ATTEMPT.c.id > self._attempts)
            .order_by(_ATTEMPT.c.id)
        )
        for row in session.connection().execute(query):
            self._attempts = row.id
            kind = Kind.SAID if row.state in _GONE else Kind.BACK
            if row.state not in (*_GONE, "refused"):
                continue
            yield Line(
                row.gated_at, kind, step=_step(row.origin), medium=row.medium,
                reason=row.error.get("kind") if kind is Kind.BACK else None,
                template=row.template, locale=row.locale, segments=row.segments,
                subject=mask(row.subject) if row.subject else None, text=mask(row.text),
            )  # fmt: skip

    def _passed(self, session: Session) -> Iterator[Line]:
        kinds = ("StepPassed", "CaseOpened", "CaseClosed")
        query = select(_EVENT).where(_EVENT.c.id > self._events, _EVENT.c.kind.in_(kinds))
        for row in session.connection().execute(query.order_by(_EVENT.c.id)):
            self._events = row.id
            told = row.payload
            if row.kind == "CaseOpened":
                yield Line(row.at, Kind.OPENED)
            elif row.kind == "CaseClosed":
                yield Line(row.at, Kind.ENDED, reason=told["outcome"])
            elif told["reason"] not in _UNSEEN:
                params = {"step": told["step"], **told.get("params", {})}
                yield Line(row.at, Kind.PASSED, told["step"], None, told["reason"], params)

    def _held(self, session: Session) -> Iterator[Line]:
        query = (
            select(_REFUSED, _MESSAGE.c.origin)
            .outerjoin(_MESSAGE, _MESSAGE.c.id == _REFUSED.c.message_id)
            .where(_REFUSED.c.id > self._refusals)
            .order_by(_REFUSED.c.id)
        )
        for row in session.connection().execute(query):
            self._refusals = row.id
            step = row.step or _step(row.origin)
            known = {"step": step, "medium": row.medium}
            params = {**{name: value for name, value in known.items() if value}, **row.params}
            yield Line(row.at, Kind.HELD, step, row.medium, row.reason, params, row.look_again_at)

    def _given(self, session: Session) -> Iterator[Line]:
        query = select(_TASK).where(_TASK.c.id > self._tasks).order_by(_TASK.c.id)
        for row in session.connection().execute(query):
            self._tasks = row.id
            if row.kind == APPROVAL:
                until, params = row.due_at, {"team": row.team}
                yield Line(row.created_at, Kind.HELD, None, None, "approval_wanted", params, until)
                continue
            yield Line(row.created_at, Kind.TASK, params={"team": row.team}, title=row.title)

    def _given_up(self, session: Session) -> Iterator[Line]:
        """Messages that were intended and then stopped by a fact, or not said in time."""
        lost = _MESSAGE.c.state.in_(_LOST) & _MESSAGE.c.reason.is_not(None)
        for row in session.connection().execute(select(_MESSAGE).where(lost)):
            if row.id in self._lost:
                continue
            self._lost.add(row.id)
            step = _step(row.origin)
            params = {"medium": row.medium, **row.reason_params}
            yield Line(row.updated_at, Kind.PASSED, step, row.medium, row.reason, params)

    def _fell_quiet(self, session: Session, now: datetime) -> Iterator[Line]:
        """The case speaks to nobody for now, and for another reason than before."""
        query = select(_CASE).order_by(_CASE.c.id.desc()).limit(1)
        row = session.connection().execute(query).first()
        reason = row.reason if row is not None and row.phase != "closed" else None
        was, self._quiet = self._quiet, reason if reason in SILENCES else None
        if row is not None and self._quiet not in (None, was):
            yield Line(now, Kind.QUIET, None, None, reason, row.reason_params, row.look_at)


def _waits(row: Row[Any], now: datetime) -> Line:
    """A message that its sender does not hand over: it is full, or else it is paused."""
    is_full = row.reason == _FULL or (row.full_until is not None and row.full_until > now)
    ends = row.full_until if is_full else row.paused_until
    until = max(ends or now, row.due_at)
    why = {"until": f"{until:%Y-%m-%d %H:%M}"} if is_full else {"why": row.pause_reason or "paused"}
    reason, params = _FULL if is_full else _UNHEALTHY, {"medium": row.medium, **why}
    return Line(now, Kind.HELD, _step(row.origin), row.medium, reason, params, until)


def _last(session: Session, table: Table) -> int:
    return session.connection().scalar(select(func.max(table.c.id))) or 0


def _once(lines: list[Line]) -> list[Line]:
    """Each reason once for a step and medium: a case looks again many times."""
    told: dict[tuple[object, ...], Line] = {}
    for line in lines:
        held = line.kind in (Kind.HELD, Kind.PASSED)
        key = (line.kind, line.step, line.medium, line.reason) if held else (id(line),)
        told.setdefault(key, line)
    return list(told.values())


def _step(origin: str | None) -> str | None:
    return step_of(origin) or None if origin and origin.startswith("step:") else None
