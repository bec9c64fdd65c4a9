"""The one table of variables that authored words may use. Checker, renderer and docs read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType

from app.wording.context import MessageContext


class Kind(StrEnum):
    """What a variable is, and so how it is written in each language and medium."""

    NAME = "name"
    TEXT = "text"
    WORDS = "words"
    CALLED = "called"
    IDENTIFIER = "identifier"
    PHONE = "phone"
    MONEY = "money"
    AMOUNTS = "amounts"
    DATE = "date"
    COUNT = "count"
    FLAG = "flag"
    LINK = "link"
    CODE = "code"
    STOP = "stop"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Variable:
    """A name, what it means to an author, and where its fact comes from.

    `get` answers `None` when the context does not hold the fact. An `optional` variable may be
    tested with `{% if %}`; printing it while it is missing refuses the message, as for all.
    """

    name: str
    kind: Kind
    meaning: str
    get: Callable[[MessageContext], object | None]
    optional: bool = False


def _table() -> tuple[Variable, ...]:
    return (*_people(), *_facts(), *_claim(), *_ways())


def _people() -> tuple[Variable, ...]:
    return (
        Variable("creditor", Kind.NAME, "The creditor's brand", lambda c: c.brand.name),
        Variable("sender", Kind.NAME, "The person who writes", lambda c: c.brand.sender),
        Variable(
            "creditor_phone", Kind.PHONE, "Where to call", lambda c: c.brand.phone, optional=True
        ),
        Variable(
            "postal_address",
            Kind.TEXT,
            "The creditor's postal address",
            lambda c: c.brand.postal_address,
            optional=True,
        ),
        Variable(
            "creditor_department", Kind.NAME, "Which department writes",
            lambda c: c.brand.department, optional=True,
        ),
        Variable(
            "working_hours", Kind.TEXT, "When somebody answers the phone",
            lambda c: c.brand.working_hours, optional=True,
        ),
        Variable(
            "on_behalf_of", Kind.NAME, "The creditor for whom a collector writes",
            lambda c: c.brand.on_behalf_of, optional=True,
        ),
        Variable(
            "behalf_address", Kind.TEXT, "That creditor's postal address",
            lambda c: c.brand.behalf_address, optional=True,
        ),
        Variable(
            "supervisor", Kind.TEXT, "The authority that supervises a collector: name, address",
            lambda c: c.brand.supervisor, optional=True,
        ),
        Variable(
            "name", Kind.CALLED, "The customer, as a greeting calls them", lambda c: c,
            optional=True,
        ),
    )  # fmt: skip


def _facts() -> tuple[Variable, ...]:
    return (
        Variable("invoice_count", Kind.COUNT, "How many invoices", lambda c: len(c.invoices)),
        Variable(
            "invoice_number",
            Kind.IDENTIFIER,
            "Number of the first invoice",
            lambda c: c.invoices[0].number if c.invoices else None,
        ),
        Variable("total", Kind.AMOUNTS, "What is open, by currency", lambda c: c.totals or None),
        Variable("due_on", Kind.DATE, "Due date of the first invoice", lambda c: c.due_on),
        Variable("days_past_due", Kind.COUNT, "Days since the due date", lambda c: c.days_past_due),
        Variable("days_until_due", Kind.COUNT, "Days to the due date", _days_until_due),
        Variable("today", Kind.DATE, "The day of the message", lambda c: c.today),
        Variable("payment", Kind.MONEY, "The payment that this is about", lambda c: c.payment),
        Variable(
            "left", Kind.AMOUNTS, "What is still open", lambda c: c.left or None, optional=True
        ),
        Variable(
            "credit", Kind.AMOUNTS, "What came in beyond that", lambda c: c.credit or None,
            optional=True,
        ),
        Variable("promise_amount", Kind.MONEY, "What was promised", lambda c: c.promise_amount),
        Variable("promise_on", Kind.DATE, "The day that was promised", lambda c: c.promise_on),
        Variable("handover_on", Kind.DATE, "The day of the hand-over", lambda c: c.handover_on),
        Variable(
            "handover_to", Kind.NAME, "Who takes over", lambda c: c.handover_to, optional=True
        ),
        Variable(
            "answer_by", Kind.DATE, "When we answer at the latest", lambda c: c.answer_by,
            optional=True,
        ),
        Variable(
            "dispute_number", Kind.IDENTIFIER, "By which staff find a dispute",
            lambda c: c.dispute_numbers, optional=True,
        ),
        Variable(
            "instalment_number", Kind.COUNT, "Which instalment of the plan it is",
            lambda c: c.instalment.number if c.instalment else None,
        ),
        Variable(
            "instalment_count", Kind.COUNT, "How many instalments the plan has",
            lambda c: c.instalment.of if c.instalment else None,
        ),
        Variable(
            "instalment_amount", Kind.MONEY, "What this instalment is",
            lambda c: c.instalment.amount if c.instalment else None,
        ),
        Variable(
            "instalment_on", Kind.DATE, "When this instalment is due",
            lambda c: c.instalment.due_on if c.instalment else None,
        ),
        Variable(
            "debit_on", Kind.DATE, "When the kept card is debited for this instalment",
            lambda c: c.debit_on,
        ),
        Variable(
            "card_ending", Kind.IDENTIFIER, "The last figures of that card",
            lambda c: c.card_ending, optional=True,
        ),
        *_plan(),
        *_talk(),
        Variable("subscription", Kind.NAME, "What is subscribed to", lambda c: c.subscription),
        *_listeners(),
    )  # fmt: skip


def _talk() -> tuple[Variable, ...]:
    """A call that was arranged, and what a person answered."""
    return (
        Variable(
            "call_on", Kind.DATE, "The day on which we call",
            lambda c: c.call.on if c.call else None,
        ),
        Variable(
            "call_from", Kind.IDENTIFIER, "From when on we call",
            lambda c: f"{c.call.begins:%H:%M}" if c.call else None,
        ),
        Variable(
            "call_until", Kind.IDENTIFIER, "Until when we call",
            lambda c: f"{c.call.ends:%H:%M}" if c.call else None,
        ),
        Variable(
            "call_ending", Kind.IDENTIFIER, "The last figures of the number that we call",
            lambda c: c.call.ending if c.call else None,
        ),
        Variable(
            "answered_by", Kind.NAME, "Who answered a message",
            lambda c: c.answer.by if c.answer else None,
        ),
        Variable(
            "answer", Kind.WORDS, "What they answered, in a mail",
            lambda c: c.answer.words if c.answer else None,
        ),
    )  # fmt: skip


def _listeners() -> tuple[Variable, ...]:
    """For somebody who may be in danger, in their own country."""
    return (
        Variable(
            "crisis_name", Kind.NAME, "Who listens to somebody in danger",
            lambda c: c.crisis.name, optional=True,
        ),
        Variable(
            "crisis_number", Kind.IDENTIFIER, "Their number",
            lambda c: c.crisis.number, optional=True,
        ),
        Variable(
            "emergency_number", Kind.IDENTIFIER, "The number for an ambulance",
            lambda c: c.crisis.emergency,
        ),
    )  # fmt: skip


def _plan() -> tuple[Variable, ...]:
    """The first two instalments of the plan that is running: no plan has fewer."""
    return (
        Variable(
            "plan_count", Kind.COUNT, "How many instalments the running plan has",
            lambda c: len(c.plan) or None,
        ),
        Variable(
            "plan_first_amount", Kind.MONEY, "What its first instalment is",
            lambda c: c.plan[0].amount if c.plan else None,
        ),
        Variable(
            "plan_first_on", Kind.DATE, "When its first instalment is due",
            lambda c: c.plan[0].due_on if c.plan else None,
        ),
        Variable(
            "plan_second_amount", Kind.MONEY, "What its second instalment is",
            lambda c: c.plan[1].amount if c.plan[1:] else None,
        ),
        Variable(
            "plan_second_on", Kind.DATE, "When its second instalment is due",
            lambda c: c.plan[1].due_on if c.plan[1:] else None,
        ),
    )  # fmt: skip


def _days_until_due(context: MessageContext) -> int | None:
    return None if context.days_past_due is None else -context.days_past_due


def _claim() -> tuple[Variable, ...]:
    """Where a claim comes from; a creditor's book gives each as a custom attribute of this name."""
    return (
        Variable(
            "claim_ground", Kind.TEXT, "What the claim is for",
            lambda c: c.claim.claim_ground, optional=True,
        ),
        Variable(
            "contract_on", Kind.DATE, "The day of the contract",
            lambda c: c.claim.contract_on, optional=True,
        ),
        Variable(
            "interest_calculation", Kind.TEXT, "Interest: on what sum, at what rate, since when",
            lambda c: c.claim.interest_calculation, optional=True,
        ),
        Variable(
            "above_statutory_rate", Kind.TEXT, "Whether the rate is above the statutory one, why",
            lambda c: c.claim.above_statutory_rate, optional=True,
        ),
        Variable(
            "cost_breakdown", Kind.TEXT, "Costs of collection: kind, amount and reason",
            lambda c: c.claim.cost_breakdown, optional=True,
        ),
        Variable(
            "vat_statement", Kind.TEXT, "Whether VAT is asked for on those costs, and why",
            lambda c: c.claim.vat_statement, optional=True,
        ),
        Variable(
            "address_source", Kind.TEXT, "Where the address was found, if it was traced",
            lambda c: c.claim.address_source, optional=True,
        ),
        Variable(
            "collector_disclosure", Kind.FIXED, "The line that says that a collector writes",
            lambda _: "collector_disclosure",
        ),
        Variable(
            "initial_disclosure", Kind.FIXED,
            "That line in a first message, and what answers are used for",
            lambda _: "initial_disclosure",
        ),
    )  # fmt: skip


