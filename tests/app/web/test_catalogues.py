"""The words of the pages: all of them in every language, with the same facts and right plurals."""

import re
from importlib.resources import files

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file

from app.web.catalogues import catalogue, language_of, languages, translations
from app.web.forms import Purpose
from app.web.ways.every import WAYS
from tests.app.web.browsing.people import PEOPLE
from tests.house.tree import ROOT

_FACT = re.compile(r"%\(\w+\)s")
_OTHER_ADDRESS = {
    "pl": re.compile(r"\bPa(?:ństw\w*|n|ni)\b"),
    "ru": re.compile(r"(?<![.?!:] )(?<!^)\b(?:Вы|Вас|Вам|Вами|Ваш\w*)\b"),
    "es": re.compile(r"\b(?:[Tt]ú|[Tt]us?|[Tt]ienes|[Pp]uedes|[Vv]osotros)\b"),
    "fr": re.compile(r"\b(?:[Tt]u|[Tt]on|[Tt]es|[Tt]oi)\b"),
    "it": re.compile(r"\b(?:[Tt]u|[Tt]uo|[Tt]ua|[Tt]uoi|[Tt]ue|lei)\b"),
}
_RTL_LETTER = {"he": re.compile("[א-ת]"), "ar": re.compile("[ء-ي]")}


def _spoken() -> set[str | tuple[str, ...]]:
    """Every text that a page may say."""
    found: set[str | tuple[str, ...]] = set()
    for path in sorted((ROOT / "templates/pages").rglob("*.html")):
        for _, text, _, _ in extract_from_file("jinja2.ext:babel_extract", path):
            found.add(text)
    for path in sorted((ROOT / "app/web").rglob("*.py")):
        for _, text, _, _ in extract_from_file("python", path, keywords={"N_": None}):
            found.add(text)
    return found


def _forms(message: Message) -> tuple[str, ...]:
    """The one translation of a text, or one a plural form."""
    said = message.string
    return (said,) if isinstance(said, str) else tuple(said or ())


def test_the_pages_speak_ten_languages() -> None:
    assert set(languages()) == {"en", "he", "ar", "lt", "es", "fr", "de", "it", "pl", "ru"}


@pytest.mark.parametrize("language", languages())
def test_every_text_is_there_and_none_is_left_over(language: str) -> None:
    written = {message.id for message in catalogue(language) if message.id}

    assert written == _spoken()


@pytest.mark.parametrize("language", languages())
def test_no_text_is_empty_or_marked_as_doubtful(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            forms = _forms(message)
            assert forms, message.id
            assert all(forms), message.id
            assert not message.fuzzy, message.id


@pytest.mark.parametrize("language", languages())
def test_every_translation_names_the_same_facts(language: str) -> None:
    for message in catalogue(language):
        if isinstance(message.id, tuple):
            allowed = set(_FACT.findall(message.id[1]))
            for form in _forms(message):
                # "%(num)s" may be a word in a dual, and in a form for nothing at all.
                assert allowed - {"%(num)s"} <= set(_FACT.findall(form)) <= allowed, form
                assert "%" not in _FACT.sub("", form)
        elif message.id:
            (form,) = _forms(message)
            assert set(_FACT.findall(form)) == set(_FACT.findall(str(message.id)))
            assert "%" not in _FACT.sub("", form)


@pytest.mark.parametrize(
    ("language", "count"),
    [
        ("en", 2),
        ("he", 3),
        ("ar", 6),
        ("lt", 3),
        ("de", 2),
        ("es", 2),
        ("fr", 2),
        ("it", 2),
        ("pl", 3),
        ("ru", 3),
    ],
)
def test_plurals_have_the_forms_of_the_language(language: str, count: int) -> None:
    assert catalogue(language).num_plurals == count


@pytest.mark.parametrize(
    ("language", "days", "said"),
    [
        ("en", 1, "1 day ago"),
        ("he", 1, "לפני יום"),
        ("he", 2, "לפני יומיים"),
        ("he", 11, "לפני 11 ימים"),
        ("ar", 2, "قبل يومين"),
        ("ar", 3, "قبل 3 أيام"),
        ("ar", 11, "قبل 11 يومًا"),
        ("ar", 100, "قبل 100 يوم"),
        ("lt", 21, "Prieš 21 dieną"),
        ("lt", 2, "Prieš 2 dienas"),
        ("lt", 11, "Prieš 11 dienų"),
        ("lt", 10, "Prieš 10 dienų"),
        ("fr", 1, "Il y a 1 jour"),
        ("pl", 1, "1 dzień temu"),
        ("pl", 2, "2 dni temu"),
        ("ru", 1, "1 день назад"),
        ("ru", 3, "3 дня назад"),
        ("ru", 11, "11 дней назад"),
        ("ru", 21, "21 день назад"),
    ],
)
def test_days_are_counted_as_the_language_counts(language: str, days: int, said: str) -> None:
    text = translations(language).ungettext("%(num)s day ago", "%(num)s days ago", days)

    assert text % {"num": days} == said


@pytest.mark.parametrize("language", ["he", "ar"])
def test_every_translation_is_in_its_own_letters(language: str) -> None:
    for message in catalogue(language):
        if message.id:
            forms = _forms(message)
            assert all(_RTL_LETTER[language].search(form) for form in forms), message.id


def test_a_mark_of_french_never_begins_a_line() -> None:
    for message in catalogue("fr"):
        if message.id:
            for form in _forms(message):
                assert not re.search(r"[^\xa0\u202f][:;?!»]|«[^\xa0\u202f]", form), form


@pytest.mark.parametrize("language", _OTHER_ADDRESS)
def test_everybody_is_addressed_in_one_way(language: str) -> None:
    """Hebrew, Arabic, Lithuanian and German have rules of their own in `templates/address`."""
    for message in catalogue(language):
        if message.id:
            for form in _forms(message):
                assert not _OTHER_ADDRESS[language].search(form), form


@pytest.mark.parametrize(
    ("wishes", "language"),
    [
        ((None, "he-IL"), "he"),
        (("xx", "lt"), "lt"),
        (("iw",), "he"),
        (("", None), "en"),
        (("../../etc", "ar_SA"), "ar"),
    ],
)
def test_the_first_wish_that_the_pages_speak_is_taken(
    wishes: tuple[str | None, ...], language: str
) -> None:
    assert language_of(wishes)[0] == language


def test_every_done_form_has_its_thanks() -> None:
    elsewhere = {Purpose.PAY, Purpose.STOP, Purpose.WRONG_PERSON}

    assert {way.purpose for way in WAYS if way.done} == set(Purpose) - elsewhere


def test_no_compiled_catalogue_is_kept() -> None:
    folder = files("templates").joinpath("locale")

    kept = {f.name for lang in folder.iterdir() for f in lang.joinpath("LC_MESSAGES").iterdir()}

    assert kept == {"pages.po", "stage.po", "evidence.po"}


def test_somebody_opens_the_pages_of_each_language_in_a_browser() -> None:
    assert set(PEOPLE) == set(languages())
