"""`duly replies`: what a reply is taken to mean, and how well that works."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from app.hearing.intents import Meaning
    from app.lab.heard import Heard, Score


def register(app: typer.Typer) -> None:
    app.command("replies")(replies)


def replies(
    text: str | None = typer.Argument(None, help="A reply, in quotes."),
    report: bool = typer.Option(False, "--report", help="Count over the labelled replies."),
    half: str = typer.Option(
        "rules",
        "--set",
        metavar="SET",
        help="Which of them: rules, test, later, danger-rules, danger-test.",
    ),
    language: str | None = typer.Option(
        None, "--language", metavar="CODE", help="The writer's language, or only this one's report."
    ),
    on: datetime | None = typer.Option(
        None, "--on", formats=["%Y-%m-%d"], help="The day on which it was written; else today."
    ),
    misses: bool = typer.Option(False, "--misses", help="List what was read otherwise."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Shows what a reply is taken to mean, or how well the labelled replies are read."""
    if report == (text is not None):
        raise fail("Give a reply in quotes, or --report.", code=WRONG_USE)
    if text is not None:
        _show_reading(text, language, on, as_json=as_json)
        return
    _show_report(half, language, misses=misses, as_json=as_json)


def _show_reading(text: str, language: str | None, on: datetime | None, *, as_json: bool) -> None:
    from app.clock import SystemClock
    from app.hearing.intents import Asked
    from app.hearing.understanding import understand

    day = (on or SystemClock().now()).date()
    meanings = understand(text, Asked(day, (language,) if language else ()))
    told = [_told(meaning) for meaning in meanings]
    if as_json:
        emit({"written_on": day, "meanings": told})
        return
    for each in told:
        show("  ".join(f"{key} {value}" for key, value in each.items()))


def _told(meaning: Meaning) -> dict[str, Any]:
    details = {
        name: str(value)
        for name in type(meaning.details).__dataclass_fields__
        if (value := getattr(meaning.details, name)) is not None
    }
    sure = meaning.confidence.name.lower()
    return {"intent": str(meaning.intent), "confidence": sure, "rule": meaning.rule, **details}


def _show_report(half: str, language: str | None, *, misses: bool, as_json: bool) -> None:
    from app.hearing.understanding import Understanding
    from app.lab.heard import hear
    from app.lab.labelled.entries import LOCALES, Half

    if half not in list(Half):
        raise fail(f"`--set {half}` is not known. There are: {', '.join(Half)}.", code=WRONG_USE)
    if language is not None and language not in LOCALES:
        known = ", ".join(LOCALES)
        raise fail(f"No labelled replies in `{language}`. There are: {known}.", code=WRONG_USE)
    heard = hear(Understanding(), Half(half), (language,) if language else LOCALES)
    if as_json:
        emit(_as_data(heard, misses=misses))
        return
    _show_table(heard)
    for line in _misses(heard) if misses else ():
        show(line)


def _show_table(heard: Heard) -> None:
    from rich.table import Table

    table = Table("meaning", "right", "missed", "wrong", "recall", "precision", box=None)
    rows = [*_scored(heard.by_intent.items()), *_scored(heard.by_locale.items())]
    for name, score in [*rows, ("all", heard.total)]:
        counts = (score.right, score.lacking, score.too_many)
        shares = (_percent(score.recall), _percent(score.precision))
        table.add_row(name, *map(str, counts), *shares)
    show(table)
    for name, count in heard.details.items():
        note(f"{name}: {heard.details_right[name]} of {count}")
    note(
        f"opt-outs that end as an opt-out or a hold: {heard.opt_outs_silenced} of {heard.opt_outs}"
    )


def _scored(items: Iterable[tuple[str, Score]]) -> list[tuple[str, Score]]:
    return [(str(key), score) for key, score in items if score.right or score.lacking]


def _as_data(heard: Heard, *, misses: bool) -> dict[str, Any]:
    rows = [*heard.by_intent.items(), *heard.by_locale.items(), ("all", heard.total)]
    told: dict[str, Any] = {
        "scores": {str(key): _score_as_data(score) for key, score in rows},
        "details": {
            name: {"right": heard.details_right[name], "of": count}
            for name, count in heard.details.items()
        },
        "opt_outs": {"silenced": heard.opt_outs_silenced, "of": heard.opt_outs},
    }
    if misses:
        told["misses"] = _misses(heard)
    return told


def _score_as_data(score: Score) -> dict[str, Any]:
    return {
        "right": score.right, "missed": score.lacking, "wrong": score.too_many,
        "recall": score.recall, "precision": score.precision,
    }  # fmt: skip


def _misses(heard: Heard) -> Sequence[str]:
    return [
        f"{miss.entry.locale}:{miss.entry.line} {miss.entry.text!r}"
        f" missed: {_listed(miss.lacking)} wrong: {_listed(miss.too_many)}"
        f" details: {_listed(miss.details)}"
        for miss in heard.misses
    ]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(map(str, names))) or "-"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"
