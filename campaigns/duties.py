"""Rules that a message alone does not answer: notices, fields, holds, deadlines, records, sums.

`permits` does not ask them. Each says in `kept_by` what in Duly keeps it today; where that is empty
nothing does, and `coverage` says so.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from campaigns.money import Money
from campaigns.rulehead import Row


class Unit(StrEnum):
    MINUTES = "min"
    HOURS = "h"
    DAYS = "d"
    BUSINESS_DAYS = "bd"
    MONTHS = "mo"
    YEARS = "y"


@dataclass(frozen=True, slots=True)
class Term:
    """A time that the law counts: `10bd` are ten business days, `4mo` four months."""

    count: int
    unit: Unit

    def after(self, start: datetime) -> datetime:
        """The instant when the term that begins at `start` is over. Of a shorter month, the last
        day. Raises `ValueError` for business days: they are counted on a calendar."""
        match self.unit:
            case Unit.MINUTES:
                return start + timedelta(minutes=self.count)
            case Unit.HOURS:
                return start + timedelta(hours=self.count)
            case Unit.DAYS:
                return start + timedelta(days=self.count)
            case Unit.MONTHS:
                return _months_after(start, self.count)
            case Unit.YEARS:
                return _months_after(start, 12 * self.count)
            case Unit.BUSINESS_DAYS:
                raise ValueError(f"{self} is counted on a calendar of business days")
            case _:
                assert_never(self.unit)

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def _months_after(start: datetime, count: int) -> datetime:
    years, month = divmod(start.month - 1 + count, 12)
    year, month = start.year + years, month + 1
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))


class Act(StrEnum):
    """What must be done, and from what it is counted."""

    FIRST_MESSAGE = "first_message"
    VALIDATION_NOTICE = "validation_notice"
    VALIDATION_RECEIPT = "validation_receipt"
    OVERSHADOWING_MESSAGE = "overshadowing_message"
    OPT_OUT = "opt_out"
    DUE_DATE = "due_date"
    WRITTEN_DEBT_NOTICE = "written_debt_notice"
    COLLECTION_COSTS = "collection_costs"
    PRE_TRANSFER_NOTICE = "pre_transfer_notice"
    THIRD_PARTY_HANDOVER = "third_party_handover"
    DATA_REQUEST = "data_request"
    DATA_COPY = "data_copy"
    COMPLAINT = "complaint"
    COMPLAINT_ANSWER = "complaint_answer"
    INFORMATION_REQUEST = "information_request"
    INFORMATION_ANSWER = "information_answer"
    PAYMENT = "payment"
    EXECUTION_OFFICE_REPORT = "execution_office_report"
    LEGAL_ACTION = "legal_action"
    LAST_COLLECTION_ACTIVITY = "last_collection_activity"
    CALL = "call"
    CALLBACK_HANDLED = "callback_handled"
    MEANS_TOLD = "means_told"
    PROOF_GIVEN = "proof_given"
    MANDATE_END = "mandate_end"
    CLAIM_BARRED = "claim_barred"
    ATTESTATION = "attestation"
    SENDER_REGISTRATION = "sender_registration"


class Stage(StrEnum):
    """Which messages of a stage must carry it."""

    FIRST_MESSAGE = "first_message"
    EVERY_MESSAGE = "every_message"


class Named(StrEnum):
    """What a message must carry."""

    OPT_OUT = "opt_out"
    OPT_OUT_LINK = "opt_out_link"
    REMOVAL_NOTICE = "removal_notice"
    SENDER_NAME = "sender_name"
    CANNOT_PAY = "cannot_pay"
    COLLECTOR_DISCLOSURE = "collector_disclosure"
    INITIAL_DISCLOSURE = "initial_disclosure"
    CREDITOR_NAME = "creditor_name"
    CREDITOR_ADDRESS = "creditor_address"
    CREDITOR_DEPARTMENT = "creditor_department"
    ON_BEHALF_OF = "on_behalf_of"
    CONTACT_NUMBER = "contact_number"
    WORKING_HOURS = "working_hours"
    CLAIM_GROUND = "claim_ground"
    CONTRACT_DATE = "contract_date"
    INTEREST_CALCULATION = "interest_calculation"
    ABOVE_STATUTORY_RATE = "above_statutory_rate"
    COST_BREAKDOWN = "cost_breakdown"
    VAT_STATEMENT = "vat_statement"
    ADDRESS_SOURCE = "address_source"
    SUPERVISOR = "supervisor"
    SUM_BREAKDOWN = "sum_breakdown"
    POSTAL_ADDRESS = "postal_address"
    ARABIC_TEXT = "arabic_text"


class Check(StrEnum):
    """What a text must not hold."""

    URL = "url"
    PHONE_NUMBER = "phone_number"
    CHAT_LINK = "chat_link"
    PUBLIC_SHORTENER = "public_shortener"
    PROMOTION = "promotion"
    PRESSURE = "pressure"
    COLLECTION_WORDING = "collection_wording"
    LEGAL_THREAT = "legal_threat"
    LEGAL_THREAT_WITHOUT_CAPABILITY = "legal_threat_without_capability"
    LEGAL_THREAT_TIME_BARRED = "legal_threat_time_barred"
    PAYMENT_REQUEST_TIME_BARRED = "payment_request_time_barred"
    DEBT_IN_SUBJECT = "debt_in_subject"
    DEBT_IN_PREVIEW = "debt_in_preview"
    FULL_IDENTIFIER = "full_identifier"
    FREE_TEXT_OUTSIDE_SESSION = "free_text_outside_session"
    MONEY_WORDING = "money_wording"
    CONSENT_WORDING = "consent_wording"
    REPLY_ON_ONE_WAY = "reply_on_one_way"


class Weight(StrEnum):
    """Whether a text that breaks the row is refused, or its author is told."""

    ERROR = "error"
    WARNING = "warning"


class HoldSignal(StrEnum):
    """What somebody said or what happened, that stops contact."""

    INCONVENIENT_TIME = "inconvenient_time"
    ATTORNEY = "attorney"
    CEASE = "cease"
    MEDIUM_REFUSED = "medium_refused"
    DISPUTE = "dispute"
    NUMBER_REASSIGNED = "number_reassigned"
    DEBT_ADVICE = "debt_advice"
    VULNERABLE = "vulnerable"
    BREATHING_SPACE = "breathing_space"
    MENTAL_HEALTH_CRISIS = "mental_health_crisis"
    ERASURE_REQUEST = "erasure_request"
    OBJECTION = "objection"
    REPLY = "reply"
    PROMISE = "promise"
    VALIDATION_OVERDUE = "validation_overdue"
    QUALITY_RED = "quality_red"


class HoldEnd(StrEnum):
    RELEASED = "released"
    OUTCOME_SENT = "outcome_sent"
    VERIFICATION_SENT = "verification_sent"
    NOTICE_SENT = "notice_sent"
    TREATMENT_OVER = "treatment_over"
    PROMISE_DUE = "promise_due"


class Frozen(StrEnum):
    """What does not grow while a hold lasts."""

    INTEREST = "interest"
    FEES = "fees"


class Records(StrEnum):
    """A class of records that is kept."""

    COMPLIANCE = "compliance"
    CALL_RECORDINGS = "call_recordings"
    SUPPRESSION = "suppression"
    LEDGER = "ledger"
    MANDATE_DATA = "mandate_data"
    CONTACTS = "contacts"
    CALLBACKS = "callbacks"
    MEANS = "means"
    PROOFS = "proofs"


class Reference(StrEnum):
    """A published rate, fixed for each half-year."""

    BOE_BASE = "boe_base"
    ECB_MRO = "ecb_mro"
    BUNDESBANK_BASE = "bundesbank_base"


class DayCount(StrEnum):
    ACTUAL_365 = "actual_365"
    ACTUAL_360 = "actual_360"


class RateOf(StrEnum):
    """Of which half-year the reference rate is."""

    EACH_HALF_YEAR = "each_half_year"  # it moves on 1 January and 1 July
    FIRST_HALF_YEAR = "first_half_year"  # that in which interest began to run, for good


class Order(StrEnum):
    """Which of what is open a payment settles first, after the invoices that its payer named."""

    OLDEST_DUE = "oldest_due"
    COSTS_FIRST = "costs_first"  # of each debt, oldest due first: costs, interest, principal


class Reach(StrEnum):
    """How far an opt-out reaches."""

    MEDIUM = "medium"
    CREDITOR = "creditor"


@dataclass(frozen=True, slots=True)
class Duty(Row):
    """A rule that is kept outside of `permits`."""

    kept_by: str


@dataclass(frozen=True, slots=True)
class Notice(Duty):
    """`notice` must be given: `within` (or at the latest) so long `after` an act."""

    notice: Act
    after: Act
    within: Term | None = None


@dataclass(frozen=True, slots=True)
class Fields(Duty):
    """A message must carry all of `needs`."""

    needs: frozenset[Named]
    stage: Stage
    weight: Weight = Weight.ERROR


@dataclass(frozen=True, slots=True)
class Content(Duty):
    """A text must pass none of these."""

    forbids: frozenset[Check]
    weight: Weight = Weight.ERROR


@dataclass(frozen=True, slots=True)
class Hold(Duty):
    """Contact stops on a signal: for `lasts`, or until something is done."""

    signal: HoldSignal
    lasts: Term | None = None
    until: HoldEnd | None = None
    extension: Term | None = None
    freezes: frozenset[Frozen] = frozenset()


@dataclass(frozen=True, slots=True)
class Deadline(Duty):
    """A gate with time: `act` happens `within` so long of `after`, or `least` so long `before`
    another. `blocks` may not be done until it has happened."""

    act: Act
    within: Term | None = None
    least: Term | None = None
    after: Act | None = None
    before: Act | None = None
    blocks: frozenset[Act] = frozenset()


@dataclass(frozen=True, slots=True)
class Retention(Duty):
    """Records are kept at `least` or at `most` so long, counted from an act."""

    records: Records
    counted_from: Act
    least: Term | None = None
    most: Term | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A fixed sum for a claim below `below`; None is any that no earlier band takes."""

    below: Money | None
    fixed: Money


