"""A language of a template as fields, and back: nothing is lost, nothing foreign comes in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.wording.editing import (
    UnknownField,
    begun,
    edited,
    fields_of,
    for_anybody,
    in_forms,
    key_at,
    left_in,
    with_paragraph,
    with_text,
    without,
)
from app.wording.files import DraftFile, as_left, read_file, shipped_files
from app.wording.words import LocalWords, Text
from app.wording.writing import rewritten, written

SHIPPED = shipped_files()


def words_of(template: str, locale: str) -> LocalWords:
    (draft,) = [f for f in SHIPPED if f.path.endswith(f"/{template}/{locale}.yaml")]
    words, _ = read_file(draft)
    assert words is not None
    return words


def again(words: LocalWords) -> LocalWords:
    """As a form that was sent unchanged."""
    texts = {field.key: field.source for field in fields_of(words)}
    return edited(
        words,
        texts,
        button_link=words.button_link,
        lists_invoices=words.lists_invoices,
        whatsapp_approved=words.whatsapp_approved,
    )


def test_every_shipped_template_comes_back_from_its_form_as_it_was() -> None:
    for draft in SHIPPED:
        words, _ = read_file(draft)
        assert words is not None
        assert again(words).content() == words.content()
        assert rewritten(draft.text, again(words)) == draft.text


def test_a_text_that_is_edited_changes_its_own_line_of_the_file_and_no_other() -> None:
    (draft,) = [f for f in SHIPPED if f.path.endswith("/reminder_first/he.yaml")]
    words, _ = read_file(draft)
    assert words is not None
    texts = {**words.texts, "email.closing@f": Text("אחרת: 'כך' #1")}

    file = rewritten(draft.text, replace(words, texts=texts))

    before, after = draft.text.splitlines(), file.splitlines()
    assert len(before) == len(after)
    assert len([1 for old, new in zip(before, after, strict=True) if old != new]) == 1
    found, findings = read_file(DraftFile(draft.path, file))
    assert findings == []
    assert found is not None
    assert found.texts["email.closing@f"].source == "אחרת: 'כך' #1"


@pytest.mark.parametrize(
    "key",
    ["email.bcc", "sms.0.0", "email.subject.1", "email.body", "__class__", "sms@f@m", "pay", ""],
)
def test_a_field_that_no_template_has_is_refused(key: str) -> None:
    words = words_of("reminder_first", "en")
    with pytest.raises(UnknownField):
        edited(words, {key: "x"}, button_link="pay", lists_invoices=False, whatsapp_approved=False)


def test_more_fields_than_a_template_has_are_refused() -> None:
    words = words_of("reminder_first", "en")
    texts = {f"email.body.{n}": "x" for n in range(99)} | {f"sms.{n}": "x" for n in range(99)}
    with pytest.raises(UnknownField):
        edited(words, texts, button_link="pay", lists_invoices=False, whatsapp_approved=False)


def test_paragraphs_come_and_go_and_are_numbered_without_a_gap() -> None:
    words = words_of("reminder_first", "en")
    second = words.texts["email.body.1"].source

    more = with_paragraph(words)
    less = without(more, "email.body.0")

    assert [t.source for t in more.body()][2:] == [""]
    assert [t.source for t in less.body()] == [second, ""]


def test_a_text_is_split_by_form_of_address_and_joined_again() -> None:
    words = words_of("reminder_first", "he")

    split = in_forms(words, "email.greeting")

    assert {f"email.greeting@{form}" for form in ("f", "m")} <= set(split.texts)
    assert for_anybody(split, "email.greeting").content() == words.content()
    assert in_forms(words, "email.subject") == words  # it is for anybody


def test_an_optional_text_is_added_empty_and_taken_away() -> None:
    words = words_of("reminder_first", "en")

    more = with_text(words, "call")

    assert left_in(more) == ("call",)
    assert without(more, "call").content() == words.content()
    assert without(words, "email.subject") == words  # every mail has one


def test_a_language_that_is_begun_is_all_to_be_written() -> None:
    begun_in = begun(words_of("plan_agreed", "lt"), "he")

    assert set(left_in(begun_in)) == set(begun_in.texts)
    assert "whatsapp.text" in begun_in.texts  # its lines are one text here
    assert begun_in.locale == "he"
    _, findings = read_file(DraftFile("plan_agreed/he.yaml", written(begun_in)))
    assert len([f for f in findings if "is empty" in f.problem]) == len(begun_in.texts)


def test_a_line_of_the_file_is_found_in_its_text() -> None:
    draft = next(f for f in SHIPPED if f.path.endswith("/plan_agreed/lt.yaml"))
    placed = as_left(draft)
    assert placed is not None
    lines = draft.text.splitlines()
    at = next(n for n, line in enumerate(lines, 1) if "{{ pay_link }}" in line)
    assert key_at(placed, at) == ("sms", 2)
    assert key_at(placed, 1) == ("", 0)
