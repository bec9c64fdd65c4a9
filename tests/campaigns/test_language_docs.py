"""What a designer reads in `docs/journeys.md` is what the language does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from campaigns.expressions import compile_condition
from campaigns.fact_table import FACT_TABLE
from campaigns.journey import Day, Reaction, Send
from campaigns.language import KEYS, check_journey
from campaigns.language_reactions import REACTION_VALID
from campaigns.language_steps import SPEECH, STEP_KEYS, STEP_VALID, VERBS, Shift
from campaigns.language_values import UNITS
from campaigns.vocabulary import (
    AnchorKind,
    Category,
    ContactRole,
    Medium,
    Outcome,
    Signal,
    SubjectKind,
)

DOCS = (Path(__file__).parent.parent.parent / "docs" / "journeys.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
HEAD = "journey: a\ntitle: A\nsubject: customer\n"
LATER = ("third", "notice", "offer_help", "close")


@pytest.mark.parametrize("name", FACT_TABLE)
def test_every_fact_is_documented_with_its_type(name: str) -> None:
    assert f"| `{name}` | {FACT_TABLE[name].type} |" in DOCS


def test_the_docs_name_no_fact_that_does_not_exist() -> None:
    table = DOCS.split("| fact | type |")[1].split("\n\n")[0]
    named = re.findall(r"^\| `([\w.]+)`", table, re.MULTILINE)

    assert set(named) == {*FACT_TABLE, "custom.name"}


@pytest.mark.parametrize("value", [v for column in FACT_TABLE.values() for v in column.values if v])
def test_every_value_of_a_closed_fact_is_documented(value: str) -> None:
    assert f"`'{value}'`" in DOCS


@pytest.mark.parametrize("signal", Signal)
def test_every_signal_is_documented(signal: Signal) -> None:
    assert f"| `{signal}` |" in DOCS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_section_and_an_example(verb: str) -> None:
    section = DOCS.split(f"### `{verb}`:")[1].split("\n##")[0]

    assert f"{verb}:" in section.split("```yaml")[1]


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_of_time_is_documented(unit: str) -> None:
    assert re.search(rf"`\d+{unit}` \(\w+\)", DOCS)


@pytest.mark.parametrize(
    "word",
    [
        *Category,
        *Outcome,
        *SubjectKind,
        *AnchorKind,
        *ContactRole,
        *Shift,
        *Medium,
        *KEYS,
        *SPEECH,
        *STEP_KEYS,
        "to",
    ],
)
def test_every_word_and_key_is_documented(word: str) -> None:
    assert re.search(rf"`[^`\n]*\b{word}\b[^`\n]*`", DOCS)


def test_the_documented_defaults_are_those_of_the_contract() -> None:
    step = Send("a", Day(0), "b", Category.REMINDER)

    assert step.valid_for == STEP_VALID == timedelta(days=3)
    assert Reaction(Signal.OPTED_OUT, "b", Category.REMINDER).valid_for == REACTION_VALID
    assert timedelta(days=2) == REACTION_VALID
    assert "| `3d` |" in DOCS
    assert "`valid_for` (default `2d`)" in DOCS


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_every_example_is_sound(block: str) -> None:
    assert check_journey(_whole(block), "docs")[1] == ()


@pytest.mark.parametrize(
    "source",
    [
        source
        for source in re.findall(r"`([^`\n]+)`", DOCS.split("## Conditions")[1].split("\n## ")[0])
        if re.search(r"[<>=]=|[<>] | in \(", source) and re.search(r"\w [^ ]+ [\w(]", source)
    ],
)
def test_every_condition_in_the_docs_is_one(source: str) -> None:
    assert compile_condition(source, custom={}).source == source


def _whole(block: str) -> str:
    """An example completed to a journey by what it leaves out."""
    if block.startswith("journey:"):
        return block
    end = "  - {id: last, day: 90, end: exhausted}\n"
    if block.startswith("on:"):
        return f"{HEAD}steps:\n{end}{block}"
    first = "  - {id: begin, day: -1, send: hello}\n"
    later = "".join(f"  - {{id: {name}, day: 90, send: hello}}\n" for name in LATER)
    listed = "".join(f"  {line}\n" for line in block.splitlines())
    if " end:" in block:
        return f"{HEAD}steps:\n{first}{listed}"
    return f"{HEAD}steps:\n{first}{listed}{later}{end}"