def _ways() -> tuple[Variable, ...]:
    return (
        Variable("pay_link", Kind.LINK, "The customer's page", lambda c: c.links.get("pay")),
        Variable(
            "page_code", Kind.CODE, "What opens the page when it is typed at our address",
            lambda c: c.page_code, optional=True,
        ),
        Variable(
            "stop_link", Kind.LINK, "Where to opt out", lambda c: c.links.get("unsubscribe"),
            optional=True,
        ),
        Variable(
            "dispute_link", Kind.LINK, "Where to say that something is wrong",
            lambda c: c.links.get("dispute"), optional=True,
        ),
        Variable(
            "help_link", Kind.LINK, "Where to ask for time or for instalments",
            lambda c: c.links.get("help"), optional=True,
        ),
        Variable(
            "card_link", Kind.LINK, "Where to enter a new card", lambda c: c.links.get("card")
        ),
        Variable("two_way", Kind.FLAG, "Whether a reply reaches us", lambda c: c.two_way),
        Variable("stop", Kind.STOP, "The line that says how to stop these messages", lambda c: c),
    )  # fmt: skip


VARIABLES: Mapping[str, Variable] = MappingProxyType({row.name: row for row in _table()})


def nearest(name: str) -> str | None:
    """The known variable that an author most likely meant."""
    found = get_close_matches(name, VARIABLES, n=1, cutoff=0.5)
    return found[0] if found else None
