"""`duly import --guess`: a mapping on standard output, and beside it what it would result in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.output import WRONG_USE, fail, note, progress, show

if TYPE_CHECKING:
    from app.book.guessing.preview import Preview

_REJECTS_SHOWN = 5


def guess_mapping(files: Sequence[Path]) -> None:
    """Prints the proposal for one file. Reads it, and touches no book."""
    from app.book.guessing.preview import preview
    from app.book.guessing.proposal import propose
    from app.book.mapping.source import read_mapping
    from app.clock import SystemClock

    if len(files) != 1:
        raise fail(
            "--guess looks at one file at a time; join the mappings by hand.", code=WRONG_USE
        )
    (file,) = files
    proposal = propose(file)
    show(proposal.text.rstrip("\n"))
    for doubt in proposal.doubts:
        note(f"unsure: {doubt}")
    if proposal.missing:
        note(f"Nothing would result before these have a column: {', '.join(proposal.missing)}")
        return
    mapping = read_mapping(proposal.text, f"the proposal for {file.name}")
    with progress(f"Trying it on {file.name}") as tell:
        found = preview(
            file, mapping, now=SystemClock().now(), progress=lambda rows: tell(rows, None)
        )
    _tell(found)


def _tell(found: Preview) -> None:
    report, reached = found.report, found.contactable
    note(
        f"{report.rows} rows: {report.accepted} would go in, {report.rejected} would not;"
        f" {report.customers_added} customers, {report.invoices_added} invoices,"
        f" {report.payments_posted} payments"
    )
    for reject in report.rejects[:_REJECTS_SHOWN]:
        note(f"  line {reject.line}: {reject.text}")
    media = ", ".join(f"{count} by {medium}" for medium, count in reached.by_medium.items())
    note(
        f"{reached.customers} customers: {media or 'none has an address'}; {reached.nobody} by none"
    )
    for row in found.rows:
        who = f"{row.customer} {row.name or ''}".strip()
        owed = f"{row.open.decimal} {row.open.currency}"
        note(f"  {who}: {row.invoice}, {owed} open, due {row.due_on.isoformat()}")
