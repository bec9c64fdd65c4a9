"""The facts that a decision sees: one frozen snapshot of a case, its customer and its person.

`Facts` is what the engine loads; `fact_table` is the view of it that journeys may name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from campaigns.area_codes import Area
from campaigns.debits import NO_DEBIT, Debit
from campaigns.money import Money, totals
from campaigns.value import value
from campaigns.vocabulary import (
    Category,
    ContactPlace,
    ContactRole,
    CustomerKind,
    DebtClass,
    HoldKind,
    Medium,
    SenderRole,
    Signal,
)


@value
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


@value
class Agreed:
    """What was last said of one kind of messages."""

    consent: ConsentState = ConsentState.UNKNOWN
    at: datetime | None = None
    written: bool = False


@value
class ChannelFact:
    """One contact point of the customer, with the sender that would use it.

    `asked` and `answered` count this customer's messages and human responses on the medium.
    `suppressed` and `unhealthy` hold the reason in words that staff can read, or are None.
    `languages` are the locales in which the provider has approved templates; None is any. Where it
    approves text by text, `approved` holds (template, language) and `heard_at` is when the customer
    last wrote there: for a day after that no approval is needed. `role` is that of the human behind
    it, where there is one, and `locale` that human's own language. `consent_at` is when the consent
    was given or last confirmed, and `consent_written` whether that was in writing. `offers_stopped`
    says that a stop answered an offer: it closes offers, and what the rules widen it to. `offers`
    is what was agreed of offers, where that differs.
    `cleared` names the packs for which what the sender needs before its first message (a
    registration, a statement) is on record; None asks for none. `stopped` are the templates
    that its provider forbids to the sender. `area` is where the number is from, and `place` where
    it is used: at work, say.
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
    consent_at: datetime | None = None
    consent_written: bool = False
    zones: tuple[str, ...] = ()
    asked: int = 0
    answered: int = 0
    languages: frozenset[str] | None = None
    approved: frozenset[tuple[str, str]] | None = None
    heard_at: datetime | None = None
    cleared: frozenset[str] | None = None
    stopped: frozenset[str] = frozenset()
    role: ContactRole | None = None
    locale: str | None = None
    place: ContactPlace | None = None
    offers_stopped: bool = False
    offers: Agreed | None = None
    area: Area | None = None

    def said_of(self, category: Category) -> ChannelFact:
        """The same, with what was agreed of messages of this category."""
        if category is not Category.OFFER or self.offers is None:
            return self
        agreed = self.offers
        return replace(
            self,
            consent=agreed.consent,
            consent_at=agreed.at,
            consent_written=agreed.written,
            offers=None,
        )


@value
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
    place: ContactPlace | None = None


@dataclass(frozen=True, slots=True)
class HoldFact:
    """`since` is when it was placed last; None is before anything that the customer did. What it
    `freezes` (interest, fees) does not grow meanwhile."""

    kind: HoldKind
    until: datetime | None
    since: datetime | None = None
    freezes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NoticeFact:
    """Something that the law counts time from, or waits for: an act of `duties`, and when."""

    act: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PromiseFact:
    """An open promise. `grace_until` is the instant after which it is broken."""

    due_on: date
    grace_until: datetime
    amount: Money
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanFact:
    """A plan that is running. `parts` are its instalments as they stand, in order of their days."""

    next_due_on: date | None
    since: datetime | None = None
    parts: tuple[tuple[date, Money], ...] = ()


@dataclass(frozen=True, slots=True)
class InstalmentFact:
    """The instalment that a plan's episode is anchored on. `left` counts it and those after it."""

    number: int
    of: int
    amount: Money
    due_on: date
    left: int
    is_missed: bool = False
    debit: Debit = NO_DEBIT


@dataclass(frozen=True, slots=True)
class SubscriptionFact:
    """The subscription that a case is about, and the charge that failed."""

    name: str
    amount: Money
    declined_on: date | None = None


@dataclass(frozen=True, slots=True)
class SignalFact:
    """Something that happened and that the case has not yet answered. `medium` and `address_id` are
    where the customer said it, as far as that is known."""

    id: int
    signal: Signal
    at: datetime
    own_act: bool = False  # the customer did it: an answer within 24 h is exempt from caps
    medium: Medium | None = None
    address_id: int | None = None


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


@value
class MessageFact:
    """The last message of the case. `at` is when its stage began."""

    key: str
    medium: Medium
    stage: MessageStage
    at: datetime
    valid_until: datetime
    delivered: bool = False
    clicked: bool = False


@value
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
    city: str | None = None
    postcode: str | None = None
    hours: str | None = None  # what the customer asked for: `mon-fri 17:00-20:00`
    coming: tuple[InvoiceFact, ...] = ()  # outside of the scope: undisputed and due within days
    anchor_open: bool = True  # the invoice or instalment that the episode is anchored on
    is_claim: bool = True  # the case asks for money; one that does not is never settled
    is_over: bool = False  # what it is about ended without being paid: a plan that broke or moved
    channels: tuple[ChannelFact, ...] = ()
    contacts: tuple[PastContact, ...] = ()
    holds: tuple[HoldFact, ...] = ()
    notices: tuple[NoticeFact, ...] = ()
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
    def oldest_due_on(self) -> date | None:
        """The oldest due date of what is open, disputed or not."""
        return min([invoice.due_on for invoice in self.invoices], default=None)

    @property
    def is_settled(self) -> bool:
        """Nothing is owed, or what the episode is anchored on is paid."""
        return self.is_claim and not (self.invoices and self.anchor_open)
