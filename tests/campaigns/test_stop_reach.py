"""How far a stop reaches, among it the test vectors of contact law 10, 11 and 22."""

from dataclasses import replace
from itertools import product

import pytest

from app.hearing.reading import Verdict, read
from campaigns.facts import Agreed, ChannelFact, ConsentState, Facts
from campaigns.policy import permits
from campaigns.proposal import Permit, Proposal
from campaigns.reach import TABLE, Lift, StopAct, Whom, may_lift, reach_of, spoken
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, Medium
from tests.campaigns.policyfacts import SHIPPED, channel, facts, local, permitted, refused, ruleset

RULES = ruleset()
LAW = RuleSet(tuple(pack for name, pack in SHIPPED.items() if name != "house"))
EASTERN = "America/New_York"
SMS, EMAIL, WHATSAPP = Medium.SMS, Medium.EMAIL, Medium.WHATSAPP
GIVEN, WITHDRAWN = ConsentState.GIVEN, ConsentState.WITHDRAWN
WRITTEN = {"consent": GIVEN, "consent_at": local("2026-11-01 12:00"), "consent_written": True}
THE_DAY_BEFORE = local("2027-01-30 12:00", EASTERN)
MIDNIGHT = local("2027-01-31 00:00", EASTERN)
FRIDAY, MONDAY = local("2027-01-29 12:00", EASTERN), local("2027-02-01 12:00", EASTERN)


@pytest.mark.parametrize(
    "text", ["Stop please.", "סטופ", "הסר.", "\u200fהסר", "إيقاف!!", "ATSISAKAU"], ids=ascii
)
def test_vector_10_a_stop_in_any_language_and_dress_is_an_opt_out(text: str) -> None:
    assert read(text).verdict is Verdict.OPT_OUT


def _said_to_an_offer(medium: Medium = SMS, **more: object) -> ChannelFact:
    """A stop that answered an offer. Nothing was said of reminders."""
    no_offers = Agreed(WITHDRAWN, local("2026-12-01 12:00"))
    return channel(medium, **{**WRITTEN, "offers_stopped": True, "offers": no_offers, **more})


def _american(*channels: ChannelFact) -> Facts:
    return facts("US", EASTERN, region="OH", channels=channels)


def _asked(on: ChannelFact, category: Category = Category.REMINDER) -> Proposal:
    return Proposal(on, category, "case:step")


def test_vector_22_before_the_day_a_stop_of_one_topic_ends_the_other_by_our_own_rule_alone() -> (
    None
):
    number = _said_to_an_offer()
    person = _american(number)

    permit = permitted(permits(_asked(number), person, LAW, THE_DAY_BEFORE))
    refusal = refused(permits(_asked(number), person, RULES, THE_DAY_BEFORE))

    assert permit.until <= MIDNIGHT
    assert (refusal.rule, refusal.reason) == ("HOUSE-STOP-NUMBER", "opted_out")
    assert refusal.look_again_at is None


def test_vector_22_from_the_day_on_a_stop_of_one_topic_ends_the_other_by_law() -> None:
    number = _said_to_an_offer()
    person = _american(number)

    for rules in (LAW, RULES):
        at_once = refused(permits(_asked(number), person, rules, MIDNIGHT))
        assert (at_once.rule, at_once.reason) == ("US-TCPA-REVOKEALL", "opted_out")
        assert at_once.look_again_at is None


def test_an_offer_stays_stopped_whatever_the_day_and_the_house() -> None:
    number = _said_to_an_offer()
    for rules, now in product((LAW, RULES), (FRIDAY, MONDAY)):
        offer = permits(_asked(number, Category.OFFER), _american(number), rules, now)
        assert refused(offer).reason in ("consent_withdrawn", "opted_out")


def test_all_texts_of_the_caller_are_on_each_of_the_customers_numbers_and_no_mail() -> None:
    other = replace(channel(SMS, **WRITTEN), address_id=2)
    mailbox = channel(EMAIL, **WRITTEN)
    person = _american(_said_to_an_offer(), other, mailbox)

    assert refused(permits(_asked(other), person, LAW, MONDAY)).rule == "US-TCPA-REVOKEALL"
    permitted(permits(_asked(mailbox), person, RULES, MONDAY))


def test_a_stop_that_answers_an_offer_by_mail_ends_all_to_that_mailbox_alone() -> None:
    mailbox = _said_to_an_offer(EMAIL)
    other = replace(channel(EMAIL, **WRITTEN), address_id=2)
    person = _american(mailbox, other)

    refusal = refused(permits(_asked(mailbox), person, RULES, FRIDAY))
    assert refusal.rule == "HOUSE-STOP-MAIL"
    permitted(permits(_asked(other), person, RULES, FRIDAY))
    permitted(permits(_asked(mailbox), person, LAW, FRIDAY))


