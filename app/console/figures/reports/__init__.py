"""The reports, in the order in which the room shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.console.figures.reports import care, kept, money, outreach
from app.console.figures.telling import Report, Telling
from app.web.catalogues import N_


@dataclass(frozen=True, slots=True)
class Told:
    """One report. `days` is how far back it looks unless the URL says more; None where it tells of
    the present alone. `is_money` where it is told in one currency."""

    slug: str
    title: str
    about: str
    make: Callable[[Telling], Report]
    days: int | None = 90
    is_money: bool = False


YEAR: Final = 365

_ALL: Final = (
    Told(
        "dso",
        N_("Days sales outstanding"),
        N_("How many days of sales are still to be paid, and how many of them are late."),
        money.outstanding,
        YEAR,
        is_money=True,
    ),
    Told(
        "ageing",
        N_("Ageing"),
        N_("What is open, by how long it is past its due date."),
        money.ageing,
        None,
        is_money=True,
    ),
    Told(
        "recovered",
        N_("Recovered by month"),
        N_("How much of what fell overdue in a month was paid, and how soon."),
        money.recovered,
        YEAR,
        is_money=True,
    ),
    Told(
        "collected",
        N_("Collected"),
        N_("What came in, by way of payment and by the message before it."),
        money.collected,
        is_money=True,
    ),
    Told(
        "arms",
        N_("Does writing help?"),
        N_("Customers who are written to beside those whom nobody contacts."),
        outreach.arms,
        YEAR,
    ),
    Told(
        "outcomes",
        N_("Messages and outcomes"),
        N_("What was delivered, failed, visited and answered, by channel, language and hour."),
        outreach.outcomes,
    ),
    Told(
        "not-sent",
        N_("Not sent, and why"),
        N_("Messages that were not sent, and moments and channels that were refused."),
        outreach.not_sent,
    ),
    Told(
        "opt-outs",
        N_("Opt-outs"),
        N_("Who no longer wants messages, beside how many were sent."),
        outreach.opt_outs,
        YEAR,
    ),
    Told(
        "promises",
        N_("Promises kept"),
        N_("How many promises to pay were kept, month by month."),
        kept.promises,
        YEAR,
        is_money=True,
    ),
    Told(
        "plans",
        N_("Survival of plans"),
        N_("How many plans are still kept after each instalment."),
        kept.plans,
        None,
    ),
    Told(
        "complaints",
        N_("Complaints and disputes"),
        N_("What customers complained of and contested, month by month."),
        care.complaints,
        YEAR,
    ),
    Told(
        "help",
        N_("Help asked and given"),
        N_("Who asked for help, and what they were given."),
        care.help_given,
        YEAR,
    ),
    Told(
        "cost",
        N_("Cost"),
        N_("What messages cost by sender, beside what came in."),
        care.cost,
        is_money=True,
    ),
)
REPORTS: Final[Mapping[str, Told]] = {told.slug: told for told in _ALL}
OF_BOOK: Final = frozenset({"dso", "ageing", "recovered", "arms", "plans"})
"""Those that are made of the whole book, which is counted every few hours."""
