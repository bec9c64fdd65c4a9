"""How long a decision takes with every pack of American law loaded. The figures are printed; the
bounds are in loops of this machine, which is shared, so that they fail for a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter_ns
from zoneinfo import ZoneInfo

import pytest

from campaigns.calendar import BusinessCalendar
from campaigns.case import CaseState
from campaigns.decide import decide
from campaigns.decision import Policy
from campaigns.facts import ChannelFact, ConsentState, Facts
from campaigns.journey import Day, Journey
from campaigns.language import read_journey
from campaigns.vocabulary import Medium
from tests.campaigns.policyfacts import DAY, SHIPPED, contact, facts, invoice, local, ruleset

EASTERN = "America/New_York"
NOON = local("2026-10-07 12:00", EASTERN)
AMERICAN = [name for name in SHIPPED if name == "us" or name.startswith("us-")]
RULES = ruleset("house", "twilio", "whatsapp", "sendgrid", "mailbox", *AMERICAN)
POLICY = Policy(RULES, BusinessCalendar("US"), ZoneInfo(EASTERN))
LIBRARY = Path(__file__).parent.parent.parent / "campaigns" / "library"
ROUNDS = 300


def gentle() -> Journey:
    file = LIBRARY / "consumer_gentle.yaml"
    return read_journey(file.read_text("utf-8"), file.name)


def owing(due_on: date, region: str) -> Facts:
    """Somebody who may be reached on three media, and was, three times in a month."""
    agreed = {"consent": ConsentState.GIVEN, "consent_at": NOON - DAY, "consent_written": True}
    channels = tuple(
        ChannelFact(number, number, medium, number, asked=5, answered=2, **agreed)  # type: ignore[arg-type]
        for number, medium in enumerate(Medium, 1)
    )
    return facts(
        "US",
        EASTERN,
        region=region,
        city="Brooklyn" if region == "NY" else None,
        channels=channels,
        invoices=(invoice(due_on=due_on),),
        contacts=tuple(contact(NOON - day * DAY) for day in (20, 15, 10)),
    )


def case_of(journey: Journey, days: int) -> CaseState:
    """One that has said what was to be said before today."""
    past = [s for s in journey.steps if isinstance(s.anchor, Day) and s.anchor.offset < days]
    done = tuple(step.id for step in past)
    return CaseState(f"case-{days}", NOON.date() - days * DAY, NOON - 20 * DAY, done=done)


def fastest(act: Callable[[], object]) -> int:
    """In nanoseconds, the best of many: what else runs on the machine only adds."""
    best = 10**12
    for _ in range(ROUNDS):
        began = perf_counter_ns()
        act()
        best = min(best, perf_counter_ns() - began)
    return best


def loop() -> None:
    for _ in range(100):
        pass


@pytest.mark.slow
def test_a_decision_takes_tens_of_microseconds_with_all_american_packs() -> None:
    journey, measured = gentle(), dict[str, list[int]]()
    for days in range(-5, 61):
        for region in ("NY", "CA", "TX", "MA"):
            case, person = case_of(journey, days), owing(NOON.date() - days * DAY, region)
            reason = decide(case, person, journey, POLICY, NOON).reason
            took = fastest(lambda c=case, p=person: decide(c, p, journey, POLICY, NOON))  # type: ignore[misc]
            measured.setdefault(reason, []).append(took)
    unit = fastest(loop)

    everything = [took for times in measured.values() for took in times]
    for reason, times in sorted(measured.items()):
        print(f"{reason:20} {len(times):4} cases  {median(times) / 1000:6.1f} µs")
    print(f"{'all':20} {len(everything):4} cases  {median(everything) / 1000:6.1f} µs")
    print(f"{'a hundred loops':20} {'':10}  {unit / 1000:6.1f} µs")

    assert median(everything) < 60 * unit
    assert median(measured["step_due"]) < 250 * unit
