"""The pipe of the drill: a mail relay hands each mail to a process of ours, as `duly mail take` is
one, and keeps it until that process has said that it took it. Some die over it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Final

from app.clock import SystemClock
from app.intake.inbox import receive
from app.intake.mail_sources import PipedMail
from app.lab.drill_field import SECRET
from app.lab.drill_places import Place, Say
from app.lab.twilio_calls import Call
from app.store.engines import Database
from campaigns.keys import draw

_CLOCK: Final = SystemClock()

DYING: Final = 0.2  # of the processes
_LIVES: Final = 0.1  # seconds, at most; most have taken their mail by then


class Pipe:
    """A door for one mail at a time, as a careful relay is set up. `log` takes what goes wrong."""

    def __init__(self, orders: Mapping[str, str], log: Path) -> None:
        self._orders = orders
        self._log = log
        self._lock = Lock()
        self._taken = 0

    def knock(self, call: Call, now: datetime) -> int | None:  # noqa: ARG002
        with self._lock:
            self._taken += 1
            place = Place(take, self._orders, self._log, call.body, dict(call.headers))
            try:
                return self._answer(place)
            finally:
                place.kill()

    def _answer(self, place: Place) -> int | None:
        luck = draw(self._orders["seed"], "pipe", self._taken)
        if luck < DYING:
            time.sleep(luck / DYING * _LIVES)
            return None
        try:
            place.wait_until("taken")
        except RuntimeError:
            return None
        return 200


def take(orders: Mapping[str, str], say: Say, mail: bytes, headers: Mapping[str, str]) -> None:
    """Takes one mail in."""
    database = Database(orders["database"])
    receive(database, PipedMail(SECRET), mail, headers, now=_CLOCK.now())
    say("taken")
    database.dispose()
