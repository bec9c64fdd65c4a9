"""A journey is tried on one customer: the form, and what the days brought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from threading import BoundedSemaphore
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import select
from sqlmodel import Session
from starlette.responses import Response

from app.book.finding.search import search
from app.console.door import Visit, looks
from app.console.journeys.room import ROOM, JourneyRoom
from app.console.journeys.sayings import STATES
from app.drafting.contents import journey_file
from app.loops.tryout.asked import MOST_DAYS, Happening, NotTried, Trial, What
from app.loops.tryout.people import SAMPLES
from app.loops.tryout.run import Tried, try_out
from app.loops.tryout.telling import Kind, Line, TriedDay
from app.store.given import table_of
from app.store.rows import Creditor, Customer
from app.web.catalogues import N_
from app.wording.files import LOCALES
from campaigns.journey import Journey
from campaigns.vocabulary import Medium

AT_ONCE: Final = 2
"""Trials that run beside each other; whoever comes later waits."""
ROWS: Final = 4
USUAL_DAYS: Final = 60
_LONGEST_WORDS: Final = 500
_FOUND_MOST: Final = 8
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
HAPPENINGS: Final[Mapping[What, str]] = {
    What.PAYS: N_("pays all"),
    What.PAYS_PART: N_("pays a third"),
    What.PROMISES: N_("promises all within a week"),
    What.PROMISES_PART: N_("promises a third within a week"),
    What.PLANS: N_("agrees to a plan in three parts"),
    What.DISPUTES: N_("disputes the oldest invoice"),
    What.IN_HARDSHIP: N_("says that money is short"),
    What.REPLIES: N_("writes back"),
    What.OPTS_OUT: N_("sends STOP"),
    What.BOUNCES: N_("can no longer be reached"),
    What.NOT_APPROVED: N_("hears nothing that waits to be approved: nobody approves it"),
}
KINDS: Final[Mapping[Kind, tuple[str, str]]] = {
    Kind.SAID: ("good", N_("Said")),
    Kind.BACK: ("bad", N_("Came back")),
    Kind.HELD: ("wait", N_("Held")),
    Kind.PASSED: ("plain", N_("Not said")),
    Kind.QUIET: ("wait", N_("Silence")),
    Kind.TASK: ("calm", N_("Task")),
    Kind.DONE: ("calm", N_("The customer")),
    Kind.NOT_DONE: ("bad", N_("Could not be done")),
    Kind.OPENED: ("plain", N_("Begins")),
    Kind.ENDED: ("plain", N_("The journey ends")),
}
REASONS: Final[Mapping[str, str]] = {
    "no_customer": N_("There is no such customer."),
    "owes_nothing": N_("This customer owes nothing. Choose another, or a sample."),
    "no_creditor": N_("There is no creditor yet. Add one, then try a journey."),
    "no_day": N_("Choose the first day."),
    "too_many_days": N_("Choose between 1 and 120 days."),
}
_UNREADABLE: Final = N_("The journey cannot be read. Mend its findings first.")
_NOBODY: Final = N_("Nobody was found. Search by name, number, phone or invoice.")
_NO_SUCH_DAY: Final = N_("Write a day of the trial, counted from 0.")
_WORDS_NEEDED: Final = N_("Write what the customer says.")
_NO_DATE: Final = N_("Write a day as 2026-12-31.")


class Blanks(dict[str, str]):
    """What was typed, or what is wrong with it: nothing, for a field of which nothing is told."""

    def __missing__(self, field: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A customer who was found."""

    id: int
    name: str
    number: str
    creditor: str


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
    turns = BoundedSemaphore(AT_ONCE)

    @routes.get("/{name}/try")
    def form(visit: Annotated[Visit, looks()], name: str) -> Response:
        return _page(room, visit, name, dict(visit.asked), {})

    @routes.post("/{name}/try")
    def tried(visit: Annotated[Visit, looks()], name: str) -> Response:
        """Changes nothing: all of it happens on a scratch database."""
        typed = dict(visit.typed)
        with office.database.read() as session:
            _, journey = _chosen(session, room, name)
            found = _found(session, typed)
        faults = _faults(typed, found)
        if journey is None or faults:
            return _page(room, visit, name, typed, faults, found=found)
        try:
            with turns:
                lived = _try(room, name, typed, found)
        except NotTried as problem:
            return _page(room, visit, name, typed, {"who": REASONS[problem.reason]}, found=found)
        return _page(room, visit, name, typed, {}, found=found, lived=lived)

    return routes


