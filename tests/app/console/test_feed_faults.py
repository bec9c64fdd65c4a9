"""What keeps rows out is said in the reader's language, whatever it is."""

from __future__ import annotations

import re

import pytest

from app.book.wrongs import AS_TOLD, CLAUSES, SENTENCES, wrong
from app.console.codes import PROVIDERS
from app.console.feed_faults import FAULTS, FeedFaults
from app.console.office import DOMAIN
from app.console.sentences import Sentences
from app.web.catalogues import languages, translations
from campaigns.duties import Check, Named
from campaigns.worded import worded
from channels.errors import BY_KIND
from tests.app.book.test_wrongs import VALUES

_BLANK = re.compile(r"%\((\w+)\)s")


def test_every_code_has_its_words() -> None:
    assert FAULTS.keys() == CLAUSES.keys() | SENTENCES.keys()


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_every_code_is_told_with_its_column_and_its_values(language: str) -> None:
    faults = FeedFaults(translations(language, DOMAIN).gettext)
    for code, text in {**CLAUSES, **SENTENCES, **AS_TOLD}.items():
        values = {name: VALUES[name] for name in _BLANK.findall(text)}
        column = "Betrag " if code in CLAUSES else ""

        told = faults.told(column + wrong(code, **values))

        assert "%(" not in told
        assert "<q" not in told
        assert ("Betrag" in told) == (code in CLAUSES)


def test_what_is_wrong_with_an_electronic_invoice_is_told_with_its_file() -> None:
    faults = FeedFaults(translations("he", DOMAIN).gettext)

    told = faults.told(f"may; 7.XML: {wrong('einvoice_days')}; b.pdf: {wrong('invoice_twice')}")

    assert "<bdi>b.pdf</bdi>: " in told
    assert "<q" not in told.partition("<br>")[2]


def test_what_is_wrong_with_a_whole_file_is_told_as_it_was_worded() -> None:
    faults = FeedFaults(translations("he", DOMAIN).gettext)
    template = "%(file)s has more than %(most)s columns; is it a table?"

    told = faults.told(worded(template, file="book.csv", most=9))

    assert "book.csv" in told
    assert "columns" not in told


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
