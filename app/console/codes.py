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
"""Within a sentence."""
MEDIA_ALONE: Final[Mapping[str, str]] = {
    "email": N_("Email"),
    "sms": N_("SMS"),
    "whatsapp": N_("WhatsApp"),
    "page": N_("Personal page"),
    "phone": N_("Phone"),
}
"""Alone: in a cell, in a choice, beside a time. It differs where languages begin with a capital."""
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
    "exhausted": N_("no step is left"),
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
PROVIDERS: Final[frozenset[str]] = frozenset(
    (
        N_("This number or mailbox does not exist or cannot receive this kind of message."),
        N_("The recipient has opted out of messages from this sender."),
        N_("The carrier or the recipient's settings block this kind of message."),
        N_("The recipient could not be reached for now."),
        N_("The provider cannot carry this text."),
        N_("The provider or the carrier forbids this content; its template is stopped."),
        N_("This template is not approved for this medium in the recipient's language."),
        N_("Free text is only possible within 24 hours of the recipient's last message."),
        N_("The provider could not read our request; this is a fault in the channel."),
        N_("The provider does not let this sender send; the sender is stopped."),
        N_(
            "The provider does not let us in: the key is wrong, or the account is out of funds,"
            " suspended or locked."
        ),
        N_("Too many messages at once for this sender."),
        N_("The message was not delivered within the time for which it was valid."),
        N_("The provider is not available for now."),
        N_("The provider refused with a code that is not known yet."),
        N_("The provider did not answer; the message may or may not have been accepted."),
    )
)
"""The sentences of what went wrong at a provider, as `channels.errors` has them."""
SAID_AS: Final[frozenset[str]] = frozenset(
    (
        N_("the next step"),
        N_("in time"),
        N_("everything"),
        N_("paused"),
        N_("validation notice"),
        N_("written debt notice"),
        N_("pre transfer notice"),
        N_("collection costs"),
        N_("execution office report"),
        N_("attestation"),
        N_("sender registration"),
        N_("opt out"),
        N_("opt out link"),
        N_("removal notice"),
        N_("sender name"),
        N_("cannot pay"),
        N_("collector disclosure"),
        N_("initial disclosure"),
        N_("creditor name"),
        N_("creditor address"),
        N_("creditor department"),
        N_("on behalf of"),
        N_("contact number"),
        N_("working hours"),
        N_("claim ground"),
        N_("contract date"),
        N_("interest calculation"),
        N_("above statutory rate"),
        N_("cost breakdown"),
        N_("vat statement"),
        N_("address source"),
        N_("supervisor"),
        N_("sum breakdown"),
        N_("postal address"),
        N_("arabic text"),
        N_("url"),
        N_("phone number"),
        N_("chat link"),
        N_("public shortener"),
        N_("promotion"),
        N_("pressure"),
        N_("collection wording"),
        N_("legal threat"),
        N_("legal threat without capability"),
        N_("legal threat time barred"),
        N_("payment request time barred"),
        N_("debt in subject"),
        N_("debt in preview"),
        N_("full identifier"),
        N_("free text outside session"),
        N_("money wording"),
        N_("consent wording"),
        N_("reply on one way"),
    )
)
"""What the parameters of reasons say in words: duties of the law as `campaigns.duties` names them,
and what stands for all or for nothing in particular."""
SPANS: Final[Mapping[str, str]] = {
    "day": N_("day"),
    "week": N_("week"),
    "month": N_("month"),
    "year": N_("year"),
}
CHANGED: Final[Mapping[str, str]] = {
    "template": N_("the template"),
    "language": N_("the language"),
    "recipient": N_("the recipient"),
    "amounts": N_("the amount"),
    "invoices": N_("the invoices"),
    "dates": N_("a date"),
    "rest": N_("the form of address or a link"),
}
"""What an approval binds to."""
CODES: Final[Mapping[str, Mapping[str, str]]] = {
    "medium": MEDIA,
    "signal": SIGNALS,
    "outcome": OUTCOMES,
    "team": TEAMS,
    "kind": HOLDS,
    "per": SPANS,
    "changed": CHANGED,
}
"""By the blank of a reason's sentence that they fill."""
