"""A manager reads the DSO of a book that was billed and paid, and takes it away as two files: the
figure is the one that the book itself gives, counted here another way."""

from __future__ import annotations

import csv
import io
from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from app.figures.ticking import Figures
from app.staff.roles import Role
from app.store.rows import Allocation, Payment
from tests.app.console.browsing.desks import BROWSING, sits
from tests.app.console.browsing.whole_day.house import House
from tests.factories import NOON, add, add_customer, add_invoice

pytestmark = BROWSING

TODAY = NOON.date()
BILLED = {date(2026, 3, 10): 90_000, date(2026, 4, 6): 150_000, date(2026, 5, 4): 120_000,
          date(2026, 5, 20): 60_000}  # fmt: skip
PAID = {date(2026, 4, 2): 90_000, date(2026, 5, 12): 41_700}


def _live(house: House) -> None:
    """Four invoices, due after twenty days; the first is paid whole and the second in part."""
    database = house.team.database
    customer_id = add_customer(database, house.team.creditor_id, "K-1")
    paid = iter(PAID.items())
    for at, (issued_on, amount) in enumerate(BILLED.items()):
        day, came = next(paid, (None, 0))
        invoice_id = add_invoice(
            database, customer_id, f"I{at}", amount=amount, issued_on=issued_on,
            due_on=issued_on + timedelta(days=20), open_minor=amount - came,
        )  # fmt: skip
        if day is None:
            continue
        payment_id = add(
            database, Payment, key=f"p{at}", creditor_id=house.team.creditor_id,
            customer_id=customer_id, currency="ILS", amount_minor=came, paid_on=day,
            received_at=NOON,
        )  # fmt: skip
        settled = {"invoice_id": invoice_id, "payment_id": payment_id, "amount_minor": came}
        add(database, Allocation, at=NOON, **settled)
    while Figures(database).tick(NOON):
        continue


def _days_of_sales(end: date) -> float:
    """How many days before this one it took to bill what was still owed then. A month's sales are
    spread over its days, as the countback method has it."""
    owed = float(sum(amount for day, amount in BILLED.items() if day <= end))
    owed -= sum(amount for day, amount in PAID.items() if day <= end)
    days, day = 0.0, end
    while owed > 0:
        month = [
            amount for on, amount in BILLED.items() if (on.year, on.month) == (day.year, day.month)
        ]
        a_day = sum(month) / monthrange(day.year, day.month)[1]
        days += min(owed / a_day, 1.0) if a_day else 1.0
        owed -= a_day
        day -= timedelta(days=1)
    return days


@pytest.mark.parametrize("language", ["en", "he"])
def test_a_manager_reads_dso_and_takes_it_away(
    browser: Browser, house: House, language: str, tmp_path: Path
) -> None:
    _live(house)
    manager = house.team.seat(Role.VIEWER, name="Dana Katz", language=language)
    with sits(browser, house.team, manager, language=language) as desk:
        desk.goes("/console/")
        desk.checks(tmp_path, "day-today")
        desk.follow("Reports")
        desk.checks(tmp_path, "day-reports")
        desk.follow("Days sales outstanding")
        desk.checks(tmp_path, "day-dso")
        lines = desk.page.locator("main table tbody tr")
        page = [line.locator("th, td").all_inner_texts() for line in lines.all()]
        text = desk.takes("link", "Download CSV", tmp_path).read_text("utf-8-sig")
        book = load_workbook(desk.takes("link", "Download Excel", tmp_path))
    head, *table = csv.reader(io.StringIO(text))
    first, *sheet = book.worksheets[0].iter_rows(values_only=True)
    assert list(first) == head
    assert [float(row[1]) for row in table[-3:]] == [
        pytest.approx(_days_of_sales(end), abs=0.051)
        for end in (date(2026, 4, 30), date(2026, 5, 31), TODAY)
    ]
    figures = [float(row[1]) for row in table]
    assert [float(row[1]) for row in page] == figures
    assert [row[1] for row in sheet] == [pytest.approx(each, abs=0.051) for each in figures]
    assert [row[4] for row in sheet] == [float(row[4]) for row in table]
    assert [row[0] for row in sheet] == [row[0] for row in page] == [row[0] for row in table]
    assert bool(book.worksheets[0].sheet_view.rightToLeft) is (language == "he")
