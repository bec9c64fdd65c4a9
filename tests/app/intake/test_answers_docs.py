"""docs/answers.md tells of every intent, and of the answer that the test of answers expects."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.hearing.intents import Intent
from tests.promises.test_answers_to_replies import ANSWERS

DOCS = Path(__file__).parents[3] / "docs" / "answers.md"
ROWS = {
    match[1]: match[0] for match in re.finditer(r"^\| `(\w+)` \|.*$", DOCS.read_text("utf-8"), re.M)
}


def test_each_intent_has_its_row() -> None:
    assert set(ROWS) == {str(intent) for intent in Intent}


@pytest.mark.parametrize("intent", list(Intent))
def test_the_answer_stands_in_it(intent: Intent) -> None:
    answer, last = ANSWERS[intent], ROWS[str(intent)].strip("|").split("|")[-1].strip()
    assert f"`{answer}`" in last if answer else last.startswith("none")
