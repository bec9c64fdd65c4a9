"""How providers' calls reach us on bad days: lost on the way and told again, doubled, late, in any
order, several at the same time; and forged ones come along.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from app.lab.drill_door import Door
from app.lab.twilio_calls import Call
from campaigns.keys import draw

MARK: Final = b"forged"
WITHHELD: Final = 0.3  # of the tries: lost on the way, or late
DOUBLED: Final = 0.2
FORGED: Final = 0.1
AT_ONCE: Final = 4
_REFUSED: Final = 403

Make = Callable[[datetime], Call]
"""A provider signs a call anew whenever it makes it."""


@dataclass(slots=True)
class Letter:
    """What a provider tells until it is acknowledged; `taken` is told of that."""

    key: str
    make: Make
    taken: Callable[[], None]
    tries: int = 0


def nothing() -> None:
    """Most letters concern nobody once they are taken."""


def as_it_is(call: Call, _now: datetime) -> Call:
    """A call whose signature has no time."""
    return call


class Post:
    """Everything that is told and not acknowledged yet. Which misfortune hits is drawn by seed."""

    def __init__(self, seed: int) -> None:
        self.forged = 0
        self.believed = 0
        self.taken = 0
        self._seed = seed
        self._letters: dict[str, Letter] = {}

    @property
    def waiting(self) -> int:
        return len(self._letters)

    def put(self, key: str, make: Make, taken: Callable[[], None] = nothing) -> None:
        """The same key again is the same letter."""
        self._letters.setdefault(key, Letter(key, make, taken))

    def deliver(self, door: Door, now: datetime) -> None:
        """Everything that is not withheld this time, in an order of chance."""
        tried = sorted(self._letters.values(), key=lambda letter: self._luck(letter, "order"))
        for letter in tried:
            letter.tries += 1
        due = [letter for letter in tried if self._luck(letter, "withheld") >= WITHHELD]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answered = list(pool.map(lambda letter: self._carry(letter, door, now), due))
        for letter, is_taken in zip(due, answered, strict=True):
            if is_taken:
                self.taken += 1
                del self._letters[letter.key]
                letter.taken()

    def _carry(self, letter: Letter, door: Door, now: datetime) -> bool:
        call = letter.make(now)
        if self._luck(letter, "forged") < FORGED:
            self._forge(letter, call, door, now)
        times = 2 if self._luck(letter, "doubled") < DOUBLED else 1
        answers = [door.knock(call, now) for _ in range(times)]
        return all(answer is not None and 200 <= answer < 300 for answer in answers)

    def _forge(self, letter: Letter, call: Call, door: Door, now: datetime) -> None:
        """Another body under the same signature, or none that fits."""
        luck = self._luck(letter, "signature")
        headers = {
            name: value[::-1] if luck < 0.5 and "signature" in name.lower() else value
            for name, value in call.headers.items()
        }
        answer = door.knock(replace(call, body=_marked(call.body), headers=headers), now)
        self.forged += 1
        self.believed += answer not in (_REFUSED, None)

    def _luck(self, letter: Letter, what: str) -> float:
        return draw(self._seed, what, letter.key, letter.tries)


def _marked(body: bytes) -> bytes:
    """Something else in the same form, which can be told from what is genuine."""
    if b"{" in body:
        return body.replace(b"{", b'{"' + MARK + b'": 1, ', 1)
    return body + b"&" + MARK + b"=1"
