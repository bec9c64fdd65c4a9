"""The page between a list and an act on all of it: how many, what will happen; then the errand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from app.console.colleagues import colleagues
from app.console.creditors_known import number_in
from app.console.customers.case_filters import filters as case_filters
from app.console.customers.choosing import told_of as of_cases
from app.console.customers.desk import USUAL_HOLD
from app.console.door import Visit, acts, looks
from app.console.errands.asking import ask_errand
from app.console.errands.pages import KINDS
from app.console.lists import LOOKED_AT, query_of
from app.console.many.deeds import ALL, NOT_SURE, PICK, NotSo, Wish, wish_of
from app.console.office import Office
from app.console.queues.choosing import told_of as of_tasks
from app.console.queues.lines import teams
from app.console.queues.lists import FILTERS
from app.console.times import times_for
from app.errands.asking import Wanted
from app.staff.roles import Right
from app.web.catalogues import N_

KEPT: Final = "f-"
LISTS: Final[Mapping[str, str]] = {
    "customers": "/console/customers",
    "found": "/console/customers",
    "tasks": "/console/queues",
}
_NOBODY: Final = N_("Nobody was ticked. Tick a line first, or choose all that the list finds.")


@dataclass(frozen=True, slots=True)
class Count:
    """How many an act would be about; `more`: so many at least, as far as was looked."""

    number: int
    more: bool


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/many")
    def between(visit: Annotated[Visit, looks(Right.ACT)]) -> Response:
        """What will happen; whoever asks for nothing yet chooses first."""
        if "of" not in visit.asked:
            return RedirectResponse("/console/customers", 303)
        wish = _wish(office, visit, visit.asked, "")
        return _page(office, visit, wish)

    @routes.post("/many")
    def done(visit: Annotated[Visit, acts(Right.ACT)]) -> Response:
        wish = _wish(office, visit, visit.typed, KEPT)
        now = office.clock.now()
        try:
            with office.database.read() as session:
                asked = dict(wish.deed.asks(session, visit, now))
                told = _told(office, visit, wish)
                count = _count(session, wish, told)
            if visit.typed.get("sure") != "yes":
                raise NotSo("sure", NOT_SURE)
        except NotSo as problem:
            return _page(office, visit, wish, {problem.field: office.say(visit, problem.words)})
        if not count.number and not count.more:
            return _page(office, visit, wish, {})
        known = {} if count.more else {"of": count.number}
        parameters = {"selection": wish.deed.selection.name, "filters": told, **asked, **known}
        creditor_id = number_in(wish.filters.get("creditor", ""))
        wanted = Wanted(wish.deed.kind, visit.by, visit.user_id, creditor_id, parameters)
        with office.act(visit, wish.deed.act) as doing:
            number = ask_errand(doing, wanted)
        return office.back(f"/console/errands/{number}")

    return routes


def _wish(office: Office, visit: Visit, told: Mapping[str, str], prefix: str) -> Wish:
    names = _names(told.get("of", ""), _today(office, visit))
    found = {name: told.get(f"{prefix}{name}", "") for name in names}
    wish = wish_of(told, {name: value for name, value in found.items() if value})
    if wish is None:
        raise HTTPException(404)
    return wish


def _names(of: str, today: date) -> tuple[str, ...]:
    """What the URL of a list narrows it by."""
    match of:
        case "tasks":
            return FILTERS
        case "found":
            return ("q",)
        case _:
            return tuple(case_filters(today))


def _today(office: Office, visit: Visit) -> date:
    return times_for(visit.language, visit.zone).today(office.clock.now())


def _told(office: Office, visit: Visit, wish: Wish) -> dict[str, Any]:
    """The filters as the errand keeps them."""
    now = office.clock.now()
    if wish.ids is not None:
        return {"ids": list(wish.ids)}
    if wish.of == "tasks":
        return of_tasks(wish.filters, visit.by, now)
    return of_cases(wish.filters, _today(office, visit), now)


def _count(session: Session, wish: Wish, told: Mapping[str, Any]) -> Count:
    """Never a full count: the errand counts the rest."""
    page = wish.deed.selection.page(session, told, 0, LOOKED_AT)
    return Count(len(page.ids), page.after is not None)


def _page(
    office: Office, visit: Visit, wish: Wish, faults: Mapping[str, str] | None = None
) -> Response:
    """`faults` None: nobody has pressed anything yet."""
    with office.database.read() as session:
        count = _count(session, wish, _told(office, visit, wish))
        staff = [*colleagues(session).items()]
    is_empty = wish.ids == ()
    back = LISTS[wish.of] + query_of(wish.filters)
    return office.page(
        visit,
        "console/many/between.html",
        room="queues" if wish.of == "tasks" else "customers",
        status=422 if faults is not None or is_empty else 200,
        wish=wish,
        title=KINDS[wish.deed.kind],
        count=count,
        nobody=office.say(visit, _NOBODY) if is_empty else "",
        back=back,
        hidden=_hidden(wish),
        people=staff,
        teams=teams(),
        faults=faults or {},
        usual=(_today(office, visit) + USUAL_HOLD).isoformat(),
    )


def _hidden(wish: Wish) -> list[tuple[str, str]]:
    """The wish as the fields of its form."""
    who = ALL if wish.ids is None else "picked"
    picks = [(f"{PICK}{each}", "1") for each in wish.ids or ()]
    kept = [(f"{KEPT}{name}", value) for name, value in wish.filters.items()]
    return [("of", wish.of), ("act", wish.act), ("who", who), *picks, *kept]
