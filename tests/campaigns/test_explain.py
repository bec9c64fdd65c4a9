"""Why a message may go or not: the word of `permits`, and of each rule."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.explain import explain
from campaigns.policy import permits
from campaigns.proposal import Permit, Refusal
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Medium
from tests.campaigns.policyfacts import (
    HOUR,
    MINUTE,
    SHIPPED,
    contact,
    facts,
    local,
    proposal,
    ruleset,
)
from tests.campaigns.test_policy_search import INSTANTS, asked, creditors, people

NO_ROW = {"OPT-OUT", "CONSENT-WITHDRAWN", "SUPPRESSED", "ZONE", "BOOK"}


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(data=st.data(), now=INSTANTS)
def test_the_rules_own_words_add_up_to_what_permits_says(
    data: st.DataObject, now: datetime
) -> None:
    person, message = data.draw(people(now)), data.draw(asked(now))
    rules = RuleSet((*SHIPPED.values(), data.draw(creditors())))

    told = explain(message, person, rules, now)

    refusing = {answer.rule.id for answer in told.answers if answer.refusal}
    assert told.verdict == permits(message, person, rules, now)
    if isinstance(told.verdict, Permit):
        assert refusing == set()
        assert tuple(sorted(a.rule.id for a in told.answers)) == tuple(sorted(told.verdict.rules))
        return
    named = told.verdict.rule
    assert named in refusing | NO_ROW
    assert (told.decided.id if told.decided else None) == (None if named in NO_ROW else named)
    later = told.verdict.look_again_at
    if later is not None:
        assert isinstance(explain(message, person, rules, later).verdict, Permit)
        before = explain(message, person, rules, max(now, later - MINUTE)).verdict
        assert isinstance(before, Refusal)


def test_every_rule_that_refuses_says_so_though_one_alone_decides() -> None:
    at = local("2026-12-25 21:30")
    told = explain(
        proposal(Medium.SMS), facts("LT", contacts=(contact(at - HOUR),)), ruleset("house"), at
    )
    refusing = {answer.rule.id for answer in told.answers if answer.refusal}
    assert refusing == {"HOUSE-HOURS", "HOUSE-HOLIDAYS", "HOUSE-CAP-1D", "HOUSE-GAP"}
    assert told.decided is not None
    assert told.decided.head.source == "House policy"
    assert [zone.key for zone in told.zones] == ["Europe/Vilnius"]


def test_a_stop_of_the_customer_is_no_rules_word() -> None:
    told = explain(
        proposal(Medium.SMS, suppressed="bounced"),
        facts("LT"),
        ruleset("house"),
        local("2026-06-01 10:00"),
    )
    assert isinstance(told.verdict, Refusal)
    assert (told.verdict.rule, told.decided) == ("SUPPRESSED", None)
    assert all(answer.refusal is None for answer in told.answers)
