"""`duly replies` shows readings and counts them."""

import json

import pytest
from typer.testing import CliRunner

from app.cli import app


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["replies", *arguments])
    return result.exit_code, result.stdout


def test_it_shows_what_a_reply_means() -> None:
    code, told = run("אשלם ביום חמישי", "--language", "he", "--on", "2026-03-01", "--json")

    (meaning,) = json.loads(told)["meanings"]
    assert code == 0
    assert (meaning["intent"], meaning["on"]) == ("promise", "2026-03-05")


def test_it_counts_the_labelled_replies_of_a_language() -> None:
    code, told = run("--report", "--language", "lt", "--misses", "--json")

    report = json.loads(told)
    assert code == 0
    assert report["scores"]["lt"]["right"] >= 30
    assert [miss for miss in report["misses"] if "missed: -" not in miss] == []
    assert "promise" in run("--report", "--language", "lt")[1]


@pytest.mark.parametrize(
    "arguments",
    [(), ("text", "--report"), ("--report", "--set", "x"), ("--report", "--language", "x")],
)
def test_wrong_use_is_told(arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2
