"""Texts with blanks: what was rendered is one of them, filled."""

import pytest

from app.wording.blanks import blanks_of, bodies
from app.wording.samples import SAMPLES, render_sample, shipped
from app.wording.words import LocalWords

TEMPLATES = shipped().templates()


def words_of(template: str, locale: str) -> LocalWords:
    return shipped().words_of(template, locale)


@pytest.mark.parametrize("locale", ["en", "he", "ar", "lt", "de"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_shipped_text_is_one_of_its_bodies_with_its_blanks_filled(
    template: str, locale: str
) -> None:
    made = bodies(words_of(template, locale))

    for sample in set(SAMPLES) - {"one_way"}:
        text = render_sample(template, "whatsapp", locale, sample).text
        fills = [(body, blanks_of(body.text, text)) for body in made]
        assert any(fill is not None for _, fill in fills), text
        for body, fill in fills:
            if fill is not None and body.text.isascii() == text.isascii():
                assert fill.keys() == body.variables.keys()


def test_blanks_are_numbered_as_they_come_and_named() -> None:
    body = bodies(words_of("reminder_first", "he"))[0]

    assert list(body.variables) == [str(n + 1) for n in range(len(body.variables))]
    assert {"creditor", "sender", "pay_link"} <= set(body.variables.values())
    assert "{{1}}" in body.text


@pytest.mark.parametrize(
    ("body", "text", "blanks"),
    [
        ("Hello {{1}}.", "Hello Dana.", {"1": "Dana"}),
        ("Hello {{1}}.", "Goodbye Dana.", None),
        ("Hello {{1}}!", "Hello !", None),
        ("{{1}} owes {{2}}: {{1}}", "Dana owes 5: Dana", {"1": "Dana", "2": "5"}),
        ("{{1}} owes {{2}}: {{1}}", "Dana owes 5: Noa", None),
        ("Hello {{1}}.", "Hello\nDana\nCohen.", None),
        ("{{1}}. Pay", "5 ر.س. Pay", {"1": "5 ر.س"}),
        ("{{1}}. Pay", "5 Pay", {"1": "5"}),
        ("A – {{1}}", "A - b", {"1": "b"}),
        ("A (b+) {{1}}?", "A (b+) c?", {"1": "c"}),
    ],
)
def test_a_text_fills_a_body_or_does_not(
    body: str, text: str, blanks: dict[str, str] | None
) -> None:
    assert blanks_of(body, text) == blanks
