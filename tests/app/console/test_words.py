"""The console's words: all of them in its four languages, once, with the same facts."""

import re
from collections import defaultdict

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file

from app.console.office import DOMAIN
from app.console.reasons_at_large import AT_LARGE
from app.web.catalogues import catalogue, languages, parts
from campaigns.reasons import REASONS
from tests.app.console.wordings import worded_texts
from tests.house.tree import ROOT

_FACT = re.compile(r"%\(\w+\)s")
TEMPLATES = ROOT / "templates/console"
CODE = ("app/console", "app/staff")


def _spoken() -> set[str | tuple[str, ...]]:
    """Every text that a page of the console may say."""
    found: set[str | tuple[str, ...]] = {reason.sentence for reason in REASONS.values()}
    for texts in worded_texts().values():
        found |= texts
    for path in sorted(TEMPLATES.rglob("*.html")):
        for _, text, _, _ in extract_from_file("jinja2.ext:babel_extract", path):
            found.add(text)
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for _, text, _, _ in extract_from_file("python", path, keywords={"N_": None}):
                found.add(text)
    return found


def _forms(message: Message) -> tuple[str, ...]:
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


def test_the_console_speaks_four_languages() -> None:
    assert set(languages(DOMAIN)) == {"en", "he", "ar", "lt"}


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_every_text_is_there_and_none_is_left_over(language: str) -> None:
    written = {message.id for message in catalogue(language, DOMAIN) if message.id}

    assert written == _spoken()


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_rooms_say_the_same_thing_in_the_same_words(language: str) -> None:
    said = defaultdict(set)
    for part in parts(language, DOMAIN).values():
        for message in part:
            if message.id:
                said[message.id].add(_forms(message))

    assert {text: forms for text, forms in said.items() if len(forms) > 1} == {}


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_no_text_is_empty_doubtful_or_without_its_facts(language: str) -> None:
    for message in catalogue(language, DOMAIN):
        if not message.id:
            continue
        forms = _forms(message)
        assert forms, message.id
        assert all(forms), message.id
        assert not message.fuzzy, message.id
        many = message.id[1] if isinstance(message.id, tuple) else str(message.id)
        allowed = set(_FACT.findall(many))
        for form in forms:
            told = set(_FACT.findall(form))
            # "%(num)s" may be a word in a dual, and in a form for nothing at all.
            assert allowed - {"%(num)s"} <= told <= allowed, form
            assert "%" not in _FACT.sub("", form).replace("%%", ""), form


def test_a_reason_that_stands_for_many_has_no_blank() -> None:
    filled = {code for code, reason in REASONS.items() if "{" in reason.sentence}

    assert set(AT_LARGE) == filled
    assert not any(sign in text for text in AT_LARGE.values() for sign in "{}…")


def test_english_says_what_it_is_asked_for() -> None:
    """The source is English: its catalogue may add a plural, and nothing else."""
    for message in catalogue("en", DOMAIN):
        if isinstance(message.id, str) and message.id:
            assert message.string == message.id
