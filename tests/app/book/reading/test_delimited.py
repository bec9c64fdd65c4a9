"""Delimited text: any delimiter and encoding, and a reason for every row that cannot be read."""

import tracemalloc
from pathlib import Path

import pytest

from app.book.errors import FeedError, MappingError
from app.book.reading.rows import LONGEST_CELL, LONGEST_LINE
from tests.app.book.feeds import MAPPING
from tests.app.book.reading.read import COLUMNS, read, text

ROW = "C1,Dana,I1,100,2026-09-01"


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_by_which_the_header_has_the_columns(
    tmp_path: Path, sign: str
) -> None:
    path = tmp_path / "feed.txt"
    path.write_text(f"{ROW}\n".replace(",", sign).join([sign.join(COLUMNS) + "\n", ""]), "utf-8")

    found = read(path)

    assert found.written.delimiter == sign
    assert found.cells == [("C1", "Dana", "I1", "100", "2026-09-01")]


def test_a_stated_delimiter_that_is_wrong_is_told_with_the_right_one(tmp_path: Path) -> None:
    path = text(tmp_path, ROW)

    with pytest.raises(FeedError, match="is delimited by `,`, and the mapping says `;`; correct"):
        read(path, MAPPING + 'file: { delimiter: ";" }\n')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mark_at_the_start_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    path = text(tmp_path, "C1,דנה,I1,1,2026-09-01", encoding=encoding)

    assert read(path).cells[0][1] == "דנה"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "José"),
        ("cp1255", "דנה כהן"),
        ("cp1256", "عمر حداد"),
        ("cp1257", "Šarūnas"),
        ("utf-16-le", "דנה"),
    ],
)
def test_a_stated_encoding_is_taken(tmp_path: Path, encoding: str, name: str) -> None:
    path = text(tmp_path, f"C1,{name},I1,1,2026-09-01", encoding=encoding)

    found = read(path, MAPPING + f"file: {{ encoding: {encoding} }}\n")

    assert found.cells[0][1] == name
    assert found.faults == [None]


@pytest.mark.parametrize(
    ("file", "row", "reason"),
    [
        ("utf-8", "cp1255", "the row is not written in utf-8; mend it, or correct `encoding`"),
        ("cp1255", "utf-8", "the row is written in utf-8 and the file in cp1255; mend the row"),
        ("cp1252", "utf-8", "the row is written in utf-8 and the file in cp1252; mend the row"),
    ],
)
def test_a_row_in_another_encoding_is_refused_and_never_guessed(
    tmp_path: Path, file: str, row: str, reason: str
) -> None:
    name = "דנה" if "cp1252" not in (file, row) else "José"
    path = tmp_path / "feed.csv"
    good = f"C1,{name},I1,1,2026-09-01\n".encode(file)
    odd = f"C2,{name},I2,1,2026-09-01\n".encode(row)
    path.write_bytes(",".join(COLUMNS).encode() + b"\n" + good + odd + good)

    found = read(path, MAPPING + f"file: {{ encoding: {file} }}\n")

    assert found.faults == [None, reason, None]


def test_an_encoding_that_the_mark_belies_is_told(tmp_path: Path) -> None:
    path = text(tmp_path, ROW, encoding="utf-16")

    with pytest.raises(FeedError, match="begins like utf-16, and the mapping says cp1255"):
        read(path, MAPPING + "file: { encoding: cp1255 }\n")


def test_titles_above_the_header_and_a_hint_for_excel_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(f"sep=,\nOpen items\n\n{','.join(COLUMNS)}\n{ROW}\n,,,,\n", "utf-8")

    found = read(path, MAPPING + "file: { skip: 2 }\n")

    assert [(row.line, row.cells[0]) for row in found.rows] == [(5, "C1")]


def test_a_quote_that_never_closes_costs_rows_but_not_memory(tmp_path: Path) -> None:
    path = text(tmp_path, ROW, f'C2,"{"x" * (LONGEST_CELL + 10)}', ROW)

    faults = read(path).faults

    assert faults[0] is None
    assert faults[1] == "the row cannot be read: a quote that opens on it does not close"


def test_a_line_without_an_end_is_one_fault_and_is_never_held_whole(tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    with path.open("w") as stream:
        stream.write(f"{','.join(COLUMNS)}\n{ROW}\n")
        for _ in range(12):
            stream.write("x" * LONGEST_LINE)
        stream.write(f"\n{ROW}\n")
    tracemalloc.start()

    found = read(path)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [row.line for row in found.rows] == [2, 3, 4]
    assert found.faults == [None, f"a line is longer than {LONGEST_LINE} characters", None]
    assert peak < 6 * LONGEST_LINE


def test_nul_is_refused_because_no_database_of_ours_takes_it_everywhere(tmp_path: Path) -> None:
    path = text(tmp_path, "C1,Da\0na,I1,1,2026-09-01", ROW)

    assert read(path).faults == [
        "the row holds a character that no text may hold (NUL or half of one)",
        None,
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an old Excel workbook, or one with a password"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        (b"<html><table>", "HTML or XML"),
        (b'\xef\xbb\xbf[{"a": 1}]', "a JSON array"),
        (b"PK\x03\x04broken", "a broken workbook"),
        (b"\n\n", "has no header"),
    ],
)
def test_what_is_no_feed_is_told_by_its_content(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(content)

    with pytest.raises(FeedError, match=words):
        read(path)


def test_a_format_that_is_stated_and_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="is csv, and the mapping says xlsx"):
        read(text(tmp_path, ROW), MAPPING + "file: { format: xlsx }\n")


def test_a_missing_column_is_told_with_its_place(tmp_path: Path) -> None:
    path = text(tmp_path, ROW, header=("cust", "name", "inv", "ammount", "due"))

    with pytest.raises(MappingError, match=r"m\.yaml:14:11: .* Did you mean `ammount`\?"):
        read(path)
