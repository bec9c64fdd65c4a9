"""What can be done with many at once, and how a form asks for it.

A wish stands in the URL of the page between, and in its form again: of which list, with those that
were ticked or with all that the filters find.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from app.console.customers.acts import LONGEST_HOLD, LONGEST_WHY, NO_DAY
from app.console.customers.choosing import CUSTOMERS, OPEN_TASKS, STAFF_HOLDS
from app.console.customers.desk import day_of
from app.console.door import Visit
from app.console.queues.choosing import QUEUED
from app.console.queues.lists import NO_LATER_DAY, NoLaterDay, colleague, deadline
from app.errands.kinds import Kind
from app.errands.lists import Selection
from app.intake.tasks import Team
from app.web.catalogues import N_
from campaigns.calendar import at_local

PICK: Final = "pick-"
ALL: Final = "all"
TICKED_ALONE: Final = ("found",)
"""The lists of which nobody acts on all: a search tells the first of those whom it finds."""
NO_REASON: Final = N_("Write why: it stands on each of them.")
NO_CHANGE: Final = N_("Choose a colleague, a team or a day.")
NOT_SURE: Final = N_("Tick that you have read what will happen.")
MOST_PICKED: Final = 1000

Asks = Mapping[str, Any]


class NotSo(ValueError):
    """A form that cannot be taken: what is wrong with it, by field."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field, self.words = field, words


@dataclass(frozen=True, slots=True)
class Deed:
    """`asks` reads from the form what the errand is to be told. Raises `NotSo`."""

    act: str
    kind: Kind
    selection: Selection
    told: str
    asks: Callable[[Session, Visit, datetime], Asks]


@dataclass(frozen=True, slots=True)
class Wish:
    """`ids` None: all that the filters find."""

    of: str
    act: str
    ids: tuple[int, ...] | None
    filters: Mapping[str, str]

    @property
    def deed(self) -> Deed:
        return DEEDS[self.of, self.act]


def wish_of(told: Mapping[str, str], filters: Mapping[str, str]) -> Wish | None:
    """What a form asks for; None for what nobody can do."""
    of, act = told.get("of", ""), told.get("act", "")
    if (of, act) not in DEEDS:
        return None
    names = (name.removeprefix(PICK) for name in told if name.startswith(PICK))
    ids = {int(each) for each in names if each.isascii() and each.isdecimal() and len(each) < 10}
    every = told.get("who") == ALL and of not in TICKED_ALONE
    return Wish(of, act, None if every else tuple(sorted(ids)[:MOST_PICKED]), filters)


def _hold(_: Session, visit: Visit, now: datetime) -> Asks:
    """To the end of the day, on the clock of whoever asks."""
    until = day_of(visit.typed, "until")
    zone = ZoneInfo(visit.zone)
    ends = at_local(until + timedelta(days=1), time(), zone) if until else now
    if not now < ends <= now + LONGEST_HOLD + timedelta(days=1):
        raise NotSo("until", NO_DAY)
    why = " ".join(visit.typed.get("why", "").split())[:LONGEST_WHY]
    if not why:
        raise NotSo("why", NO_REASON)
    return {"until": ends.isoformat(), "why": why}


def _release(_: Session, __: Visit, ___: datetime) -> Asks:
    return {}


def _give(session: Session, visit: Visit, now: datetime) -> Asks:
    """A new owner, another team, another day: what is left open stays as it is."""
    to, team, told = visit.typed.get("to", ""), visit.typed.get("team", ""), {}
    if to:
        try:
            told["owner"] = colleague(session, to)
        except ValueError:
            raise NotSo("to", NO_CHANGE) from None
    if team in set(Team):
        told["team"] = team
    if visit.typed.get("due"):
        try:
            told["due"] = deadline(visit, now).isoformat()
        except NoLaterDay:
            raise NotSo("due", NO_LATER_DAY) from None
    if not told:
        raise NotSo("to", NO_CHANGE)
    return told


_GIVEN: Final = N_(
    "Their open tasks go to a colleague or another team, or get another day. A day that the law"
    " sets stays. It cannot be taken back as a whole."
)
_ON_CUSTOMERS: Final[Mapping[str, Deed]] = {
    "hold": Deed(
        "customers_held",
        Kind.HOLD,
        CUSTOMERS,
        N_(
            "Nobody writes to them until the end of that day. Holds that are on already stay as"
            " they are. It can be taken back as a whole."
        ),
        _hold,
    ),
    "release": Deed(
        "holds_released",
        Kind.RELEASE,
        STAFF_HOLDS,
        N_(
            "Holds that the team placed end. The cases are decided again at once, and messages may"
            " go. What a law holds, or a reply that nobody has read, stays. It cannot be taken"
            " back."
        ),
        _release,
    ),
    "give": Deed("tasks_given", Kind.ASSIGN, OPEN_TASKS, _GIVEN, _give),
}
DEEDS: Final[Mapping[tuple[str, str], Deed]] = {
    **{(of, act): deed for of in ("customers", "found") for act, deed in _ON_CUSTOMERS.items()},
    ("tasks", "give"): Deed("tasks_given", Kind.ASSIGN, QUEUED, _GIVEN, _give),
}