def test_who_wants_no_offers_and_says_so_keeps_the_reminders() -> None:
    number = replace(_said_to_an_offer(), offers_stopped=False)

    permitted(permits(_asked(number), _american(number), RULES, MONDAY))
    offer = permits(_asked(number, Category.OFFER), _american(number), RULES, MONDAY)
    assert refused(offer).reason == "consent_withdrawn"


def test_a_consent_to_offers_is_none_to_reminders_where_one_is_needed() -> None:
    agreed = Agreed(GIVEN, local("2026-11-01 12:00"), written=True)
    number = channel(SMS, consent=ConsentState.UNKNOWN, offers=agreed)
    israeli = facts("IL", "Asia/Jerusalem")
    noon = local("2026-11-30 12:00", "Asia/Jerusalem")

    verdict = permits(_asked(number, Category.OFFER), israeli, LAW, noon)
    nothing_said = replace(number, offers=None)
    refusal = refused(permits(_asked(nothing_said, Category.OFFER), israeli, LAW, noon))

    assert isinstance(verdict, Permit)
    assert (refusal.rule, refusal.reason) == ("IL-30A", "consent_missing")


def test_every_act_has_one_row_and_one_answer_on_every_medium() -> None:
    assert [row.act for row in TABLE] == list(StopAct)
    for act, medium in product(StopAct, (None, *Medium)):
        reach = reach_of(act, medium)
        assert medium is None or reach.covers(medium)
        assert reach.closes == ((None,) if reach.media is None else tuple(sorted(reach.media)))
    assert {reach.row.act for _, reach in spoken()} == set(StopAct)


@pytest.mark.parametrize(
    ("act", "said_through", "closes"),
    [
        (StopAct.REPLY, SMS, (SMS, WHATSAPP)),
        (StopAct.REPLY, WHATSAPP, (WHATSAPP,)),
        (StopAct.REPLY, EMAIL, (EMAIL,)),
        (StopAct.PAGE, SMS, (SMS, WHATSAPP)),
        (StopAct.PAGE, None, (None,)),
        (StopAct.LIST_UNSUBSCRIBE, EMAIL, (EMAIL,)),
        (StopAct.COMPLAINT, EMAIL, (EMAIL,)),
        (StopAct.BOUNCE, SMS, (SMS,)),
        (StopAct.WRONG_PERSON, SMS, (None,)),
        (StopAct.STAFF, SMS, (SMS, WHATSAPP)),
        (StopAct.STAFF, None, (None,)),
        (StopAct.CEASE, EMAIL, (None,)),
    ],
)
def test_a_stop_closes_these_media(
    act: StopAct, said_through: Medium | None, closes: tuple[Medium | None, ...]
) -> None:
    assert reach_of(act, said_through).closes == closes


def test_only_a_stop_that_answers_an_offer_may_mean_offers_alone() -> None:
    narrow = {
        act for act, category in product(StopAct, Category)
        if reach_of(act, SMS, category).offers_only
    }  # fmt: skip
    assert narrow == {StopAct.REPLY, StopAct.UNSUBSCRIBE_LINK, StopAct.LIST_UNSUBSCRIBE}
    assert not any(reach_of(act, SMS, Category.REMINDER).offers_only for act in StopAct)
    assert not any(reach_of(act, SMS).offers_only for act in StopAct)


def test_what_is_told_to_people_is_the_persons_and_a_word_of_return_lifts_a_word_alone() -> None:
    told = {row.act for row in TABLE if row.whom is Whom.PERSON}
    assert told == {StopAct.WRITTEN, StopAct.STAFF, StopAct.CEASE}
    assert [row.act for row in TABLE if row.confirmed] == [StopAct.REPLY]
    by_word = {row.act for row in TABLE if may_lift(row.act, Lift.WORD, row.closed_as)}
    never = {row.act for row in TABLE if not row.lifted_by}
    assert by_word == {StopAct.REPLY}
    assert never == {
        StopAct.COMPLAINT, StopAct.BOUNCE, StopAct.WRONG_PERSON, StopAct.ERASURE,
    }  # fmt: skip
    assert may_lift(None, Lift.EVIDENCE, "opted_out")
    assert not may_lift(None, Lift.WORD, "opted_out")
    assert not may_lift(None, Lift.EVIDENCE, "bounced")
