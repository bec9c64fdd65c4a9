"""Workbooks: typed cells as texts, and packages that would swell or reach out."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from app.book.errors import FeedError
from app.book.reading import package
from tests.app.book.feeds import MAPPING
from tests.app.book.reading.read import COLUMNS, read


def workbook(folder: Path, *rows: tuple[Any, ...], sheets: tuple[str, ...] = ("Open",)) -> Path:
    made = Workbook()
    made.remove(made.active)  # type: ignore[arg-type]  # a new workbook has one
    for name in sheets:
        sheet = made.create_sheet(name)
        for row in (COLUMNS, *rows):
            sheet.append(row)
    path = folder / "feed.xlsx"
    made.save(path)
    return path


def test_typed_cells_are_read_as_the_mapping_writes(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        (10025, "Dana", True, 1234.5, datetime.combine(date(2026, 9, 1), time())),
        (10026, None, "00123", 0.1 + 0.2, date(2026, 9, 2)),
    )
    mapping = MAPPING + 'file: { decimal: ",", dates: ["%d.%m.%Y"] }\n'

    found = read(path, mapping)

    assert found.cells == [
        ("10025", "Dana", "true", "1234,5", "01.09.2026"),
        ("10026", "", "00123", "0,3", "02.09.2026"),
    ]
    assert [row.line for row in found.rows] == [2, 3]
    assert str(found.written) == "xlsx"


def test_leading_zeros_of_the_format_are_kept(tmp_path: Path) -> None:
    path = workbook(tmp_path, (123, "Dana", "I1", 1, date(2026, 9, 1)))
    from openpyxl import load_workbook

    opened = load_workbook(path)
    opened["Open"]["A2"].number_format = "000000"
    opened.save(path)

    assert read(path).cells[0][0] == "000123"


def test_a_column_of_its_own_date_pattern_gets_it(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("C", "D", "I", 1, date(2026, 9, 1)))
    mapping = MAPPING.replace("due_on: due", 'due_on: { column: due, dates: ["%m/%d/%Y"] }')

    assert read(path, mapping).cells[0][4] == "09/01/2026"


def test_errors_and_surplus_cells_are_reasons(tmp_path: Path) -> None:
    good = ("C", "D", "I", 1, "2026-09-01")
    path = workbook(tmp_path, ("C", "D", "I", "#N/A", "2026-09-01"), (*good, "more"), good)

    assert read(path).faults == [
        "a cell holds an error of the spreadsheet program",
        "the row has more cells than the header",
        None,
    ]


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("C", "D", "I", 1, "2026-09-01"), sheets=("Open", "Paid"))

    with pytest.raises(FeedError, match="has the sheets Open, Paid; say which by `sheet`"):
        read(path)
    with pytest.raises(FeedError, match="has no sheet `Closed`; it has Open, Paid"):
        read(path, MAPPING + "file: { sheet: Closed }\n")
    assert len(read(path, MAPPING + "file: { sheet: Paid }\n").rows) == 1


def test_what_is_only_named_a_workbook_is_not_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "feed.XLSX"
    path.write_text("customer,name\nC,D\n", "utf-8")

    with pytest.raises(FeedError, match=r"feed\.XLSX has the name of a workbook and is none"):
        read(path)


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("C", "D", "I", 1, "2026-09-01"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet9.xml", b" " * (package._SMALL + 1))

    with pytest.raises(FeedError, match="unpacks to far more than it should"):
        read(path)


def test_a_package_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("C", "D", "I", 1, "2026-09-01"))
    with zipfile.ZipFile(path) as file:
        member = max(file.infolist(), key=lambda each: each.file_size)
    raw = path.read_bytes()
    told = member.file_size.to_bytes(4, "little")
    path.write_bytes(raw.replace(told, (7).to_bytes(4, "little")))

    with pytest.raises(FeedError, match=r"a broken workbook|unpacks to far more"):
        read(path)


def test_a_package_of_thousands_of_members_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, ("C", "D", "I", 1, "2026-09-01"))
    with zipfile.ZipFile(path, "a") as file:
        for number in range(package.MOST_MEMBERS):
            file.writestr(f"xl/media/{number}", b"")

    with pytest.raises(FeedError, match="unpacks to far more"):
        read(path)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_that_declares_entities_is_refused(
    tmp_path: Path, declaration: str, encoding: str
) -> None:
    path = workbook(tmp_path, ("C", "D", "I", 1, "2026-09-01"))
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    members["xl/sharedStrings.xml"] = f'<?xml version="1.0"?>{declaration}<sst/>'.encode(encoding)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)

    with pytest.raises(FeedError, match="declares entities"):
        read(path)


def test_a_zip_of_something_else_and_macros_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.csv", "a,b")
    with pytest.raises(FeedError, match="is a ZIP file and no XLSX workbook"):
        read(path)
    path = workbook(tmp_path, ("C", "D", "I", 1, "2026-09-01"))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("xl/vbaProject.bin", b"")
    with pytest.raises(FeedError, match="holds macros"):
        read(path)


def test_a_sheet_that_breaks_off_fails_instead_of_being_short(tmp_path: Path) -> None:
    path = workbook(tmp_path, *[("C", "D", "I", 1, "2026-09-01")] * 50)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet][: len(members[sheet]) // 2]
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)

    with pytest.raises(FeedError, match="cannot be read to its end"):
        read(path)
