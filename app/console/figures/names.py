"""What the codes of figures are called in these rooms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.figures.names import NOBODY
from app.web.catalogues import N_

MEDIA: Final[Mapping[str, str]] = {
    "email": N_("Email"),
    "sms": N_("SMS"),
    "whatsapp": N_("WhatsApp"),
    "page": N_("On the page"),
    "": N_("No channel"),
}
METHODS: Final[Mapping[str, str]] = {
    "feed": N_("Told by a feed"),
    "bank": N_("Bank statement"),
    "stripe": N_("Card, by Stripe"),
    "sandbox": N_("Practice payment"),
}
ARMS: Final[Mapping[str, str]] = {
    "treatment": N_("written to"),
    "control": N_("In the group that nobody contacts"),
    NOBODY: N_("Nothing was sent before"),
}
COMPLAINTS: Final[Mapping[str, str]] = {
    "complaint": N_("Complaints"),
    "data_request": N_("Requests for data"),
}
ASKED: Final[Mapping[str, str]] = {
    "hardship": N_("Hardship"),
    "call": N_("Wishes for a call"),
    "plan": N_("Wishes for a plan"),
}
GIVEN_HELP: Final[Mapping[str, str]] = {
    "answer": N_("Answers of the team"),
    "plan": N_("Plans agreed"),
    "pause": N_("Pauses"),
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
TEAMS: Final[Mapping[str, str]] = {
    "care": N_("the care team"),
    "collections": N_("collections"),
    "engineering": N_("engineering"),
    "finance": N_("finance"),
    "operations": N_("operations"),
    "service": N_("service"),
}
