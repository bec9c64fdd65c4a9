"""`duly feedback`: whether customers understood their options, by creditor and language."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import typer

from app.cli.output import emit, note, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Row


def register(app: typer.Typer) -> None:
    app.command("feedback")(feedback)


def feedback(
    days: int = typer.Option(90, "--days", min=1, help="Of the last so many days."),
    words: bool = typer.Option(False, "--words", help="Also what they wrote, without names."),
    as_json: bool = typer.Option(False, "--json", help="Print it as JSON."),
) -> None:
    """Whether customers understood their options, as they said at the end of a visit."""
    from app.cli.databases import ready
    from app.intake.feedback import feedback_figures, feedback_words
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        since = database.now() - timedelta(days=days)
        figures = _by_language(feedback_figures(session, since=since))
        told = [dict(row._mapping) for row in feedback_words(session, since=since) if words]
    if as_json:
        emit({"figures": figures, "words": told})
        return
    for each in figures:
        show(
            f"{each['creditor']}  {each['language']}  yes {each['yes']}"
            f"  partly {each['partly']}  no {each['no']}"
        )
    for row in told:
        show(f"{row['given_at']:%Y-%m-%d}  {row['locale']}  {row['answer']}: {row['words']}")
    if not figures:
        note("Nobody has answered the question yet.")


def _by_language(rows: Sequence[Row[object]]) -> list[Mapping[str, object]]:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(
        lambda: {"yes": 0, "partly": 0, "no": 0}
    )
    for row in rows:
        found[row.creditor, row.locale][row.answer] = row.times
    return [
        {"creditor": creditor, "language": locale, **answers}
        for (creditor, locale), answers in found.items()
    ]
