"""A house that has run for a year: figures as the loop would have left them, written at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from app.figures.names import Daily, Family, Standing
from app.figures.reports.months import between, shifted
from app.store.bulk import insert_rows
from app.store.engines import Database
from app.store.rows import DailyFigure, FigureDay, FigureMark, StandingFigure
from tests.app.web.people import NOW

TODAY = date(2026, 11, 24)
MONTHS = list(between("2025-10", "2026-11"))


def fill(database: Database, creditor_id: int, *, currency: str = "ILS") -> None:
    """Figures of the last days, of every tenth of the year before, and of what stands."""
    days = [TODAY - timedelta(days=n) for n in (*range(20), *range(20, 400, 10))]
    rows = [
        {"creditor_id": creditor_id, "day": day, **row}
        for day in days
        for row in _of_a_day(day, currency)
    ]
    kept = [{"creditor_id": creditor_id, "day": day, "counted_at": NOW} for day in days[:20]]
    stands = [{"creditor_id": creditor_id, **row} for row in _standing(currency)]
    marks = [{"family": family, "counted_at": NOW, "due_at": NOW} for family in Family]
    with database.write() as session:
        insert_rows(session, DailyFigure, rows)
        insert_rows(session, FigureDay, kept)
        insert_rows(session, StandingFigure, stands)
        insert_rows(session, FigureMark, marks)


def _of_a_day(day: date, currency: str) -> Iterator[dict[str, Any]]:
    more = day.toordinal() % 7
    for medium, language, hour, sent in (
        ("sms", "he", 10, 40 + more),
        ("email", "he", 11, 25 + more),
        ("whatsapp", "ar", 16, 9 + more),
        ("email", "en", 9, 6),
    ):
        yield _row(Daily.SENT, sent, medium=medium, language=language, hour=hour)
        for figure, part in (
            (Daily.DELIVERED, 12),
            (Daily.FAILED, 1),
            (Daily.VISITED, 4),
            (Daily.ANSWERED, 2),
        ):
            number = sent * part // 13
            yield _row(figure, number, medium=medium, language=language, hour=hour)
    yield _row(Daily.SENDER_SENT, 40 + more, medium="sms", about="1")
    yield _row(Daily.SENDER_SEGMENTS, 88 + more, medium="sms", about="1")
    yield _row(Daily.SENDER_FAILED, 1, medium="sms", about="1")
    for reason, number in (("rest_day", 4), ("paid_meanwhile", 2), ("no_address", 1)):
        yield _row(Daily.UNSENT, number + more, medium="sms", about=reason)
        yield _row(Daily.REFUSED, 3 * number, medium="sms", about=reason)
    money = {"currency": currency}
    yield _row(Daily.COLLECTED, 9, 450_000 + more * 7_000, about="feed", **money)
    yield _row(Daily.COLLECTED, 5, 120_000, about="sandbox", **money)
    yield _row(Daily.COLLECTED_AFTER, 9, 400_000, about="treatment", medium="sms", **money)
    yield _row(Daily.COLLECTED_AFTER, 5, 170_000, about="none", **money)
    yield _row(Daily.PROMISES_MADE, 3 + more, 90_000, about="page", **money)
    yield _row(Daily.PROMISES_KEPT, 2 + more // 2, 70_000, about="page", **money)
    yield _row(Daily.PROMISES_BROKEN, 1, 20_000, about="page", **money)
    yield _row(Daily.REPLIES, 6, medium="sms", about="question")
    yield _row(Daily.VISITS, 20, medium="sms")
    yield _row(Daily.OPTED_OUT, more // 3, medium="sms")
    yield _row(Daily.COMPLAINTS, more // 5, about="complaint")
    yield _row(Daily.DISPUTES, more // 3, about="other")
    for figure, about in (
        (Daily.HELP_ASKED, "hardship"),
        (Daily.HELP_ASKED, "call"),
        (Daily.HELP_GIVEN, "answer"),
        (Daily.HELP_GIVEN, "pause"),
    ):
        yield _row(figure, 1 + more // 4, about=about)


def _row(figure: Daily, number: int, amount: int = 0, **columns: Any) -> dict[str, Any]:
    blank = {"currency": "", "medium": "", "language": "", "hour": -1, "about": ""}
    return {**blank, "figure": figure, "number": number, "amount_minor": amount, **columns}


def _standing(currency: str) -> Iterator[dict[str, Any]]:
    yield from _open_items(currency)
    for reason, number in (("not_yet", 412), ("rest_day", 96), ("promise_open", 38), ("hold", 21)):
        yield _stands(Family.CASES, Standing.CASES, number, about=reason)
    for hour in range(0, 24, 2):
        name = f"{NOW + timedelta(hours=hour):%Y-%m-%dT%H}"
        yield _stands(Family.CASES, Standing.LOOKS, 14 + hour, cohort=name)
    yield from _book(currency)


def _open_items(currency: str) -> Iterator[dict[str, Any]]:
    family = Family.OPEN_ITEMS
    for kind, number in (("hardship", 12), ("staff", 5), ("breathing_space", 4)):
        yield _stands(family, Standing.HELD, number, about=kind)
    for days in (-2, 0, 1, 9):
        due_on = (TODAY + timedelta(days=days)).isoformat()
        yield _stands(family, Standing.PROMISED, 4, 84_000, currency=currency, cohort=due_on)
    yield _stands(family, Standing.DISPUTED, 7, 310_000, currency=currency, about="other")
    for team, number in (("collections", 14), ("service", 6)):
        yield _stands(family, Standing.TASKS, number, about=team)
    yield _stands(family, Standing.TASKS_LATE, 2, about="collections")
    for hour in range(0, 12, 3):
        name = f"{NOW + timedelta(hours=hour):%Y-%m-%dT%H}"
        yield _stands(family, Standing.DUE_MESSAGES, 30 - hour, medium="sms", cohort=name)
        yield _stands(family, Standing.DUE_MESSAGES, 9, medium="email", cohort=name)


def _book(currency: str) -> Iterator[dict[str, Any]]:
    family, of = Family.BOOK, {"currency": currency}
    for days, amount in (
        (5, 900_000),
        (-9, 420_000),
        (-40, 260_000),
        (-75, 90_000),
        (-200, 75_000),
    ):
        due_on = (TODAY + timedelta(days=days)).isoformat()
        yield _stands(family, Standing.OPEN, amount // 9_000, amount, cohort=due_on, **of)
    for at, month in enumerate(MONTHS):
        billed = 14_000_000 + at % 4 * 900_000
        left = 240_000 if at else 9_000_000
        yield _stands(family, Standing.BILLED, 900, billed, cohort=month, **of)
        yield _stands(family, Standing.SETTLED, 850, billed - left, cohort=month, **of)
        yield _stands(family, Standing.FELL_OVERDUE, 300, 4_000_000, cohort=month, **of)
        for age in range(min(4, len(MONTHS) - at)):
            amount = (1_900_000, 1_100_000, 500_000, 200_000)[age]
            yield _stands(family, Standing.RECOVERED, 90, amount, cohort=month, age=age, **of)
        yield _stands(family, Standing.CREDITED, 3, 60_000, cohort=month, **of)
    plans = (("broken", 0, 9), ("broken", 1, 6), ("running", 1, 12), ("running", 2, 20),
             ("broken", 3, 4), ("completed", 4, 31))  # fmt: skip
    for state, paid, number in plans:
        yield _stands(family, Standing.PLANS, number, number * 90_000, about=state, age=paid, **of)
    for arm, settled, number in (
        ("treatment", 1, 620),
        ("treatment", 0, 480),
        ("control", 1, 44),
        ("control", 0, 76),
    ):
        cohort = shifted(MONTHS[-1], -2)
        about = f"1:{arm}"
        yield _stands(family, Standing.ARMS, number, about=about, cohort=cohort, age=settled)


def _stands(
    family: Family, figure: Standing, number: int, amount: int = 0, **columns: Any
) -> dict[str, Any]:
    blank = {"currency": "", "medium": "", "about": "", "cohort": "", "age": 0}
    told = {"family": family, "figure": figure, "number": number, "amount_minor": amount}
    return {**blank, **told, **columns}
