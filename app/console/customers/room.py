"""The room of customers and cases: its list, its search, the page of one customer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from sqlalchemy import select
from sqlmodel import Session
from starlette.responses import Response

from app.book.finding.search import search
from app.console import views
from app.console.codes import HOLDS
from app.console.customers import acts, arranging, entering, files, steering, why
from app.console.customers.case_filters import ANY, PHASES, STANDING, By, standing_there
from app.console.customers.case_list import found_lines, read_cases
from app.console.customers.desk import ROOM, Id, page_of
from app.console.door import Visit, looks
from app.console.journeys.counting import Counts
from app.console.sentences import sentences_for
from app.drafting.standing import Position, positions
from app.store.given import table_of
from app.store.rows import Creditor
from app.web.catalogues import N_, own_name
from app.wording.files import LOCALES
from campaigns.reasons import REASONS

if TYPE_CHECKING:
    from app.console.office import Office

WORDS: Final = {
    "ready": N_("Being decided"),
    "pending": N_("A message is on its way"),
    "waiting": N_("Waiting for something"),
    "closed": N_("Closed"),
    "promise": N_("Promise"),
    "plan": N_("Plan"),
    "dispute": N_("Dispute"),
    "hardship": N_("Hardship"),
    "any": N_("Any hold"),
}
_ROUTERS: Final[tuple[Callable[[Office], APIRouter], ...]] = (
    acts.router,
    arranging.router,
    entering.router,
    steering.router,
    why.router,
    files.router,
    views.router,
)
_CREDITOR = table_of(Creditor)
WHYS: Final = (
    *("hold", "promise_open", "plan_running", "dispute_open", "reply_unread", "payment_arriving"),
    *("no_address", "no_medium_left", "opted_out", "consent_missing", "address_suppressed"),
    *("limitation_passed", "notice_missing", "notice_running", "unknown_zone", "ledger_stale"),
    *("outside_hours", "rest_day", "cap_reached", "control_arm", "defect"),
)
"""The reasons that a list can be narrowed to: those for which a case stands still."""


PATIENCE: Final = 5.0
"""So many seconds a list waits for the first count of who stands where in a journey."""


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    standing = Counts(office.database, office.clock, positions, patience=PATIENCE)

    @routes.get("/customers")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        if visit.asked.get("q", "").strip():
            return _search(office, visit)
        return _list(office, visit, standing)

    @routes.get("/customers/{customer_id}")
    def one(visit: Annotated[Visit, looks()], customer_id: Id) -> Response:
        return page_of(office, visit, customer_id)

    for part in _ROUTERS:
        routes.include_router(part(office))
    return routes


def _search(office: Office, visit: Visit) -> Response:
    typed = visit.asked["q"]
    with office.database.read() as session:
        answer = search(session, typed)
        lines = found_lines(session, answer.found)
    return office.page(
        visit,
        "console/customers/found.html",
        room=ROOM,
        typed=typed[:200],
        lines=lines,
        has_more=answer.has_more,
        said=sentences_for(office, visit),
    )


def _by(office: Office, visit: Visit, session: Session, standing: Counts[list[Position]]) -> By:
    """What the filters of a visit go by."""
    asked, now = visit.asked, office.clock.now()
    known = standing.of(asked.get("journey", "")) if asked.get("step") else None
    counted = known.value if known is not None else ()
    there = standing_there(session, office.catalogue, asked, counted)
    return By(now.astimezone(ZoneInfo(visit.zone)).date(), now, there)


def _list(office: Office, visit: Visit, standing: Counts[list[Position]]) -> Response:
    said = sentences_for(office, visit)
    with office.database.read() as session:
        listed, lines = read_cases(session, visit.asked, _by(office, visit, session, standing))
        creditors = session.connection().execute(_CREDITORS).all()
        saved = views.views_of(session, visit, ROOM)
    plain = {name: said.say(text) for name, text in WORDS.items()}
    return office.page(
        visit,
        "console/customers/list.html",
        room=ROOM,
        listed=listed,
        lines=lines,
        said=said,
        views=saved,
        words=plain,
        creditors=[(str(row.id), row.name) for row in creditors],
        phases=[(each, plain[each]) for each in PHASES],
        standing=[(each, plain[each]) for each in STANDING],
        held=[(ANY, plain[ANY]), *((kind, said.say(text)) for kind, text in HOLDS.items())],
        whys=[(code, said.plain(code)) for code in _whys(visit.asked.get("why", ""))],
        languages=[(tag, own_name(tag)) for tag in LOCALES],
        media=[(code, said.medium(code)) for code in ("sms", "email", "whatsapp")],
        is_narrowed=bool(set(listed.asked) - {"sort"}),
    )


def _whys(asked: str) -> tuple[str, ...]:
    """Those that stand in the list, and the one that a link asks for."""
    return (*WHYS, asked) if asked in REASONS and asked not in WHYS else WHYS


_CREDITORS: Final = select(_CREDITOR.c.id, _CREDITOR.c.name).order_by(_CREDITOR.c.name).limit(200)
