"""Days as people write them, reckoned from the writer's own day."""

from datetime import date

import pytest

from app.hearing.days import Mark, said_days
from app.hearing.lexicon import lexicon
from app.hearing.reckoning import Tense
from app.hearing.tokens import tokens
from app.hearing.word_files import Section

SUNDAY = date(2026, 3, 1)


def day(
    text: str, locale: str, *, on: date = SUNDAY, tense: Tense = Tense.AHEAD, us: bool = False
) -> date | None:
    words = tokens(text)
    marks = [
        Mark(hit.entry.key, hit.start, hit.end)
        for hit in lexicon().find(words)
        if hit.entry.section is Section.DAY and hit.entry.locale == locale
    ]
    said = said_days(words, marks, locale=locale, month_first=us)
    return next((named for each in said if (named := each.reckon(on, tense))), None)


def march(number: int) -> date:
    return date(2026, 3, number)


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("en", "Friday", march(6)),
        ("en", "on the 5th", march(5)),
        ("en", "tmrw", march(2)),
        ("en", "next week", march(6)),
        ("en", "end of month", march(31)),
        ("en", "the day after tomorrow", march(3)),
        ("en", "after the 10th", march(11)),
        ("en", "in 3 days", march(4)),
        ("en", "in two weeks", march(15)),
        ("en", "5 April 2026", date(2026, 4, 5)),
        ("en", "April 5th", date(2026, 4, 5)),
        ("en", "2026-03-20", march(20)),
        ("en", "15/3", march(15)),
        ("en", "when my salary comes", None),
        ("en", "I may pay", None),
        ("he", "ביום חמישי", march(5)),
        ("he", "מחרתיים", march(3)),
        ("he", "בשבוע הבא", march(12)),
        ("he", "בסוף החודש", march(31)),
        ("he", "עד ה-10 לחודש", march(10)),
        ("he", "עוד שבועיים", march(15)),
        ("he", "ב-15 במרץ", march(15)),
        ("he", "ט״ו בניסן", None),
        ("he", "15 בניסן", None),
        ("ar", "الأسبوع القادم", march(12)),
        ("ar", "يوم الخميس", march(5)),
        ("ar", "بكرة", march(2)),
        ("ar", "بعد ١٠ أيام", march(11)),
        ("ar", "١٥ آذار", march(15)),
        ("ar", "١٥ رمضان", None),
        ("lt", "penktadienį", march(6)),
        ("lt", "iki kovo 10 d.", march(10)),
        ("lt", "po dviejų savaičių", march(15)),
        ("lt", "poryt", march(3)),
        ("es", "el viernes", march(6)),
        ("es", "a fin de mes", march(31)),
        ("es", "pasado mañana", march(3)),
        ("fr", "vendredi prochain", march(6)),
        ("fr", "le 15 mars", march(15)),
        ("fr", "d'ici la fin du mois", march(31)),
        ("de", "übermorgen", march(3)),
        ("de", "am 15.3.", march(15)),
        ("de", "Ende des Monats", march(31)),
        ("it", "venerdì", march(6)),
        ("it", "entro il 10", march(10)),
        ("it", "tra 3 giorni", march(4)),
        ("pl", "w piątek", march(6)),
        ("pl", "do 10 marca", march(10)),
        ("pl", "pojutrze", march(3)),
        ("ru", "в пятницу", march(6)),
        ("ru", "10 числа", march(10)),
        ("ru", "до конца месяца", march(31)),
    ],
)
def test_a_day_ahead(locale: str, text: str, expected: date | None) -> None:
    assert day(text, locale) == expected


@pytest.mark.parametrize(
    ("locale", "text", "expected"),
    [
        ("en", "yesterday", date(2026, 2, 28)),
        ("en", "last Tuesday", date(2026, 2, 24)),
        ("en", "27/2", date(2026, 2, 27)),
        ("en", "3 days ago", date(2026, 2, 26)),
        ("en", "tomorrow", None),
        ("he", "אתמול", date(2026, 2, 28)),
        ("ar", "مبارح", date(2026, 2, 28)),
        ("lt", "vasario 20 d.", date(2026, 2, 20)),
        ("de", "vorgestern", date(2026, 2, 27)),
        ("es", "hace 2 semanas", date(2026, 2, 15)),
        ("ru", "20 февраля", date(2026, 2, 20)),
    ],
)
def test_a_day_behind(locale: str, text: str, expected: date | None) -> None:
    assert day(text, locale, tense=Tense.BACK) == expected


def test_the_month_comes_first_where_the_writers_country_has_it_so() -> None:
    assert day("4/3", "en") == date(2026, 3, 4)
    assert day("4/3", "en", us=True) == date(2026, 4, 3)
    assert day("3/25", "en") == march(25)


def test_a_day_without_a_year_is_never_far_away() -> None:
    assert day("27/2", "en") is None
    assert day("27/2/2027", "en") == date(2027, 2, 27)


@pytest.mark.parametrize("text", ["30/2", "31.4.2026", "45/3", "2026-13-01", "0/0"])
def test_what_no_calendar_has_is_no_day(text: str) -> None:
    assert day(text, "en") is None


def test_the_thirty_first_is_the_last_day_of_a_short_month() -> None:
    assert day("the 31st", "en", on=date(2026, 4, 2)) == date(2026, 4, 30)


def test_next_friday_is_the_one_of_next_week() -> None:
    assert day("next Friday", "en", on=date(2026, 3, 3)) == march(13)
    assert day("Friday", "en", on=date(2026, 3, 3)) == march(6)
    assert day("friday next week", "en", on=date(2026, 3, 3)) == march(13)
