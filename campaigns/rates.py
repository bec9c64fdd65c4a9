"""Reference rates as dated data: one percentage for each half-year, with its source.

RatesError(ValueError)   a text that is no list of rates, with all its findings

A half-year without a rate is missing: no rate before it is taken in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from campaigns.duties import Reference
from campaigns.findings import Finding, Report
from campaigns.packtable import Table, table_in
from campaigns.rulehead import UNREAD, Status

SCHEMA = "duly-rates/1"
_PERCENT = re.compile(r"-?\d{1,3}(\.\d{1,6})?")
_HALVES = ((1, 1), (7, 1))
_KEYS = ("from", "percent", "source", "status", "checked")


class RatesError(ValueError):
    """Everything that keeps a file from being a list of reference rates."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


@dataclass(frozen=True, slots=True)
class Rate:
    """A reference rate in per cent, for the half-year that begins on `starts_on`."""

    reference: Reference
    starts_on: date
    percent: Decimal
    source: str
    status: Status

    @property
    def is_caution(self) -> bool:
        """Whether nobody has read the source itself."""
        return self.status in UNREAD


def half_year_of(day: date) -> date:
    """The first day of the half-year of `day`."""
    return date(day.year, 1 if day.month < 7 else 7, 1)


def next_half_year(day: date) -> date:
    """The first day of the half-year after that of `day`."""
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


def percent_of(text: str) -> Decimal | None:
    """The exact percentage, or None where `text` is none."""
    return Decimal(text) if _PERCENT.fullmatch(text) else None


def begins_half_year(day: date) -> bool:
    return (day.month, day.day) in _HALVES


def read_rates(text: str, file: str) -> tuple[Rate, ...]:
    """The rates that `text` holds. `file` names it in findings.

    Raises `RatesError` with every finding at once.
    """
    report = Report(file)
    top = table_in(text, report, what="a list of rates", schema=SCHEMA)
    found = _rates(top) if top is not None else ()
    if report.findings:
        raise RatesError(report.findings)
    return found


def _rates(top: Table) -> tuple[Rate, ...]:
    top.only(("schema", "reference", "rates"))
    top.choice("schema", {SCHEMA: SCHEMA})
    reference = top.one_of("reference", Reference, needed=True) or Reference.ECB_MRO
    return tuple(_each(top.tables("rates"), reference))


def _each(tables: Iterable[Table], reference: Reference) -> Iterable[Rate]:
    known: set[date] = set()
    for table in tables:
        rate = _rate(table, reference)
        if rate.starts_on in known:
            problem = f"two rates from {rate.starts_on}"
            table.fault("from", problem, "Keep the one that its source gives.")
        known.add(rate.starts_on)
        yield rate


def _rate(table: Table, reference: Reference) -> Rate:
    table.only(_KEYS)
    starts_on = table.day("from", needed=True) or date.min
    if starts_on is not date.min and not begins_half_year(starts_on):
        problem = f"{starts_on} begins no half-year"
        table.fault("from", problem, "A rate holds from 1 January or from 1 July.")
    table.day("checked", needed=True)
    source = table.text("source")
    statuses = {str(status): status for status in Status}
    status = table.choice("status", statuses) or Status.GENERAL
    return Rate(reference, starts_on, _percent(table), source, status)


def _percent(table: Table) -> Decimal:
    text = table.text("percent")
    found = percent_of(text)
    if found is None and text:
        table.fault("percent", f"`percent` is no percentage: {text}", 'Write `"2.15"`, in quotes.')
    return found or Decimal(0)
