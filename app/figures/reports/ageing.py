"""How old the open book is: the usual steps of thirty days past the due date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Bucket(StrEnum):
    CURRENT = "current"
    TO_30 = "1-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    OVER_90 = "90+"


_UP_TO = ((0, Bucket.CURRENT), (30, Bucket.TO_30), (60, Bucket.TO_60), (90, Bucket.TO_90))


def bucket_of(due_on: date, today: date) -> Bucket:
    """An invoice is current to the end of the day on which it is due."""
    past = (today - due_on).days
    return next((bucket for most, bucket in _UP_TO if past <= most), Bucket.OVER_90)


def due_between(bucket: Bucket, today: date) -> tuple[date | None, date | None]:
    """The first and the last due date of a bucket; None: without end."""
    ends = [today - timedelta(days=most) for most, _ in _UP_TO]
    match bucket:
        case Bucket.CURRENT:
            return ends[0], None
        case Bucket.OVER_90:
            return None, ends[-1] - timedelta(days=1)
        case _:
            at = [each for _, each in _UP_TO].index(bucket)
            return ends[at], ends[at - 1] - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Aged:
    """How many invoices, and how much in minor units, of one currency."""

    number: int = 0
    amount: int = 0


def aged(open_by_due: Mapping[date, tuple[int, int]], today: date) -> Mapping[Bucket, Aged]:
    """Every bucket, also those that are empty. Together they are the open book."""
    found = {bucket: Aged() for bucket in Bucket}
    for due_on, (number, amount) in open_by_due.items():
        bucket = bucket_of(due_on, today)
        before = found[bucket]
        found[bucket] = Aged(before.number + number, before.amount + amount)
    return found
