"""A journey is tried on one customer: the form, and what the days brought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, select
from sqlmodel import Session
from starlette.responses import Response

from app.console.door import NotAllowed, Visit, acts, looks
from app.console.errands.asking import ask_errand, files_of
from app.console.errands.pages import STATES as ERRAND_STATES
from app.console.errands.pages import ErrandId, errand_of
from app.console.inbox.words import CLASSED_BY, INTENTS
from app.console.journeys.room import BASE, ROOM, JourneyRoom
from app.console.journeys.sayings import STATES
from app.console.journeys.trial_form import (
    HAPPENINGS,
    NOTES,
    REASONS,
    ROWS,
    USUAL_DAYS,
    Somebody,
    faults_of,
    found_by,
    trial_from,
    typed_of,
)
from app.drafting.contents import journey_file
from app.errands.asking import Wanted, cancel
from app.errands.kinds import Kind
from app.loops.tryout.asked import NotTried
from app.loops.tryout.errand import keep_trial, trial_of, tried_of
from app.loops.tryout.people import SAMPLES
from app.loops.tryout.run import Tried
from app.loops.tryout.stage import ensure_tryable
from app.loops.tryout.telling import Kind as LineKind
from app.loops.tryout.telling import Line, TriedDay
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Creditor
from app.web.catalogues import N_
from app.wording.files import LOCALES
from campaigns.journey import Journey
from campaigns.vocabulary import Medium

_CREDITOR = table_of(Creditor)
KINDS: Final[Mapping[LineKind, tuple[str, str]]] = {
    LineKind.SAID: ("good", N_("Said")),
    LineKind.BACK: ("bad", N_("Came back")),
    LineKind.HELD: ("wait", N_("Held")),
    LineKind.PASSED: ("plain", N_("Not said")),
    LineKind.QUIET: ("wait", N_("Silence")),
    LineKind.TASK: ("calm", N_("Task")),
    LineKind.DONE: ("calm", N_("The customer")),
    LineKind.NOT_DONE: ("bad", N_("Could not be done")),
    LineKind.OPENED: ("plain", N_("Begins")),
    LineKind.ENDED: ("plain", N_("The journey ends")),
}
_UNREADABLE: Final = N_("The journey cannot be read. Mend its findings first.")


class Blanks(dict[str, str]):
    """What was typed, or what is wrong with it: nothing, for a field of which nothing is told."""

    def __missing__(self, field: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of a day; `media` are all on which the same was held."""

    line: Line
    media: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldDay:
    day: TriedDay
    lines: tuple[Told, ...]


def router(room: JourneyRoom) -> APIRouter:
    routes, office = APIRouter(), room.office

    @routes.get("/{name}/try")
    def form(visit: Annotated[Visit, looks()], name: str) -> Response:
        return _page(room, visit, name, dict(visit.asked), {})

    @routes.post("/{name}/try")
    def tried(visit: Annotated[Visit, acts(Right.LOOK)], name: str) -> Response:
        """All of it happens on a scratch database, in the background."""
        typed = dict(visit.typed)
        with office.database.read() as session:
            text, journey = _chosen(session, room, name)
            found = found_by(session, typed)
            faults = faults_of(typed, found)
            if journey is None or faults:
                return _page(room, visit, name, typed, faults, found=found)
            trial = trial_from(session, name, text, typed, found, office.clock.now())
            try:
                ensure_tryable(session, trial, journey)
            except NotTried as problem:
                faults = {"who": REASONS[problem.reason]}
                return _page(room, visit, name, typed, faults, found=found)
        file = keep_trial(files_of(office), trial)
        told = {"journey": name, "days": trial.days}
        wanted = Wanted(Kind.TRY_JOURNEY, visit.by, visit.user_id, None, told, file)
        with office.act(visit, "journey_tried") as doing:
            number = ask_errand(doing, wanted)
            doing.detail["journey"] = name
        return office.back(f"{BASE}/{name}/try/{number}")

    @routes.get("/{name}/try/{id_}")
    def lived(visit: Annotated[Visit, looks()], name: str, id_: ErrandId) -> Response:
        errand = _trial_of(room, name, id_)
        files = files_of(office)
        trial = trial_of(files, errand.file or "")
        tried = tried_of(files, errand.result_file or "")
        typed = typed_of(trial) if trial is not None else {}
        with office.database.read() as session:
            found = found_by(session, typed)
        return _page(room, visit, name, typed, {}, found=found, errand=errand, lived=tried)

    @routes.post("/{name}/try/{id_}/stop")
    def stopped(visit: Annotated[Visit, acts(Right.LOOK)], name: str, id_: ErrandId) -> Response:
        """Whoever asked for a trial may stop it; that of another asks for the right to act."""
        errand = _trial_of(room, name, id_)
        if errand.asked_by_id != visit.user_id and not visit.may(Right.ACT):
            raise NotAllowed(Right.ACT)
        with office.act(visit, "errand_stopped", about=("errand", id_)) as doing:
            cancel(doing.session, id_, visit.by, doing.now)
        return office.back(f"{BASE}/{name}/try/{id_}", N_("It stops before its next day."))

    return routes


