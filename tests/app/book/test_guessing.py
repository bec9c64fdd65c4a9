"""A mapping is proposed for files of many tongues; what is unsure is said beside it."""

import json
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from app.book.guessing.preview import preview
from app.book.guessing.proposal import propose
from app.book.guessing.sample import Known, take_sample
from app.book.guessing.words import WORDS, likeness
from app.book.mapping.source import read_mapping
from tests.app.book.make import NOW

HEBREW = (
    "מספר לקוח;שם לקוח;נייד;חשבונית;סכום;תאריך פירעון",
    [
        "101;דנה כהן;052-5550123;9001;1,240.50;13/09/2026",
        "102;אבי לוי;054-5550124;9002;890.00;01/09/2026",
        "103;יעל מזרחי בע״מ;050-5550125;9003;15,000.00;30/08/2026",
        "104;נועם אברהם;;9004;77.90;02/09/2026",
    ],
)
ARABIC = (
    "رقم العميل,الاسم,البريد الإلكتروني,رقم الفاتورة,المبلغ,تاريخ الاستحقاق",
    [
        "1,عمر حداد,omar@example.com,501,1200.50,2026-09-13",
        "2,ليلى ناصر,leila@example.com,502,90.00,2026-09-01",
        "3,خالد منصور,khaled@example.com,503,150.00,2026-08-30",
    ],
)
LITHUANIAN = (
    "Kliento kodas;Pavadinimas;El. paštas;Sąskaitos nr.;Suma;Apmokėti iki",
    [
        'K1;UAB "Žalioji Ąžuolynė";info@zalia.example;SF-1;1 240,50;2026-09-13',
        "K2;UAB Šiaurės Vėjas;info@vejas.example;SF-2;890,00;2026-09-01",
        "K3;Eglė Jankauskaitė;egle@example.com;SF-3;77,90;2026-08-30",
    ],
)
GERMAN = (
    "Kundennummer;Kunde;Mobilnummer;Rechnungsnr.;Betrag;Währung;Fälligkeit",
    [
        "10;Müller GmbH;+49 1512 3456789;R1;1.240,50-;EUR;31.08.2026",
        "11;Weiß AG;+49 1512 3456780;R2;890,00;EUR;01.09.2026",
    ],
)
ITALIAN = (
    "Codice cliente;Ragione sociale;N. fattura;Data fattura;Scadenza;Importo",
    ["7;Perù S.r.l.;F1;01/08/2026;31/08/2026;1.240,50", "8;Università;F2;02/08/2026;;90,00"],
)


def write(folder: Path, told: tuple[str, list[str]], encoding: str) -> Path:
    path = folder / "open items.csv"
    path.write_bytes("\r\n".join([told[0], *told[1], ""]).encode(encoding))
    return path


@pytest.mark.parametrize(
    ("told", "encoding", "expected"),
    [
        (HEBREW, "cp1255", ["country: IL", "currency: ILS", 'dates: ["%d/%m/%Y"]', "phone: נייד"]),
        (HEBREW, "utf-8", ["country: IL", 'thousands: ","', 'delimiter: ";"']),
        (ARABIC, "cp1256", ["locale: ar", "external_id: رقم العميل", "amount: المبلغ"]),
        (LITHUANIAN, "cp1257", ["country: LT", 'decimal: ","', "kind: { value: business }"]),
        (GERMAN, "cp1252", ["country: DE", 'thousands: "."', "minus: behind", "currency: Währung"]),
        (ITALIAN, "cp1252", ["country: IT", "issued_on: Data fattura", "due_on: Scadenza"]),
    ],
    ids=["hebrew", "hebrew-utf8", "arabic", "lithuanian", "german", "italian"],
)
def test_a_proposal_names_the_columns_and_how_the_file_is_written(
    tmp_path: Path, told: tuple[str, list[str]], encoding: str, expected: list[str]
) -> None:
    path = write(tmp_path, told, encoding)

    proposal = propose(path)

    for line in [*expected, *([f"encoding: {encoding}"] if encoding != "utf-8" else [])]:
        assert line in proposal.text, proposal.text
    assert proposal.missing == ()
    assert read_mapping(proposal.text, "proposal").parts[0].fields["invoice"]


