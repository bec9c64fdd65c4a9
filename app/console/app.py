"""Makes the console: an app of its own, mounted at `/console` beside the customers' pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.book.errors import UnknownCustomer
from app.clock import Clock
from app.console.door import Entry, NoSession, NotAllowed, SignedOut, Traced
from app.console.kept import kept
from app.console.notices import PATH
from app.console.office import DOMAIN, Office
from app.console.rooms import ROOMS, Room
from app.console.signing_in.desks import SIGN_IN, give_cookie, tongue_of
from app.engine.catalogue import Catalogue
from app.payments.choice import Gateways
from app.settings import Settings
from app.store.documents import Documents
from app.store.engines import Database
from app.web.catalogues import N_, language_of
from app.web.elsewhere import is_from_elsewhere
from app.web.pages import Pages
from app.web.shield import page_policy

log = logging.getLogger(__name__)

POLICY: Final = page_policy().replace("img-src 'self'", "img-src 'self' data:") + (
    "; script-src 'self'; connect-src 'self'"
)
"""Our own scripts alone; no inline script or style, no eval."""

_REFUSALS: Final = {
    400: (N_("That cannot be read"), N_("Go back and try once more. Nothing was changed.")),
    403: (
        N_("This is not yours to do"),
        N_("Ask an administrator for the role that may do it. Nothing was changed."),
    ),
    404: (N_("There is nothing here"), N_("It may have been removed, or the address is mistyped.")),
    500: (
        N_("Something broke here"),
        N_("It is written down for whoever runs Duly. What you did was not done; try it again."),
    ),
    409: (
        N_("This page is out of date"),
        N_("You have signed in anew, or somebody was faster. Open the page again and look."),
    ),
}


def create_console(
    settings: Settings,
    database: Database,
    clock: Clock,
    gateways: Gateways,
    *,
    rooms: Sequence[Room] = ROOMS,
    welcome: Callable[[], str] | None = None,
) -> FastAPI:
    """The console over these parts; mount it at `notices.PATH`.

    `welcome` answers the token of a session for whoever comes without one: for a demo, which this
    machine alone can reach.
    """
    office = Office(
        settings,
        database,
        clock,
        gateways,
        Documents(settings.documents),
        Catalogue(),
        Pages(DOMAIN, rehearsal=settings.rehearsal),
        rooms,
    )
    app = FastAPI(
        title="Duly, the console",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.entry = Entry(database, clock, office.secret, cookie_name(settings))
    for room in rooms:
        app.include_router(room.router(office))
    _answer_failures(app, office)
    _answer_strangers(app, office, welcome)
    app.add_middleware(Traced)
    app.add_middleware(Dressed, office=office)
    return app


def cookie_name(settings: Settings) -> str:
    """The session's cookie: where browsers come by https, one that they keep to it."""
    return "__Secure-duly" if settings.console_origin.startswith("https://") else "duly"


class Dressed:
    """Wraps the console. Its pages may run our own scripts, unless a route says otherwise; what
    breaks inside is answered by a page that tells nothing of it."""

    def __init__(self, app: ASGIApp, *, office: Office) -> None:
        self._app = app
        self._office = office

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).setdefault("content-security-policy", POLICY)
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception:
            if started:
                raise  # half an answer is out: only breaking the connection is honest
            route = getattr(scope.get("route"), "path", "-")
            log.exception("%s %s of the console failed", scope["method"], route)
            answer = await run_in_threadpool(refusal, self._office, Request(scope), 500)
            await answer(scope, receive, dressed)


def _answer_strangers(app: FastAPI, office: Office, welcome: Callable[[], str] | None) -> None:
    """Leads to the sign-in, and back afterwards if nothing was to be done; or lets in at once.

    Whoever follows a link of another site, such as a mailbox, does not bring the strict cookie
    along: they are sent on from a page of ours, and then do.
    """
    entry: Entry = app.state.entry

    @app.exception_handler(SignedOut)
    def signed_out(request: Request, stranger: SignedOut) -> Response:
        looks = request.method in {"GET", "HEAD"}
        if request.headers.get("hx-request") == "true":
            # Who writes stays on their page: what they send from there is kept.
            return Response(status_code=401, headers={"hx-redirect": SIGN_IN} if looks else {})
        if not looks:
            page = kept(office, request, stranger.typed, 401)
            return page or RedirectResponse(SIGN_IN, 303)
        path = PATH + request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        here = f"{path}?{request.url.query}" if request.url.query else path
        if welcome is not None and (token := welcome()) != request.cookies.get(entry.cookie):
            answer = RedirectResponse(here, 303)
            give_cookie(answer, office, request, token)
            return answer
        if is_from_elsewhere(request.headers, office.settings.console_origin):
            language = tongue_of(request)
            return office.pages.answer("console/arriving.html", language=language, here=here)
        return RedirectResponse(f"{SIGN_IN}?next={quote(here)}", 303)


def _answer_failures(app: FastAPI, office: Office) -> None:
    @app.exception_handler(NotAllowed)
    def not_allowed(request: Request, _: NotAllowed) -> HTMLResponse:
        return refusal(office, request, 403)

    @app.exception_handler(NoSession)
    def no_session(request: Request, stranger: NoSession) -> HTMLResponse:
        page = kept(office, request, stranger.typed, 409)
        return page or refusal(office, request, 409)

    @app.exception_handler(UnknownCustomer)
    def unknown(request: Request, _: UnknownCustomer) -> HTMLResponse:
        return refusal(office, request, 404)

    @app.exception_handler(HTTPException)
    def refused(request: Request, problem: HTTPException) -> HTMLResponse:
        answer = refusal(office, request, problem.status_code)
        answer.headers.update(problem.headers or {})
        return answer

    @app.exception_handler(RequestValidationError)
    def unreadable(request: Request, _: RequestValidationError) -> HTMLResponse:
        # Never FastAPI's own answer: it would repeat what was typed.
        return refusal(office, request, 404 if request.method in {"GET", "HEAD"} else 400)


def refusal(office: Office, request: Request, status: int) -> HTMLResponse:
    """A page that says what did not work, in the visitor's language or the browser's."""
    found = None
    if status < 500:  # else the store may be what is broken
        entry: Entry = request.app.state.entry
        found = entry.visitor(request.cookies.get(entry.cookie, ""))
    tags = [tag.partition(";")[0] for tag in request.headers.get("accept-language", "").split(",")]
    language, _ = language_of((found.language if found else None, *tags), DOMAIN)
    title, remedy = _REFUSALS.get(status, _REFUSALS[400])
    say = office.pages.words
    return office.pages.answer(
        "console/refusal.html",
        language=language,
        status=status,
        title=say(language, title),
        remedy=say(language, remedy),
    )
