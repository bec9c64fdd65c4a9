"""What the facts of a sender are called for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.catalogues import N_
from channels.errors import Fault

FACT_WORDS: Final[Mapping[str, str]] = {
    "address": N_("Number or mailbox"),
    "display_name": N_("Name that is shown"),
    "provider": N_("Provider"),
    "active": N_("Active"),
    "two_way": N_("Can be answered"),
    "answers_keywords": N_("Its provider answers STOP and HELP"),
    "languages": N_("Languages, with commas; empty: all"),
    "replies_to": N_("Mailbox for replies"),
    "dkim_selectors": N_("DKIM selectors, with commas"),
    "cleared": N_("Registrations, such as twilio: BN12; ae: TDRA 4711"),
    "per_second": N_("Messages a second"),
    "per_day": N_("Messages a day"),
    "price": N_("Price of a message, of an SMS segment, such as 0.042 EUR"),
    "complaint_share": N_("Share of complaints at which it stops"),
    "stopped_templates": N_("Templates it may not say, with commas"),
    "quality": N_("Rated by its provider"),
    "ramp_first": N_("Warming up: messages on the first day"),
    "ramp_started_on": N_("Warming up since"),
}
FIRST: Final = ("provider", "address", "display_name", "two_way", "per_second", "per_day")
"""What most forms need; the rest is behind a fold."""
_YES_NO: Final = (("yes", N_("Yes")), ("no", N_("No")))
CHOICES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "two_way": _YES_NO,
    "answers_keywords": _YES_NO,
    "quality": (
        ("", N_("not rated")), ("green", N_("green")), ("yellow", N_("yellow")), ("red", N_("red")),
    ),
}  # fmt: skip
"""The facts of which there are few values."""
NEEDED: Final = ("address", "display_name")
TEST_REMEDIES: Final[Mapping[Fault, str]] = {
    Fault.ADDRESS: N_("Try another address of ours."),
    Fault.CONTENT: N_("Look at the template, and at its approval at the provider."),
    Fault.SENDER: N_(
        "Look at the key in the settings, at this sender, and at the account at the provider."
    ),
    Fault.PROVIDER: N_("Try again in some minutes."),
}
"""What to do about a test that was not taken, by where its cause lies."""
