"""JSON lines: an object a line, typed values as texts, and a reason for every odd one."""

import json
from pathlib import Path

import pytest

from app.book.errors import FeedError
from app.book.reading.rows import UNFIT
from tests.app.book.feeds import MAPPING
from tests.app.book.reading.read import read

GOOD = {"cust": "C1", "name": "Dana", "inv": 7, "amount": 100.5, "due": "2026-09-01"}


def lines(folder: Path, *rows: str) -> Path:
    path = folder / "feed.csv"  # its name says nothing
    path.write_text("\n".join(rows), "utf-8", errors="surrogatepass")
    return path


def test_values_are_read_as_the_texts_that_they_are(tmp_path: Path) -> None:
    flags = json.dumps({**GOOD, "name": None, "vip": True, "amount": 0.1})

    found = read(lines(tmp_path, json.dumps(GOOD), "", flags))

    assert found.header == ("cust", "name", "inv", "amount", "due", "vip")
    assert found.cells == [
        ("C1", "Dana", "7", "100.5", "2026-09-01", ""),
        ("C1", "", "7", "0.1", "2026-09-01", "true"),
    ]
    assert [row.line for row in found.rows] == [1, 3]


def test_numbers_keep_every_digit_and_follow_the_decimal_sign(tmp_path: Path) -> None:
    row = json.dumps(GOOD).replace("100.5", "12345678901234.56")

    found = read(lines(tmp_path, row), MAPPING + 'file: { decimal: "," }\n')

    assert found.cells[0][3] == "12345678901234,56"


def test_inner_objects_are_columns_with_a_dot(tmp_path: Path) -> None:
    inner = {**GOOD, "cust": {"id": "C1"}}

    mapping = MAPPING.replace("external_id: cust", "external_id: cust.id")

    assert read(lines(tmp_path, json.dumps(inner)), mapping).cells[0][0] == "C1"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "the row cannot be read: it is no JSON object on one line"),
        ("[1]", "the row cannot be read: it is no JSON object on one line"),
        ('{"a": NaN}', "the row cannot be read: NaN is no number"),
        ('{"a": 1, "a": 2}', "the row cannot be read: it names a key twice"),
        ('{"a": [1]}', "the row cannot be read: it holds a list"),
        ('{"a": 1e999999999}', "the row cannot be read: a number has too many digits"),
        ('{"a": %s}' % ("9" * 5000), "the row cannot be read: a number has too many digits"),
        ('{"a": "\\ud800"}', UNFIT),
        ('{"a": "\\u0000"}', UNFIT),
        ('{"a": %s}' % ("[" * 100_000), "the row cannot be read: it is no JSON object on one line"),
    ],
    ids=lambda value: value[:20],
)
def test_a_line_that_is_no_row_says_why(tmp_path: Path, row: str, reason: str) -> None:
    found = read(lines(tmp_path, json.dumps(GOOD), row, json.dumps(GOOD)))

    assert found.faults == [None, reason, None]


def test_a_key_that_no_row_has_is_no_column_but_can_be_mapped(tmp_path: Path) -> None:
    sparse = {key: value for key, value in GOOD.items() if key != "name"}

    assert read(lines(tmp_path, json.dumps(sparse))).cells == [
        ("C1", "7", "100.5", "2026-09-01", "")
    ]


def test_an_array_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="write one object a line"):
        read(lines(tmp_path, json.dumps([GOOD])))
