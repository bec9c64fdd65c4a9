"""A local Stripe: the parts of its published API that Duly asks, the payer's page, its webhooks.

It holds idempotency keys as Stripe does: the first answer of a key is the answer of the key, a 5xx
included, and other parameters under it are an error. Bad days come by seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import Any, Final
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web

from app.lab.faults import Fate, Faults
from app.lab.faulty import Answers, play
from app.lab.served import served
from app.lab.stripe_book import StripeBook
from app.lab.stripe_cards import Object, Rejected

LOCAL_KEY: Final = "sk_test_local"
LOCAL_SECRET: Final = "whsec_local_secret_of_a_local_stripe"
EVENTS: Final = ("*",)
_REFUSED: Final = Rejected(400, "parameter_invalid", "Invalid parameter.")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came: for lists of what was asked, and for checking it by the contract."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


@dataclass
class LocalStripe:
    """`webhook` is where events go when the payer's page is used; tests may carry them by hand."""

    clock: Callable[[], datetime]
    faults: Faults = field(default_factory=Faults)
    webhook: str | None = None
    events: tuple[str, ...] = EVENTS
    book: StripeBook = field(default_factory=lambda: StripeBook(LOCAL_SECRET))
    asked: list[Asked] = field(default_factory=list)
    _answers: dict[str, tuple[str, int, Object]] = field(default_factory=dict)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serves on a free port of this machine; the address of the API."""
        app = web.Application()
        app.router.add_get("/c/pay/{id}", self._page)
        app.router.add_post("/c/pay/{id}", self._pressed)
        app.router.add_route("*", "/{path:v1/.*}", self._call)
        with served(app) as origin:
            self.book.origin = origin
            yield origin

    async def _call(self, request: web.Request) -> web.StreamResponse:
        body = await request.text()
        self.asked.append(Asked(request.method, request.path, dict(request.headers), body))
        await self.faults.linger()
        fate = self.faults.fate(len(self.asked))
        status, replayed = 200, False
        said: Object = {}
        if fate.is_accepted:
            status, said, replayed = self._answer(request, body, fate)
        headers = {"Request-Id": f"req_{len(self.asked)}"}
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        good = web.json_response(said, status=status, headers=headers)
        return await play(fate, request, self._words(good), self.faults)

    def _answer(self, request: web.Request, body: str, fate: Fate) -> tuple[int, Object, bool]:
        if request.headers.get("Authorization") != f"Bearer {LOCAL_KEY}":
            return 401, _error("Invalid API Key provided"), False
        key = request.headers.get("Idempotency-Key", "")
        if key in self._answers:
            known, status, said = self._answers[key]
            if known != body:
                words = "Keys for idempotent requests can only be used with the same parameters."
                return 400, _error(words, "idempotency_error"), False
            return status, said, True
        try:
            status, said = 200, self._do(request, _nested(body))
        except Rejected as rejected:
            status, said = rejected.status, rejected.body
            if not rejected.is_kept:
                return status, said, False
        if key:
            kept = (500, _error("Sorry", "api_error")) if fate is Fate.ERROR_AFTER else None
            self._answers[key] = (body, *(kept or (status, said)))
        return status, said, False

    def _do(self, request: web.Request, asked: dict[str, Any]) -> Object:
        now = self.clock()
        match request.method, request.path.removeprefix("/v1/").split("/"):
            case "POST", ["checkout", "sessions"]:
                return self.book.open(asked, now)
            case "GET", ["checkout", "sessions", id_]:
                return self.book.session(id_)
            case "POST", ["checkout", "sessions", id_, "expire"]:
                return self.book.expire(id_, now)
            case "POST", ["payment_intents"]:
                with self.book.lock:
                    return self.book.cards.charge(asked, now)
            case "GET", ["webhook_endpoints"]:
                return {"object": "list", "data": self._endpoints(), "has_more": False}
            case _:
                raise Rejected(404, None, "Unrecognized request URL")

    def _endpoints(self) -> list[Object]:
        if self.webhook is None:
            return []
        told = {"url": self.webhook, "enabled_events": list(self.events), "status": "enabled"}
        return [{"id": "we_local", "object": "webhook_endpoint", **told}]

    def _words(self, good: web.Response) -> Answers:
        wait = {"Retry-After": str(int(self.faults.retry_after.total_seconds()))}
        return Answers(
            good=good,
            refused=web.json_response(_REFUSED.body, status=_REFUSED.status),
            busy=web.json_response(_error("slow down"), status=429, headers=wait),
            error=web.json_response(_error("Sorry", "api_error"), status=500),
        )

    async def _page(self, request: web.Request) -> web.Response:
        session = self.book.sessions.get(request.match_info["id"])
        if session is None:
            raise web.HTTPNotFound
        is_setup = session["mode"] == "setup"
        amount = "" if is_setup else f"{session['amount_total']} {session['currency'].upper()}"
        return web.Response(text=_PAGE.format(escape(amount)), content_type="text/html")

    async def _pressed(self, request: web.Request) -> web.Response:
        id_ = request.match_info["id"]
        is_setup = self.book.sessions[id_]["mode"] == "setup"
        (self.book.enter_card if is_setup else self.book.pay)(id_, self.clock())
        await self.deliver()
        raise web.HTTPSeeOther(self.book.sessions[id_]["success_url"])

    async def deliver(self) -> None:
        """Tells the webhook what waits; what is not answered with 2xx waits for the next time."""
        if self.webhook is None:
            return
        async with aiohttp.ClientSession() as session:
            for told in self.book.undelivered(self.clock()):
                sent = session.post(self.webhook, data=told.body, headers=dict(told.headers))
                async with sent as answer:
                    if answer.ok:
                        self.book.acknowledge(told.event_id)


_PAGE: Final = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Pay</title><h1>Test payment</h1><p>{}</p>
<form method="post"><button>Pay</button></form></html>"""


def _error(words: str, kind: str = "invalid_request_error") -> Object:
    return {"error": {"type": kind, "message": words}}


def _nested(body: str) -> dict[str, Any]:
    """`a[b][c]=d` as the mappings that it means."""
    made: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        *steps, last = name.replace("]", "").split("[")
        inner = made
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return made