def _try(room: JourneyRoom, name: str, typed: Mapping[str, str], found: list[Somebody]) -> Tried:
    with room.office.database.read() as session:
        text, journey = _chosen(session, room, name)
        creditor_id = _creditor(session, typed)
    assert journey is not None
    starts_on, customer_id = _date(typed), found[0].id if found else None
    if starts_on is None and customer_id is None:
        starts_on = room.office.clock.now().date()
    locale = typed.get("locale", "")
    trial = Trial(
        name,
        text,
        creditor_id,
        customer_id,
        typed.get("sample", "") if typed.get("sample") in SAMPLES else "en",
        starts_on,
        _number(typed.get("days", "")) or USUAL_DAYS,
        locale if locale in LOCALES else None,
        tuple(_happenings(typed)),
    )
    return try_out(room.office.database, trial, journey)


def _page(
    room: JourneyRoom,
    visit: Visit,
    name: str,
    typed: Mapping[str, str],
    faults: Mapping[str, str],
    *,
    found: list[Somebody] | None = None,
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
    return office.page(
        visit, "console/journeys/try.html", room=ROOM, status=422 if faults and typed else 200,
        called=name, draft=draft, typed=Blanks(typed), found=found or [], creditors=creditors,
        faults=Blanks({field: office.say(visit, words) for field, words in faults.items()}),
        rows=range(ROWS), samples=SAMPLES, locales=LOCALES, happenings=HAPPENINGS,
        media=tuple(Medium), states=STATES, usual_days=USUAL_DAYS, kinds=KINDS,
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


def _found(session: Session, typed: Mapping[str, str]) -> list[Somebody]:
    """The customer who was chosen, or those whom the search finds."""
    if typed.get("whom") != "customer":
        return []
    chosen = _number(typed.get("customer", ""))
    ids = [chosen] if chosen else []
    if not ids and typed.get("q", "").strip():
        ids = [each.customer_id for each in search(session, typed["q"], limit=_FOUND_MOST).found]
    query = (
        select(_CUSTOMER.c.id, _CUSTOMER.c.name, _CUSTOMER.c.external_id,
               _CREDITOR.c.name.label("creditor"))
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .where(_CUSTOMER.c.id.in_(ids))
    )  # fmt: skip
    rows = {row.id: row for row in session.connection().execute(query)}
    known = [rows[id_] for id_ in ids if id_ in rows]
    return [Somebody(row.id, row.name or "", row.external_id, row.creditor) for row in known]


def _faults(typed: Mapping[str, str], found: list[Somebody]) -> dict[str, str]:
    faults = {}
    if typed.get("whom") == "customer" and len(found) != 1:
        faults["q"] = _NOBODY if not found else N_("Several were found. Choose one.")
    if typed.get("starts_on") and _date(typed) is None:
        faults["starts_on"] = _NO_DATE
    days = _number(typed.get("days", "") or str(USUAL_DAYS))
    if days is None or not 1 <= days <= MOST_DAYS:
        faults["days"] = REASONS["too_many_days"]
        days = USUAL_DAYS
    for row in range(ROWS):
        what, day = typed.get(f"what{row}", ""), _number(typed.get(f"day{row}", ""))
        if what and (day is None or day >= days):
            faults[f"day{row}"] = _NO_SUCH_DAY
        if what == What.REPLIES and not typed.get(f"words{row}", "").strip():
            faults[f"words{row}"] = _WORDS_NEEDED
    return faults


def _happenings(typed: Mapping[str, str]) -> Iterator[Happening]:
    known, media = {str(what): what for what in What}, {str(each): each for each in Medium}
    for row in range(ROWS):
        what, day = known.get(typed.get(f"what{row}", "")), _number(typed.get(f"day{row}", ""))
        if what is not None and day is not None:
            medium = media.get(typed.get(f"medium{row}", ""), Medium.SMS)
            words = typed.get(f"words{row}", "")[:_LONGEST_WORDS]
            yield Happening(day, what, medium, words)


def _creditor(session: Session, typed: Mapping[str, str]) -> int:
    """The creditor that was chosen, else the first."""
    chosen = _number(typed.get("creditor", ""))
    first = select(_CREDITOR.c.id).order_by(_CREDITOR.c.id).limit(1)
    return chosen or session.connection().scalar(first) or 0


def _date(typed: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(typed.get("starts_on", ""))
    except ValueError:
        return None


def _number(told: str) -> int | None:
    told = told.strip()
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else None


def _told(lived: Tried) -> Iterator[ToldDay]:
    """What was held for the same reason on several media is told once."""
    for day in lived.days:
        told: dict[tuple[Any, ...], Told] = {}
        for number, line in enumerate(day.lines):
            held = line.kind is Kind.HELD
            key = (line.step, line.reason, line.until) if held else (number,)
            before = told.get(key)
            media = (*(before.media if before else ()), *((line.medium,) if line.medium else ()))
            told[key] = Told(before.line if before else line, media)
        yield ToldDay(day, tuple(told.values()))
