"""The reports as pages, as CSV and as workbooks."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta

import pytest
from openpyxl import load_workbook

from app.book.senders import change_sender
from app.console.figures.reports import REPORTS
from app.console.figures.tables import Column, Kind, Line, Table, csv_of, workbook_of
from app.staff.roles import Role
from app.store.rows import DailyFigure, Event, Hold
from tests.app.console.figures.busy import fill
from tests.app.console.team import Seat, Team
from tests.app.web.people import NOW
from tests.databases import on_both_stores
from tests.factories import add, add_campaign, add_creditor, add_customer


@pytest.fixture
def busy(team: Team) -> Team:
    fill(team.database, team.creditor_id)
    add_campaign(team.database, team.creditor_id)
    return team


def _csv(seat: Seat, path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(seat.opens(path).removeprefix("\ufeff"))))


@on_both_stores
def test_a_viewer_reads_every_report_and_takes_it_away(busy: Team, viewer: Seat) -> None:
    index = viewer.opens("/console/reports")
    for slug in REPORTS:
        assert f'href="/console/reports/{slug}"' in index
        page = viewer.opens(f"/console/reports/{slug}")
        assert '<table class="stacks">' in page
        assert "How it is counted" in page
        assert len(_csv(viewer, f"/console/reports/{slug}/csv")) > 1
        answer = viewer.browser.get(f"/console/reports/{slug}/xlsx")
        book = load_workbook(io.BytesIO(answer.content))
        assert all(sheet.max_row > 1 for sheet in book.worksheets), slug


def test_a_report_by_month_begins_with_the_figures(team: Team, viewer: Seat) -> None:
    came = {"figure": "complaints", "number": 1, "about": "complaint"}
    add(team.database, DailyFigure, creditor_id=1, day=date(2026, 10, 30), **came)
    _, *rows = _csv(viewer, "/console/reports/complaints/csv")
    assert [row[0] for row in rows] == ["Oct 2026", "Nov 2026"]


def test_a_report_that_is_not_there_is_not_found(viewer: Seat) -> None:
    for path in ("/console/reports/nothing", "/console/reports/nothing/csv"):
        viewer.opens(path, status=404)


def test_every_report_of_an_empty_house_says_so(viewer: Seat) -> None:
    for slug in REPORTS:
        assert "Something broke" not in viewer.opens(f"/console/reports/{slug}")


def test_dso_is_told_month_by_month(busy: Team, viewer: Seat) -> None:
    head, *rows = _csv(viewer, "/console/reports/dso/csv")
    assert head == ["Month", "Days sales outstanding", "Best possible", "Days late",
                    "Owed (ILS)", "Of that overdue (ILS)"]  # fmt: skip
    assert len(rows) == 13
    for _, dso, best, late, *_ in rows:
        assert 0 <= float(best) <= float(dso)
        assert float(late) == pytest.approx(float(dso) - float(best), abs=0.11)
    assert rows[-1][4] == "121200.00"
    _, *more = _csv(viewer, "/console/reports/dso/csv?from=2024-06-01")
    assert [row[0] for row in more] == ["Oct 2025", *(row[0] for row in rows)]


def test_ageing_leads_to_the_invoices_of_each_bucket(busy: Team, viewer: Seat) -> None:
    page = viewer.opens("/console/reports/ageing")
    assert "/console/invoices?currency=ILS&amp;due_from=2026-10-25&amp;due_to=2026-11-23" in page
    assert "₪17,450.00" in page


def test_a_currency_is_told_of_alone(busy: Team, viewer: Seat) -> None:
    add_creditor(busy.database, external_id="other", name="Other", currency="EUR")
    page = viewer.opens("/console/reports/ageing?currency=EUR")
    assert "€0.00 is open" in page
    assert "₪" not in page.partition("<main")[2]


def test_whoever_asks_for_nonsense_is_told_the_usual(busy: Team, viewer: Seat) -> None:
    usual = viewer.opens("/console/reports/collected")
    odd = viewer.opens("/console/reports/collected?from=x&to=9999-99-99&creditor=7&currency=XXX")
    assert odd.partition("<main")[2] == usual.partition("<main")[2]


def test_few_are_marked_in_words(busy: Team, viewer: Seat) -> None:
    page = viewer.opens("/console/reports/outcomes?from=2026-11-24&to=2026-11-24")
    assert page.count("few</span>") > 2
    assert "Lines marked “few” stand on fewer than 30" in page


def test_the_arms_are_told_with_their_interval(busy: Team, viewer: Seat) -> None:
    ((_, *row),) = _csv(viewer, "/console/reports/arms/csv")[1:]
    assert row[:4] == ["1100", "0.5636", "120", "0.3667"]
    more, low, high = map(float, row[4:])
    assert low < more < high
    assert "1 of 1 campaigns" in viewer.opens("/console/reports/arms")


def test_no_cell_runs_as_a_formula_and_numbers_stay_numbers(busy: Team, viewer: Seat) -> None:
    columns = [Column("=A1"), Column("Amount", Kind.MONEY), Column("Share", Kind.SHARE),
               Column("Day", Kind.DATE), Column("Days", Kind.DAYS)]  # fmt: skip
    cells = ('=HYPERLINK("http://x")', -12345, 0.12345, date(2026, 6, 1), 3.14159)
    table = Table("+1*/[x]", columns, [Line(cells), Line((None,) * 5)], "ILS")
    head, row, nothing = csv.reader(io.StringIO(csv_of([table]).decode("utf-8-sig")))
    assert head[:2] == ["'=A1", "Amount (ILS)"]
    assert row == ['\'=HYPERLINK("http://x")', "-123.45", "0.1235", "2026-06-01", "3.1"]
    assert nothing == [""] * 5
    (sheet,) = load_workbook(io.BytesIO(workbook_of([table], is_rtl=True))).worksheets
    written = next(sheet.iter_rows(min_row=2, max_row=2))
    assert written[0].data_type == "s"
    assert [cell.data_type for cell in written[1:]] == ["n", "n", "d", "n"]
    assert sheet.sheet_view.rightToLeft
    with_campaign = _csv(viewer, "/console/reports/arms/csv")
    assert with_campaign[1][0] == "gentle"


def test_a_name_that_looks_like_a_formula_leaves_harmless(team: Team, viewer: Seat) -> None:
    fill(team.database, team.creditor_id)
    add_campaign(team.database, team.creditor_id, name="=cmd|x")
    assert _csv(viewer, "/console/reports/arms/csv")[1][0] == "'=cmd|x"


@on_both_stores
def test_the_help_that_was_given_is_listed_behind_its_month(busy: Team, viewer: Seat) -> None:
    customer_id = add_customer(busy.database, busy.creditor_id, "H1")
    told = {"kind": "help_given", "at": NOW, "customer_id": customer_id}
    add(busy.database, Event, **told, payload={"hardship_id": 1, "help": "referral"})
    placed = {"person_id": customer_id, "placed_at": NOW, "renewed_at": NOW, "kind": "hardship"}
    add(busy.database, Hold, **placed)

    report = viewer.opens("/console/reports/help?from=2026-11-01&to=2026-11-24")
    behind = re.search(r'href="(/console/happened\?[^"]*what=help_given[^"]*)"', report)
    assert behind is not None
    month = re.sub("&about=[a-z_]+", "", behind[1].replace("&amp;", "&"))
    page = viewer.opens(month)

    assert page.count("<tr data-line>") == 2
    assert "Referrals to debt advice" in page
    assert "Pauses" in page


def test_a_hebrew_workbook_runs_from_right_to_left(busy: Team) -> None:
    seat = busy.seat(Role.VIEWER, language="he")
    answer = seat.browser.get("/console/reports/dso/xlsx")
    (sheet,) = load_workbook(io.BytesIO(answer.content)).worksheets
    assert sheet.sheet_view.rightToLeft
    assert sheet["A1"].value == "חודש"


def test_cost_is_told_at_the_price_that_the_sender_had_on_the_day(busy: Team, viewer: Seat) -> None:
    path = "/console/reports/cost?from=2026-11-24&to=2026-11-24"
    assert "No sender has a price in this currency" in viewer.opens(path)
    for price, at in (("0.125 ILS", NOW), ("9.99 ILS", NOW + timedelta(days=1))):
        with busy.database.write() as session:
            change_sender(session, 1, {"price": price}, at)
    page = viewer.opens(path)
    assert "Messages cost ₪11.25, and ₪5,840.00 came in: 0.2% of it." in page
    assert "Some senders have no price yet" not in page
    row = _csv(viewer, path.replace("cost?", "cost/csv?"))[1]
    assert row[2:] == ["42", "1", "90", "0.125 ILS", "11.25"]
