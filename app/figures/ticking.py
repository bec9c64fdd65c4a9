"""The loop that keeps the figures."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from app.figures.daily import count_days
from app.figures.standing import count_standing
from app.store.engines import Database

EVERY: Final = timedelta(seconds=15)


class Figures:
    def __init__(self, database: Database) -> None:
        self._database = database

    def tick(self, now: datetime) -> bool:
        """Counts what is due. Answers whether more days are."""
        count_standing(self._database, now)
        return count_days(self._database, now)
