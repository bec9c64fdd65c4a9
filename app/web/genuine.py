"""`/p/{token}/check`: whether this is really us. It shows nothing of a debt, so it asks nothing."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from starlette.responses import HTMLResponse

from app.web.account import local_day
from app.web.brand import brand_of
from app.web.pages import tongues
from app.web.site import Site
from app.web.tickets import Held
from app.web.visits import behind, spoken
from app.wording.daily_codes import daily_code


@dataclass(frozen=True, slots=True)
class Genuine:
    """All that the template `pages/genuine.html` shows. `site` is the creditor's own, as words."""

    path: str
    language: str
    code: str
    site: str


def router(site: Site) -> APIRouter:
    """The page by which a customer knows that a page is ours."""
    routes = APIRouter(dependencies=[Depends(site.for_people)])

    @routes.api_route("/p/{token}/check", methods=["GET", "HEAD"])
    def show(ticket: Held, lang: str | None = None) -> HTMLResponse:
        now = site.clock.now()
        with site.database.read() as session:
            found = behind(session, ticket.token, now)
        language, locale = spoken(found, lang)
        today = local_day(found.creditor, now)
        page = Genuine(
            path=ticket.path,
            language=language,
            code=daily_code(site.settings.secret, found.customer_id, today),
            site=host_of(str(found.creditor.brand.get("website") or "")),
        )
        return site.pages.answer(
            "pages/genuine.html",
            language=language,
            locale=locale,
            brand=brand_of(found.creditor),
            tongues=tongues(f"{ticket.path}/check", language),
            page=page,
        )

    return routes


def host_of(website: str) -> str:
    """The name to type. No link: whoever doubts a page should not follow it elsewhere."""
    try:
        return urlsplit(website if "//" in website else f"//{website}").hostname or ""
    except ValueError:
        return ""
