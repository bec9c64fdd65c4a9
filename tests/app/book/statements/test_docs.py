"""docs/statements.md names every key of a statement's mapping, and its example can be read."""

import re
from pathlib import Path

from app.book.statements.csv_form import FIELDS, FILE_KEYS, SECTIONS, load_form

DOCS = Path(__file__).parents[4] / "docs" / "statements.md"


def test_every_key_is_named() -> None:
    named = set(re.findall(r"`([a-z0-9_]+)`", DOCS.read_text("utf-8")))

    assert {*FIELDS, *FILE_KEYS, *SECTIONS} - named <= {"schema"}


def test_the_example_is_a_mapping(tmp_path: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "map.yaml"
    path.write_text(example, "utf-8")

    form = load_form(path)

    assert (form.account, form.currency) == ("IL620108000000099999999", "ILS")
    assert form.columns["text"] == ("what", "more")
