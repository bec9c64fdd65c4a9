"""A Twilio on this machine: messages, contents and look-ups, by the published contract.

It objects as the real one does, has bad days by seed, and keeps its own list of what it took. It
calls back when it is told to, with calls that a test or the lab posts.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from app.lab.faults import Faults
from app.lab.faulty import Answers, play
from app.lab.twilio_book import PAUSED, Content, Taken
from app.lab.twilio_calls import Call, signed
from app.lab.twilio_rules import objection
from campaigns.keys import derive

ACCOUNT: Final = "AC" + "0d" * 16
TOKEN: Final = "the-auth-token-of-the-local-twilio"
STATUS_OF: Final = {20003: 401, 20404: 404, 20429: 429, 20500: 500}
_LOGIN: Final = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()


class LocalTwilio:
    """One account. `clock` tells it the time; whoever has it may look at everything in it."""

    def __init__(self, clock: Callable[[], datetime], *, faults: Faults | None = None) -> None:
        self.faults = faults or Faults()
        self.taken: list[Taken] = []
        self.contents: dict[str, Content] = {}
        self.lines: dict[str, str] = {}  # what a look-up tells of a number: mobile, landline, ...
        self.numbers: dict[str, str] = {}  # our own, and the webhook of each
        self.services: dict[str, dict[str, Any]] = {}
        self.ratings: dict[str, str] = {}  # of our WhatsApp numbers: HIGH, MEDIUM, LOW
        self._clock = clock
        self._asked = 0

    def app(self) -> web.Application:
        """The web application that answers as Twilio does, for any of its hosts."""
        app = web.Application(middlewares=[self._known])
        account = f"/2010-04-01/Accounts/{ACCOUNT}"
        app.router.add_post(f"{account}/Messages.json", self._create)
        app.router.add_get(f"{account}/Messages.json", self._list)
        app.router.add_get(f"{account}.json", self._account)
        app.router.add_get(f"{account}/IncomingPhoneNumbers.json", self._numbers)
        app.router.add_get("/v1/Services/{sid}", self._service)
        app.router.add_post("/v1/Content", self._write)
        app.router.add_get("/v1/ContentAndApprovals", self._contents)
        app.router.add_post("/v1/Content/{sid}/ApprovalRequests/whatsapp", self._submit)
        app.router.add_get("/v2/PhoneNumbers/{number}", self._look_up)
        app.router.add_get("/v2/Channels/Senders", self._senders)
        return app

    def tells(self, taken: Taken, status: str, error_code: int | None = None) -> Call:
        """A message gets further: the call that says so."""
        taken.status, taken.error_code = status, error_code
        return signed(taken.form["StatusCallback"], taken.news(ACCOUNT), TOKEN)

    def hears(self, url: str, *, sender: str, to: str, text: str, **more: str) -> Call:
        """Somebody writes to one of our numbers: the call that hands it on."""
        self._asked += 1
        form = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "Body": text,
            "From": sender,
            "MessageSid": self._sid("SM", "heard", self._asked),
            "NumMedia": "0",
            "NumSegments": "1",
            "To": to,
        }
        return signed(url, form | more, TOKEN)

    def write(
        self, name: str, language: str, types: Mapping[str, Any], samples: Mapping[str, str]
    ) -> Content:
        """A content template that nobody was asked to approve yet."""
        sid = self._sid("HX", "content", len(self.contents))
        self.contents[sid] = Content(sid, name, language, samples, types, self._clock())
        return self.contents[sid]

    @web.middleware
    async def _known(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Whoever does not know the token is told so, before anything else."""
        if request.headers.get("Authorization") != _LOGIN:
            return _refusal(20003)
        found: web.StreamResponse = await handler(request)
        return found

    async def _create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        await self.faults.linger()
        code = objection(form) or self._content_objection(form)
        if code is not None:
            return _refusal(code)
        taken = Taken("", form, self._body(form), self._clock().replace(microsecond=0))
        fate = self.faults.fate(taken.attempt_key)
        if fate.is_accepted:
            taken.sid = self._sid("SM", "taken", len(self.taken))
            self.taken.append(taken)
        return await play(fate, request, self._answers(taken), self.faults)

    def _answers(self, taken: Taken) -> Answers:
        wait = {"Retry-After": str(int(self.faults.retry_after.total_seconds()))}
        return Answers(
            good=web.json_response(taken.resource(ACCOUNT), status=201),
            refused=_refusal(21211),
            busy=_refusal(20429, wait),
            error=_refusal(20500),
        )

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        found = [
            taken.resource(ACCOUNT)
            for taken in reversed(self.taken)
            if taken.form["To"] == query.get("To", taken.form["To"])
            and taken.form.get("From") == query.get("From", taken.form.get("From"))
            and f"{taken.at:%Y-%m-%dT%H:%M:%SZ}" >= query.get("DateSent>", "")
        ]
        size = int(query.get("PageSize", "50"))
        page = {"messages": found[:size], "page": 0, "page_size": size, "next_page_uri": None}
        return web.json_response(page)

    async def _account(self, _request: web.Request) -> web.Response:
        return web.json_response({"sid": ACCOUNT, "status": "active", "friendly_name": "Duly"})

    async def _numbers(self, request: web.Request) -> web.Response:
        wanted = request.query.get("PhoneNumber")
        found = [
            {"phone_number": number, "sms_url": url, "capabilities": {"sms": True}}
            for number, url in self.numbers.items()
            if wanted in (None, number)
        ]
        return web.json_response({"incoming_phone_numbers": found, "page": 0})

    async def _service(self, request: web.Request) -> web.Response:
        found = self.services.get(request.match_info["sid"])
        return _refusal(20404) if found is None else web.json_response(found)

    async def _senders(self, _request: web.Request) -> web.Response:
        found = [
            {
                "sid": self._sid("XE", "sender", number),
                "sender_id": f"whatsapp:{number}",
                "status": "ONLINE",
                "properties": {"quality_rating": told, "messaging_limit": "10K Customers/24hr"},
            }
            for number, told in self.ratings.items()
        ]
        return web.json_response({"senders": found, "meta": {"page": 0, "next_page_url": None}})

    async def _write(self, request: web.Request) -> web.Response:
        asked = await request.json()
        samples, types = asked.get("variables") or {}, asked["types"]
        content = self.write(asked.get("friendly_name", ""), asked["language"], types, samples)
        return web.json_response(content.resource(ACCOUNT), status=201)

    async def _contents(self, _request: web.Request) -> web.Response:
        found = [
            content.resource(ACCOUNT) | {"approval_requests": content.approval()}
            for content in self.contents.values()
        ]
        meta = {"page": 0, "page_size": 500, "next_page_url": None, "key": "contents"}
        return web.json_response({"contents": found, "meta": meta})

    async def _submit(self, request: web.Request) -> web.Response:
        content = self.contents.get(request.match_info["sid"])
        if content is None:
            return _refusal(20404)
        asked = await request.json()
        content.name, content.category = asked["name"], asked["category"]
        content.status = "received"
        return web.json_response(content.approval(), status=201)

    async def _look_up(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        line = self.lines.get(number, "mobile")
        told: dict[str, Any] = {
            "phone_number": number,
            "valid": line != "invalid",
            "validation_errors": ["NOT_A_NUMBER"] if line == "invalid" else [],
        }
        if "line_type_intelligence" in request.query.get("Fields", ""):
            told["line_type_intelligence"] = {"type": line, "error_code": None}
        return web.json_response(told)

    def _content_objection(self, form: Mapping[str, str]) -> int | None:
        sid = form.get("ContentSid")
        if sid is None:
            return None
        content = self.contents.get(sid)
        if content is None:
            return 21655
        return None if content.status == "approved" else PAUSED.get(content.status, 21655)

    def _body(self, form: Mapping[str, str]) -> str:
        content = self.contents.get(form.get("ContentSid", ""))
        if content is None:
            return form.get("Body", "")
        return content.filled(json.loads(form.get("ContentVariables", "{}")))

    def _sid(self, prefix: str, *parts: object) -> str:
        return prefix + derive(*parts) + derive("rest", *parts)[:8]

    def on_a_day_with(self, **changes: Any) -> None:
        """Another day: other faults from now on."""
        self.faults = replace(self.faults, **changes)


def _refusal(code: int, headers: Mapping[str, str] | None = None) -> web.Response:
    status = STATUS_OF.get(code, 400)
    told = {
        "code": code,
        "message": "refused",
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return web.json_response(told, status=status, headers=headers)
