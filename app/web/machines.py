"""Tells who presses a form from what fetches links: previews, prefetch and scanners of mail.

A GET changes nothing, so machines may read as much as they like; what they may not do is act. What
stops us, they may: whoever says "stop" is never kept waiting for a proof of being a person.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Final

from fastapi import HTTPException, Request
from ruamel.yaml import YAML

from app.clock import Clock
from app.web.elsewhere import is_from_elsewhere

BURST: Final = 8
"""Forms on the pages of so many customers, pressed within `WITHIN` by one program at one address,
are a scanner's doing. Opening pages counts nothing: a mobile network has thousands of customers
behind one address, and they open what came to all of them at eight o'clock."""
WITHIN: Final = timedelta(seconds=10)
_REMEMBERED: Final = 2000  # programs at addresses
ALWAYS_TAKEN: Final = ("/stop", "/wrong-person", "/help", "/card_stop")
_PURPOSES: Final = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AHEAD: Final = ("prefetch", "prerender", "preview")


def is_machine(headers: Mapping[str, str]) -> bool:
    """Whether the headers, named in lower case, say that no person asks."""
    agent = headers.get("user-agent", "").lower()
    if any(token in agent for token in _agents()):
        return True
    said = " ".join(headers.get(name, "").lower() for name in _PURPOSES)
    return any(word in said for word in _AHEAD)


class Bursts:
    """Who pressed forms just now, in the memory of this process alone. Safe for threads."""

    def __init__(self) -> None:
        self._pressed: OrderedDict[tuple[str, str], deque[tuple[datetime, str]]] = OrderedDict()
        self._lock = Lock()

    def is_burst(self, address: str, agent: str, token: str, now: datetime) -> bool:
        """Notes that a form of this link was pressed, and answers whether it is one of many."""
        with self._lock:
            seen = self._pressed.setdefault((address, agent), deque(maxlen=BURST * 4))
            self._pressed.move_to_end((address, agent))
            seen.append((now, token))
            while len(self._pressed) > _REMEMBERED:
                self._pressed.popitem(last=False)
            return len({link for at, link in seen if now - WITHIN <= at <= now}) >= BURST


def for_people(clock: Clock, base_url: str) -> Callable[[Request], Awaitable[None]]:
    """What the routes of a customer's page depend on: refuses a form that a machine presses, and
    one that was pressed on another site."""
    bursts = Bursts()

    async def check(request: Request) -> None:
        if request.method in {"GET", "HEAD"} or request.url.path.endswith(ALWAYS_TAKEN):
            return
        address = request.client.host if request.client else ""
        agent, token = request.headers.get("user-agent", ""), request.path_params.get("token", "")
        if is_from_elsewhere(request.headers, base_url):
            raise HTTPException(403)
        if is_machine(request.headers) or bursts.is_burst(address, agent, token, clock.now()):
            raise HTTPException(403)

    return check


@cache
def _agents() -> tuple[str, ...]:
    text = files("app.web").joinpath("machines.yaml").read_text("utf-8")
    listed = YAML(typ="safe", pure=True).load(text)["agents"]
    return tuple(each["token"].lower() for each in listed)
