"""Some of the invoices and not the rest: they are chosen here, and paid at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.book.discounts import Reduction
from app.web.account import InvoiceLine
from app.web.catalogues import N_
from app.web.payable import all_chosen, invoice_field
from app.web.ways.way import Filled, Moment, Place, Shown, Way
from campaigns.money import Money

CHOOSE_ONE: Final = N_("Please choose at least one invoice.")


@dataclass(frozen=True, slots=True)
class Choice:
    """An invoice that may be chosen; `now` is what is to pay where a discount is given."""

    line: InvoiceLine
    now: Money | None

    @property
    def field(self) -> str:
        return invoice_field(self.line.id)


@dataclass(frozen=True, slots=True)
class Choosing:
    """The form of one currency; `total` is what all of it comes to."""

    total: Money
    choices: Sequence[Choice]


def _forms(moment: Moment) -> list[Choosing]:
    """One a currency, where there is more than one invoice and no plan says what is paid next."""
    shown = moment.account
    planned = shown.plan.currency if shown.plan else ""
    found: dict[str, list[Choice]] = {}
    for line in shown.asked:
        reduction = shown.reductions.get(line.id)
        found.setdefault(line.open.currency, []).append(Choice(line, _reduced(line, reduction)))
    return [
        Choosing(all_chosen(shown, currency).amount, choices)
        for currency, choices in found.items()
        if len(choices) > 1 and currency != planned
    ]


def _reduced(line: InvoiceLine, reduction: Reduction | None) -> Money | None:
    return None if reduction is None else line.open - Money(reduction.minor, line.open.currency)


def _is_offered(moment: Moment) -> bool:
    return bool(_forms(moment))


def _show(moment: Moment, _typed: Filled) -> Shown:
    return Shown(_forms(moment))


WAY: Final = Way(
    "invoices",
    None,
    N_("Pay only some of the invoices"),
    _is_offered,
    _show,
    place=Place.PAY,
)
