"""How long records are kept, when several rules speak.

Of what must be kept the longest counts, of what must go the soonest; where both speak, what must be
kept stays until it need not be: a duty of the law to keep is an exception from erasure everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, assert_never

from campaigns.duties import Act, Records, Retention, Term

FAR: Final = datetime.max.replace(tzinfo=UTC)
_SLACK: Final = timedelta(days=4)
"""Years and months differ by no more, however they are counted back."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """`until` something must be kept, and when it `goes`; None: no rule says so. With the rules."""

    until: datetime | None = None
    kept_for: str = ""
    goes_at: datetime | None = None
    goes_for: str = ""


def outreach(rows: Iterable[Retention]) -> tuple[Retention, ...]:
    """Of these rows, those about what Duly knows of a customer apart from the ledger."""
    return tuple(row for row in rows if _is_outreach(row.records))


def keeping(rows: Iterable[Retention], counted: Mapping[Act, datetime]) -> Keeping:
    """What rows about one kind of records come to. `counted` has the acts that have happened.

    What must be kept from an act that has not happened is kept without an end; what must go from
    such an act does not go yet.
    """
    least, most = [], []
    for row in rows:
        start = counted.get(row.counted_from)
        if row.least is not None:
            least.append((row.least.after(start) if start else FAR, row.id))
        elif row.most is not None and start is not None:
            most.append((row.most.after(start), row.id))
    until, kept_for = max(least, default=(None, ""))
    goes_at, goes_for = min(most, default=(None, ""))
    if until is not None and goes_at is not None and goes_at < until:
        goes_at, goes_for = until, kept_for
    return Keeping(until, kept_for, goes_at, goes_for)


def latest_start(terms: Iterable[Term], now: datetime) -> datetime | None:
    """The latest start from which the shortest of these terms may be over; never too early."""
    lengths = [term.after(now) - now for term in terms]
    return min(now, now - min(lengths) + _SLACK) if lengths else None


def _is_outreach(records: Records) -> bool:
    match records:
        case Records.COMPLIANCE | Records.CONTACTS | Records.MANDATE_DATA:
            return True
        case Records.CALL_RECORDINGS:
            return False  # Duly records no calls, so there is nothing to keep and nothing to erase
        case Records.LEDGER | Records.SUPPRESSION | Records.CALLBACKS:
            return False
        case Records.MEANS | Records.PROOFS:
            return False  # they go before the rest, each by its own time
        case _:
            assert_never(records)
