"""What whoever opens a page brings along: the link's token, and a proof once one was given.

The proof is a cookie for this page alone, made when its question was answered, for half an hour. It
is a keyed hash of the token, so nothing is stored and no other page can be opened with it.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import Response

COOKIE: Final = "duly_proof"
PROVEN_FOR: Final = timedelta(minutes=30)
_PROOF: Final = re.compile(r"([0-9]{1,12})\.([0-9a-f]{32})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ticket:
    """The token in the path, and what the cookie says."""

    token: str
    proof: str = ""

    @property
    def path(self) -> str:
        return f"/p/{self.token}"

    def is_proven(self, secret: bytes, now: datetime) -> bool:
        """Whether the question of this page was answered rightly within `PROVEN_FOR`."""
        said = _PROOF.fullmatch(self.proof)
        if said is None or int(said[1]) <= now.timestamp():
            return False
        return hmac.compare_digest(said[2], _hash(secret, self.token, said[1]))


def ticket_of(request: Request) -> Ticket:
    """Of who asks for a path with a `{token}`."""
    return Ticket(request.path_params["token"], request.cookies.get(COOKIE, ""))


async def _ticket(request: Request) -> Ticket:
    return ticket_of(request)


Held = Annotated[Ticket, Depends(_ticket)]
"""A parameter of a route below `/p/{token}`."""


def give_proof(response: Response, secret: bytes, token: str, now: datetime, *, safe: bool) -> None:
    """Has the browser keep the proof; `safe`: by https alone."""
    until = f"{int((now + PROVEN_FOR).timestamp())}"
    response.set_cookie(
        COOKIE,
        f"{until}.{_hash(secret, token, until)}",
        max_age=int(PROVEN_FOR.total_seconds()),
        path=f"/p/{token}",
        secure=safe,
        httponly=True,
        samesite="lax",
    )


def _hash(secret: bytes, token: str, until: str) -> str:
    return hmac.digest(secret, f"duly/proof/{token}/{until}".encode(), "sha256")[:16].hex()
