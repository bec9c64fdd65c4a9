"""Everything a template may see, as frozen facts. No formatting, no clock, no database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import Literal

from campaigns.money import Money

Gender = Literal["f", "m"]
Formality = Literal["formal", "informal"]

LINK_KINDS = ("pay", "unsubscribe", "dispute", "help", "card")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LINK = re.compile(r"\{\{link:[0-9]+\}\}")
_CODE = re.compile(r"\{\{code:[0-9]+\}\}")


@dataclass(frozen=True, slots=True)
class FormOfAddress:
    """How grammar addresses the customer. `None` is unknown and gets neutral wording."""

    gender: Gender | None = None
    formality: Formality | None = None


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One invoice as the message lists it. `days_past_due` is signed: -3 before, 3 after."""

    number: str
    due_on: date
    amount: Money
    open: Money
    days_past_due: int


@dataclass(frozen=True, slots=True)
class InstalmentLine:
    """The instalment that a message is about: the `number`th of `of`."""

    number: int
    of: int
    amount: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class Brand:
    """Who writes: the creditor's name, its colour as `#rrggbb`, the person who signs.

    `on_behalf_of` and `behalf_address` are the creditor for whom a collector writes.
    """

    name: str
    sender: str
    colour: str = "#1f5fbf"
    phone: str | None = None
    postal_address: str | None = None
    locale: str = "en"
    department: str | None = None
    working_hours: str | None = None
    on_behalf_of: str | None = None
    behalf_address: str | None = None
    supervisor: str | None = None

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError(f"brand colour {self.colour!r} is not #rrggbb; write six hex digits")


@dataclass(frozen=True, slots=True)
class Claim:
    """What the law wants said of where a claim comes from, as the creditor's book tells it."""

    claim_ground: str | None = None
    contract_on: date | None = None
    interest_calculation: str | None = None
    above_statutory_rate: str | None = None
    cost_breakdown: str | None = None
    vat_statement: str | None = None
    address_source: str | None = None


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """Who listens, in the customer's country, to somebody who may be in danger; and the number for
    an ambulance, which every country has."""

    number: str | None = None
    name: str | None = None
    emergency: str = "112"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was arranged, on the customer's wall clock; `ending` are the last figures of the
    number that is called."""

    on: date
    begins: time
    ends: time
    ending: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody of the team wrote to the customer, and who."""

    by: str
    words: str


@dataclass(frozen=True, slots=True)
class MessageContext:
    """The facts of one message to one customer.

    `customer` is the display name, `vocative` the form that a greeting takes (Lithuanian bends
    it). `invoices` and `totals` are what is open, `totals` one a currency. `coming` falls due
    soon; a mail lists it below the total. `due_on` and `days_past_due` are those of the anchor
    invoice. `plan` is the running plan's instalments. `debit_on` is the next day on which a kept
    card, which ends in `card_ending`, is debited for `instalment`. `links` maps `pay`,
    `unsubscribe`, `dispute`, `help` and `card` to placeholders (`{{link:12}}`), and `page_code` is
    one (`{{code:12}}`). `two_way` says that a reply reaches somebody, `without_link` that no link
    may stand in the text.
    """

    brand: Brand
    today: date
    customer: str | None = None
    vocative: str | None = None
    address: FormOfAddress = field(default_factory=FormOfAddress)
    invoices: tuple[InvoiceLine, ...] = ()
    totals: tuple[Money, ...] = ()
    coming: tuple[InvoiceLine, ...] = ()
    due_on: date | None = None
    days_past_due: int | None = None
    payment: Money | None = None
    left: tuple[Money, ...] = ()
    credit: tuple[Money, ...] = ()
    promise_amount: Money | None = None
    promise_on: date | None = None
    handover_on: date | None = None
    handover_to: str | None = None
    answer_by: date | None = None
    dispute_numbers: str | None = None
    call: Call | None = None
    answer: Answer | None = None
    instalment: InstalmentLine | None = None
    debit_on: date | None = None
    card_ending: str | None = None
    plan: tuple[InstalmentLine, ...] = ()
    subscription: str | None = None
    crisis: CrisisLine = CrisisLine()
    claim: Claim = Claim()
    links: Mapping[str, str] = field(default_factory=dict)
    page_code: str | None = None
    two_way: bool = False
    without_link: bool = False

    def __post_init__(self) -> None:
        for kind, link in self.links.items():
            if kind not in LINK_KINDS:
                raise ValueError(f"unknown link {kind!r}; known are {', '.join(LINK_KINDS)}")
            if not _LINK.fullmatch(link):
                raise ValueError(f"link {kind!r} is not a placeholder such as {{{{link:12}}}}")
        if self.page_code is not None and not _CODE.fullmatch(self.page_code):
            raise ValueError("the page's code is not a placeholder such as {{code:12}}")
        if len({money.currency for money in self.totals}) != len(self.totals):
            raise ValueError("totals repeat a currency; give one total a currency")
