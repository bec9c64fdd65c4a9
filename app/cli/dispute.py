"""`duly dispute list|show`: what customers contest, by the number that they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from sqlalchemy import Row

dispute = typer.Typer(help="What customers contest.", no_args_is_help=True)
JSON = typer.Option(False, "--json", help="Print the result as JSON.")


def register(app: typer.Typer) -> None:
    app.add_typer(dispute, name="dispute")


@dispute.command("list")
def list_disputes(
    everything: bool = typer.Option(False, "--all", help="Those that were resolved as well."),
    as_json: bool = JSON,
) -> None:
    """The invoices that are contested, the oldest first, without the customers' words."""
    rows = _found(None, open_only=not everything)
    if as_json:
        emit({"disputes": [_told(row) for row in rows]})
        return
    for row in rows:
        show(_line(row))
    if not rows:
        note("Nothing is contested.")


@dispute.command("show")
def show_dispute(
    number: str = typer.Argument(..., help="As the customer was told it: D-17."),
    as_json: bool = JSON,
) -> None:
    """One dispute, with what the customer wrote."""
    from app.book.disputes import dispute_of_number

    dispute_id = dispute_of_number(number)
    rows = _found(dispute_id, open_only=False) if dispute_id is not None else []
    if not rows:
        raise fail(f"There is no dispute {number}; `duly dispute list` names them.", code=WRONG_USE)
    (row,) = rows
    if as_json:
        emit({**_told(row), "words": row.words})
        return
    show(_line(row))
    show(row.words or "No words of the customer are on record.")


def _found(dispute_id: int | None, *, open_only: bool) -> list[Row[Any]]:
    from app.book.disputes import disputes_of
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        return list(disputes_of(session, dispute_id=dispute_id, open_only=open_only))


def _told(row: Row[Any]) -> dict[str, Any]:
    from app.book.disputes import dispute_number

    return {
        "number": dispute_number(row.id),
        "customer": row.customer,
        "invoice": row.invoice,
        "kind": row.kind,
        "state": row.state,
        "opened_at": row.opened_at.isoformat(),
        "resolved_at": row.resolved_at.isoformat() if row.resolved_at else None,
    }


def _line(row: Row[Any]) -> str:
    told = _told(row)
    return (
        f"{told['number']}  {row.opened_at:%Y-%m-%d %H:%M}  customer {row.customer}"
        f"  invoice {row.invoice}  {row.kind}  {row.state}"
    )
