"""The one table of facts that a journey's conditions may name, typed.

A name that is not in the table does not exist for a journey.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from campaigns.debits import DebitState
from campaigns.facts import Facts
from campaigns.vocabulary import CustomerKind, Medium, SenderRole


class FactType(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class FactColumn:
    """A name that conditions may use. `values` closes the set of a text column."""

    name: str
    type: FactType
    meaning: str
    read: Callable[[Facts, date], object]
    values: tuple[str, ...] = ()


def _main_balance(facts: Facts) -> Decimal:
    return max((money.decimal for money in facts.balance), default=Decimal(0))


def _main_currency(facts: Facts) -> str:
    return max(facts.balance, key=lambda money: money.decimal).currency if facts.balance else ""


def _days_past_due(facts: Facts, today: date) -> int:
    return (today - min((i.due_on for i in facts.claimable), default=today)).days


def _columns() -> tuple[FactColumn, ...]:
    number, text, flag, day = FactType.NUMBER, FactType.TEXT, FactType.FLAG, FactType.DATE
    kinds = tuple(CustomerKind)
    media = (*Medium, "")
    roles = tuple(SenderRole)
    return (
        FactColumn(
            "balance",
            number,
            "open and undisputed, in major units of the largest currency",
            lambda f, _: _main_balance(f),
        ),
        FactColumn(
            "currency",
            text,
            "ISO currency of `balance`, or empty",
            lambda f, _: _main_currency(f),
        ),
        FactColumn(
            "currencies",
            number,
            "in how many currencies something is open and undisputed",
            lambda f, _: len(f.balance),
        ),
        FactColumn(
            "days_past_due",
            number,
            "days since the oldest claimable due date; negative before it",
            _days_past_due,
        ),
        FactColumn(
            "open_invoices",
            number,
            "how many invoices are open and undisputed",
            lambda f, _: len(f.claimable),
        ),
        FactColumn(
            "disputed_invoices",
            number,
            "how many open invoices are disputed",
            lambda f, _: len(f.invoices) - len(f.claimable),
        ),
        FactColumn(
            "oldest_due_on",
            day,
            "the oldest claimable due date (today if none)",
            lambda f, today: min((i.due_on for i in f.claimable), default=today),
        ),
        FactColumn("today", day, "the date on the creditor's calendar", lambda _, today: today),
        FactColumn(
            "promises_kept",
            number,
            "promises that this customer kept",
            lambda f, _: f.promises_kept,
        ),
        FactColumn(
            "promises_broken",
            number,
            "promises that this customer broke",
            lambda f, _: f.promises_broken,
        ),
        FactColumn("has_promise", flag, "a promise is open", lambda f, _: f.promise is not None),
        FactColumn("has_plan", flag, "a plan is running", lambda f, _: f.plan is not None),
        FactColumn(
            "instalment_missed",
            flag,
            "the instalment that the case is about is past its grace",
            lambda f, _: f.instalment is not None and f.instalment.is_missed,
        ),
        FactColumn(
            "instalments_left",
            number,
            "how many instalments are unpaid, from the one that the case is about",
            lambda f, _: f.instalment.left if f.instalment else 0,
        ),
        FactColumn(
            "card_debit",
            text,
            "how the debit of a kept card for that instalment stands: `planned`,"
            " `announced`, `running`, `retry` (declined, tried again), `replace` (not tried"
            " again), `confirm` (the bank wants to hear the customer), or empty",
            lambda f, _: str(f.instalment.debit.state) if f.instalment else "",
            tuple(DebitState),
        ),
        FactColumn("kind", text, "consumer or business", lambda f, _: str(f.kind), kinds),
        FactColumn(
            "role", text, "on whose behalf the creditor writes", lambda f, _: str(f.role), roles
        ),
        FactColumn("sector", text, "the creditor's sector", lambda f, _: f.sector or ""),
        FactColumn("locale", text, "the customer's language", lambda f, _: f.locale),
        FactColumn("country", text, "ISO country, or empty", lambda f, _: f.country or ""),
        FactColumn(
            "preferred_medium",
            text,
            "the medium that the customer asked for, or empty",
            lambda f, _: str(f.preferred or ""),
            media,
        ),
        FactColumn(
            "ever_answered",
            flag,
            "the customer has answered on some medium",
            lambda f, _: any(c.answered for c in f.channels),
        ),
    )


FACT_TABLE: Mapping[str, FactColumn] = MappingProxyType(
    {column.name: column for column in _columns()}
)


def view(facts: Facts, today: date) -> Mapping[str, object]:
    """The row of the fact table that conditions are evaluated on; `custom.x` reads `custom`."""
    return _Row(facts, today)


class _Row(Mapping[str, object]):
    """What a condition names is worked out when it is read, and once: most name one or two."""

    __slots__ = ("_facts", "_read", "_today")

    def __init__(self, facts: Facts, today: date) -> None:
        self._facts, self._today = facts, today
        self._read: dict[str, object] = {"custom": facts.custom}

    def __getitem__(self, name: str) -> object:
        try:
            return self._read[name]
        except KeyError:
            value = self._read[name] = FACT_TABLE[name].read(self._facts, self._today)
            return value

    def __iter__(self) -> Iterator[str]:
        return iter((*FACT_TABLE, "custom"))

    def __len__(self) -> int:
        return len(FACT_TABLE) + 1
