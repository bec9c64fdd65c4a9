"""`duly proof list|show|export`: payments that customers tell of, and the files that show them."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from sqlalchemy import Row

proof = typer.Typer(
    help="Payments that customers tell of, and the files that show them.", no_args_is_help=True
)
JSON = typer.Option(False, "--json", help="Print the result as JSON.")
NUMBER = typer.Argument(..., metavar="PROOF", help="The number that the task names.")


def register(app: typer.Typer) -> None:
    app.add_typer(proof, name="proof")


@proof.command("list")
def list_proofs(
    everything: bool = typer.Option(False, "--all", help="Those that were looked for as well."),
    as_json: bool = JSON,
) -> None:
    """The payments that finance has still to look for, the oldest first, without the customers'
    words."""
    rows = _found(None, open_only=not everything)
    if as_json:
        emit({"proofs": [_told(row) for row in rows]})
        return
    for row in rows:
        show(_line(row))
    if not rows:
        note("No payment is to be looked for.")


@proof.command("show")
def show_proof(number: int = NUMBER, as_json: bool = JSON) -> None:
    """One of them, with what the customer wrote."""
    row = _one(number)
    if as_json:
        emit({**_told(row), "words": row.words})
        return
    show(_line(row))
    show(row.words or "The customer wrote nothing.")


@proof.command("export")
def export_file(
    number: int = NUMBER,
    output: Path = typer.Option(
        ..., "--output", metavar="FOLDER", file_okay=False, help="The folder to write it into."
    ),
    by: str | None = typer.Option(
        None, "--by", metavar="NAME", help="Who takes it; you, if left out."
    ),
) -> None:
    """Hands the file out, as it was cleaned, under a name of ours. That you took it, and when, is
    put on record. It was made anew, but nobody looked through it: open it in a viewer that runs no
    scripts."""
    from app.cli.databases import ready
    from app.intake.proofs.kept import note_handed_out
    from app.settings import read_settings
    from app.store.documents import Documents

    row, settings = _one(number), read_settings()
    document = Documents(settings.documents).find(row.document) if row.document else None
    if document is None:
        gone = row.file_gone_at
        why = f"it was deleted on {gone:%Y-%m-%d}" if gone else "none was handed in"
        raise fail(f"Proof {number} has no file: {why}.", code=WRONG_USE)
    with ready(settings.database_url) as database, database.write() as session:
        note_handed_out(session, row, to=by or getpass.getuser(), now=database.now())
    output.mkdir(parents=True, exist_ok=True)
    target = output / document.name
    target.write_bytes(document.path.read_bytes())
    show(f"{target}: {document.media_type}, {row.document.partition('/')[0]}")


def _one(number: int) -> Row[Any]:
    rows = _found(number, open_only=False)
    if not rows:
        raise fail(f"There is no proof {number}; `duly proof list` names them.", code=WRONG_USE)
    return rows[0]


def _found(number: int | None, *, open_only: bool) -> list[Row[Any]]:
    from app.cli.databases import ready
    from app.intake.proofs.kept import proofs_of
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        return list(proofs_of(session, proof_id=number, open_only=open_only))


def _told(row: Row[Any]) -> dict[str, Any]:
    return {
        "number": row.id,
        "customer": row.customer,
        "creditor": row.creditor,
        "told_at": row.told_at.isoformat(),
        "paid_on": row.paid_on.isoformat() if row.paid_on else None,
        "method": row.method,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "file": row.document.partition("/")[2] if row.document else None,
        "file_gone_at": row.file_gone_at.isoformat() if row.file_gone_at else None,
        "state": row.state,
    }


def _line(row: Row[Any]) -> str:
    from campaigns.money import Money

    told = _told(row)
    paid = Money(row.amount_minor, row.currency) if row.amount_minor is not None else "no amount"
    file = "file deleted" if row.file_gone_at else told["file"] or "no file"
    return (
        f"{row.id}  {row.told_at:%Y-%m-%d %H:%M}  customer {row.customer}"
        f"  paid {told['paid_on'] or 'on no day'} by {row.method or '?'}: {paid}  {file}"
        f"  {row.state}"
    )
