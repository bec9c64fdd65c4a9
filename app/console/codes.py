"""What stored codes are called in the console. Each text is marked for its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.catalogues import N_

MEDIA: Final[Mapping[str, str]] = {
    "email": N_("email"),
    "sms": N_("SMS"),
    "whatsapp": N_("WhatsApp"),
    "page": N_("the page"),
    "phone": N_("the phone"),
}
HOLDS: Final[Mapping[str, str]] = {
    "dispute": N_("dispute"),
    "hardship": N_("hardship"),
    "reply": N_("a reply to be read"),
    "payment": N_("a payment on its way"),
    "staff": N_("by the team"),
    "legal": N_("legal matter"),
    "wrong_person": N_("wrong person"),
    "breathing_space": N_("breathing space"),
    "mental_health_crisis": N_("mental-health crisis"),
    "debt_advice": N_("debt advice"),
    "attorney": N_("represented by a lawyer"),
    "cease": N_("asked for no contact"),
    "objection": N_("objection to the data's use"),
    "danger": N_("somebody in danger"),
}
OUTCOMES: Final[Mapping[str, str]] = {
    "settled": N_("settled"),
    "handed_over": N_("handed over"),
    "exhausted": N_("the journey has ended"),
    "withdrawn": N_("withdrawn"),
    "transferred": N_("moved to another journey"),
}
TEAMS: Final[Mapping[str, str]] = {
    "care": N_("the care team"),
    "collections": N_("collections"),
    "engineering": N_("engineering"),
    "finance": N_("finance"),
    "operations": N_("operations"),
    "sales": N_("sales"),
    "service": N_("service"),
}
SIGNALS: Final[Mapping[str, str]] = {
    "payment_received": N_("a payment"),
    "payment_reversed": N_("a payment that went back"),
    "payment_declined": N_("a declined card"),
    "checkout_abandoned": N_("a payment page that was left"),
    "promise_made": N_("a promise"),
    "promise_kept": N_("a kept promise"),
    "promise_broken": N_("a broken promise"),
    "plan_agreed": N_("a plan"),
    "plan_changed": N_("a changed plan"),
    "instalment_missed": N_("a missed instalment"),
    "plan_broken": N_("a broken plan"),
    "invoice_disputed": N_("a dispute"),
    "dispute_resolved": N_("the end of a dispute"),
    "hardship_reported": N_("a call for help"),
    "wrong_person_reported": N_("word from a wrong person"),
    "opted_out": N_("an opt-out"),
    "help_asked": N_("a question who writes"),
    "payment_reported": N_("word that it is paid"),
    "promise_offered": N_("a wish to pay, without a day"),
    "plan_asked": N_("a wish to pay in parts"),
    "invoice_asked": N_("a wish for the invoice"),
    "call_asked": N_("a wish for a call"),
    "call_arranged": N_("an arranged call"),
    "call_cancelled": N_("a cancelled call"),
    "question_asked": N_("a question what it is about"),
    "preference_given": N_("a wish how to be written to"),
    "request_made": N_("a request for a person"),
    "message_answered": N_("an answer of the team"),
    "danger_reported": N_("word of danger"),
    "address_disowned": N_("word from a stranger"),
    "reply_received": N_("a reply"),
    "link_clicked": N_("a visit to the page"),
    "address_bounced": N_("a dead address"),
    "hold_released": N_("the end of a hold"),
    "details_confirmed": N_("confirmed details"),
}
WEEKDAYS: Final[frozenset[str]] = frozenset(
    (
        N_("Sunday"), N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"),
        N_("Saturday"),
    )
)  # fmt: skip
SPANS: Final[Mapping[str, str]] = {
    "day": N_("day"),
    "week": N_("week"),
    "month": N_("month"),
    "year": N_("year"),
}
CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "medium": MEDIA,
    "signal": SIGNALS,
    "outcome": OUTCOMES,
    "team": TEAMS,
    "kind": HOLDS,
    "per": SPANS,
}
"""By the blank of a reason's sentence that they fill."""
