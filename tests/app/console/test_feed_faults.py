"""What keeps rows out is said in the reader's language, whatever it is."""

from __future__ import annotations

import re

import pytest

from app.book.wrongs import CLAUSES, SENTENCES, wrong
from app.console.codes import PROVIDERS
from app.console.feed_faults import FAULTS, FeedFaults
from app.console.office import DOMAIN
from app.console.sentences import Sentences
from app.web.catalogues import languages, translations
from campaigns.duties import Check, Named
from channels.errors import BY_KIND
from tests.app.book.test_wrongs import VALUES

_BLANK = re.compile(r"%\((\w+)\)s")


def test_every_code_has_its_words() -> None:
    assert FAULTS.keys() == CLAUSES.keys() | SENTENCES.keys()


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_every_code_is_told_with_its_column_and_its_values(language: str) -> None:
    faults = FeedFaults(translations(language, DOMAIN).gettext)
    for code, text in {**CLAUSES, **SENTENCES}.items():
        values = {name: VALUES[name] for name in _BLANK.findall(text)}
        column = "Betrag " if code in CLAUSES else ""

        told = faults.told(column + wrong(code, **values))

        assert "%(" not in told
        assert "<q" not in told
        assert ("Betrag" in told) == (code in CLAUSES)


def test_words_that_are_not_ours_stay_quoted() -> None:
    faults = FeedFaults(translations("he", DOMAIN).gettext)

    assert faults.told("<b>odd</b>") == '<q lang="en" dir="ltr">&lt;b&gt;odd&lt;/b&gt;</q>'


def test_every_error_of_a_provider_is_told_in_the_readers_language() -> None:
    assert {error.sentence for error in BY_KIND.values()} == PROVIDERS
    said = Sentences(translations("he", DOMAIN).gettext, "he", "UTC")
    for error in BY_KIND.values():
        told = said.reason("provider_refused", {"why": error.sentence})
        assert error.sentence not in told


def test_duties_of_the_law_are_told_in_the_readers_language() -> None:
    said = Sentences(translations("he", DOMAIN).gettext, "he", "UTC")
    for duty in (*Named, *Check):
        told = said.reason("field_missing", {"field": duty.replace("_", " "), "medium": "sms"})
        assert duty.replace("_", " ") not in told
