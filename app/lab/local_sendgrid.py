"""SendGrid on this machine, by its published contract: v3 mail/send, and signed events afterwards.

It keeps its own list of what it took, which is the evidence. It has bad days by seed.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, Self

from aiohttp import web
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.lab.faults import Faults
from app.lab.faulty import Answers, play
from app.lab.served import served
from channels.sendgrid_events import ATTEMPT, SIGNATURE, TIMESTAMP

KEY: Final = "SG.local"


@dataclass(frozen=True, slots=True)
class TakenRequest:
    """One mail that was taken: the provider's id of it, and the request's body."""

    provider_id: str
    body: Mapping[str, Any]

    @property
    def attempt(self) -> str:
        return str(self.body["personalizations"][0]["custom_args"][ATTEMPT])

    @property
    def recipient(self) -> str:
        return str(self.body["personalizations"][0]["to"][0]["email"])


class LocalSendGrid:
    """While it is entered it answers at `url`. `key` is the one API key that is let in.

    One that is too fast is told to wait until `reset_at`, in Unix seconds.
    `public_key` checks the events that it signs; `webhook` is what its settings say of them, and
    `domains` are those that may send.
    """

    def __init__(
        self,
        faults: Faults | None = None,
        *,
        reset_at: int = 0,
        key: str = KEY,
        webhook: Mapping[str, Any] | None = None,
        domains: Sequence[str] = (),
    ) -> None:
        self.url = ""
        self._webhook = webhook or {"enabled": False, "url": ""}
        self._domains = domains
        self._stack = ExitStack()
        self._faults = faults or Faults()
        self._reset_at = reset_at
        self._key = key
        self._taken: list[TakenRequest] = []
        self._lock = threading.Lock()
        self._signing = ec.generate_private_key(ec.SECP256R1())

    def __enter__(self) -> Self:
        self.url = self._stack.enter_context(served(self._app()))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def public_key(self) -> str:
        """As the settings of signed events show it."""
        public = self._signing.public_key()
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    def taken(self) -> list[TakenRequest]:
        """All that it took, in order."""
        with self._lock:
            return list(self._taken)

    def call(self, events: Sequence[Mapping[str, Any]], *, at: int) -> tuple[bytes, dict[str, str]]:
        """Body and headers of a webhook call, signed at `at` (Unix seconds)."""
        body = (",\r\n".join(json.dumps(event) for event in events)).join("[]") + "\r\n"
        return body.encode(), {
            **self.signed(body.encode(), at=at),
            "content-type": "application/json",
        }

    def signed(self, body: bytes, *, at: int) -> dict[str, str]:
        """The headers of a call with this body, signed at `at` (Unix seconds)."""
        made = self._signing.sign(str(at).encode() + body, ec.ECDSA(hashes.SHA256()))
        return {SIGNATURE: base64.b64encode(made).decode(), TIMESTAMP: str(at)}

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=30 * 2**20)
        app.router.add_post("/v3/mail/send", self._send)
        for path, told in {
            "/v3/scopes": lambda: {"scopes": ["mail.send"]},
            "/v3/user/webhooks/event/settings": lambda: self._webhook,
            "/v3/user/webhooks/event/settings/signed": lambda: {"public_key": self.public_key},
            "/v3/whitelabel/domains": lambda: [
                {"domain": name, "valid": True} for name in self._domains
            ],
        }.items():
            app.router.add_get(path, self._telling(told))
        return app

    def _telling(
        self, told: Callable[[], Any]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def tell(request: web.Request) -> web.StreamResponse:
            return self._stranger(request) or web.json_response(told())

        return tell

    async def _send(self, request: web.Request) -> web.StreamResponse:
        stranger = self._stranger(request)
        if stranger is not None:
            return stranger
        body = await request.json()
        found = faults_of(body)
        if found:
            return _errors(400, *found)
        await self._faults.linger()
        fate = self._faults.fate(body["personalizations"][0]["custom_args"][ATTEMPT])
        provider_id = self._take(body) if fate.is_accepted else ""
        return await play(fate, request, self._answers(provider_id), self._faults)

    def _stranger(self, request: web.Request) -> web.StreamResponse | None:
        if request.headers.get("Authorization") == f"Bearer {self._key}":
            return None
        return _errors(401, ("The provided authorization grant is invalid", None))

    def _take(self, body: Mapping[str, Any]) -> str:
        with self._lock:
            taken = TakenRequest(f"local{len(self._taken) + 1:08d}", body)
            self._taken.append(taken)
        return taken.provider_id

    def _answers(self, provider_id: str) -> Answers:
        too_fast = {"X-RateLimit-Remaining": "0"}
        if self._reset_at:
            too_fast["X-RateLimit-Reset"] = str(self._reset_at)
        no_mailbox = ("Does not contain a valid address.", "personalizations.0.to.0.email")
        return Answers(
            good=web.Response(status=202, headers={"X-Message-Id": provider_id}),
            refused=_errors(400, no_mailbox),
            busy=_errors(429, ("too many requests", None), headers=too_fast),
            error=web.Response(status=503, text="<html>Unavailable</html>"),
        )


def event_of(
    taken: TakenRequest, kind: str, number: int, *, at: int, **more: Any
) -> dict[str, Any]:
    """One event of a mail, as the real ones look; `number` makes its id."""
    name = f"{kind}-{number}-{taken.provider_id}"
    return {
        "email": taken.recipient,
        "timestamp": at,
        "event": kind,
        "sg_event_id": base64.b64encode(name.encode()).decode(),
        "sg_message_id": f"{taken.provider_id}.recvd-canary-5f86c5f7c-abcde-1-65A0.0",
        ATTEMPT: taken.attempt,
    } | more


def faults_of(body: Mapping[str, Any]) -> list[tuple[str, str | None]]:
    """What SendGrid itself would find wrong with a request: sentence and field."""
    found: list[tuple[str, str | None]] = []
    if "@" not in str(body.get("from", {}).get("email", "")):
        found.append(("The from email does not contain a valid address.", "from.email"))
    to = [one["email"] for each in body["personalizations"] for one in each["to"]]
    copies = [one["email"] for each in body["personalizations"] for one in each.get("cc", [])]
    everybody = [address.lower() for address in (*to, *copies)]
    if len(set(everybody)) < len(everybody):
        found.append(("Each email address should be unique", "personalizations"))
    if any("@" not in address for address in everybody):
        field = "personalizations.0.to.0.email"
        found.append(("Does not contain a valid address.", field))
    if not body.get("content") or not all(part["value"] for part in body["content"]):
        found.append(("The content value must be a string at least one character", "content"))
    return found


def _errors(
    status: int, *found: tuple[str, str | None], headers: Mapping[str, str] | None = None
) -> web.Response:
    errors = [{"message": sentence, "field": field, "help": None} for sentence, field in found]
    return web.json_response({"errors": errors}, status=status, headers=headers)
