"""The log as objects: the same discretion, and what a program can match and count."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import pytest

from app.cli.logs import DiscreetJson, nothing_below

SECRET = "dana@example.com"


def told(sentence: str, *given: object, failure: BaseException | None = None) -> dict[str, object]:
    raised = (type(failure), failure, failure.__traceback__) if failure else None
    record = logging.LogRecord("app.x", logging.ERROR, "f.py", 1, sentence, given, raised)
    record.created = datetime(2026, 3, 2, 9, 0, 0, 123000, tzinfo=UTC).timestamp()
    line = DiscreetJson().format(record)
    assert "\n" not in line
    found: dict[str, object] = json.loads(line)
    return found


def test_a_line_says_when_where_and_what() -> None:
    assert told("case %s cannot be decided: %s", 17, "KeyError") == {
        "at": "2026-03-02T09:00:00.123+00:00",
        "level": "error",
        "logger": "app.x",
        "event": "case %s cannot be decided: %s",
        "message": "case 17 cannot be decided: KeyError",
        "case_id": 17,
    }


@pytest.mark.parametrize(
    ("sentence", "given", "rows"),
    [
        ("message %s cannot be gated: %s", (5, "X"), {"message_id": 5}),
        ("100%% of campaign %d is here, %.0f ms", (3, 1.5), {"campaign_id": 3}),
        ("%s %s %s %.0f ms", ("GET", "/p/{token}", 200, 1.0), {}),
        ("retention: %d of %s let go", (2, "texts"), {}),
        ("all is well", (), {}),
    ],
)
def test_rows_that_the_sentence_names_have_keys_of_their_own(
    sentence: str, given: tuple[object, ...], rows: dict[str, object]
) -> None:
    found = told(sentence, *given)

    assert {name: value for name, value in found.items() if name.endswith("_id")} == rows


def test_an_exception_is_told_by_kind_and_place_and_never_by_its_words() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as problem:
        found = told("it failed", failure=problem)

    assert "KeyError" in str(found["error"])
    assert "test_logs.py" in str(found["error"])
    assert SECRET not in json.dumps(found)


def test_a_command_that_tells_the_rest_itself_is_quiet_and_leaves_the_log_as_it_was(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    log = logging.getLogger("app.intake.overdue")
    with nothing_below("error"):
        log.warning("task %d is overdue", 1)
        log.error("it failed")
    log.info("all is well")

    assert [record.message for record in caplog.records] == ["it failed", "all is well"]
