"""The words around every mail and on the pages are held to the same form of address."""

from app.wording.files import DraftFile, read_layout
from app.wording.fixed import check_fixed
from app.wording.slips import slips_of
from app.wording.words import LocalWords, Text


def test_the_words_around_mails_and_on_the_pages_have_no_findings() -> None:
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


def test_a_slip_on_a_page_is_found() -> None:
    words = LocalWords("pages", "lt", "", {"7.0": Text("Pasirink dieną", 7)}, file="lt/pages.po")
    (found,) = slips_of(words)
    assert (found.file, found.line) == ("lt/pages.po", 7)
