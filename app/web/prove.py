"""`/p/{token}/prove`: one short question, before a page that wants it tells anything.

The question says nothing of a debt. Whoever it is not for can say so without an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.intake.light_check import Proof, Verdict, answer, is_wanted_by_law, proofs_of
from app.web.brand import brand_of
from app.web.catalogues import N_
from app.web.closed import neutral
from app.web.pages import tongues
from app.web.site import Site
from app.web.submission import filled, note_act
from app.web.tickets import Held, Ticket, give_proof
from app.web.visits import ProofWanted, Visit, behind, spoken
from app.web.ways.leave import STOP, WRONG_PERSON
from app.web.ways.way import Fault, Filled

ASKED: Final[Mapping[Proof, str]] = {
    Proof.POSTCODE: N_("your postcode"),
    Proof.BIRTH_YEAR: N_("the year you were born"),
    Proof.INVOICE: N_("the last 4 digits of one of our invoice numbers"),
}
WRONG: Final = N_("That did not match. Please try again, or answer another one of these.")
LOCKED_TITLE: Final = N_("A new link is on its way")
LOCKED: Final = (
    N_(
        "To protect you, this link has stopped working. A new one goes to the address or number"
        " that we have on file."
    ),
)
LEADS_TO: Final = ("accounts",)
"""Pages below the link's own that may be gone on to."""


@dataclass(frozen=True, slots=True)
class Question:
    """All that the template `pages/prove.html` shows."""

    path: str
    language: str
    asked: tuple[str, ...]
    to: str
    fault: Fault | None
    leaving: tuple[tuple[str, str], ...]


def router(site: Site) -> APIRouter:
    """The answer to a page's question. The question itself stands wherever it is asked."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/prove", methods=["GET", "HEAD"])
    def show(token: str) -> Response:
        return RedirectResponse(f"/p/{token}", 303)

    @routes.post("/p/{token}/prove")
    async def take(ticket: Held, request: Request) -> Response:
        typed = await filled(request)
        return await run_in_threadpool(_take, site, request, ticket, typed)

    return routes


def ask_strangers(app: FastAPI, site: Site) -> None:
    """Has every page that wants a proof ask its question instead."""

    @app.exception_handler(ProofWanted)
    def ask(request: Request, wanted: ProofWanted) -> HTMLResponse:
        status = 200 if request.method in {"GET", "HEAD"} else 403
        to = request.url.path.rpartition("/")[2]
        lang = request.query_params.get("lang", "")
        now = site.clock.now()
        with site.database.read() as session:
            found = behind(session, wanted.token, now)
            asked = asked_of(site, session, found, now)
        return _page(site, found, asked, Filled(to=to, lang=lang), None, status)


def asked_of(site: Site, session: Session, found: Visit, now: datetime) -> tuple[Proof, ...]:
    """What the customer behind a link may be asked for."""
    site.catalogue.refresh(session)
    by_law = is_wanted_by_law(site.catalogue, found.customer, found.creditor, now)
    return proofs_of(session, found.customer, found.creditor, by_law=by_law)


def try_answer(site: Site, session: Session, found: Visit, given: str, now: datetime) -> Verdict:
    """Takes one try. A right one counts as the message's click: a person has answered."""
    verdict = answer(
        session,
        link=found.link,
        customer=found.customer,
        proofs=asked_of(site, session, found, now),
        given=given,
        now=now,
    )
    if verdict is Verdict.PROVEN:
        note_act(session, found, now)
    return verdict


def led_in(site: Site, ticket: Ticket, to: str, lang: str) -> Response:
    """On to the page, with the proof for half an hour."""
    onward = f"{ticket.path}/{to}" if to in LEADS_TO else ticket.path
    response = RedirectResponse(f"{onward}?lang={lang}" if lang else onward, 303)
    settings = site.settings
    safe = settings.base_url.startswith("https://")
    give_proof(response, settings.secret, ticket.token, site.clock.now(), safe=safe)
    return response


def _take(site: Site, request: Request, ticket: Ticket, typed: Filled) -> Response:
    now = site.clock.now()
    with site.database.write() as session:
        found = behind(session, ticket.token, now)
        verdict = try_answer(site, session, found, typed["answer"], now)
        asked = asked_of(site, session, found, now)
    match verdict:
        case Verdict.PROVEN:
            wished = typed["lang"] and spoken(found, typed["lang"])[0]
            return led_in(site, ticket, typed["to"], wished)
        case Verdict.LOCKED:
            return neutral(site, request, LOCKED_TITLE, LOCKED, 410)
        case Verdict.WRONG:
            return _page(site, found, asked, typed, Fault(WRONG, field="answer"), 422)


def _page(
    site: Site,
    found: Visit,
    asked: Sequence[Proof],
    typed: Filled,
    fault: Fault | None,
    status: int,
) -> HTMLResponse:
    language, locale = spoken(found, typed["lang"])
    say, path = site.pages.words, f"/p/{found.token}"
    page = Question(
        path=path,
        language=language,
        asked=tuple(say(language, ASKED[proof]) for proof in asked),
        to=typed["to"] if typed["to"] in LEADS_TO else "",
        fault=Fault(say(language, fault.words), field=fault.field) if fault else None,
        leaving=tuple((way.slug, say(language, way.title)) for way in (WRONG_PERSON, STOP)),
    )
    return site.pages.answer(
        "pages/prove.html",
        language=language,
        locale=locale,
        brand=brand_of(found.creditor),
        tongues=tongues(path, language),
        status=status,
        page=page,
    )
