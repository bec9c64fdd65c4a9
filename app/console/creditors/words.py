"""What the settings of a creditor are called for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.intake.light_check import Proof
from app.web.catalogues import N_
from campaigns.duties import Order
from campaigns.offers import OfferKind, Situation

FACT_WORDS: Final[Mapping[str, str]] = {
    "person": N_("Who signs"),
    "phone": N_("Phone"),
    "postal_address": N_("Postal address"),
    "handover_to": N_("To whom cases are handed over"),
    "department": N_("Department"),
    "working_hours": N_("Working hours, in words"),
    "on_behalf_of": N_("On whose behalf it writes"),
    "behalf_address": N_("Address of whom it writes for"),
    "supervisor": N_("Who supervises it"),
    "website": N_("Website"),
}
ORDER_WORDS: Final[Mapping[str, str]] = {
    "": N_("As the law has it"),
    Order.OLDEST_DUE: N_("The oldest due first"),
    Order.COSTS_FIRST: N_("Costs, then interest, then the debt"),
}
PROOF_WORDS: Final[Mapping[str, str]] = {
    Proof.POSTCODE: N_("Postcode"),
    Proof.BIRTH_YEAR: N_("Year of birth"),
    Proof.INVOICE: N_("Last digits of an invoice"),
}
OFFER_WORDS: Final[Mapping[str, str]] = {
    OfferKind.EARLY_PAYMENT: N_("Discount for early payment"),
    OfferKind.THANK_YOU: N_("Thank-you for paying what is past due"),
}
SITUATION_WORDS: Final[Mapping[str, str]] = {
    Situation.DISPUTE: N_("Also while an invoice is disputed"),
    Situation.HARDSHIP: N_("Also in hardship"),
    Situation.LIMITED: N_("Also past the limitation date"),
}
LIMIT_GROUPS: Final[Mapping[str, str]] = {
    "promise": N_("Promises"),
    "plan": N_("Payment plans"),
    "team": N_("The team"),
}
LIMIT_WORDS: Final[Mapping[str, str]] = {
    "promise.max_open": N_("Open promises at once (0: none are offered)"),
    "promise.max_broken": N_("Broken ones after which none is taken"),
    "promise.broken_within_days": N_("… within so many days"),
    "promise.furthest_days": N_("Days ahead at most"),
    "promise.least_share": N_("Least share of the debt (0 to 1)"),
    "promise.grace_business_days": N_("Business days of grace"),
    "plan.most_parts": N_("Instalments at most (0: no plans are offered)"),
    "plan.first_within_days": N_("First one within so many days"),
    "plan.furthest_days": N_("Last one within so many days"),
    "plan.grace_business_days": N_("Business days of grace"),
    "plan.rescue_business_days": N_("Business days to rescue a missed one"),
    "plan.most_moves": N_("Instalments that may be moved"),
    "plan.move_days": N_("… by so many days"),
    "plan.debit_notice_days": N_("Days between notice and debit of a card"),
    "plan.debit_tries": N_("Tries of a debit (0: no cards are kept)"),
    "plan.debit_retry_days": N_("Days between two tries"),
    "team.hours": N_("When the team is there, such as mon-thu 09:00-17:00; fri 09:00-13:00"),
    "team.answer_business_days": N_("Business days for an answer"),
    "team.calls_within_days": N_("Calls back within so many days (0: none)"),
    "team.slot_hours": N_("Hours of one slot for a call"),
}
