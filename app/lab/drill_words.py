"""Who gives their word on what the drill may not say without: most messages are approved, some are
refused, and on some nobody ever decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.delivery.approving import UNAPPROVED, Approver, NotWaiting, SaysOtherwise
from app.engine.catalogue import Catalogue
from app.lab.drill_field import BASE_URL
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Message
from campaigns.keys import draw

APPROVED: Final = 0.7
REFUSED: Final = 0.15
BY: Final = "drill"
_MESSAGE = table_of(Message)
_WAITING: Final = select(_MESSAGE.c.id).where(*UNAPPROVED).order_by(_MESSAGE.c.id)


class Desk:
    """Where what waits for a word is decided, each message once and by the seed."""

    def __init__(self, database: Database, seed: int) -> None:
        self._database = database
        self._seed = seed
        self._approver = Approver(Catalogue(), BASE_URL)

    def decide(self, clock: Callable[[], datetime]) -> None:
        """Decides all that waits. Connections are cut here as well, and messages are stopped
        meanwhile: what could not be decided is looked at again the next time."""
        waiting: Sequence[int] = ()
        with suppress(DBAPIError), self._database.read() as session:
            waiting = session.connection().execute(_WAITING).scalars().all()
        for message_id in waiting:
            point = draw(self._seed, "word", message_id)
            if point < APPROVED + REFUSED:
                with suppress(DBAPIError):
                    self._say(message_id, clock, approves=point < APPROVED)

    def _say(self, message_id: int, clock: Callable[[], datetime], *, approves: bool) -> None:
        with suppress(NotWaiting, SaysOtherwise), self._database.write() as session:
            now = clock()  # under the lock, where there is one: it may have waited
            if not approves:
                self._approver.refuse(session, message_id, note="", by=BY, now=now)
                return
            seen = self._approver.asked(session, message_id, now).seen
            self._approver.approve(session, message_id, seen=seen, by=BY, now=now)
