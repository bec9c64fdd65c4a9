"""One signed call to an endpoint, and what its answer comes to. Signed by Standard Webhooks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final

from sqlalchemy import Row

from app.api.webhooks.endpoints import secret_of_endpoint
from app.api.webhooks.targets import PublicResolver, TargetRefused, ensure_target
from app.payments.standard_webhooks import sign
from channels.transport import Answer, Limits, Redirected, Reply, Request, Transport, Unsent

LIMITS: Final = Limits(read=timedelta(seconds=10), total=timedelta(seconds=15), connections=100)
TEST: Final = "duly_test"
"""The type of a call that somebody makes to see whether an endpoint answers."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What an endpoint answered. `problem` None: all is well."""

    reply: Reply
    took_ms: int

    @property
    def is_well(self) -> bool:
        return isinstance(self.reply, Answer) and 200 <= self.reply.status < 300

    @property
    def status(self) -> int | None:
        return self.reply.status if isinstance(self.reply, Answer | Redirected) else None

    @property
    def problem(self) -> str | None:
        match self.reply:
            case Answer(status=status):
                return None if self.is_well else f"it answered {status}"
            case Redirected():
                return "it redirects, and redirects are not followed"
            case failure:
                return f"no answer ({failure.why})"


async def call_endpoint(
    transport: Transport,
    endpoint: Row[Any],
    body: bytes,
    *,
    message_id: str,
    secret: bytes,
    now: datetime,
    local: bool,
) -> Heard:
    """Makes the call, once. `secret` is the installation's; `local` lets addresses of this machine
    pass."""
    try:
        ensure_target(endpoint.url, local=local)
    except TargetRefused:
        return Heard(Unsent("not a public address"), 0)
    key = secret_of_endpoint(secret, endpoint.id, endpoint.generation)
    signed = sign(body, secret=key, message_id=message_id, at=now)
    headers = {**signed, "content-type": "application/json", "user-agent": "duly"}
    began = monotonic()
    reply = await transport.carry(
        Request(method="POST", url=endpoint.url, content=body, headers=headers)
    )
    return Heard(reply, round((monotonic() - began) * 1000))


async def try_endpoint(endpoint: Row[Any], *, secret: bytes, now: datetime, local: bool) -> Heard:
    """Makes a call that tells of nothing, so that its owner sees whether it gets through. It is in
    no log, and what waits for the endpoint keeps waiting."""
    told = {"type": TEST, "timestamp": now.isoformat(), "data": {"endpoint_id": endpoint.id}}
    message_id = f"{TEST}_{endpoint.id}_{int(now.timestamp())}"
    transport = Transport(LIMITS, resolver=PublicResolver(local=local))
    try:
        return await call_endpoint(
            transport, endpoint, json.dumps(told).encode(),
            message_id=message_id, secret=secret, now=now, local=local,
        )  # fmt: skip
    finally:
        await transport.close()
