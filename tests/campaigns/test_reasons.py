"""Every reason is documented, used, and said in a whole sentence."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from campaigns.reasons import REASONS, Reason, sentence

ROOT = Path(__file__).parent.parent.parent
DOCS = (ROOT / "docs" / "reasons.md").read_text(encoding="utf-8")
ROWS = {
    found[1]: (found[2], found[3])
    for found in re.finditer(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", DOCS, re.MULTILINE)
}
SOURCES = tuple(
    path
    for folder in ("campaigns", "app")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != ROOT / "campaigns" / "reasons.py" and "migrations" not in path.parts
)

# Which argument of these calls is a reason; a keyword `reason` is one everywhere below.
ARGUMENT = {
    "Decision": 0,
    "intend": 1,
    "_settled": 2,
    "_pass": 2,
    "_give_up": 1,
    "Refusal": 1,
    "_refusal": 1,
    "Held": 2,
    "Unwritten": 1,
}
GIVERS = ("campaigns", "engine", "delivery")


def constants(tree: ast.AST) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def given(tree: ast.AST) -> Iterator[str]:
    """The codes that a module hands to a decision, a refusal or a message."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        place = ARGUMENT.get(name)
        found = [node.args[place]] if place is not None and len(node.args) > place else []
        found += [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
        for value in found:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.value


@cache
def trees() -> dict[Path, ast.AST]:
    return {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}


@cache
def all_given() -> dict[str, str]:
    """The codes that are handed out, each with a module that does."""
    return {
        code: path.name
        for path, tree in trees().items()
        if set(GIVERS) & set(path.parts)
        for code in given(tree)
    }


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_is_documented_with_its_sentence_and_what_to_do(code: str) -> None:
    assert ROWS[code][0] == REASONS[code].sentence
    assert ROWS[code][1].endswith((".", "`."))


def test_the_docs_name_no_reason_that_does_not_exist() -> None:
    assert list(ROWS) == list(REASONS)


def test_every_reason_is_used() -> None:
    used = {text for tree in trees().values() for text in constants(tree)}

    assert REASONS.keys() - used == set()


def test_every_code_that_is_given_exists() -> None:
    assert {code: name for code, name in all_given().items() if code not in REASONS} == {}


def test_the_search_for_codes_finds_those_of_every_layer() -> None:
    assert {"step_due", "opted_out", "no_sender", "case_closed", "gate_void"} <= set(all_given())
    assert len(all_given()) > 40


@pytest.mark.parametrize("reason", REASONS.values(), ids=list(REASONS))
def test_a_sentence_begins_and_ends_like_one(reason: Reason) -> None:
    assert re.match(r"[A-Z{]", reason.sentence)
    assert reason.sentence.endswith(".")


def test_a_blank_without_a_value_stays_visible() -> None:
    assert sentence("superseded", {"step": "a"}) == (
        "Step a was overtaken by «by»: one message says it all."
    )


def test_braces_in_a_value_are_only_text() -> None:
    assert sentence("reaction", {"signal": "{step}"}) == "Answers {step}."


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence("no_such_code")
