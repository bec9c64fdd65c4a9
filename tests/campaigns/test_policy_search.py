"""`look_again_at` is the first allowed instant, and more rules never allow more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.facts import ConsentState, Facts, PastContact
from campaigns.policy import next_opening, permits
from campaigns.proposal import Permit, Proposal, Refusal
from campaigns.rules import Pack
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, ContactPlace, Medium, SenderRole
from tests.campaigns.policyfacts import DAY, HOUR, MINUTE, SHIPPED, channel, facts, invoice, pack_of

ZONES = {
    "IL": "Asia/Jerusalem",
    "LT": "Europe/Vilnius",
    "GB": "Europe/London",
    "US": "America/New_York",
    "IT": "Europe/Rome",
    "AE": "Asia/Dubai",
    "SA": "Asia/Riyadh",
    "AU": "Australia/Lord_Howe",
}
START = datetime(2026, 1, 1, tzinfo=UTC)
INSTANTS = st.integers(0, 2 * 365 * 24 * 60).map(lambda minute: START + minute * MINUTE)


@st.composite
def people(draw: st.DrawFn, now: datetime) -> Facts:
    countries = draw(st.lists(st.sampled_from(sorted(ZONES)), min_size=1, max_size=2, unique=True))
    return facts(
        countries[0],
        *(ZONES[country] for country in countries),
        region=draw(st.sampled_from([None, "NY", "MA", "DC", "FL", "CO"])),
        city=draw(st.sampled_from([None, "Brooklyn", "Albany"])),
        role=draw(st.sampled_from(SenderRole)),
        invoices=(invoice(due_on=now.date() - draw(st.integers(-3, 40)) * DAY),),
        contacts=tuple(draw(st.lists(past(now), max_size=6))),
    )


def past(now: datetime) -> st.SearchStrategy[PastContact]:
    return st.builds(
        PastContact,
        at=st.integers(0, 30 * 24 * 4).map(lambda quarter: now - quarter * 15 * MINUTE),
        medium=st.sampled_from(Medium),
        category=st.sampled_from(Category),
        creditor_id=st.sampled_from([1, 2]),
        slot=st.sampled_from(["case:step", "a", "b", "c", "d"]),
        failed=st.booleans(),
        exempt=st.booleans(),
        place=st.sampled_from([None, *ContactPlace]),
    )


@st.composite
def asked(draw: st.DrawFn, now: datetime) -> Proposal:
    on = channel(
        draw(st.sampled_from(Medium)),
        consent=draw(st.sampled_from(ConsentState)),
        consent_at=draw(st.none() | st.integers(0, 70).map(lambda age: now - age * DAY)),
        consent_written=draw(st.booleans()),
        place=draw(st.sampled_from([None, *ContactPlace])),
    )
    acted = draw(st.none() | st.integers(0, 30 * 4).map(lambda q: now - q * 15 * MINUTE))
    return Proposal(
        on,
        draw(st.sampled_from(Category)),
        "case:step",
        answers_own_act_at=acted,
        template_has_link=draw(st.booleans()),
        at_any_hour=draw(st.booleans()),
    )


@st.composite
def creditors(draw: st.DrawFn) -> Pack:
    """A creditor's pack of one to three rules, some of them dated."""
    first, last = draw(st.integers(0, 720)), draw(st.integers(0, 60))
    starts = (START + timedelta(days=first)).date()
    dated = f", effective_from: {starts}, effective_to: {starts + timedelta(days=last)}"
    hour = draw(st.integers(0, 20))
    kinds = [
        f'kind: window, hours: {{sun-thu: "{hour:02}:00-{hour + 4:02}:00"}}',
        "kind: rest_days, weekdays: [wed]",
        "kind: rest_days, holidays: true",
        f"kind: cap, n: {draw(st.integers(1, 3))}, per: {draw(st.integers(1, 14))}d",
        f"kind: gap, least: {draw(st.integers(1, 90))}h",
        "kind: medium_forbidden, why: so, applies: {media: [sms]}",
    ]
    chosen = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True))
    return pack_of(
        *(
            f"{{id: OWN-{n}, {kind}{dated if draw(st.booleans()) else ''}}}"
            for n, kind in enumerate(chosen)
        ),
    )


