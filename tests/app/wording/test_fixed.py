"""The words around every mail, on the pages and on the stage are held to one form of address."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.wording.files import DraftFile, read_layout
from app.wording.fixed import catalogue_words, check_fixed
from app.wording.slips import slips_of
from app.wording.words import LocalWords, Text


def test_the_words_around_mails_on_the_pages_and_on_the_stage_have_no_findings() -> None:
    assert check_fixed() == []


def test_a_slip_around_a_mail_is_found_on_its_line() -> None:
    draft = DraftFile("mail/he.yaml", "invoice: חשבונית\nhelp: תוכלי לחלק\n")
    words, findings = read_layout(draft, "he")
    assert findings == []
    (found,) = slips_of(words)
    assert (found.file, found.line) == ("mail/he.yaml", 2)
    assert found.problem.startswith("`תוכלי` ")


def test_around_a_mail_too_tu_is_said_throughout() -> None:
    draft = DraftFile("mail/lt.yaml", "help:\n  formal: Norite\n  informal: Nori\nwhy: Gaunate\n")
    words, findings = read_layout(draft, "lt")
    assert findings == []
    assert [(found.line, found.problem.split("`")[1]) for found in slips_of(words)] == [
        (4, "Gaunate")
    ]


def test_a_form_that_is_missing_around_a_mail_is_found() -> None:
    _, findings = read_layout(DraftFile("mail/he.yaml", "help:\n  f: תוכלי\n  m: תוכל\n"), "he")
    assert [found.problem for found in findings] == ["`help` has no form `neutral`"]


def test_a_broken_file_around_mails_is_found() -> None:
    _, findings = read_layout(DraftFile("mail/he.yaml", 'help: "x\n'), "he")
    assert "not YAML" in findings[0].problem


@pytest.mark.parametrize(("domain", "locale"), [("pages", "ar"), ("stage", "he")])
def test_a_catalogue_is_read_with_its_lines(domain: str, locale: str) -> None:
    words = catalogue_words(domain, locale)
    lines = (Path("templates/locale") / locale / "LC_MESSAGES" / f"{domain}.po").read_text("utf-8")
    numbered = lines.splitlines()
    assert len(words.texts) > 100
    for text in words.texts.values():
        assert numbered[text.line - 1].startswith("msgid ")


def test_the_stage_is_held_to_the_form_for_anybody() -> None:
    words = catalogue_words("stage", "he")
    first = next(iter(words.texts))
    slipped = replace(words, texts={**words.texts, first: Text("לחצי כאן", 3)})
    (found,) = slips_of(slipped)
    assert (found.file, found.line) == ("templates/locale/he/LC_MESSAGES/stage.po", 3)


def test_a_slip_on_a_page_is_found() -> None:
    words = LocalWords("pages", "lt", "", {"7.0": Text("Pasirink dieną", 7)}, file="lt/pages.po")
    (found,) = slips_of(words)
    assert (found.file, found.line) == ("lt/pages.po", 7)
