"""Files of words that are read without YAML: the same tree, or none."""

from importlib.resources import files as package_files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.hearing.plain_tree import plain_tree
from app.hearing.word_files import LOCALES
from campaigns.findings import Report
from campaigns.language_source import Items, Node, Scalar, Table, read_tree


def told(node: Node | None) -> object:
    """A tree without how its texts stand in the file."""
    match node:
        case Table():
            return [(key.text, key.place, told(value)) for key, value in node.entries]
        case Scalar():
            return node.text, node.place, node.kind, node.raw[:1]
        case Items():
            return [told(item) for item in node.items]
        case None:
            return None


@pytest.mark.parametrize("locale", LOCALES)
def test_every_file_that_ships_is_plain_and_reads_as_yaml_does(locale: str) -> None:
    text = package_files("templates").joinpath("heard", f"{locale}.yaml").read_text("utf-8")
    plain = plain_tree(text)

    assert plain is not None
    assert told(plain) == told(read_tree(text, Report("words.yaml")))


LINE = st.sampled_from(
    [
        "a: b", "a:", "  b: |", "  b: c d", "    # days", "    x ?y", "      z", "", " ", "  c:",
        "# said", "  # said", 'd: "e # f"', "d: e # f", "g: |", "  h", "k: [1]", "- m", "n: 1",
        "o: true", "p: x: y", "a: c", "---", "q: |-", "  r: x*", "s: 'é'", "    b: é|ø",
    ]
)  # fmt: skip


@given(st.lists(LINE, max_size=9))
def test_what_it_reads_yaml_reads_alike(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    plain = plain_tree(text)
    report = Report("words.yaml")
    known = read_tree(text, report)

    assert plain is None or (told(plain) == told(known) and not report.findings)
