"""Passwords: which are taken, and their hashes (argon2id).

By NIST SP 800-63B: length counts, nothing is asked of its letters, nobody must change it by a
calendar, and what everybody tries first is refused.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from enum import StrEnum
from functools import cache, partial
from typing import Final, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

T = TypeVar("T")

SHORTEST: Final = 15
"""Where a password may stand alone (NIST SP 800-63B-4, 3.1.1.2); whoever has a second factor may
take it off again. One that was set when 12 were asked for still lets in."""
LONGEST: Final = 256
"""Longer ones only cost time to hash."""
AT_ONCE: Final = 2
"""Each takes 64 MiB and a core: more would slow down whatever else this process does."""

_HASHING: Final = CapacityLimiter(AT_ONCE)
_HASH: Final = PasswordHash((Argon2Hasher(),))
_LEAST_DIFFERENT: Final = 5
_COMMON: Final = frozenset(
    "password passw0rd letmein welcome changeme qwerty qwertyuiop asdfghjkl zxcvbnm iloveyou admin"
    " administrator monkey dragon football baseball sunshine princess trustno1 superman starwars"
    " secret master login abc duly console".split()
)
"""Words that the lists of stolen passwords are full of; and our own name."""
_ROWS: Final = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "01234567890123456789")


class Weakness(StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    NAMED = "named"
    COMMON = "common"


class PasswordRefused(ValueError):
    """A password that is not taken, and why."""

    def __init__(self, weakness: Weakness) -> None:
        super().__init__(_WHY[weakness])
        self.weakness = weakness


_WHY: Final = {
    Weakness.SHORT: f"It has fewer than {SHORTEST} letters; take some words that only you put"
    " together.",
    Weakness.LONG: f"It has more than {LONGEST} letters; take a shorter one.",
    Weakness.NAMED: "It holds the name that you sign in with; take another.",
    Weakness.COMMON: "It is among the first that anybody tries; take some words that only you put"
    " together.",
}


def ensure_strong(password: str, *sign_in_names: str) -> None:
    """Raises `PasswordRefused` for one that is too short, too long, or too easily guessed."""
    plain = _composed(password)
    if len(plain) < SHORTEST:
        raise PasswordRefused(Weakness.SHORT)
    if len(plain) > LONGEST:
        raise PasswordRefused(Weakness.LONG)
    folded = plain.casefold()
    for name in sign_in_names:
        for part in {name.casefold(), name.casefold().partition("@")[0]}:
            if len(part) > 2 and part in folded:
                raise PasswordRefused(Weakness.NAMED)
    if _is_common(folded):
        raise PasswordRefused(Weakness.COMMON)


async def hashed(password: str) -> str:
    """The hash of a password, made off the event loop."""
    return await _off_loop(partial(_HASH.hash, _composed(password)))


async def is_right(password: str, kept: str | None) -> bool:
    """Whether this is the password of a hash. Takes as long where there is none."""
    asked = partial(_HASH.verify, _composed(password)[: LONGEST + 1])
    if kept is None:
        await _off_loop(lambda: asked(_nobodys()))
        return False
    return bool(await _off_loop(lambda: asked(kept)))


async def _off_loop(work: Callable[[], T]) -> T:
    return await run_sync(work, limiter=_HASHING)


@cache
def _nobodys() -> str:
    return _HASH.hash(secrets.token_hex(32))


def _composed(password: str) -> str:
    """The same password whichever keyboard it was typed on (SP 800-63B: NFKC or NFC)."""
    return unicodedata.normalize("NFKC", password)


def _is_common(folded: str) -> bool:
    if len(set(folded)) < _LEAST_DIFFERENT:
        return True
    letters = "".join(filter(str.isalnum, folded))
    bare = letters.strip("0123456789")
    if not bare or bare in _COMMON or any(bare == word * 2 for word in _COMMON):
        return True
    return any(letters in row * 2 or letters in row[::-1] * 2 for row in _ROWS)