@dataclass(frozen=True, slots=True)
class Fee(Duty):
    """A fixed sum for each invoice that is late: of businesses alone. Bands ascend.

    `overrides` are ids of rows that it sets aside, also while it is disabled itself.
    """

    bands: tuple[Band, ...]
    overrides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Interest(Duty):
    """Simple interest: `points` above the reference rate of a half-year. `overrides` as above."""

    reference: Reference
    points: Decimal
    day_count: DayCount
    rate_of: RateOf = RateOf.EACH_HALF_YEAR
    overrides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Settlement(Duty):
    """In which order payments settle debts under this law, where the creditor gives no other."""

    order: Order


@dataclass(frozen=True, slots=True)
class OptOut(Duty):
    """How a stop is heard, how soon it holds, how far it reaches and how it is confirmed."""

    words: frozenset[str] = frozenset()
    any_means: bool = False
    within: Term | None = None
    reach: Reach | None = None
    confirmations: int | None = None
    confirm_within: Term | None = None


@dataclass(frozen=True, slots=True)
class LightCheck(Duty):
    """A customer's page shows nothing of a debt before whoever opens it has proven to be them."""


@dataclass(frozen=True, slots=True)
class Principle(Duty):
    """How other rows are read, or what is kept by how Duly is built."""

    says: str
