"""Answers by one key and the lines of a call: complete, in every language, with the same blanks."""

from __future__ import annotations

import pytest

from app.hearing.intents import Intent
from app.intake.replies.acts import HARD
from app.web.catalogues import languages
from app.wording.files import LOCALES
from app.wording.phrases import Phrases, phrases_in
from app.wording.staff_words import (
    SPOKEN,
    Answer,
    Line,
    answer_words,
    answers_for,
    blanks_of,
    call_line,
    spoken_in,
)

FACTS = {"name": "Dana", "agent": "Noa", "creditor": "Carmel", "amount": "₪120", "phone": "+9724"}
NO_DEBT = (Line.OPEN, Line.VERIFY, Line.VOICEMAIL, Line.BYSTANDER)


def test_they_are_there_in_every_language_of_the_pages_and_the_messages() -> None:
    assert {*languages(), *LOCALES} <= set(SPOKEN)


@pytest.mark.parametrize("language", SPOKEN)
def test_none_is_missing_and_none_has_another_blank(language: str) -> None:
    answers, lines = blanks_of("answers", language), blanks_of("calls", language)

    assert set(answers) == set(Answer)
    assert set(lines) == set(Line)
    assert answers == blanks_of("answers", "en")
    assert lines == blanks_of("calls", "en")
    assert set().union(*answers.values()) == {"day"}
    assert set().union(*lines.values()) == set(FACTS)


@pytest.mark.parametrize("language", SPOKEN)
def test_each_is_said_with_all_that_it_tells(language: str) -> None:
    for answer in Answer:
        words = answer_words(answer, language, day="5 June")
        assert "{" not in words
        assert ("5 June" in words) == ("day" in blanks_of("answers", "en")[answer])
    for line in Line:
        assert "…" not in call_line(line, language, FACTS)


@pytest.mark.parametrize("language", LOCALES)
def test_what_others_may_hear_tells_of_no_debt(language: str) -> None:
    for line in NO_DEBT:
        words = call_line(line, language, FACTS)
        assert phrases_in(words, language, Phrases.COLLECTION) == ()
        assert FACTS["amount"] not in words


@pytest.mark.parametrize("language", LOCALES)
def test_no_answer_presses(language: str) -> None:
    for answer in Answer:
        words = answer_words(answer, language, day="5 June")
        assert phrases_in(words, language, Phrases.PRESSURE) == ()
        assert phrases_in(words, language, Phrases.LEGAL) == ()


def test_every_intent_has_its_answers_and_where_silence_is_wanted_none() -> None:
    silent = {intent for intent in Intent if not answers_for(intent)}

    assert silent == HARD - {Intent.BEREAVEMENT, Intent.ILLNESS, Intent.HARDSHIP}
    assert all(len(answers_for(intent)) <= 9 for intent in Intent)  # one key each
    assert answers_for(None)


def test_a_language_that_has_no_words_gets_english() -> None:
    assert spoken_in("pt-BR") == "en"
    assert spoken_in("he-IL") == "he"
