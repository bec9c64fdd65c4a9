"""Hours between which somebody wants to hear from us."""

import pytest

from app.hearing.hours import HourMark, said_hours
from app.hearing.lexicon import lexicon
from app.hearing.tokens import tokens
from app.hearing.word_files import Section


def hours(text: str, locale: str) -> str:
    words = tokens(text)
    marks = [
        HourMark(hit.entry.key, hit.start, hit.end)
        for hit in lexicon().find(words)
        if hit.entry.section is Section.HOUR and hit.entry.locale == locale
    ]
    said = said_hours(words, marks)
    return f"{said.not_before or ''}-{said.not_after or ''}" if said else ""


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("en", "call after 5", "17:00:00-"),
        ("en", "not before 10", "10:00:00-"),
        ("en", "between 9 and 12", "09:00:00-12:00:00"),
        ("en", "before 9 pm", "-21:00:00"),
        ("en", "mornings only", "-12:00:00"),
        ("he", "אחרי 17:30", "17:30:00-"),
        ("ar", "بعد الساعة ٦ مساء", "18:00:00-"),
        ("lt", "po 17 val", "17:00:00-"),
        ("fr", "avant 10h", "-10:00:00"),
        ("de", "von 9 bis 12 Uhr", "09:00:00-12:00:00"),
        ("ru", "не раньше 10", "10:00:00-"),
        ("en", "any time", ""),
    ],
)
def test_hours_are_read_on_the_writers_clock(locale: str, text: str, expected: str) -> None:
    assert hours(text, locale) == expected
