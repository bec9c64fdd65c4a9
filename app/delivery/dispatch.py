"""Calls the providers for what has just passed the gate, many at once, and waits for their answers.

A gate older than two seconds is void: nothing is sent on it, and the message is asked about again.
A provider that does not answer at all is waited for only so long: what it did is then unclear. A
process that is told to stop starts no more calls, and waits less for those that are out.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event
from typing import Final

from app.delivery.claim import LINK_LIFE, Claimed
from app.delivery.gate_records import Passed
from app.wording.links import expand, token
from app.wording.page_codes import with_code
from app.wording.reply_address import with_token
from channels.errors import (
    ChannelMisuse,
    ContentRejected,
    NoAnswer,
    ProviderUnavailable,
    SenderRejected,
)
from channels.seam import ApprovedContent, Channel, Envelope, Medium, Outcome, Unclear, outcome_of

Channels = Mapping[tuple[str, str], Channel]
"""The open channels by medium and provider."""

CALL_WITHIN = timedelta(seconds=30)
"""Less than what makes an attempt count as left behind by a crash (`reconcile.CRASHED_AFTER`)."""

LAST_WORDS = timedelta(seconds=5)
"""So long a call that is out may still be answered once this process is told to stop."""

_LOOK_EVERY: Final = 0.1  # seconds
_PATHS: Final = {"pay": "p", "card": "p", "unsubscribe": "u"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """How links look from outside: the public base address and the secret that makes tokens; and
    how long one works after the last message that carried it."""

    base_url: str
    secret: bytes
    link_life: timedelta = LINK_LIFE

    def tokens(self, claimed: Claimed) -> Mapping[str, str]:
        """The token of each of its links, by purpose."""
        return {purpose: token(self.secret, id_) for purpose, id_ in claimed.links.items()}

    def url(self, purpose: str, secret_part: str) -> str:
        return f"{self.base_url}/{_PATHS[purpose]}/{secret_part}"


@dataclass(frozen=True, slots=True)
class Voided:
    """Not sent, because its gate was too old or this process is to stop."""


@dataclass(frozen=True, slots=True, repr=False)
class Tried:
    """One attempt and what the provider said. asyncio writes out the results of tasks."""

    passed: Passed
    outcome: Outcome | Voided


def envelope(passed: Passed, addresses: Addresses, now: datetime) -> Envelope:
    """What the provider gets: the frozen text with its links made real."""
    claimed, rendered = passed.draft.claimed, passed.draft.rendered
    tokens = addresses.tokens(claimed)
    urls = {id_: addresses.url(purpose, tokens[purpose]) for purpose, id_ in claimed.links.items()}
    headers = passed.head.get("headers", {})
    return Envelope(
        attempt_key=passed.attempt_key,
        medium=Medium(claimed.row["medium"]),
        sender=claimed.sender.address,
        sender_name=claimed.sender.display_name,
        recipient=passed.draft.material.recipient,
        cc=passed.draft.material.copied_to,
        subject=rendered.subject,
        text=with_code(expand(rendered.text, urls), addresses.secret),
        html=with_code(expand(rendered.html, urls), addresses.secret) if rendered.html else None,
        headers={
            name: with_token(expand(value, urls), addresses.secret)
            for name, value in headers.items()
        },
        locale=rendered.locale,
        template=rendered.template,
        sent_at=now,
        deliver_before=passed.valid_until,
        link_token=tokens["pay"],
        two_way=claimed.sender.two_way,
        content=_filled(passed.draft.content, urls, addresses.secret),
        heard_at=passed.draft.heard_at,
    )


def _filled(
    content: ApprovedContent | None, urls: Mapping[int, str], secret: bytes
) -> ApprovedContent | None:
    if content is None:
        return None
    variables = {
        name: with_code(expand(value, urls), secret) for name, value in content.variables.items()
    }
    return ApprovedContent(content.id, variables)


async def dispatch(
    passed: Sequence[Passed],
    channels: Channels,
    addresses: Addresses,
    clock: Callable[[], datetime],
    *,
    fresh_for: timedelta,
    at_once: int = 200,
    call_within: timedelta = CALL_WITHIN,
    stopping: Event | None = None,
) -> list[Tried]:
    """Sends all of a batch, at most `at_once` at the same time. Never raises for a provider, and
    waits for none longer than `call_within`."""
    turns = asyncio.Semaphore(at_once)
    waits = _Waits(call_within, stopping or Event())

    async def one(item: Passed) -> Tried:
        async with turns:
            now = clock()
            is_old = now - item.gated_at > fresh_for or now >= item.valid_until
            if is_old or waits.stopping.is_set():
                return Tried(item, Voided())
            return Tried(item, await _send(item, channels, addresses, now, waits))

    watching = asyncio.create_task(waits.watch())
    try:
        return list(await asyncio.gather(*(one(item) for item in passed)))
    finally:
        watching.cancel()


class _Waits:
    """How long the calls of a batch are waited for: shorter from the moment of `stopping` on."""

    def __init__(self, within: timedelta, stopping: Event) -> None:
        self.stopping = stopping
        self._within = within.total_seconds()
        self._open: set[asyncio.Timeout] = set()

    async def bounded(self, call: Awaitable[Outcome]) -> Outcome:
        """What the call answers. Raises `TimeoutError` when that has taken too long."""
        async with asyncio.timeout(self._within) as wait:
            self._open.add(wait)
            try:
                return await call
            finally:
                self._open.discard(wait)

    async def watch(self) -> None:
        """Looks whether it is time to stop. Cancel it."""
        while not self.stopping.is_set():
            await asyncio.sleep(_LOOK_EVERY)
        latest = asyncio.get_running_loop().time() + LAST_WORDS.total_seconds()
        for wait in self._open:
            wait.reschedule(min(latest, wait.when() or latest))


async def _send(
    item: Passed,
    channels: Channels,
    addresses: Addresses,
    now: datetime,
    waits: _Waits,
) -> Outcome:
    provider = item.draft.claimed.sender.provider
    channel = channels.get((item.draft.claimed.row["medium"], provider))
    if channel is None:
        return outcome_of(SenderRejected(provider=provider, code="no_channel"))
    try:
        letter = envelope(item, addresses, now)
    except Exception as problem:  # noqa: BLE001  # one letter that cannot be sealed; nothing left
        log.error("attempt %s has no envelope: %s", item.attempt_id, type(problem).__name__)
        return outcome_of(ContentRejected(provider=provider, code="envelope"))
    try:
        return await waits.bounded(channel.send(letter))
    except ChannelMisuse as problem:  # raised before anything leaves
        log.error("channel %s refused its use: %s", channel.provider, type(problem).__name__)
        return outcome_of(ProviderUnavailable(provider=provider, code="misuse"))
    except Exception as problem:  # noqa: BLE001  # a defect, or no answer at all: it may have sent
        log.error("channel %s failed: %s", channel.provider, type(problem).__name__)
        return Unclear(NoAnswer(provider=provider, code="adapter"))
