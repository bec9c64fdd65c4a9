"""The routes of the lists behind figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.book.days import day_of
from app.console.door import Visit, looks
from app.console.figures import behind, book
from app.console.figures import happened as happenings
from app.console.figures.behind import STATES, Days, days_of
from app.console.figures.names import MEDIA, METHODS
from app.console.figures.scope import Scope, scope_of
from app.console.figures.telling import Telling
from app.console.lists import Listing
from app.console.office import Office
from app.figures.names import Standing
from app.figures.reports.months import is_month
from app.web.catalogues import N_
from campaigns.money import Money

ROOM: Final = "today"
NAMES: Final = {
    "sent": N_("Messages that were sent"),
    "visited": N_("First visits to the page"),
    "unsent": N_("Messages that were not sent"),
    "refused": N_("Moments and channels that were refused"),
    "waiting": N_("Messages that wait to leave"),
}
CAME: Final = {
    "delivered": N_("Delivered"),
    "delivered_in_time": N_("Delivered within 14 days"),
    "failed": N_("Failed"),
    "visited": N_("Visited"),
    "visited_in_time": N_("Visited within 14 days"),
    "answered": N_("Answered"),
    "answered_in_time": N_("Answered within 14 days"),
    "paid": N_("Paid after it"),
}


def add_lists(routes: APIRouter, office: Office) -> None:
    @routes.get("/messages")
    def messages(visit: Annotated[Visit, looks()]) -> Response:
        state = visit.asked.get("state", "")
        state = state if state in STATES else STATES[0]
        return _answer(
            office,
            visit,
            "messages",
            lambda days, _: behind.messages(state, days, office.clock.now()),
            state=state,
            names=NAMES,
            media=MEDIA,
            came=CAME,
        )

    @routes.get("/happened")
    def happened(visit: Annotated[Visit, looks()]) -> Response:
        what = visit.asked.get("what", "")
        if what not in happenings.NAMES:
            raise HTTPException(404)
        return _answer(
            office,
            visit,
            "happened",
            lambda days, _: happenings.happened(what, days),
            what=what,
            title=happenings.NAMES[what],
            kinds=happenings.ABOUT.get(what, {}),
            is_dated=happenings.is_of_days(what),
            is_held=what == Standing.HELD,
        )

    @routes.get("/payments")
    def payments(visit: Annotated[Visit, looks()]) -> Response:
        return _answer(
            office, visit, "payments", lambda days, _: behind.payments(days), methods=METHODS
        )

    @routes.get("/invoices")
    def invoices(visit: Annotated[Visit, looks()]) -> Response:
        def listing(days: Days, scope: Scope) -> Listing:
            today = day_of(office.clock.now(), days.zone)
            return book.invoices(visit.asked, scope.only_creditor_id, today)

        as_of, month = book.end_asked(visit.asked), book.month_asked(visit.asked)
        return _answer(office, visit, "invoices", listing, as_of=as_of, month=month)

    @routes.get("/recovered")
    def recovered(visit: Annotated[Visit, looks()]) -> Response:
        """Of what fell overdue from one month to another, as many months after each as `by` says.
        The months are told as `from` and `to`."""
        asked = visit.asked
        first, last, by = asked.get("from", ""), asked.get("to", ""), asked.get("by", "")
        told = is_month(first) and is_month(last) and by.isascii() and by.isdecimal()
        if not told or not first <= last or len(by) > 2:
            raise HTTPException(404)
        return _answer(office, visit, "recovered", lambda *_: book.recovered(first, last, int(by)))


def _answer(
    office: Office,
    visit: Visit,
    name: str,
    listing: Callable[[Days, Scope], Listing],
    **facts: Any,
) -> Response:
    today = day_of(office.clock.now(), visit.zone)
    with office.database.read() as session:
        scope = scope_of(session, visit.asked, today, days=behind.USUAL_DAYS)
        days = days_of(visit.asked, today, _zone(scope, visit))
        listed = listing(days, scope).read(session, visit.asked)
        tell = Telling(office, visit, session, scope)
    return office.page(
        visit,
        f"console/figures/{name}.html",
        room=ROOM,
        listed=listed,
        scope=scope,
        days=days,
        tell=tell,
        money=Money,
        **facts,
    )


def _zone(scope: Scope, visit: Visit) -> str:
    """Days are the creditor's, as the figures have them; of all creditors, the reader's."""
    chosen = [row.zone for row in scope.creditors if row.id == scope.creditor_id]
    return chosen[0] if chosen else visit.zone