def test_what_would_result_is_shown_without_a_book(tmp_path: Path) -> None:
    path = write(tmp_path, HEBREW, "cp1255")
    mapping = read_mapping(propose(path).text, "proposal")

    found = preview(path, mapping, now=NOW)

    assert (found.report.accepted, found.report.rejected) == (4, 0)
    assert found.report.invoiced == {"ILS": 1720840}
    assert found.rows[0].name == "דנה כהן"
    assert (str(found.rows[0].open.decimal), found.rows[0].due_on) == ("1240.50", date(2026, 9, 13))
    assert found.contactable.by_medium == {"sms": 3, "whatsapp": 3}
    assert found.contactable.nobody == 1
    assert list(tmp_path.iterdir()) == [path]


def test_an_order_of_days_that_nothing_settles_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("account,name,invoice,total,due date\n1,A,I1,5.00,03/04/2026\n", "utf-8")

    proposal = propose(path)

    assert 'dates: ["%d/%m/%Y"] # unsure: %m/%d/%Y reads every day too' in proposal.text


def test_a_group_of_three_digits_is_a_thousand_and_doubted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('account,name,invoice,total,due date\n1,A,I1,"1,234",2026-04-13\n', "utf-8")

    text = propose(path).text

    assert 'thousands: ","' in text
    assert "may be the decimal sign instead" in text


def test_columns_that_are_missing_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("foo,bar\n1,2\n", "utf-8")

    proposal = propose(path)

    assert proposal.missing == (
        "customer.external_id", "invoice.external_id", "invoice.amount", "invoice.due_on",
    )  # fmt: skip
    assert "# amount: needed, and no column looks like it" in proposal.text
    assert "# Left out: foo, bar." in proposal.text


def _with_bad_cells(folder: Path, headers: str, bad: int) -> Path:
    """Seven rows: as many as that have a number that stood before, others a bad amount or day."""
    rows = [[f"C{n}", f"I{n}", f"{n}00.50", f"2026-09-0{n}"] for n in range(1, 8)]
    for at in range(bad):
        rows[at][1] = "I7"
        rows[-at - 1][2] = "a lot"
        rows[at][3] = "soon"
    path = folder / "a.csv"
    path.write_text("\n".join([headers, *map(",".join, rows), ""]), "utf-8")
    return path


def test_a_column_whose_header_is_clear_stays_with_most_of_its_cells(tmp_path: Path) -> None:
    headers = "Customer no,Invoice no,Amount,Due date"

    for bad in (1, 2, 3):
        assert propose(_with_bad_cells(tmp_path, headers, bad)).missing == ()
    found = propose(_with_bad_cells(tmp_path, headers, 5)).missing
    assert found == ("invoice.external_id", "invoice.amount", "invoice.due_on")


def test_a_column_whose_header_is_only_alike_needs_nearly_all_of_its_cells(tmp_path: Path) -> None:
    headers = "Customer no,Invoice no,Invoice amount now,Due date now"

    assert propose(_with_bad_cells(tmp_path, headers, 1)).missing == ()
    found = propose(_with_bad_cells(tmp_path, headers, 2)).missing
    assert found == ("invoice.amount", "invoice.due_on")


def test_a_country_column_that_holds_none_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "customer id,countryCode,invoice,total,due date\n1,818,I1,5,1/2/2026\n", "utf-8"
    )

    assert "# Left out: countryCode." in propose(path).text


def test_workbooks_and_json_lines_are_looked_at_too(tmp_path: Path) -> None:
    book, lines = tmp_path / "a.xlsx", tmp_path / "a.jsonl"
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.append(["Customer No", "Invoice No", "Amount", "Due Date"])
    sheet.append(["C1", "I1", 10.5, date(2026, 9, 1)])
    made.save(book)
    row = {"Customer No": "C1", "Invoice No": "I1", "Amount": 10.5, "Due Date": "2026-09-01"}
    lines.write_text(json.dumps(row), "utf-8")

    for path in (book, lines):
        mapping = read_mapping(propose(path).text, "proposal")
        assert preview(path, mapping, now=NOW).report.accepted == 1


