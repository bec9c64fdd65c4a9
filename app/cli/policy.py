"""`duly policy list|coverage`: the rules that ship, and how each of them stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, assert_never

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show
from campaigns.coverage import State

if TYPE_CHECKING:
    from campaigns.coverage import Standing

policy = typer.Typer(help="Contact policy: the rules that bind messages.", no_args_is_help=True)

_ONLY = typer.Option(
    None, "--jurisdiction", metavar="PACK", help="Only this pack, and those within it: us, us-ny."
)


def register(app: typer.Typer) -> None:
    app.add_typer(policy, name="policy")


@policy.command("list")
def list_rules(
    jurisdictions: list[str] | None = _ONLY,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Every rule: what it asks, of whom, since when, by what source and how well that is known."""
    found = _standing(jurisdictions)
    if as_json:
        emit({"rules": [_told(each) for each in found]})
        return
    from rich.table import Table

    from campaigns.asking import asks

    table = Table("id", "kind", "asks", "from", "status", "source", box=None)
    table.columns[-1].overflow = "fold"
    for each in found:
        head = each.rule.head
        since = str(head.effective_from or "")
        table.add_row(head.id, each.kind, asks(each.rule), since, _status(each), head.source)
    show(table)


@policy.command()
def coverage(
    jurisdictions: list[str] | None = _ONLY,
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Which rules are in force today, which wait for their day, which are off and why, and what in
    Duly keeps each."""
    found = _standing(jurisdictions)
    counts = Counter(str(each.state) for each in found)
    if as_json:
        unkept = sum(not _keeper(each) for each in found)
        cautions = sum(each.is_caution for each in found)
        told = {"rules": len(found), **counts, "cautions": cautions, "kept by nothing yet": unkept}
        emit({"counts": told, "rules": [_told(each) for each in found]})
        return
    from rich.table import Table

    table = Table("id", "kind", "status", "state", "kept by", box=None)
    table.columns[-1].overflow = "fold"
    for each in found:
        kept = _keeper(each) or "nothing yet"
        table.add_row(each.rule.id, each.kind, _status(each), _state(each), kept)
    show(table)
    note(", ".join(f"{count} {state}" for state, count in sorted(counts.items())))


def _standing(jurisdictions: Sequence[str] | None) -> list[Standing]:
    from app.clock import SystemClock
    from app.loops.assembly import shipped_texts
    from campaigns.coverage import cover
    from campaigns.packs import read_pack

    packs = {
        name: read_pack(text, f"{name}.yaml")
        for kind, name, text in shipped_texts()
        if kind == "pack" and _is_within(name, jurisdictions)
    }
    for wanted in jurisdictions or ():
        if not any(_is_within(name, [wanted]) for name in packs):
            raise fail(f"There is no pack {wanted}; `duly policy list` names all.", code=WRONG_USE)
    return list(cover(packs.values(), SystemClock().now().date()))


def _is_within(name: str, jurisdictions: Sequence[str] | None) -> bool:
    return not jurisdictions or any(
        name == wanted.lower() or name.startswith(f"{wanted.lower()}-") for wanted in jurisdictions
    )


def _keeper(each: Standing) -> str:
    """What keeps the row, or why nothing in Duly does."""
    why = each.rule.head.unkept or each.rule.head.disabled
    return each.kept_by or (f"not by Duly: {why}" if why else "")


def _status(each: Standing) -> str:
    return f"{each.rule.head.status}{' caution' if each.is_caution else ''}"


def _state(each: Standing) -> str:
    """With the day that it begins or ended, or why it is off."""
    head = each.rule.head
    match each.state:
        case State.IN_FORCE:
            return f"{each.state} to {head.effective_to}" if head.effective_to else each.state
        case State.TO_COME:
            return f"{each.state}: {head.effective_from}"
        case State.OVER:
            return f"{each.state}: {head.effective_to}"
        case State.DISABLED:
            return f"{each.state}: {head.disabled}"
        case _:
            assert_never(each.state)


def _told(each: Standing) -> dict[str, Any]:
    from campaigns.asking import asks

    head = each.rule.head
    return {
        "id": head.id,
        "pack": head.pack,
        "level": head.level.name.lower(),
        "kind": each.kind,
        "asks": asks(each.rule),
        "state": str(each.state),
        "caution": each.is_caution,
        "kept_by": each.kept_by or None,
        "unkept": head.unkept or None,
        "disabled": head.disabled or None,
        "effective_from": head.effective_from,
        "effective_to": head.effective_to,
        "status": str(head.status),
        "checked": head.checked,
        "source": head.source,
        "note": head.note or None,
    }
