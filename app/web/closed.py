"""Pages without any data of anybody: closed links, thanks, and what went wrong."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from app.api.limits import Limits
from app.web.catalogues import N_, language_of
from app.web.networks import TOO_MANY, network_behind
from app.web.pages import tongues
from app.web.site import Site
from app.web.visits import LinkClosed

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")

CLOSED_TITLE = N_("This page is closed")
CLOSED = (
    N_("The link may be old, or a part of it is missing. Links end after a while to protect you."),
    N_("Please open the newest message from us, or call the number on any of your invoices."),
)
WRONG_TITLE = N_("That did not work")
WRONG = (N_("Please go back and try once more. Nothing was changed."),)
NEW_LINK = "new_link"
MISSES: Final = 60
"""Links that open nothing, which a network may ask for at once; as many again in `IN_S`. A link
that works is never counted and never refused: no neighbour who guesses locks anybody out."""
IN_S: Final = 20 * 60
THANKS_TITLE = N_("Thank you")
THANKS = {
    NEW_LINK: N_(
        "If the link was one of ours, a new one is on its way to the address or number that we have"
        " on file. It may take a few minutes."
    ),
    "stop": N_("We will not send reminders here any more."),
    "wrong_person": N_(
        "Sorry for the trouble. We will not write to this address or number about this again."
    ),
}


def neutral(
    site: Site,
    request: Request,
    title: str,
    paragraphs: tuple[str, ...],
    status: int,
    *,
    renew: str = "",
) -> HTMLResponse:
    """A page that knows nobody, in the language that the address or the browser asks for. In the
    place of a page that has ended it offers a new link, whether or not there ever was one."""
    language = asked_language(request)
    say = site.pages.words
    page = {
        "title": say(language, title),
        "paragraphs": [say(language, paragraph) for paragraph in paragraphs],
        "renew": renew,
    }
    # The switch asks again for the same address, so only a GET may offer it.
    switch = tongues(request.url.path, language) if request.method == "GET" else []
    return site.pages.answer(
        "pages/closed.html", language=language, status=status, tongues=switch, page=page
    )


def asked_language(request: Request, otherwise: str | None = None) -> str:
    """The language that the address or the browser asks for."""
    wished = request.query_params.get("lang")
    tags = _TAG.findall(request.headers.get("accept-language", ""))
    return language_of((wished, *tags, otherwise))[0]


def answer_failures(app: FastAPI, site: Site) -> None:
    """Has every refusal answered by a page that tells nothing of anybody."""
    misses = Limits(MISSES, window_s=IN_S)

    @app.exception_handler(LinkClosed)
    def closed(request: Request, _: LinkClosed) -> HTMLResponse:
        # The same for a link that has ended and for one that never was, also in how they count.
        tried = misses.take(network_behind(request), site.clock.now().timestamp())
        if not tried.granted:
            answer = neutral(site, request, WRONG_TITLE, (TOO_MANY,), 429)
            answer.headers["retry-after"] = str(tried.wait_s)
            return answer
        token = quote(str(request.path_params.get("token", "")))
        renew = f"/p/{token}/renew" if request.url.path.startswith("/p/") else ""
        return neutral(site, request, CLOSED_TITLE, CLOSED, 404, renew=renew)

    @app.exception_handler(HTTPException)
    def refused(request: Request, refusal: HTTPException) -> HTMLResponse:
        if refusal.status_code == 404:
            return neutral(site, request, CLOSED_TITLE, CLOSED, 404)
        answer = neutral(site, request, WRONG_TITLE, WRONG, refusal.status_code)
        answer.headers.update(refusal.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, _: RequestValidationError) -> HTMLResponse:
        # Never FastAPI's own answer: it would repeat what was typed.
        return neutral(site, request, WRONG_TITLE, WRONG, 400)
