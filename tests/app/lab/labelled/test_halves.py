"""The test half is wide enough to judge by: every intent in every language, grave ones often."""

from collections import Counter

import pytest

from app.hearing.intents import Intent
from app.lab.labelled.entries import LOCALES, Half, Labelled, labelled


@pytest.fixture(scope="module", params=LOCALES)
def replies(request: pytest.FixtureRequest) -> tuple[Labelled, ...]:
    return labelled(request.param, Half.TEST)


def test_every_intent_is_said_in_every_language(replies: tuple[Labelled, ...]) -> None:
    said = {reply.says for reply in replies}

    assert said == set(Intent)


def test_there_is_enough_to_judge_by(replies: tuple[Labelled, ...]) -> None:
    often = Counter(reply.says for reply in replies)

    assert len(replies) >= 45
    assert often[Intent.OPT_OUT] >= 8
    assert often[Intent.SELF_HARM] >= 4
    assert often[Intent.DISPUTE] >= 4
    assert len({reply.details.about for reply in replies} - {None}) >= 4


def test_days_and_amounts_are_there_to_be_found(replies: tuple[Labelled, ...]) -> None:
    promised = [reply.details for reply in replies if Intent.PROMISE in reply.intents]
    paid = [reply.details for reply in replies if Intent.PAID_ALREADY in reply.intents]

    assert sum(each.on is not None for each in promised) >= 6
    assert sum(each.amount is not None for each in promised) >= 2
    assert sum(each.method is not None for each in paid) >= 4
    assert sum(each.on is not None for each in paid) >= 3


def test_what_is_promised_lies_ahead_and_what_is_paid_behind(
    replies: tuple[Labelled, ...],
) -> None:
    for reply in replies:
        if reply.details.on is None or reply.wrote_on is None:
            continue
        if reply.says is Intent.PAID_ALREADY:
            assert reply.details.on <= reply.wrote_on, reply.line
        if Intent.PROMISE in reply.intents:
            assert reply.details.on >= reply.wrote_on, reply.line
