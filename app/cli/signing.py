"""`duly policy check|publish|sign|withdraw|signoffs`: rule packs as they are put in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import FAILED, WRONG_USE, emit, fail, note, show
from app.cli.policy import policy

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlmodel import Session

    from campaigns.rules import Pack

_CREDITOR = typer.Argument(..., metavar="CREDITOR", help="By its external id.")
_FILES = typer.Argument(..., metavar="FILE…", exists=True, dir_okay=False)
_BY = typer.Option(..., "--by", metavar="NAME", help="Who answers for it.")
_REFUSED = "Nothing was published; the rules that were published before stay."


def register(_app: typer.Typer) -> None:
    """The commands stand below `duly policy`."""


@policy.command("check")
def check_packs(paths: list[Path] = _FILES) -> None:
    """Checks rule packs and says everything that is wrong, with file, line, cause and remedy."""
    for pack in _read(paths, None):
        note(f"{pack.name}: {len(pack.rules)} rules, all well")


@policy.command("publish")
def publish_packs(paths: list[Path] = _FILES) -> None:
    """Puts rule packs in force, all or none. What somebody signed before must be signed anew."""
    from app.book.packs import published_packs
    from app.book.signoffs import fall_back
    from app.cli.databases import ready
    from app.settings import read_settings
    from app.store.publishing import publish

    with ready(read_settings().database_url) as database, database.write() as session:
        now = database.now()
        before = {pack.name: pack for pack in published_packs(session)}
        packs = _read(paths, before.get("house"))
        _stand_together(before, packs)
        digests = {
            pack.name: publish(session, "pack", pack.name, path.read_text("utf-8"), now=now)
            for pack, path in zip(packs, paths, strict=True)
        }
        fallen = fall_back(session, now)
    for name, digest in digests.items():
        note(f"{name}: published as {digest[:12]}")
    if fallen:
        note(f"{fallen} sign-offs are of an older version: `duly policy signoffs` names them.")


@policy.command()
def sign(
    creditor: str = _CREDITOR,
    names: list[str] | None = typer.Argument(None, metavar="[PACK…]"),
    everything: bool = typer.Option(False, "--all", help="Every pack that concerns the creditor."),
    by: str = _BY,
    why: str = typer.Option("", "--note", help="What was looked at, or by whose advice."),
) -> None:
    """Puts on record who answers for rule packs, at the version that is published. Until all that
    concern a creditor are signed, real providers carry to allowed addresses alone."""
    from app.book import signoffs
    from app.cli.databases import ready
    from app.settings import read_settings

    if everything == bool(names):
        raise fail("Name the packs to sign, or give --all.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        row, packs = _under(session, creditor)
        chosen = packs if everything else _chosen(packs, names or ())
        new = signoffs.sign(session, row.id, chosen, by=by, note=why, now=database.now())
        left = signoffs.unsigned(packs, row.id, signoffs.signed(session, [row.id]))
    note(f"Signed: {', '.join(new)}." if new else "All of that was signed already.")
    if left:
        note(f"Not signed yet: {', '.join(pack.name for pack in left)}.")


@policy.command()
def withdraw(
    creditor: str = _CREDITOR,
    name: str = typer.Argument(..., metavar="PACK"),
    by: str = _BY,
) -> None:
    """Takes a sign-off back; it stays on record."""
    from app.book import signoffs
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        row, _ = _under(session, creditor)
        if not signoffs.withdraw(session, row.id, name, by=by, now=database.now()):
            raise fail(f"{name} is not signed for {creditor}.", code=WRONG_USE)
    note("Withdrawn.")


@policy.command("signoffs")
def list_signoffs(
    creditor: str | None = typer.Argument(None, metavar="[CREDITOR]", help="None: all."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """Each pack that concerns a creditor: who signed it, when, and whether that still counts."""
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        names = [creditor] if creditor else _creditors(session)
        rows = [told for name in names for told in _standing(session, name)]
    if as_json:
        emit({"signoffs": rows})
        return
    for told in rows:
        show(_line(told))
    if not rows:
        note("There is no creditor yet; `duly import` makes one.")


def _read(paths: Sequence[Path], house: Pack | None) -> list[Pack]:
    """All of the files, or none of them with everything that is wrong on standard output."""
    from campaigns.packs import PackError, read_pack

    packs, broken = [], False
    for path in paths:
        try:
            packs.append(read_pack(_text(path), str(path), house=house))
        except PackError as problem:
            broken = True
            show(str(problem))
    if broken:
        raise fail(_REFUSED, code=FAILED)
    return packs


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise fail(f"{path} is not UTF-8 text; save it as UTF-8.", code=WRONG_USE) from None


def _stand_together(before: Mapping[str, Pack], packs: Sequence[Pack]) -> None:
    from campaigns.ruleset import RuleSet

    after = {**before, **{pack.name: pack for pack in packs}}
    if len({pack.name for pack in packs}) < len(packs):
        raise fail(f"Two of the files hold the same pack. {_REFUSED}", code=WRONG_USE)
    try:
        RuleSet(tuple(after.values()))
    except ValueError as problem:
        raise fail(f"{problem}. {_REFUSED}", code=FAILED) from None


def _under(session: Session, external_id: str) -> tuple[Row[Any], Sequence[Pack]]:
    """The creditor, and the packs that concern it."""
    from app.book.errors import FeedError
    from app.book.owners import find_owner
    from app.book.packs import published_packs
    from app.book.signoffs import packs_of
    from app.store.given import rows_by_id
    from app.store.rows import Creditor

    try:
        number = find_owner(session, external_id).id
    except FeedError as problem:
        raise fail(problem, code=WRONG_USE) from None
    row = rows_by_id(session, Creditor, [number])[number]
    return row, packs_of(session, row, published_packs(session))


def _chosen(packs: Sequence[Pack], names: Sequence[str]) -> list[Pack]:
    known = {pack.name: pack for pack in packs}
    strange = [name for name in names if name not in known]
    if strange:
        problem = f"{', '.join(strange)} does not concern this creditor; known: {', '.join(known)}."
        raise fail(problem, code=WRONG_USE)
    return [known[name] for name in names]


def _creditors(session: Session) -> list[str]:
    from sqlmodel import select

    from app.store.rows import Creditor

    return list(session.exec(select(Creditor.external_id).order_by(Creditor.external_id)))


def _standing(session: Session, external_id: str) -> list[dict[str, Any]]:
    from app.book.signoffs import signed

    row, packs = _under(session, external_id)
    known = signed(session, [row.id])
    return [_told(external_id, pack, known.get((row.id, pack.name))) for pack in packs]


def _told(creditor: str, pack: Pack, found: Row[Any] | None) -> dict[str, Any]:
    from app.book.signoffs import sign_state

    return {
        "creditor": creditor,
        "pack": pack.name,
        "title": pack.title,
        "state": str(sign_state(pack, found)),
        "version": pack.hash,
        "signed_version": found.version if found else None,
        "signed_at": found.signed_at.isoformat() if found else None,
        "signed_by": found.signed_by if found else None,
        "note": found.note if found else None,
    }


def _line(told: Mapping[str, Any]) -> str:
    by = ""
    if told["signed_by"]:
        why = f": {told['note']}" if told["note"] else ""
        by = f", {told['signed_at'][:10]} by {told['signed_by']}{why}"
    return f"{told['creditor']} {told['pack']} ({told['version'][:12]}): {told['state']}{by}"
