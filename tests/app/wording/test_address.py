"""One text in every form of address: how it is written, checked, chosen and hashed."""

from dataclasses import replace

import pytest

from app.wording.address import called, form_for, manner_of
from app.wording.check import check_template
from app.wording.context import FormOfAddress
from app.wording.files import DraftFile, Finding, read_file, shipped_files
from app.wording.render import Wording
from app.wording.revisions import revision_of
from app.wording.samples import sample_context

FOLDER = "templates/messages/reminder_first"
SHIPPED = {row.path: row.text for row in shipped_files() if row.path.startswith(f"{FOLDER}/")}
PLAIN = """\
template: reminder_first
locale: {locale}
category: reminder
email:
  subject: "{{{{ creditor }}}}: a"
  preheader: b
  greeting: c
  body:
    - d
  button: e
  closing: {closing}
sms: |
  {{{{ creditor }}}}: {{{{ pay_link }}}} {{{{ sender }}}} {{{{ stop }}}}
whatsapp:
  approved: false
  text: {text}
"""
TEXT = '"{{ creditor }} {{ pay_link }} {{ sender }} {{ stop }}"'
IN_HEBREW = """
    neutral: אפשר לכתוב לנו.
    f: כתבי לנו.
    m: כתוב לנו."""


def draft(locale: str, closing: str, text: str = TEXT) -> DraftFile:
    words = PLAIN.format(locale=locale, closing=closing, text=text)
    return DraftFile(f"{FOLDER}/{locale}.yaml", words)


def findings(file: DraftFile) -> list[Finding]:
    return check_template([file], locales=())


def said(file: DraftFile, medium: str, address: FormOfAddress) -> str:
    words, found = read_file(file)
    assert words is not None, found
    context = replace(sample_context("one_invoice", words.locale), address=address)
    return Wording([revision_of([words])]).render("reminder_first", medium, "he", context).text


@pytest.mark.parametrize(
    ("gender", "expected"), [("f", "כתבי לנו."), ("m", "כתוב לנו."), (None, "אפשר לכתוב לנו.")]
)
def test_gender_chooses_the_form(gender: str | None, expected: str) -> None:
    address = FormOfAddress(gender=gender)  # type: ignore[arg-type]  # rows of a table
    file = draft("he", IN_HEBREW)
    assert findings(file) == []
    assert expected in said(file, "email", address)


def test_only_the_line_that_differs_is_written_twice() -> None:
    lines = """
    - '{{ creditor }}: {{ sender }}'
    - neutral: אפשר להמשיך כאן
      f: המשיכי כאן
      m: המשך כאן
    - '{{ pay_link }}'
    - '{{ stop }}'"""
    file = draft("he", "f", lines)
    assert findings(file) == []
    assert "המשיכי כאן\n{{link:11}}\n" in said(file, "whatsapp", FormOfAddress(gender="f"))
    assert "אפשר להמשיך כאן\n{{link:11}}\n" in said(file, "whatsapp", FormOfAddress())


def test_stored_words_choose_as_their_file_does() -> None:
    words, _ = read_file(draft("he", IN_HEBREW))
    assert words is not None
    made = revision_of([words])
    stored = Wording.from_revisions({made.hash: made.content})
    context = replace(sample_context("one_invoice", "he"), address=FormOfAddress(gender="f"))
    assert "כתבי לנו." in stored.render("reminder_first", "email", "he", context).text


def test_a_missing_form_is_found_on_its_line() -> None:
    file = draft("he", "\n    f: כתבי לנו.\n    m: כתוב לנו.")
    (found,) = findings(file)
    line = file.text[: file.text.index("f: כתבי")].count("\n") + 1
    assert (found.line, found.problem) == (line, "`email.closing` has no form `neutral`")
    assert "who is not known gets it" in found.remedy


@pytest.mark.parametrize(
    ("locale", "closing", "problem"),
    [
        ("he", "\n    neutral: א\n    f: ב", "has no form `m`"),
        ("he", "\n    neutral: א\n    f: ב\n    m: ג\n    x: ד", "unknown key `x`"),
        ("lt", "\n    informal: a", "has no form `formal`"),
        ("en", "\n    neutral: a", "several forms of address"),
        ("he", "'{{ gender }}'", "`gender` is no variable"),
        ("he", "\n    neutral: '{{ totl }}'\n    f: ב\n    m: ג", "unknown variable `totl`"),
        ("he", "\n    neutral: א\n    f: '{{ totl }}'\n    m: ג", "unknown variable `totl`"),
    ],
)
def test_a_mistake_in_the_forms_is_found(locale: str, closing: str, problem: str) -> None:
    found = findings(draft(locale, closing))
    assert any(problem in row.problem for row in found), found
    assert all(row.remedy and row.line for row in found)


def test_a_subject_is_for_anybody() -> None:
    path = f"{FOLDER}/he.yaml"
    old = '  subject: "כמה מילים מאת {{ sender }} מצוות {{ creditor }}"\n'
    assert old in SHIPPED[path]
    text = SHIPPED[path].replace(old, "  subject:\n    neutral: א\n    f: ב\n    m: ג\n")
    found = check_template([DraftFile(path, text)], locales=())
    assert any("`email.subject` is written in several forms" in row.problem for row in found)


@pytest.mark.parametrize(
    ("locale", "address", "form"),
    [
        ("he-IL", FormOfAddress("f", "formal"), "f"),
        ("ar", FormOfAddress("m"), "m"),
        ("ar", FormOfAddress(), "neutral"),
        ("lt", FormOfAddress("f", "informal"), "informal"),
        ("lt", FormOfAddress("f"), "formal"),
        ("en", FormOfAddress("f", "informal"), "neutral"),
        ("pl", FormOfAddress("f", "informal"), "neutral"),
    ],
)
def test_each_language_takes_what_its_grammar_knows(
    locale: str, address: FormOfAddress, form: str
) -> None:
    assert form_for(locale, address) == form


@pytest.mark.parametrize(
    ("locale", "name", "vocative", "expected"),
    [
        ("lt", "Jonas", "Jonai", "Jonai"),
        ("lt-LT", "Jonas", None, None),
        ("en", "Jonas", "Jonai", "Jonas"),
        ("en", None, "Dana", "Dana"),
        ("he", None, None, None),
        ("lt", "Jonas", "", None),
    ],
)
def test_a_name_is_bent_or_left_out(
    locale: str, name: str | None, vocative: str | None, expected: str | None
) -> None:
    assert called(locale, name=name, vocative=vocative) == expected


@pytest.mark.parametrize("locale", ["en", "he", "ar", "lt", "de"])
def test_every_rule_says_why_and_what_to_write(locale: str) -> None:
    manner = manner_of(locale)
    assert manner.slips
    for rule in manner.slips:
        assert rule.only in {None, *manner.forms}
        assert rule.why
        assert rule.remedy
        assert rule.words or rule.openings or rule.endings or rule.exactly
