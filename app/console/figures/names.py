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
    "talk": N_("Talks"),
    "plan_talk": N_("Plans talked over"),
    "referral": N_("Referrals to debt advice"),
    "write_off": N_("Write-offs asked for"),
}
PLAN_STATES: Final[Mapping[str, str]] = {
    "running": N_("Running"),
    "completed": N_("Completed"),
    "broken": N_("Broken off"),
    "withdrawn": N_("Withdrawn"),
}
SETTLED: Final[Mapping[str, str]] = {
    "1": N_("Settled within 30 days"),
    "0": N_("Not settled within 30 days"),
}
