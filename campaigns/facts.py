"""The facts that a decision sees: one frozen snapshot of a case, its customer and its person.

`Facts` is what the engine loads; `FACT_TABLE` is the typed view of it that a journey's conditions
may name. A name that is not in the table does not exist for a journey.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from campaigns.money import Money, totals
from campaigns.vocabulary import (
    Category,
    ContactRole,
    CustomerKind,
    DebtClass,
    HoldKind,
    Medium,
    SenderRole,
    Signal,
)


@dataclass(frozen=True, slots=True)
class InvoiceFact:
    """An invoice of the case's scope that still has something open."""

    id: int
    number: str
    open: Money
    due_on: date
    disputed: bool = False
    debt_class: DebtClass = DebtClass.CONSUMER
    limitation_on: date | None = None


class ConsentState(StrEnum):
    GIVEN = "given"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ChannelFact:
    """One contact point of the customer, with the sender that would use it.

    `asked` and `answered` count this customer's messages and human responses on the medium.
    `suppressed` and `unhealthy` hold the reason in words that staff can read, or are None.
    `languages` are the locales in which the provider has approved templates; None is any. `role` is
    that of the human behind it, where there is one.
    """

    contact_point_id: int
    address_id: int
    medium: Medium
    sender_id: int | None
    provider: str = "sandbox"
    stands_for: str = ""
    two_way: bool = True
    valid: bool = True
    suppressed: str | None = None
    unhealthy: str | None = None
    consent: ConsentState = ConsentState.UNKNOWN
    zones: tuple[str, ...] = ()
    asked: int = 0
    answered: int = 0
    languages: frozenset[str] | None = None
    role: ContactRole | None = None


@dataclass(frozen=True, slots=True)
class PastContact:
    """An attempt on the person, by any creditor. `failed` only when it certainly failed."""

    at: datetime
    medium: Medium
    category: Category
    creditor_id: int
    slot: str  # case and step: fallbacks inside one step share it
    failed: bool = False
    exempt: bool = False  # an answer to the customer's own act
    invoice_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class HoldFact:
    """`since` is when it was placed; None is before anything that the customer did."""

    kind: HoldKind
    until: datetime | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PromiseFact:
    """An open promise. `grace_until` is the instant after which it is broken."""

    due_on: date
    grace_until: datetime
    amount: Money
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanFact:
    next_due_on: date | None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class InstalmentFact:
    """The instalment that a plan's episode is anchored on. `left` counts it and those after it."""

    number: int
    of: int
    amount: Money
    due_on: date
    left: int
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class SubscriptionFact:
    """The subscription that a case is about, and the charge that failed."""

    name: str
    amount: Money
    declined_on: date | None = None


@dataclass(frozen=True, slots=True)
class SignalFact:
    """Something that happened and that the case has not yet answered."""

    id: int
    signal: Signal
    at: datetime
    own_act: bool = False  # the customer did it: an answer within 24 h is exempt from caps


class MessageStage(StrEnum):
    """What became of the case's message. A case waits while it is PENDING.

    REFUSED is for good on this medium; STOPPED by a fact, so the case decides again; EXPIRED was
    not said in time.
    """

    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    STOPPED = "stopped"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class MessageFact:
    """The last message of the case. `at` is when its stage began."""

    key: str
    medium: Medium
    stage: MessageStage
    at: datetime
    valid_until: datetime
    delivered: bool = False
    clicked: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one decision sees. Loaded set-based; never fetched while deciding."""

    creditor_id: int
    customer_id: int
    person_id: int
    locale: str
    country: str | None
    region: str | None
    zones: tuple[str, ...]
    kind: CustomerKind = CustomerKind.CONSUMER
    role: SenderRole = SenderRole.FIRST_PARTY
    sector: str | None = None
    preferred: Medium | None = None
    priors: Mapping[Medium, float] = field(default_factory=lambda: MappingProxyType({}))
    invoices: tuple[InvoiceFact, ...] = ()
    coming: tuple[InvoiceFact, ...] = ()  # outside of the scope: undisputed and due within days
    anchor_open: bool = True  # the invoice or instalment that the episode is anchored on
    is_claim: bool = True  # the case asks for money; one that does not is never settled
    is_over: bool = False  # what it is about ended without being paid: a plan that broke or moved
    channels: tuple[ChannelFact, ...] = ()
    contacts: tuple[PastContact, ...] = ()
    holds: tuple[HoldFact, ...] = ()
    promise: PromiseFact | None = None
    plan: PlanFact | None = None
    instalment: InstalmentFact | None = None
    subscription: SubscriptionFact | None = None
    signals: tuple[SignalFact, ...] = ()
    message: MessageFact | None = None
    promises_kept: int = 0
    promises_broken: int = 0
    ledger_as_of: datetime | None = None
    ledger_max_age: timedelta | None = None
    custom: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def claimable(self) -> tuple[InvoiceFact, ...]:
        """What may be asked for: open and not carved out by a dispute."""
        return tuple(invoice for invoice in self.invoices if not invoice.disputed)

    @property
    def balance(self) -> tuple[Money, ...]:
        """Open and undisputed, one sum a currency."""
        return totals(invoice.open for invoice in self.claimable)

    @property
    def is_settled(self) -> bool:
        """Nothing is owed, or what the episode is anchored on is paid."""
        return self.is_claim and not (self.invoices and self.anchor_open)


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


def view(facts: Facts, today: date) -> dict[str, object]:
    """The row of the fact table that conditions are evaluated on; `custom.x` reads `custom`."""
    row = {name: column.read(facts, today) for name, column in FACT_TABLE.items()}
    row["custom"] = facts.custom
    return row
