"""Some of the invoices and not the rest: they are chosen here, and paid at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.book.discounts import Reduction
from app.web.account import InvoiceLine
from app.web.catalogues import N_
from app.web.payable import invoice_field
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


def _choices(moment: Moment) -> dict[str, list[Choice]]:
    """By currency, where there is more than one, and no plan says what is paid next."""
    shown = moment.account
    found: dict[str, list[Choice]] = {}
    for line in shown.asked:
        found.setdefault(line.open.currency, []).append(
            Choice(line, _reduced(line, shown.reductions.get(line.id)))
        )
    planned = shown.plan.currency if shown.plan else ""
    return {
        currency: choices
        for currency, choices in found.items()
        if len(choices) > 1 and currency != planned
    }


def _reduced(line: InvoiceLine, reduction: Reduction | None) -> Money | None:
    return None if reduction is None else line.open - Money(reduction.minor, line.open.currency)


def _is_offered(moment: Moment) -> bool:
    return bool(_choices(moment))


def _show(moment: Moment, _typed: Filled) -> Shown:
    return Shown(_choices(moment))


WAY: Final = Way(
    "invoices",
    None,
    N_("Pay only some of the invoices"),
    _is_offered,
    _show,
    place=Place.PAY,
)
