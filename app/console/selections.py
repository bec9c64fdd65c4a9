"""What acts on many choose from: lists of the console, by the names that errands keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.console.customers.choosing import CUSTOMERS, OPEN_TASKS, STAFF_HOLDS
from app.console.queues.choosing import QUEUED
from app.errands.lists import Selection
from app.errands.own_lists import OF_ERRAND

SELECTIONS: Final[Mapping[str, Selection]] = {
    each.name: each for each in (CUSTOMERS, STAFF_HOLDS, OPEN_TASKS, QUEUED, OF_ERRAND)
}
