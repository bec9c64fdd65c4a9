"""The checker says everything that is wrong with a draft, with file, line and remedy."""

import re

import pytest

from app.wording.check import check_all, check_template
from app.wording.files import DraftFile, Finding, shipped_files

GOOD = {file.path: file.text for file in shipped_files() if "/reminder_first/" in file.path}
EN = "templates/messages/reminder_first/en.yaml"


def findings_with(old: str, new: str, *, path: str = EN) -> list[Finding]:
    assert old in GOOD[path]
    files = {**GOOD, path: GOOD[path].replace(old, new)}
    return check_template([DraftFile(name, text) for name, text in files.items()])


def line_of(text: str, word: str) -> int:
    return text[: text.index(word)].count("\n") + 1


def test_the_shipped_templates_have_no_findings() -> None:
    assert check_all() == []


def test_an_unknown_variable_is_named_with_the_nearest_right_one() -> None:
    (found,) = findings_with("We have not seen", "{{ totl }} We have not seen")
    assert (found.file, found.line) == (EN, line_of(GOOD[EN], "We have not seen"))
    assert "`totl`" in found.problem
    assert "`total`" in found.remedy


def test_a_syntax_error_has_its_line() -> None:
    found = findings_with("{{ pay_link }}\n  {{ sender }}", "{{ pay_link }}\n  {{ sender }")
    assert any(row.problem.startswith("syntax error") for row in found)
    assert {row.file for row in found} == {EN}
    assert min(row.line for row in found) >= line_of(GOOD[EN], "sms: |")


def test_all_findings_come_at_once() -> None:
    text = GOOD[EN].replace("{{ total }}", "{{ totl }}").replace("  {{ stop }}\n", "")
    text = text.replace("A short note from", "Your debt, from")
    found = check_template([DraftFile(EN, text)], locales=["en"])
    assert len({row.problem for row in found}) >= 3


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("  {{ stop }}\nsms_plain", "sms_plain", "no way to stop"),
        ("  {{ sender }}\nwhatsapp", "  {{ stop }}\nwhatsapp", "`{{ stop }}` in `sms_plain`"),
        ("  {{ sender }}\nwhatsapp", "whatsapp", "nobody signs"),
        ("look at your email", "look at your debt", "`debt` in `sms_plain` tells"),
        ("  {{ pay_link }}\n  {{ sender }}", "  {{ sender }}", "no pay link in `sms`"),
        ("  {{ pay_link }}\n  {{ sender }}", "  {{ pay_link }}", "nobody signs"),
        ("{{ creditor }}: Hi", "Hi", "does not open with the creditor"),
        ("A short note from", "Overdue: from", "`overdue` in `email.subject`"),
        ("It takes less than", "Your debt takes", "`debt` in `email.preheader`"),
        ("a short note about", "unpaid:", "`unpaid` in `sms`"),
        ("It is easily missed", "You ignored us", "`ignored` threatens"),
        ('other="{n} invoices") }} yet', 'many="{n} invoices") }} yet', "has the forms one, many"),
        ("It is easily", "{% for x in invoices %}{% endfor %} It is easily", "`for` is not part"),
        ("It is easily", "{{ total.minor }} It is easily", "`getattr` is not part"),
        ("It is easily", "{{ total | upper }} It is easily", "`filter` is not part"),
        ("It is easily", "{{ 9 * 9 }} It is easily", "`mul` is not part"),
        ("It is easily", "{{ range(9) }} It is easily", "cannot call `range`"),
        ("It is easily", "\u202e It is easily", "direction control"),
        ("  button: View and pay\n", "", "no button"),
        ("category: reminder", "category: nagging", "unknown value `nagging`"),
        ("  invoices: true", "  invoices: maybe", "`invoices` is 'maybe'"),
        ("  greeting:", "  greetings:", "unknown key `greetings`"),
        ("a short note about", "a short note about" + " and on and on" * 20, "SMS segments"),
    ],
)  # fmt: skip
def test_a_mistake_is_found(old: str, new: str, problem: str) -> None:
    found = findings_with(old, new)
    assert any(problem in row.problem for row in found), found
    assert all(row.remedy for row in found)


def test_a_missing_language_is_found() -> None:
    files = [DraftFile(path, text) for path, text in GOOD.items() if not path.endswith("lt.yaml")]
    (found,) = check_template(files)
    assert found.problem == "`lt` is missing"


def test_a_missing_medium_is_found() -> None:
    text = re.sub(r"\nsms: \|\n(  .*\n)+", "\n", GOOD[EN])
    (found,) = check_template([DraftFile(EN, text)], locales=["en"])
    assert "has no `sms`" in found.problem


def test_a_broken_file_is_found_with_its_line() -> None:
    (found,) = check_template([DraftFile(EN, 'template: "x\nlocale: en\n')], locales=["en"])
    assert "not YAML" in found.problem


@pytest.mark.parametrize(
    ("locale", "word"),
    [("he", "חוב"), ("he", "החוב"), ("ar", "الدين"), ("ar", "متأخر"), ("lt", "skola"),
     ("lt", "pradelsta"), ("de", "Mahnung"), ("de", "überfällige")],
)  # fmt: skip
def test_a_telling_word_is_found_in_each_language(locale: str, word: str) -> None:
    path = EN.replace("en.yaml", f"{locale}.yaml")
    found = findings_with("{{ creditor }}: ", f"{{{{ creditor }}}}: {word} ", path=path)
    assert any("tells a bystander" in row.problem for row in found)


def test_lithuanian_one_must_say_its_number() -> None:
    path = EN.replace("en.yaml", "lt.yaml")
    found = findings_with('one="{n} sąskaitą"', 'one="sąskaitą"', path=path)
    assert any("also stands for 21" in row.problem for row in found)
