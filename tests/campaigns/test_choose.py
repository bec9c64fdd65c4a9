"""Which medium speaks: reachable and allowed first, then asked for, then answered on."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from campaigns.choose import EXPLORE, Ask, Choice, NoChoice, choose, score
from campaigns.facts import ChannelFact, ConsentState, Facts
from campaigns.journey import SendPolicy
from campaigns.vocabulary import Category, ContactRole, Medium
from tests.campaigns.casefacts import (
    EMAIL,
    HOUR,
    SMS,
    WHATSAPP,
    channels,
    on_day,
    owing,
    policy,
)

NOW = on_day(3)
RULES = policy().rules


def ask(**more: Any) -> Ask:
    order = more.pop("order", ())
    known = {"category": Category.REMINDER, "slot": "case:s", "origin": "step:s:1", "step": "s"}
    return Ask(**{**known, "policy": SendPolicy(order=order), **more})


def chosen(facts: Facts, key: str = "case", **more: Any) -> Choice:
    found = choose(ask(**more), facts, RULES, NOW, case_key=key)
    assert isinstance(found, Choice), found
    return found


def unchosen(facts: Facts, now: datetime = NOW, **more: Any) -> NoChoice:
    found = choose(ask(**more), facts, RULES, now, case_key="case")
    assert isinstance(found, NoChoice), found
    return found


def with_first(**more: Any) -> Facts:
    """SMS with this change, and a mail that works."""
    sms, email = channels(SMS, EMAIL)
    return owing(channels=(replace(sms, **more), email))


def test_what_the_customer_asked_for_wins() -> None:
    facts = owing(preferred=WHATSAPP, priors={SMS: 0.9, WHATSAPP: 0.01, EMAIL: 0.5})
    found = chosen(facts)
    assert (found.channel.medium, found.probability) == (WHATSAPP, 1.0)


def test_when_it_cannot_be_had_the_same_device_comes_next() -> None:
    facts = owing(preferred=WHATSAPP, priors={SMS: 0.01, EMAIL: 0.9})
    languages = {WHATSAPP: frozenset({"en"})}
    channels = tuple(
        replace(channel, languages=languages.get(channel.medium)) for channel in facts.channels
    )
    found = chosen(replace(facts, channels=channels, locale="he"))
    assert (found.channel.medium, found.probability) == (SMS, 1.0)


def test_the_order_of_the_step_wins_over_what_the_customer_asked_for() -> None:
    found = chosen(owing(preferred=SMS), order=(EMAIL, SMS))
    assert (found.channel.medium, found.probability) == (EMAIL, 1.0)


def test_the_next_in_order_speaks_when_the_first_is_refused() -> None:
    found = chosen(with_first(valid=False), order=(SMS, EMAIL))
    assert found.channel.medium is EMAIL


def test_else_the_medium_that_this_customer_answers_on_wins() -> None:
    sms, email = channels(SMS, EMAIL)
    facts = owing(channels=(replace(sms, asked=10), replace(email, asked=10, answered=6)))
    assert Counter(chosen(facts, f"k{n}").channel.medium for n in range(300))[EMAIL] > 250


def test_without_answers_the_books_own_rate_decides() -> None:
    facts = owing(SMS, EMAIL, priors={SMS: 0.05, EMAIL: 0.6})
    assert Counter(chosen(facts, f"k{n}").channel.medium for n in range(300))[EMAIL] > 250


@pytest.mark.parametrize(
    ("asked", "answered", "expected"),
    [(0, 0, 0.30), (8, 8, (8 + 2.4) / 16), (8, 0, 2.4 / 16), (1000, 1000, 1002.4 / 1008)],
)
def test_the_score_is_the_mean_of_a_beta_over_the_prior(
    asked: int, answered: int, expected: float
) -> None:
    facts = owing(priors={SMS: 0.30})
    channel = replace(channels(SMS)[0], asked=asked, answered=answered)
    assert score(channel, facts) == pytest.approx(expected)


def test_the_score_is_a_probability_even_for_those_who_answer_unasked() -> None:
    channel = replace(channels(SMS)[0], asked=0, answered=50)
    assert 0 <= score(channel, owing()) <= 1


def test_a_few_answers_do_not_outweigh_the_book() -> None:
    facts = owing(priors={SMS: 0.5})
    lucky = replace(channels(SMS)[0], asked=1, answered=1)
    assert score(lucky, facts) < 0.6


@pytest.mark.parametrize("media", [(SMS, EMAIL), (SMS, EMAIL, WHATSAPP)])
def test_the_stored_probability_is_how_often_the_choice_comes_up(
    media: tuple[Medium, ...],
) -> None:
    facts = owing(*media, priors={SMS: 0.6, EMAIL: 0.3, WHATSAPP: 0.1})
    tries, found = 20_000, Counter[Medium]()
    probability: dict[Medium, float] = {}
    for number in range(tries):
        choice = chosen(facts, f"case{number}")
        found[choice.channel.medium] += 1
        probability[choice.channel.medium] = choice.probability
    assert sum(probability.values()) == pytest.approx(1.0)
    assert probability[SMS] == pytest.approx(1 - EXPLORE + EXPLORE / len(media))
    for medium in media:
        share = found[medium] / tries
        spread = (probability[medium] * (1 - probability[medium]) / tries) ** 0.5
        assert abs(share - probability[medium]) < 4 * spread, medium


def test_the_same_case_and_step_choose_the_same_again() -> None:
    facts = owing()
    assert chosen(facts, "k1") == chosen(facts, "k1")


def test_a_single_medium_is_certain() -> None:
    assert chosen(owing(SMS)).probability == 1.0


REFUSED = [
    ({"sender_id": None}, "no_sender"),
    ({"valid": False}, "address_invalid"),
    ({"unhealthy": "paused"}, "sender_unhealthy"),
    ({"languages": frozenset({"he"})}, "template_not_approved"),
    ({"suppressed": "bounced"}, "address_suppressed"),
    ({"consent": ConsentState.WITHDRAWN}, "consent_withdrawn"),
    ({"consent": ConsentState.WITHDRAWN, "suppressed": "opted out"}, "opted_out"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
def test_a_medium_that_cannot_speak_is_on_record_beside_the_one_that_does(
    change: dict[str, Any], reason: str
) -> None:
    found = chosen(with_first(**change))
    assert found.channel.medium is EMAIL
    assert [(r.medium, r.step, r.refusal.reason) for r in found.refusals] == [(SMS, "s", reason)]


def test_a_medium_outside_of_the_order_and_one_that_was_tried_are_on_record() -> None:
    found = chosen(owing(), order=(SMS, EMAIL), tried=(SMS,))
    reasons = {refused.medium: refused.refusal.reason for refused in found.refusals}
    assert reasons == {SMS: "medium_tried", WHATSAPP: "not_preferred"}


def test_every_medium_is_on_record_when_none_speaks() -> None:
    found = unchosen(owing(), tried=(SMS, EMAIL, WHATSAPP))
    assert len(found.refusals) == 3
    assert (found.best.reason, found.best.look_again_at) == ("no_medium_left", None)


def test_no_address_at_all_has_its_own_reason() -> None:
    assert unchosen(owing(channels=())).best.reason == "no_address"


def test_the_refusal_that_opens_first_speaks_for_all() -> None:
    sms, email = channels(SMS, EMAIL)
    east = replace(email, zones=("Asia/Tokyo",))
    found = unchosen(owing(channels=(east, sms)), on_day(3, "23:00"))
    assert found.best.look_again_at == min(
        r.refusal.look_again_at for r in found.refusals if r.refusal.look_again_at
    )


def test_what_somebody_mends_explains_more_than_what_is_final() -> None:
    sms, email, whatsapp = channels(SMS, EMAIL, WHATSAPP)
    facts = owing(
        channels=(
            replace(sms, valid=False),
            replace(email, unhealthy="paused"),
            replace(whatsapp, sender_id=None),
        )
    )
    found = unchosen(facts)
    assert (found.best.reason, found.mending) == ("sender_unhealthy", True)


def test_the_contacts_own_language_is_what_a_provider_must_have_approved() -> None:
    sms, _ = channels(SMS, EMAIL)
    approved = replace(sms, languages=frozenset({"lt"}))
    found = unchosen(replace(owing(channels=(approved,)), locale="he"))
    assert found.best.reason == "template_not_approved"
    theirs = replace(approved, locale="lt")
    assert chosen(replace(owing(channels=(theirs,)), locale="he")).channel == theirs


def test_a_text_that_the_provider_has_not_approved_waits_until_it_has() -> None:
    sms, _ = channels(SMS, EMAIL)
    asking = replace(sms, approved=frozenset({("reminder", "en")}))
    facts = replace(owing(channels=(asking,)), locale="he-IL")
    found = unchosen(facts, template="reminder")
    assert (found.best.reason, found.mending) == ("template_not_approved", True)
    approved = replace(asking, approved=frozenset({("reminder", "he")}))
    assert chosen(replace(facts, channels=(approved,)), template="reminder").channel == approved


def test_a_day_after_the_customer_wrote_nothing_has_to_be_approved() -> None:
    sms, _ = channels(SMS, EMAIL)
    for hours, is_open in ((22, True), (24, False)):
        heard = replace(sms, approved=frozenset(), heard_at=NOW - hours * HOUR)
        facts = owing(channels=(heard,))
        if is_open:
            assert chosen(facts, template="reminder").channel == heard
        else:
            assert unchosen(facts, template="reminder").best.reason == "template_not_approved"


def test_what_the_step_left_out_explains_nothing() -> None:
    sms, email = channels(SMS, EMAIL)
    facts = owing(channels=(sms, replace(email, languages=frozenset({"he"}))))
    found = unchosen(facts, order=(EMAIL,))
    assert (found.best.reason, found.mending) == ("template_not_approved", False)


def test_a_stale_book_is_being_mended() -> None:
    facts = owing(ledger_max_age=26 * HOUR, ledger_as_of=on_day(0))
    found = unchosen(facts)
    assert (found.best.reason, found.mending) == ("ledger_stale", True)


def test_the_second_number_of_a_medium_speaks_when_the_first_is_invalid() -> None:
    first, _ = channels(SMS, EMAIL)
    second = ChannelFact(9, 9, SMS, 1, provider="sandbox")
    assert chosen(owing(channels=(replace(first, valid=False), second))).channel == second


def roles(*named: tuple[Medium, ContactRole | None]) -> Facts:
    """A channel for each medium and role, in this order."""
    plain = channels(*(medium for medium, _ in named))
    return owing(
        channels=tuple(
            replace(channel, role=role) for channel, (_, role) in zip(plain, named, strict=True)
        )
    )


PAYABLES, MANAGER, COPY = ContactRole.PAYABLES, ContactRole.MANAGER, ContactRole.COPY


def test_a_role_is_written_to_where_somebody_has_it() -> None:
    facts = roles((EMAIL, PAYABLES), (EMAIL, MANAGER), (EMAIL, COPY))

    assert chosen(facts).channel.role is PAYABLES
    assert chosen(facts, to=MANAGER).channel.role is MANAGER
    assert chosen(facts, to=MANAGER).refusals == ()


@pytest.mark.parametrize("stands_in", [PAYABLES, None])
def test_payables_stand_in_for_a_manager_and_that_is_on_record(
    stands_in: ContactRole | None,
) -> None:
    choice = chosen(roles((EMAIL, stands_in), (EMAIL, COPY)), to=MANAGER)

    assert choice.channel.role is stands_in
    (refused,) = choice.refusals
    assert refused.refusal.reason == "no_contact"
    assert refused.refusal.params == {"role": "manager", "instead": "payables"}


def test_a_manager_alone_is_written_to_in_place_of_payables() -> None:
    assert chosen(roles((EMAIL, MANAGER))).channel.role is MANAGER


def test_who_only_gets_copies_is_never_written_to_alone() -> None:
    assert unchosen(roles((EMAIL, COPY))).best.reason == "reads_along"


def test_a_manager_who_may_not_be_written_to_is_not_passed_over_for_another() -> None:
    facts = roles((EMAIL, PAYABLES), (SMS, MANAGER))
    payables, manager = facts.channels
    withdrawn = replace(manager, consent=ConsentState.WITHDRAWN)

    refused = unchosen(replace(facts, channels=(payables, withdrawn)), to=MANAGER)
    assert refused.best.reason == "consent_withdrawn"
