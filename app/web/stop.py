"""`/u/{token}`: one click to hear no more (RFC 8058), and the thanks that follow.

A POST opts out at once, from a person or from a mailbox on a person's behalf. A GET shows a button.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.web import acts
from app.web.brand import brand_of
from app.web.closed import THANKS, THANKS_TITLE, neutral
from app.web.pages import tongues
from app.web.site import Site
from app.web.visits import spoken, unsubscribing
from campaigns.reach import StopAct


def router(site: Site) -> APIRouter:
    """The pages of leaving."""
    routes = APIRouter()

    @routes.api_route("/u/{token}", methods=["GET", "HEAD"])
    def show(token: str, lang: str | None = None) -> HTMLResponse:
        with site.database.read() as session:
            found = unsubscribing(session, token)
        language, locale = spoken(found, lang)
        path = f"/u/{token}"
        return site.pages.answer(
            "pages/stop.html",
            language=language,
            locale=locale,
            brand=brand_of(found.creditor),
            tongues=tongues(path, language),
            page={"path": path, "language": language},
        )

    @routes.post("/u/{token}")
    def stop(
        request: Request,
        token: str,
        lang: Annotated[str, Form()] = "",
        one_click: Annotated[str, Form(alias="List-Unsubscribe")] = "",
    ) -> Response:
        with site.database.write() as session:
            found = unsubscribing(session, token)
            language, _ = spoken(found, lang)
            act = StopAct.LIST_UNSUBSCRIBE if one_click else StopAct.UNSUBSCRIBE_LINK
            acts.stop(session, found, act, site.clock.now())
        if one_click:  # RFC 8058 section 3.1: the answer must not redirect
            return neutral(site, request, THANKS_TITLE, (THANKS["stop"],), 200)
        return RedirectResponse(f"/thanks/stop?lang={language}", 303)

    @routes.api_route("/thanks/{what}", methods=["GET", "HEAD"])
    def thanks(request: Request, what: str) -> HTMLResponse:
        if what not in THANKS:
            raise HTTPException(404)
        return neutral(site, request, THANKS_TITLE, (THANKS[what],), 200)

    return routes