def _trial_of(room: JourneyRoom, name: str, id_: int) -> Row[Any]:
    """The errand, if it is a trial of this journey. 404 otherwise."""
    errand = errand_of(room.office, id_)
    if errand.kind != Kind.TRY_JOURNEY or errand.parameters.get("journey") != name:
        raise HTTPException(404)
    return errand


def _page(
    room: JourneyRoom,
    visit: Visit,
    name: str,
    typed: Mapping[str, str],
    faults: Mapping[str, str],
    *,
    found: list[Somebody] | None = None,
    errand: Row[Any] | None = None,
    lived: Tried | None = None,
) -> Response:
    office = room.office
    with office.database.read() as session:
        draft = room.draft(session, name)
        _, journey = _chosen(session, room, name)
        query = select(_CREDITOR.c.id, _CREDITOR.c.name).order_by(_CREDITOR.c.id)
        creditors = list(session.connection().execute(query))
    if journey is None:
        faults = {**faults, "journey": _UNREADABLE}
    may_stop = errand is not None and (errand.asked_by_id == visit.user_id or visit.may(Right.ACT))
    return office.page(
        visit, "console/journeys/try.html", room=ROOM, status=422 if faults and typed else 200,
        called=name, draft=draft, typed=Blanks(typed), found=found or [], creditors=creditors,
        faults=Blanks({field: office.say(visit, words) for field, words in faults.items()}),
        rows=range(ROWS), samples=SAMPLES, locales=LOCALES, happenings=HAPPENINGS, notes=NOTES,
        intents=[(each, INTENTS[each]) for each in CLASSED_BY], intent_words=INTENTS,
        media=tuple(Medium), states=STATES, usual_days=USUAL_DAYS, kinds=KINDS,
        errand=errand, errand_states=ERRAND_STATES, may_stop=may_stop,
        lived=lived, days=list(_told(lived)) if lived else [], says=room.sentences(visit),
    )  # fmt: skip


def _chosen(session: Session, room: JourneyRoom, name: str) -> tuple[str, Journey | None]:
    """The text that is tried: the draft's if there is one, else what is published."""
    held = room.draft(session, name)
    if held is not None:
        text = held.files[journey_file(name)]
        return text, room.checked(session, name, text).journey
    published = room.published(session, name)
    if published is None:
        raise HTTPException(404)
    return published.text, published.checked.journey


def _told(lived: Tried) -> Iterator[ToldDay]:
    """What was held for the same reason on several media is told once."""
    for day in lived.days:
        told: dict[tuple[Any, ...], Told] = {}
        for number, line in enumerate(day.lines):
            held = line.kind is LineKind.HELD
            key = (line.step, line.reason, line.until) if held else (number,)
            before = told.get(key)
            media = (*(before.media if before else ()), *((line.medium,) if line.medium else ()))
            told[key] = Told(before.line if before else line, media)
        yield ToldDay(day, tuple(told.values()))
