"""Something is wrong with an invoice: it is carved out until it is clear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web import acts
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Shown, Way, owes

KINDS: Mapping[str, str] = {
    "wrong_amount": N_("The amount is not right"),
    "not_received": N_("I did not get what I ordered"),
    "not_mine": N_("It is not mine"),
    "other": N_("Something else"),
}


def _show(moment: Moment, _typed: Filled) -> Shown:
    return Shown(moment.said(KINDS))


def _dispute(moment: Moment, typed: Filled) -> Fault | None:
    lines = {str(line.id): line for line in moment.account.asked}
    invoice, kind = typed["invoice"], typed["kind"]
    # The id comes from a form: only one of this customer's own open invoices is taken.
    if invoice not in lines or kind not in KINDS:
        return Fault(CHOOSE)
    acts.dispute(moment.session, moment.found, lines[invoice].id, kind, typed["words"], moment.now)
    return None


WAY: Final = Way(
    "dispute",
    Purpose.DISPUTE,
    N_("Something is wrong with an invoice"),
    owes,
    _show,
    _dispute,
    N_("We are checking the invoice. You do not need to pay it until we are done."),
)
