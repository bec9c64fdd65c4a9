"""The variables that words may use: what each is, how it looks, and what a click writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from app.web.catalogues import N_
from app.wording.address import manner_of
from app.wording.dress import Dress, Flavour
from app.wording.files import LOCALES
from app.wording.formats import formats_for
from app.wording.language import MissingFact
from app.wording.links import mask
from app.wording.mail import layout_words
from app.wording.samples import sample_context
from app.wording.variables import VARIABLES, Kind

PEOPLE, MONEY, PLAN, TALK, LAW, WAYS = (
    N_("Who writes, who reads"),
    N_("What it is about"),
    N_("Promises and plans"),
    N_("Conversations"),
    N_("What some laws want said"),
    N_("Links and answers"),
)
_ORDER: Final = ("zero", "one", "two", "few", "many", "other")

MEANINGS: Final[Mapping[str, tuple[str, str]]] = {
    "creditor": (PEOPLE, N_("The creditor's brand")),
    "sender": (PEOPLE, N_("The person who writes")),
    "name": (PEOPLE, N_("The customer, as a greeting calls them")),
    "creditor_phone": (PEOPLE, N_("Where to call")),
    "creditor_department": (PEOPLE, N_("Which department writes")),
    "working_hours": (PEOPLE, N_("When somebody answers the phone")),
    "postal_address": (PEOPLE, N_("The creditor's postal address")),
    "on_behalf_of": (PEOPLE, N_("The creditor for whom a collector writes")),
    "behalf_address": (PEOPLE, N_("The postal address of that creditor")),
    "supervisor": (PEOPLE, N_("The authority that supervises a collector")),
    "total": (MONEY, N_("What is open, by currency")),
    "invoice_count": (MONEY, N_("How many invoices")),
    "invoice_number": (MONEY, N_("The number of the first invoice")),
    "due_on": (MONEY, N_("Due date of the first invoice")),
    "days_past_due": (MONEY, N_("Days since the due date")),
    "days_until_due": (MONEY, N_("Days to the due date")),
    "today": (MONEY, N_("The day of the message")),
    "payment": (MONEY, N_("The payment that it is about")),
    "left": (MONEY, N_("What is still open after it")),
    "credit": (MONEY, N_("What came in beyond what was open")),
    "dispute_number": (MONEY, N_("By which we find a dispute")),
    "handover_on": (MONEY, N_("The day of the hand-over")),
    "handover_to": (MONEY, N_("Who takes over")),
    "subscription": (MONEY, N_("What is subscribed to")),
    "promise_amount": (PLAN, N_("What was promised")),
    "promise_on": (PLAN, N_("The day that was promised")),
    "instalment_number": (PLAN, N_("Which instalment of the plan it is")),
    "instalment_count": (PLAN, N_("How many instalments the plan has")),
    "instalment_amount": (PLAN, N_("What this instalment is")),
    "instalment_on": (PLAN, N_("When this instalment is due")),
    "debit_on": (PLAN, N_("When the kept card is debited")),
    "card_ending": (PLAN, N_("The last figures of that card")),
    "plan_count": (PLAN, N_("How many instalments the running plan has")),
    "plan_first_amount": (PLAN, N_("What its first instalment is")),
    "plan_first_on": (PLAN, N_("When its first instalment is due")),
    "plan_second_amount": (PLAN, N_("What its second instalment is")),
    "plan_second_on": (PLAN, N_("When its second instalment is due")),
    "answer_by": (TALK, N_("When we answer at the latest")),
    "call_on": (TALK, N_("The day on which we call")),
    "call_from": (TALK, N_("From when on we call")),
    "call_until": (TALK, N_("Until when we call")),
    "call_ending": (TALK, N_("The last figures of the number that we call")),
    "answered_by": (TALK, N_("Who answered a message")),
    "answer": (TALK, N_("What they answered, in a mail")),
    "crisis_name": (TALK, N_("Who listens to somebody in danger")),
    "crisis_number": (TALK, N_("The number of who listens")),
    "emergency_number": (TALK, N_("The number for an ambulance")),
    "claim_ground": (LAW, N_("What the claim is for")),
    "contract_on": (LAW, N_("The day of the contract")),
    "interest_calculation": (LAW, N_("Interest: on what sum, at what rate, since when")),
    "above_statutory_rate": (LAW, N_("Whether the rate is above the statutory one, and why")),
    "cost_breakdown": (LAW, N_("Costs of collection: kind, amount and reason")),
    "vat_statement": (LAW, N_("Whether VAT is asked for on those costs, and why")),
    "address_source": (LAW, N_("Where the address was found, if it was traced")),
    "collector_disclosure": (LAW, N_("The line that says that a collector writes")),
    "initial_disclosure": (LAW, N_("That line in a first message")),
    "pay_link": (WAYS, N_("The customer's page")),
    "card_link": (WAYS, N_("Where to enter a new card")),
    "dispute_link": (WAYS, N_("Where to say that something is wrong")),
    "help_link": (WAYS, N_("Where to ask for time or for instalments")),
    "stop_link": (WAYS, N_("Where to opt out")),
    "stop": (WAYS, N_("How to stop: by a reply where one reaches us, else by a link")),
    "page_code": (WAYS, N_("What opens the page when it is typed at our address")),
    "two_way": (WAYS, N_("Whether a reply reaches us")),
}


@dataclass(frozen=True, slots=True)
class Offered:
    """One entry: `writes` is what stands in the text, `sample` how that may look."""

    name: str
    group: str
    meaning: str
    writes: str
    sample: str
    optional: bool
    counts: bool


Groups = tuple[tuple[str, tuple[Offered, ...]], ...]


@lru_cache(maxsize=32)
def offered(locale: str) -> Groups:
    """Every variable with a sample in this language, group by group."""
    entries = _entries(locale)
    groups = dict.fromkeys(entry.group for entry in entries)
    return tuple((group, tuple(e for e in entries if e.group == group)) for group in groups)


def _entries(locale: str) -> tuple[Offered, ...]:
    seen = _samples(locale if locale in LOCALES else "en")
    return tuple(
        Offered(
            name,
            group,
            meaning,
            _written(name),
            seen[name],
            VARIABLES[name].optional,
            VARIABLES[name].kind is Kind.COUNT,
        )
        for name, (group, meaning) in MEANINGS.items()
    )


def plural(name: str, locale: str) -> str:
    """A count said in every form that the language has; `…` is to be written."""
    needed = formats_for(locale).plural_categories
    forms = ", ".join(f'{form}="{{n}} …"' for form in _ORDER if form in needed)
    return f"{{{{ plural({name}, {forms}) }}}}"


def plural_forms(locale: str) -> tuple[str, ...]:
    """The forms in which a language counts, with a number each: `few` in Lithuanian is 2."""
    formats = formats_for(locale)
    told = []
    for form in _ORDER:
        if form in formats.plural_categories:
            fits = [str(n) for n in range(201) if formats.plural_category(n) == form]
            told.append(f"{form}: {', '.join(fits[:4])}{'…' if fits[4:] else ''}" if fits else form)
    return tuple(told)


def _written(name: str) -> str:
    row = VARIABLES[name]
    if row.kind is Kind.FLAG:
        return f"{{% if {name} %}}…{{% endif %}}"
    if row.optional:
        return f"{{% if {name} %}}{{{{ {name} }}}}{{% endif %}}"
    return f"{{{{ {name} }}}}"


def _samples(locale: str) -> dict[str, str]:
    context = sample_context("one_invoice", locale)
    fixed = layout_words(locale, manner_of(locale).anybody)
    dress = Dress(formats_for(locale), Flavour.PLAIN, fixed)
    return {
        name: _plain(value) for name, value in dress.values(context, VARIABLES.values()).items()
    }


def _plain(value: Any) -> str:
    try:
        text = "✓" if value is True else str(value)
    except MissingFact:
        return "–"
    return " ".join(mask(text).split())[:80]