@pytest.mark.parametrize("field", sorted(WORDS))
def test_every_word_is_its_field(field: str) -> None:
    assert all(likeness(field, word) == 1 for word in WORDS[field])


@pytest.mark.parametrize(
    ("phones", "currency", "country"),
    [
        (("0521234567", "0521234568", "+37061234567"), "ILS", "IL"),
        (("+972521234567", "+972521234568", "0521234569"), "GBP", "IL"),
        (("0521234567", "0521234568", "+37061234567"), "EUR", "LT"),
    ],
)
def test_one_foreign_number_tells_less_of_the_country_than_the_currency(
    tmp_path: Path, phones: tuple[str, ...], currency: str, country: str
) -> None:
    rows = [f"C{n},{phone},I{n},10.00,2026-09-01,{currency}" for n, phone in enumerate(phones)]
    path = tmp_path / "book.csv"
    path.write_text("\n".join(("customer,phone,invoice,amount,due,currency", *rows)))

    assert f"country: {country}" in propose(path).text


def _workbook(folder: Path, *above: str, notes: str = "") -> Path:
    """A sheet that says nothing, or little, before the one with the rows; a title over these."""
    made = Workbook()
    made.worksheets[0]["A1"] = notes or None
    sheet = made.create_sheet("Open items")
    for at, title in enumerate(above, start=1):
        sheet.cell(at, 1, title)
        sheet.merge_cells(start_row=at, end_row=at, start_column=1, end_column=4)
    for at, line in enumerate((ITALIAN[0], *ITALIAN[1]), start=len(above) + 1):
        for column, text in enumerate(line.split(";"), start=1):
            sheet.cell(at, column, text)
    path = folder / "open.xlsx"
    made.save(path)
    return path


def test_a_sheet_that_says_nothing_is_nobodys_choice(tmp_path: Path) -> None:
    path = _workbook(tmp_path)
    text = propose(path).text
    assert "sheet:" not in text
    assert "skip:" not in text
    assert preview(path, read_mapping(text, "proposal"), now=NOW).report.rows == len(ITALIAN[1])


def test_the_sheet_that_says_most_is_read_below_its_title(tmp_path: Path) -> None:
    path = _workbook(tmp_path, "Scadenzario", "", notes="Read me")
    text = propose(path).text
    assert 'sheet: "Open items" # unsure: there is also Sheet' in text
    assert "skip: 2" in text
    assert preview(path, read_mapping(text, "proposal"), now=NOW).report.rows == len(ITALIAN[1])


def test_what_is_known_of_a_workbook_is_not_guessed(tmp_path: Path) -> None:
    path = _workbook(tmp_path, "Scadenzario", notes="Read me")
    assert [c.name for c in take_sample(path, Known(sheet="Sheet")).columns] == ["Read me"]
    assert take_sample(path, Known(skip=0)).columns[0].name == "Scadenzario"


def test_texts_among_the_days_of_a_workbook_are_read_too(tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.append(["Customer No", "Invoice No", "Amount", "Invoice date", "Due Date"])
    for number, due in enumerate((date(2026, 9, 1), "30.09.2026", "2.10.2026", "31.02.2026")):
        sheet.append([f"C{number}", f"I{number}", "1,250.00", date(2026, 8, 1), due])
    path = tmp_path / "open.xlsx"
    made.save(path)
    text = propose(path).text
    assert 'dates: ["%Y-%m-%d", "%d.%m.%Y"]' in text
    found = preview(path, read_mapping(text, "proposal"), now=NOW).report
    assert (found.accepted, found.rejected) == (3, 1)


def test_no_second_pattern_is_guessed_that_could_turn_day_and_month(tmp_path: Path) -> None:
    told = "Customer No;Invoice No;Amount;Due Date"
    days = ("13/09/2026", "14/09/2026", "11/30/2026")
    rows = [f"C{number};I{number};10.50;{day}" for number, day in enumerate(days)]
    assert 'dates: ["%d/%m/%Y"]' in propose(write(tmp_path, (told, rows), "utf-8")).text
