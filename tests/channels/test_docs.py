"""docs/channels.md names what there is, and its examples run."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from channels.delivery import DeliveryStatus
from channels.errors import LEAVES, SendError
from channels.sandbox_faults import Faults

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_the_table_of_errors_is_that_of_the_code(leaf: type[SendError]) -> None:
    error = leaf("twilio")
    permanent, told = ("yes" if is_so else "" for is_so in (error.permanent, error.alert))
    row = f"| `{error.kind}` | {error.fault} | {permanent or 'no'} | `{error.remedy}` | {told}"

    assert f"{row.rstrip()} |\n" in PAGE


@pytest.mark.parametrize("name", [each.name for each in fields(Faults)])
def test_every_setting_of_the_sandbox_is_named(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_statuses_stand_in_their_order() -> None:
    assert " < ".join(f"`{status}`" for status in DeliveryStatus) in PAGE


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    left: dict[str, object] = {}

    exec(example, left)

    if "ledger" in left:
        left["ledger"].close()  # type: ignore[attr-defined]  # a Ledger, by the page


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 2
