"""The closed sets that campaigns speak in. Values are stable: they are stored and documented."""

from __future__ import annotations

from enum import StrEnum


class Medium(StrEnum):
    """How a message reaches a person. `channels` has the same words; a test holds them equal."""

    SMS = "sms"
    EMAIL = "email"
    WHATSAPP = "whatsapp"


class Category(StrEnum):
    """What a message is to the law and to the person; carries defaults for hold and validity."""

    REMINDER = "reminder"
    NOTICE = "notice"
    LEGAL = "legal"
    RECEIPT = "receipt"
    OFFER = "offer"


class Purpose(StrEnum):
    """Of which messages a consent speaks, where it is not of all."""

    REMINDERS = "reminders"  # all that is no offer
    OFFERS = "offers"


class Basis(StrEnum):
    """On what somebody may be written to."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGITIMATE_INTEREST = "legitimate_interest"


class SenderRole(StrEnum):
    FIRST_PARTY = "first_party"
    THIRD_PARTY = "third_party_collector"
    DEBT_BUYER = "debt_buyer"


class DebtClass(StrEnum):
    CONSUMER = "consumer"
    COMMERCIAL = "commercial"


class CustomerKind(StrEnum):
    CONSUMER = "consumer"
    BUSINESS = "business"


class SubjectKind(StrEnum):
    """What one case of a campaign is about."""

    CUSTOMER = "customer"
    INVOICE = "invoice"
    SUBSCRIPTION = "subscription"
    PLAN = "plan"


class AnchorKind(StrEnum):
    """The date that a journey's days are counted from."""

    DUE_DATE = "due_date"  # of what the subject owes: an invoice, an instalment, a charge
    ANNIVERSARY = "anniversary"  # of the customer; nothing need be owed


class ContactRole(StrEnum):
    """Who a contact of a business is."""

    PAYABLES = "payables"
    MANAGER = "manager"
    COPY = "copy"  # reads along; never written to alone


class ContactPlace(StrEnum):
    """Where an address or a number is: rules of law know the two apart."""

    HOME = "home"
    WORK = "work"


class HoldKind(StrEnum):
    """Why nobody writes for a while. Each hold has an end or a task that ends it."""

    DISPUTE = "dispute"
    HARDSHIP = "hardship"
    REPLY = "reply"
    PAYMENT = "payment"  # made, and not yet confirmed by the bank
    STAFF = "staff"
    LEGAL = "legal"
    WRONG_PERSON = "wrong_person"
    BREATHING_SPACE = "breathing_space"
    MENTAL_HEALTH_CRISIS = "mental_health_crisis"
    DEBT_ADVICE = "debt_advice"
    ATTORNEY = "attorney"
    CEASE = "cease"
    OBJECTION = "objection"
    DANGER = "danger"  # somebody may harm themselves: a person alone speaks to them


class Signal(StrEnum):
    """Facts that wake a case and that a journey may react to or wait for."""

    PAYMENT_RECEIVED = "payment_received"
    PAYMENT_REVERSED = "payment_reversed"
    PAYMENT_DECLINED = "payment_declined"
    CHECKOUT_ABANDONED = "checkout_abandoned"
    PROMISE_MADE = "promise_made"
    PROMISE_KEPT = "promise_kept"
    PROMISE_BROKEN = "promise_broken"
    PLAN_AGREED = "plan_agreed"
    PLAN_CHANGED = "plan_changed"
    INSTALMENT_MISSED = "instalment_missed"
    PLAN_BROKEN = "plan_broken"
    INVOICE_DISPUTED = "invoice_disputed"
    DISPUTE_RESOLVED = "dispute_resolved"
    HARDSHIP_REPORTED = "hardship_reported"
    WRONG_PERSON_REPORTED = "wrong_person_reported"
    OPTED_OUT = "opted_out"
    HELP_ASKED = "help_asked"
    PAYMENT_REPORTED = "payment_reported"
    PROMISE_OFFERED = "promise_offered"
    PLAN_ASKED = "plan_asked"
    INVOICE_ASKED = "invoice_asked"
    CALL_ASKED = "call_asked"
    CALL_ARRANGED = "call_arranged"
    CALL_CANCELLED = "call_cancelled"
    QUESTION_ASKED = "question_asked"
    PREFERENCE_GIVEN = "preference_given"
    REQUEST_MADE = "request_made"
    MESSAGE_ANSWERED = "message_answered"
    DANGER_REPORTED = "danger_reported"
    ADDRESS_DISOWNED = "address_disowned"
    REPLY_RECEIVED = "reply_received"
    LINK_CLICKED = "link_clicked"
    ADDRESS_BOUNCED = "address_bounced"
    HOLD_RELEASED = "hold_released"
    DETAILS_CONFIRMED = "details_confirmed"


class Outcome(StrEnum):
    """How a case ended."""

    SETTLED = "settled"
    HANDED_OVER = "handed_over"
    EXHAUSTED = "exhausted"
    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
