"""The reference rates that are known: those that ship, and those that a person added."""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import select
from sqlmodel import Session

from app.book.errors import ChargesError
from app.store.bulk import insert_rows
from app.store.given import table_of
from app.store.rows import ReferenceRate
from campaigns.duties import Reference
from campaigns.rates import Rate, begins_half_year, percent_of, read_rates
from campaigns.rulehead import Status

_RATE = table_of(ReferenceRate)


def known_rates(session: Session) -> tuple[Rate, ...]:
    """All rates, by reference and day. One that was added stands in for the shipped one."""
    found = {(rate.reference, rate.starts_on): rate for rate in shipped_rates()}
    for row in session.connection().execute(select(_RATE)):
        reference, percent = Reference(row.reference), percent_of(row.percent)
        assert percent is not None  # checked when it was added
        source = f"{row.source} (added by {row.added_by} on {row.added_at.date()})"
        found[reference, row.starts_on] = Rate(
            reference, row.starts_on, percent, source, Status.PRIMARY
        )
    return tuple(found[key] for key in sorted(found))


@cache
def shipped_rates() -> tuple[Rate, ...]:
    """What the files give. Raises `RatesError`."""
    folder = files("campaigns").joinpath("reference_rates")
    texts = sorted((f.name, f.read_text("utf-8")) for f in folder.iterdir())
    return tuple(
        rate for name, text in texts if name.endswith(".yaml") for rate in read_rates(text, name)
    )


def add_rate(
    session: Session,
    *,
    reference: Reference,
    starts_on: date,
    percent: str,
    source: str,
    added_by: str,
    now: datetime,
) -> None:
    """Adds a rate, with who did it and when. Raises `ChargesError`; an added one never changes."""
    if not begins_half_year(starts_on):
        raise ChargesError(f"{starts_on} begins no half-year: give 1 January or 1 July")
    if percent_of(percent) is None:
        raise ChargesError(f"{percent!r} is no percentage; write it like 2.15")
    if not source.strip():
        raise ChargesError("a rate without its source; say where it was read")
    query = select(_RATE.c.id).where(
        _RATE.c.reference == str(reference), _RATE.c.starts_on == starts_on
    )
    if session.connection().execute(query).first() is not None:
        raise ChargesError(f"{reference} from {starts_on} was added before; see `duly rates list`")
    row = {
        "reference": str(reference),
        "starts_on": starts_on,
        "percent": percent,
        "source": source,
        "added_by": added_by,
        "added_at": now,
    }
    insert_rows(session, ReferenceRate, [row])
