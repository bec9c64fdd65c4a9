"""What a report is given to tell its figures with: the reader's words, numbers and direction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal, format_decimal, format_percent
from sqlmodel import Session

from app.console.door import Visit
from app.console.figures.charts import Chart, Writing
from app.console.figures.scope import Scope
from app.console.figures.tables import Table
from app.console.office import Office
from app.console.reasons_at_large import at_large
from app.wording.formats import formats_for
from campaigns.money import Money

_LEFT_TO_RIGHT = "\u200e"  # else a minus goes behind its number where the page runs to the left

_COMPACT_FROM = 10_000


@dataclass(frozen=True, slots=True)
class Report:
    """`says` is what it comes to, in a sentence; `made` how it is counted."""

    says: str
    made: str
    tables: Sequence[Table]
    charts: Sequence[Chart] = ()
    note: str = ""

    @property
    def has_few(self) -> bool:
        """Whether some line is marked as standing on too few to be sure of its shares."""
        return any(line.is_small for table in self.tables for line in table.lines)


class Telling:
    """One reader, one scope, one snapshot."""

    def __init__(self, office: Office, visit: Visit, session: Session, scope: Scope) -> None:
        self.session = session
        self.scope = scope
        self._office, self._visit = office, visit
        formats = formats_for(visit.language)
        self._locale, self.is_rtl = formats.locale, formats.rtl

    def say(self, text: str, **facts: Any) -> str:
        """A text that was marked by `N_`."""
        return self._office.say(self._visit, text, **facts)

    def number(self, value: float) -> str:
        if abs(value) >= _COMPACT_FROM:
            return str(format_compact_decimal(value, locale=self._locale, fraction_digits=1))
        return str(format_decimal(value, "#,##0.##", locale=self._locale, numbering_system="latn"))

    def money(self, minor: float) -> str:
        """An amount of the scope's currency, in short; for the axis of a chart."""
        return self.number(float(Money(round(minor), self.scope.currency).decimal))

    def whole_money(self, minor: int) -> str:
        """An amount of the scope's currency, to the last digit."""
        return formats_for(self._visit.language).money(Money(minor, self.scope.currency))

    def percent(self, share: float) -> str:
        told = format_percent(share, "#,##0.#%", locale=self._locale, numbering_system="latn")
        return f"{_LEFT_TO_RIGHT}{told}" if share < 0 else str(told)

    def month(self, name: str) -> str:
        """2026-06 as the reader writes it."""
        return str(format_skeleton("yMMM", date.fromisoformat(f"{name}-01"), locale=self._locale))

    def day(self, name: str) -> str:
        """2026-06-09 as the reader writes a day of this year."""
        return str(format_skeleton("MMMd", date.fromisoformat(name), locale=self._locale))

    def reason(self, code: str) -> str:
        """The sentence of a reason that stands for many."""
        return at_large(self.say, code)

    def named(self, names: Any, code: str) -> str:
        """A code by its name; what has none stands for itself."""
        return self.say(names[code]) if code in names else code

    def writing(self, write: Callable[[float], str] | None = None) -> Writing:
        return Writing(write or self.number, self.is_rtl)
