"""How providers' calls reach us on bad days: lost on the way and told again, doubled, a day late,
in any order, several at the same time; and forged ones come along.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from app.lab.drill_door import Door
from app.lab.twilio_calls import Call
from campaigns.keys import draw

MARK: Final = b"forged"
WITHHELD: Final = 0.3  # of the tries: lost on the way
LATE: Final = 0.03  # of the letters: nobody delivers them on the first day
A_DAY: Final = timedelta(days=1)
DOUBLED: Final = 0.2
FORGED: Final = 0.1
AT_ONCE: Final = 4
_REFUSED: Final = 403

Make = Callable[[datetime], Call]
"""A provider signs a call anew whenever it makes it."""


@dataclass(slots=True)
class Letter:
    """What a provider tells until it is acknowledged; `taken` is told of that. It happened after
    what the letter with the key `after` tells."""

    key: str
    make: Make
    taken: Callable[[], None]
    after: str | None = None
    tries: int = 0
    late_until: datetime | None = None


@dataclass(slots=True)
class Mishaps:
    """What befell letters on their way. `overtaken` are those that arrived before what had
    happened earlier; of the `forged` some may have been `believed`."""

    taken: int = 0
    lost: int = 0
    doubled: int = 0
    late: int = 0
    overtaken: int = 0
    forged: int = 0
    believed: int = 0


def nothing() -> None:
    """Most letters concern nobody once they are taken."""


def as_it_is(call: Call, _now: datetime) -> Call:
    """A call whose signature has no time."""
    return call


class Post:
    """Everything that is told and not acknowledged yet. Which misfortune hits is drawn by seed."""

    def __init__(self, seed: int) -> None:
        self.mishaps = Mishaps()
        self._seed = seed
        self._letters: dict[str, Letter] = {}
        self._arrived: set[str] = set()
        self._unanswered = 0  # in a row
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        return len(self._letters)

    def put(
        self,
        key: str,
        make: Make,
        taken: Callable[[], None] = nothing,
        *,
        after: str | None = None,
    ) -> None:
        """The same key again is the same letter."""
        self._letters.setdefault(key, Letter(key, make, taken, after))

    def deliver(self, door: Door, now: datetime) -> None:
        """Everything that is not withheld this time, in an order of chance."""
        tried = sorted(self._letters.values(), key=lambda letter: self._luck(letter, "order"))
        self._unanswered = 0
        due = [letter for letter in tried if self._comes(letter, now)]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answered = list(pool.map(lambda letter: self._carry(letter, door, now), due))
        for letter, is_taken in zip(due, answered, strict=True):
            if is_taken:
                self.mishaps.taken += 1
                del self._letters[letter.key]
                letter.taken()

    def _comes(self, letter: Letter, now: datetime) -> bool:
        letter.tries += 1
        if letter.late_until is None:
            is_late = draw(self._seed, "late", letter.key) < LATE
            letter.late_until = now + A_DAY if is_late else now
            self.mishaps.late += is_late
        if now < letter.late_until:
            return False
        is_lost = self._luck(letter, "withheld") < WITHHELD
        self.mishaps.lost += is_lost
        return not is_lost

    def _carry(self, letter: Letter, door: Door, now: datetime) -> bool:
        if self._unanswered >= AT_ONCE:
            return False  # nobody is there: all are told again next time
        call = letter.make(now)
        if _is_signed(call) and self._luck(letter, "forged") < FORGED:
            self._forge(letter, call, door, now)
        times = 2 if self._luck(letter, "doubled") < DOUBLED else 1
        answers = [self._knock(door, call, now) for _ in range(times)]
        is_taken = all(answer is not None and 200 <= answer < 300 for answer in answers)
        if is_taken:
            self._note(letter, is_doubled=times > 1)
        return is_taken

    def _knock(self, door: Door, call: Call, now: datetime) -> int | None:
        answer = door.knock(call, now)
        with self._lock:
            self._unanswered = self._unanswered + 1 if answer is None else 0
        return answer

    def _note(self, letter: Letter, *, is_doubled: bool) -> None:
        """Calls come at the same time, so which was first is known here and nowhere later."""
        with self._lock:
            self._arrived.add(letter.key)
            self.mishaps.doubled += is_doubled
            self.mishaps.overtaken += letter.after is not None and letter.after not in self._arrived

    def _forge(self, letter: Letter, call: Call, door: Door, now: datetime) -> None:
        """Another body under the same signature, or none that fits."""
        luck = self._luck(letter, "signature")
        headers = {
            name: value[::-1] if luck < 0.5 and "signature" in name.lower() else value
            for name, value in call.headers.items()
        }
        answer = door.knock(replace(call, body=_marked(call.body), headers=headers), now)
        with self._lock:
            self.mishaps.forged += 1
            self.mishaps.believed += answer not in (_REFUSED, None)

    def _luck(self, letter: Letter, what: str) -> float:
        return draw(self._seed, what, letter.key, letter.tries)


def _is_signed(call: Call) -> bool:
    """A pipe's calls are not: nobody but our own relay can make them."""
    return any("signature" in name.lower() for name in call.headers)


def _marked(body: bytes) -> bytes:
    """Something else in the same form, which can be told from what is genuine."""
    if b"{" in body:
        return body.replace(b"{", b'{"' + MARK + b'": 1, ', 1)
    return body + b"&" + MARK + b"=1"
