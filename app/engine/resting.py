"""Cases that the database takes in no form: this process leaves them alone for a while.

They stay due, so without this they would be claimed at once again, ahead of all others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=6)


@dataclass
class Resting:
    """Which cases rest, and until when. Forgets one that has not failed for the longest rest."""

    _rests: dict[int, tuple[datetime, timedelta]] = field(default_factory=dict)

    def rest(self, case_id: int, now: datetime) -> None:
        """Leaves it alone, twice as long as the last time."""
        _, last = self._rests.get(case_id, (now, SHORTEST / 2))
        longer = min(last * 2, LONGEST)
        self._rests[case_id] = now + longer, longer

    def at(self, now: datetime) -> frozenset[int]:
        """The cases that rest now."""
        self._rests = {
            case_id: (until, length)
            for case_id, (until, length) in self._rests.items()
            if now < until + LONGEST
        }
        return frozenset(case_id for case_id, (until, _) in self._rests.items() if now < until)
