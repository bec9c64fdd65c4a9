"""When payment is due by words, where they leave no doubt; else nobody guesses."""

from __future__ import annotations

import re
from datetime import date, timedelta

_NUMBER = re.compile(r"\d+")
_DAYS = re.compile(
    r"(?P<before>\d{1,3})\s*(?:calendar\s+)?(?:days?|dien\w*|tage?n?|jours?|d[ií]as?|giorni|dni|ימים)\b"
    r"|\bnet(?:to)?\s*(?P<after>\d{1,3})\b(?!\s*(?:%|month))",
    re.IGNORECASE,
)
# Discounts, months and working days make another day of the same number.
_DOUBTFUL = re.compile(
    r"%|skonto|discount|month|monat|mėn|\beom\b|working|business|darbo|werktag|ouvr", re.IGNORECASE
)


def due_by_terms(terms: str, issued_on: date) -> date | None:
    """`Net 30` and `30 dienų` are 30 days after the issue. None where it could be another day."""
    numbers = _NUMBER.findall(terms)
    found = _DAYS.search(terms)
    if len(numbers) != 1 or found is None or _DOUBTFUL.search(terms):
        return None
    return issued_on + timedelta(days=int(found["before"] or found["after"]))
