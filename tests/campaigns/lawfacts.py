"""Questions under the law that ships: people in America, messages agreed to, contacts of late.

Where a vector names a rule that a default of the house would hide, `LAW` leaves the house out.
"""

from datetime import datetime
from typing import Any

from campaigns.facts import ConsentState, Facts
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Medium, SenderRole
from tests.campaigns.policyfacts import DAY, SHIPPED, contact, facts, local, proposal, ruleset

RULES = ruleset()
LAW = RuleSet(tuple(pack for name, pack in SHIPPED.items() if name != "house"))
THIRD = SenderRole.THIRD_PARTY
GIVEN = ConsentState.GIVEN
SMS, EMAIL, WHATSAPP = Medium.SMS, Medium.EMAIL, Medium.WHATSAPP
EASTERN, PACIFIC = "America/New_York", "America/Los_Angeles"


def american(region: str, zone: str = EASTERN, **more: Any) -> Facts:
    return facts("US", zone, region=region, **more)


def asked(medium: Medium = EMAIL, **more: Any) -> Any:
    """With a consent in writing, of yesterday, where nothing else is said."""
    given = {"consent": GIVEN, "consent_at": local("2026-01-01 12:00"), "consent_written": True}
    return proposal(medium, **{**given, **more})


def lately(now: datetime, *days: float, **more: Any) -> tuple[Any, ...]:
    return tuple(contact(now - day * DAY, **more) for day in days)
