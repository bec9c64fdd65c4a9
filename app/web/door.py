"""The front door: the short code of a message and one answer lead to the page, without a link.

`/c/{creditor}` speaks for a creditor, `/c` and `/` for the house. A wrong code, an old one, and a
right one with a wrong answer look alike. Wrong tries are counted by network, never by customer: one
who tries codes locks nobody out but the networks that they try from, and those for minutes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import bindparam
from sqlmodel import Session, col, select
from starlette.responses import HTMLResponse, Response

from app.api.limits import Limits
from app.intake.light_check import Verdict
from app.store.rows import Creditor, Link
from app.web.brand import brand_of
from app.web.catalogues import N_, languages
from app.web.closed import asked_language
from app.web.networks import TOO_MANY, network_behind
from app.web.pages import tongues
from app.web.prove import ASKED, led_in, try_answer
from app.web.site import Site
from app.web.submission import filled
from app.web.tickets import Ticket
from app.web.visits import LinkClosed, Visit, behind
from app.web.ways.way import Fault, Filled
from app.wording.links import token
from app.wording.page_codes import SAMPLE, code_hash

TRIES: Final = 20
"""Wrong ones that a network has at once; as many again come back in `IN_S`, so one a minute."""
IN_S: Final = 20 * 60
WRONG: Final = N_(
    "The code and the answer do not match. Please check both. A code stops working after a while,"
    " or after five wrong answers. Then please use our newest message."
)
_NO_LETTER: Final = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Door:
    """All that the template `pages/door.html` shows."""

    path: str
    language: str
    asked: tuple[str, ...]
    sample: str
    typed: Filled
    fault: Fault | None


def slug_of(external_id: str) -> str:
    """How a creditor is called in the address of its door."""
    return _NO_LETTER.sub("-", external_id.lower()).strip("-")


def router(site: Site) -> APIRouter:
    """The doors."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])
    tries = Limits(TRIES, window_s=IN_S)

    def show(request: Request, creditor: str = "") -> HTMLResponse:
        return _page(site, request, _creditor(site, creditor), Filled(), None)

    async def take(request: Request, creditor: str = "") -> Response:
        typed = await filled(request)
        return await run_in_threadpool(_take, site, tries, request, creditor, typed)

    # People type the address, some a slash at its end. In development the outbox stands at `/`.
    doors = ("/c", "/c/", "/c/{creditor}", "/c/{creditor}/")
    for path in (*doors, *(() if site.settings.shows_outbox else ("/",))):
        routes.add_api_route(path, show, methods=["GET", "HEAD"])
        routes.add_api_route(path, take, methods=["POST"])
    return routes


def _take(site: Site, tries: Limits, request: Request, creditor: str, typed: Filled) -> Response:
    now, whose = site.clock.now(), _creditor(site, creditor)
    network = network_behind(request)
    if not tries.has_room(network, now.timestamp()):
        return _page(site, request, whose, typed, Fault(TOO_MANY, 429))
    opened = _opened(site, whose, typed, now)
    if opened is None:
        tries.take(network, now.timestamp())
        return _page(site, request, whose, typed, Fault(WRONG, field="answer"))
    wished = request.query_params.get("lang", "")
    return led_in(site, Ticket(opened), "", wished if wished in languages() else "")


def _opened(site: Site, whose: Creditor | None, typed: Filled, now: datetime) -> str | None:
    """The token of the page that the code and the answer open."""
    wanted = code_hash(site.settings.secret, typed["code"])
    with site.database.write() as session:
        for found in _behind(site, session, wanted, now):
            if whose is not None and found.customer.creditor_id != whose.id:
                continue
            if try_answer(site, session, found, typed["answer"], now) is Verdict.PROVEN:
                return found.token
    return None


def _behind(site: Site, session: Session, wanted: str | None, now: datetime) -> Iterator[Visit]:
    """The pages of a code: one, or by a rare chance two, of which the answer tells."""
    for link_id in session.exec(_CODED, params={"code_hash": wanted or ""}).all():
        try:
            yield behind(session, token(site.settings.secret, link_id or 0), now)
        except LinkClosed:
            continue


def _creditor(site: Site, slug: str) -> Creditor | None:
    """Whose door it is. An unknown name leads to the door of the house: which creditors there are
    is nobody's affair."""
    if not slug:
        return None
    with site.database.read() as session:
        ids = session.exec(select(Creditor.id, Creditor.external_id)).all()
        id_ = next((id_ for id_, name in ids if slug_of(name) == slug), None)
        return session.get(Creditor, id_) if id_ is not None else None


def _page(
    site: Site, request: Request, whose: Creditor | None, typed: Filled, fault: Fault | None
) -> HTMLResponse:
    language = asked_language(request, whose.locale if whose else None)
    say, path = site.pages.words, request.url.path
    page = Door(
        path=path,
        language=language,
        asked=tuple(say(language, text) for text in ASKED.values()),
        sample=SAMPLE,
        typed=typed,
        fault=Fault(say(language, fault.words), fault.status, fault.field) if fault else None,
    )
    return site.pages.answer(
        "pages/door.html",
        language=language,
        brand=brand_of(whose) if whose else None,
        tongues=tongues(path, language),
        status=fault.status if fault else 200,
        headers={"retry-after": f"{IN_S // TRIES}"} if fault and fault.status == 429 else None,
        page=page,
    )


_CODED = (
    select(Link.id)
    .where(col(Link.code_hash) == bindparam("code_hash"), col(Link.revoked_at).is_(None))
    .order_by(col(Link.id).desc())
    .limit(5)
)
