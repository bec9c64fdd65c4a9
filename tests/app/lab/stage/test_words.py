"""The words of the stage: all of them in English and Hebrew, with the same blanks."""

import re

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file

from app.lab.stage.look import DOMAIN
from app.web.catalogues import catalogue, languages
from campaigns.reasons import REASONS
from tests.house.tree import ROOT

_BLANK = re.compile(r"%\(\w+\)s|\{\w+\}")
_MARKS = {"N_": None, "Counted": (1, 2)}


def _spoken() -> set[str | tuple[str, ...]]:
    """Every text that the stage may say."""
    found: set[str | tuple[str, ...]] = {reason.sentence for reason in REASONS.values()}
    for path in sorted((ROOT / "templates/stage").glob("*.html")):
        for _, text, _, _ in extract_from_file("jinja2.ext:babel_extract", path):
            found.add(text)
    for path in sorted((ROOT / "app/lab/stage").glob("*.py")):
        for _, text, _, _ in extract_from_file("python", path, keywords=_MARKS):
            found.add(text)
    return found


def test_the_stage_speaks_english_and_hebrew() -> None:
    assert languages(DOMAIN) == ("en", "he")


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_every_text_is_there_and_none_is_left_over(language: str) -> None:
    assert {message.id for message in catalogue(language, DOMAIN) if message.id} == _spoken()


def _forms(message: Message) -> tuple[str, ...]:
    """The one translation of a text, or one a plural form."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


@pytest.mark.parametrize("language", languages(DOMAIN))
def test_every_translation_has_the_same_blanks(language: str) -> None:
    for message in catalogue(language, DOMAIN):
        if not message.id:
            continue
        forms = _forms(message)
        assert forms
        assert all(forms), message.id
        text = message.id if isinstance(message.id, str) else message.id[1]
        assert set(_BLANK.findall(forms[-1])) == set(_BLANK.findall(text)), forms


def test_hebrew_is_written_in_hebrew() -> None:
    for message in catalogue("he", DOMAIN):
        if message.id and _BLANK.sub("", str(message.id)).strip(" .,:"):
            assert all(re.search("[א-ת]", form) for form in _forms(message)), message.id