@pytest.mark.slow
@settings(max_examples=400)
@given(data=st.data(), now=INSTANTS)
def test_asked_again_then_it_permits_and_at_no_earlier_minute(
    data: st.DataObject, now: datetime
) -> None:
    person, proposal = data.draw(people(now)), data.draw(asked(now))
    own = data.draw(creditors())
    rules = RuleSet((*SHIPPED.values(), own))

    verdict = permits(proposal, person, rules, now)

    if isinstance(verdict, Permit):
        assert isinstance(permits(proposal, person, rules, verdict.until - MINUTE / 60), Permit)
        return
    later = verdict.look_again_at
    if later is not None:
        assert later > now
        assert isinstance(permits(proposal, person, rules, later), Permit)
    end = min(later or now + timedelta(days=40), now + timedelta(days=40))
    step = max(MINUTE, (end - now) / 60)
    moments = [now + n * step for n in range(60) if now + n * step < end]
    for moment in (*moments, end - MINUTE):
        if now <= moment < end:
            assert isinstance(permits(proposal, person, rules, moment), Refusal), moment


@settings(max_examples=200)
@given(data=st.data(), now=INSTANTS)
def test_one_more_rule_of_a_creditor_never_allows_more(data: st.DataObject, now: datetime) -> None:
    person, proposal = data.draw(people(now)), data.draw(asked(now))
    plain = RuleSet(tuple(SHIPPED.values()))
    stricter = RuleSet((*SHIPPED.values(), data.draw(creditors())))

    before, after = (permits(proposal, person, rules, now) for rules in (plain, stricter))

    if isinstance(after, Permit):
        assert isinstance(before, Permit)
        assert after.until <= before.until
    elif isinstance(before, Refusal) and after.look_again_at is not None:
        assert before.look_again_at is not None
        assert before.look_again_at <= after.look_again_at


@given(data=st.data(), now=INSTANTS)
def test_one_more_pack_of_law_never_allows_more_than_the_law_did(
    data: st.DataObject, now: datetime
) -> None:
    person, proposal = data.draw(people(now)), data.draw(asked(now))
    law = [pack for name, pack in SHIPPED.items() if name != "house"]
    fewer = RuleSet(tuple(data.draw(st.lists(st.sampled_from(law), unique_by=lambda p: p.name))))

    if isinstance(permits(proposal, person, RuleSet(tuple(law)), now), Permit):
        assert isinstance(permits(proposal, person, fewer, now), Permit)


@given(data=st.data(), now=INSTANTS)
def test_one_more_place_never_allows_more(data: st.DataObject, now: datetime) -> None:
    rules = RuleSet((SHIPPED["house"],))  # a place brings its own law, which may set this aside
    proposal = data.draw(asked(now))
    both = data.draw(people(now))
    one = replace(both, zones=both.zones[:1])

    if isinstance(permits(proposal, both, rules, now), Permit):
        assert isinstance(permits(proposal, one, rules, now), Permit)


@given(data=st.data(), now=INSTANTS)
def test_the_same_question_has_the_same_answer_from_a_new_rule_set(
    data: st.DataObject, now: datetime
) -> None:
    person, proposal = data.draw(people(now)), data.draw(asked(now))
    fresh = RuleSet(tuple(SHIPPED.values()))

    assert permits(proposal, person, WARM, now) == permits(proposal, person, fresh, now)


WARM = RuleSet(tuple(SHIPPED.values()))


@given(data=st.data(), now=INSTANTS)
def test_a_step_that_is_due_is_within_the_hours(data: st.DataObject, now: datetime) -> None:
    person = replace(data.draw(people(now)), contacts=())
    on = channel(Medium.EMAIL, consent=ConsentState.GIVEN, consent_written=True)

    due = next_opening(person, WARM, on, now.date())

    if due is not None:
        proposal = Proposal(on, Category.REMINDER, "case:step", template_has_link=False)
        assert isinstance(permits(proposal, person, WARM, due), Permit)
        assert isinstance(permits(proposal, person, WARM, due + HOUR / 60), Permit)
