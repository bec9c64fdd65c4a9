"""The lists: all open work, one queue, what is mine, what is late; and acts on several at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import Select, func, select
from sqlmodel import Session
from starlette.responses import Response

from app.console.colleagues import colleagues
from app.console.door import Visit, acts, looks
from app.console.lists import AFTER, Listed, query_of
from app.console.office import Office
from app.console.queues.lines import creditor_id, creditors, lines_of, teams
from app.console.queues.words import HINTS, QUEUES, TEAMS
from app.console.task_titles import KINDS
from app.console.times import day_asked, times_for
from app.intake import queues, teamwork
from app.intake.queues import COUNTED, Place, Queue, Wanted
from app.intake.tasks import Team, team_named
from app.staff.roles import Right
from app.store.columns import word
from app.store.given import table_of
from app.store.rows import BankEntry, Promise
from app.web.catalogues import N_
from campaigns.calendar import at_local

_ENTRY, _PROMISE = table_of(BankEntry), table_of(Promise)

ROOM: Final = "queues"
HOME: Final = "/console/queues"
MINE: Final = "me"
NOBODY: Final = "nobody"
FILTERS: Final = ("queue", "kind", "team", "owner", "creditor", "overdue")
PICK: Final = "pick-"

NO_LATER_DAY: Final = N_("Choose a later day.")
_WORK_ENDS: Final = time(17)

DONE: Final[Mapping[str, str]] = {
    "take": N_("Taken: %(done)s. Changed meanwhile by others: %(late)s."),
    "give": N_("Assigned: %(done)s. Changed meanwhile by others: %(late)s."),
    "move": N_("Moved: %(done)s. Changed meanwhile by others: %(late)s."),
    "date": N_("Dated: %(done)s. Left, as others changed them or the law dates them: %(late)s."),
    "done": N_("Done: %(done)s. Changed meanwhile by others: %(late)s."),
}


class NoLaterDay(ValueError):
    """What was typed is no day, or none that is still to come."""


def add_routes(routes: APIRouter, office: Office) -> None:
    @routes.get("")
    def all_open(v: Annotated[Visit, looks()]) -> Response:
        return _shown(office, v, v.asked)

    @routes.post("/bulk")
    def bulk(v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """What is to be done with the lines that were picked, each as it was seen."""
        picked, act = _picked(v.typed), v.typed.get("act", "")
        kept = {name: v.typed.get(f"f-{name}", "") for name in FILTERS}
        if not picked or act not in DONE:
            return _shown(office, v, kept, N_("Pick a line first."), status=422)
        try:
            with office.act(v, f"tasks.{act}") as doing:
                changed = _do(doing.session, v, act, picked, doing.now)
                doing.detail.update({"tasks": len(changed.done), "late": len(changed.late)})
        except NoLaterDay:
            return _shown(office, v, kept, NO_LATER_DAY, status=422)
        except ValueError:
            return _shown(office, v, kept, N_("Choose a colleague or a team."), status=422)
        done, late = len(changed.done), len(changed.late)
        to = HOME + query_of(kept)
        return office.back(to, DONE[act], is_bad=bool(late), done=done, late=late)


def _shown(
    office: Office, v: Visit, asked: Mapping[str, str], problem: str = "", *, status: int = 200
) -> Response:
    with office.database.read() as session:
        facts = read(session, v, asked, office.clock.now())
    for name in ("teams", "kinds"):
        facts[name] = [(each, office.say(v, words)) for each, words in facts[name]]
    template = "console/queues/list.html"
    return office.page(v, template, room=ROOM, status=status, problem=problem, **facts)


def read(session: Session, v: Visit, asked: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """What the page of a list shows."""
    kept = {name: asked[name] for name in FILTERS if asked.get(name)}
    wanted = wanted_of(kept, v.by)
    after = _place(asked.get(AFTER, ""))
    found = queues.listed(session, wanted, now=now, after=after)
    behind = query_of({**kept, AFTER: written(found.next)}) if found.next else ""
    first = query_of(kept) if after is not None else ""
    queue = wanted.queue
    return {
        "listed": Listed(found.rows, kept, behind, first),
        "lines": lines_of(session, found.rows, now),
        "tabs": tabs(session, v, now),
        "queue": queue,
        "title": QUEUES[queue] if queue else N_("All open work"),
        "hint": HINTS[queue] if queue else N_("By deadline: what is late comes first."),
        "kinds": [(kind, KINDS[kind]) for kind in queues.KINDS.get(queue, ()) if kind in KINDS]
        if queue
        else [],
        "teams": teams(),
        "team_words": TEAMS,
        "team_named": team_named,
        "people": [*colleagues(session).items()],
        "creditors": creditors(session),
    }


@dataclass(frozen=True, slots=True)
class Tab:
    """One list of the queues: its name, its words, and how much is open in it."""

    name: str
    words: str
    href: str
    number: str


def tabs(session: Session, v: Visit, now: datetime) -> list[Tab]:
    """All lists; what is counted is counted to a hundred."""
    today = times_for(v.language, v.zone).today(now)
    due = select(_PROMISE.c.id).where(_PROMISE.c.state == word("open"), _PROMISE.c.due_on <= today)
    bank = select(_ENTRY.c.id).where(_ENTRY.c.settled_at.is_(None))
    return [
        Tab("all", N_("All open work"), HOME, ""),
        Tab("promises", N_("Promises due"), f"{HOME}/promises", _badge(_counted(session, due))),
        Tab("bank", N_("Unmatched payments"), f"{HOME}/bank", _badge(_counted(session, bank))),
        *(
            Tab(
                str(queue),
                QUEUES[queue],
                f"{HOME}?queue={queue}",
                _badge(queues.counted(session, Wanted(queue), now=now)),
            )
            for queue in Queue
        ),
    ]


def _counted(session: Session, ids: Select[Any]) -> int:
    some = select(func.count()).select_from(ids.limit(COUNTED + 1).subquery())
    return int(session.connection().execute(some).scalar_one())


def _badge(number: int) -> str:
    if not number:
        return ""
    return f"{COUNTED}+" if number > COUNTED else str(number)


def wanted_of(kept: Mapping[str, str], by: str) -> Wanted:
    """What filters ask for, by whom. What makes no sense filters nothing."""
    owner = kept.get("owner")
    owners = {None: None, MINE: by, NOBODY: ""}
    whose = creditor_id(kept["creditor"]) if "creditor" in kept else None
    return Wanted(
        queue=Queue(kept["queue"]) if kept.get("queue") in tuple(Queue) else None,
        kind=kept.get("kind"),
        team=Team(kept["team"]) if kept.get("team") in tuple(Team) else None,
        owner=owners.get(owner, owner),
        creditor_id=whose,
        overdue=kept.get("overdue") == "1",
    )


def written(place: Place) -> str:
    """A place as the URL names it."""
    return f"{place.due_at.isoformat() if place.due_at else ''}~{place.id}"


def _place(text: str) -> Place | None:
    """None for no place, or what was not written by us."""
    due, _, number = text.partition("~")
    if not (number.isascii() and number.isdecimal() and len(number) < 18):
        return None
    try:
        due_at = datetime.fromisoformat(due) if due else None
    except ValueError:
        return None
    return None if due_at is not None and due_at.tzinfo is None else Place(due_at, int(number))


def _picked(typed: Mapping[str, str]) -> dict[int, str]:
    """The ids of the lines that were picked, and how they were seen."""
    named = ((name.removeprefix(PICK), seen) for name, seen in typed.items() if PICK in name)
    return {
        int(number): seen
        for number, seen in named
        if number.isascii() and number.isdecimal() and len(number) < 18
    }


def _do(
    session: Session, v: Visit, act: str, picked: dict[int, str], now: datetime
) -> teamwork.Changed:
    """Raises `ValueError` for nobody, no team, or no later day."""
    match act:
        case "take":
            return teamwork.own(session, picked, v.by)
        case "give":
            return teamwork.own(session, picked, colleague(session, v.typed.get("to", "")))
        case "move":
            return teamwork.move(session, picked, Team(v.typed.get("team", "")))
        case "date":
            return teamwork.date(session, picked, deadline(v, now))
        case _:
            return teamwork.finish(session, picked, now)


def colleague(session: Session, name: str) -> str | None:
    """Who is meant; None for nobody in particular. Raises `ValueError` for nobody of ours."""
    if name == NOBODY:
        return None
    if name not in colleagues(session):
        raise ValueError("nobody of ours is called so")
    return name


def deadline(v: Visit, now: datetime) -> datetime:
    """The end of a working day that was chosen, on the clock of whoever chose. Raises
    `NoLaterDay`."""
    on = day_asked(v.typed.get("due", ""))
    at = at_local(on, _WORK_ENDS, ZoneInfo(v.zone)) if on is not None else now
    if at <= now:
        raise NoLaterDay("choose a later day")
    return at
