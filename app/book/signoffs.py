"""Sign-offs of rule packs: who answers for which version of a pack, for which creditor.

It never makes a rule weaker: until all is signed, a real provider carries to allowed addresses
alone. A version that is published later is unsigned, and a task says which of its rows changed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from sqlalchemy import BindParameter, Row, Select, bindparam, select, update
from sqlmodel import Session

from app.book.living import living_of
from app.book.packs import published_packs
from app.store.bulk import insert_new, insert_rows
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.publishing import contents, current
from app.store.rows import Creditor, Message, Sender, SignOff, Task
from app.store.tasks import DONE_WITHIN, standing_keys
from campaigns.packs import PackError, read_pack
from campaigns.rules import Pack, Rule
from campaigns.signing import changes, concerning, of_creditor
from campaigns.whereabouts import Place

NOT_SIGNED_OFF = "not_signed_off"
CRISIS_LINE_UNCONFIRMED = "crisis_line_unconfirmed"
NOBODY_ON_CALL = "nobody_on_call"

_AWAITS_SOMEBODY = (NOT_SIGNED_OFF, CRISIS_LINE_UNCONFIRMED, NOBODY_ON_CALL)

_SIGN_OFF, _CREDITOR = table_of(SignOff), table_of(Creditor)
_SENDER, _MESSAGE, _TASK = table_of(Sender), table_of(Message), table_of(Task)

P = TypeVar("P", bound="Signable")


class Signable(Protocol):
    """What somebody answers for: a pack, or a row of the crisis lines, at one version of it."""

    @property
    def name(self) -> str: ...

    @property
    def hash(self) -> str: ...


Signed = Mapping[tuple[int, str], Row[Any]]
"""The sign-offs in force, by creditor and pack."""


def signed(session: Session, creditor_ids: Collection[int]) -> Signed:
    """The newest that nobody withdrew, of whatever version."""
    rows = rows_given(session, _IN_FORCE, sorted(creditor_ids))
    return {(row.creditor_id, row.pack): row for row in rows}


def unsigned(packs: Iterable[P], creditor_id: int, known: Signed) -> list[P]:
    """Those that nobody answers for at the version that is published."""
    return [pack for pack in packs if not _stands(known.get((creditor_id, pack.name)), pack)]


class SignState(StrEnum):
    """How a pack stands with a creditor."""

    UNSIGNED = "unsigned"
    SIGNED = "signed"
    CHANGED = "changed since"  # signed, and published anew after that


def sign_state(pack: Signable, found: Row[Any] | None) -> SignState:
    """`found` is the newest sign-off in force."""
    if found is None:
        return SignState.UNSIGNED
    return SignState.SIGNED if _stands(found, pack) else SignState.CHANGED


def packs_of(session: Session, creditor: Row[Any], packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The packs that this creditor must sign: of where it is and where its customers are, of the
    providers of its senders, and of the house."""
    found = living_of(session, creditor.id)
    places: list[Place] = [(creditor.country, creditor.region)]
    places += [(each.country.upper(), each.region) for each in found if each.country]
    senders = session.connection().execute(_LINES, {"creditor": creditor.id})
    lines = [(row.medium, row.provider) for row in senders]
    return concerning(of_creditor(packs, creditor.external_id), places, lines)


def sign(
    session: Session,
    creditor_id: int,
    packs: Sequence[Signable],
    *,
    by: str,
    note: str,
    now: datetime,
) -> list[str]:
    """Puts on record that `by` answers for these packs as they are published. Answers which were
    not signed at that version before. What waited for it is asked about again at once."""
    new = unsigned(packs, creditor_id, signed(session, [creditor_id]))
    revisions = current(session, "pack")
    rows = [
        {
            "creditor_id": creditor_id,
            "pack": pack.name,
            "version": pack.hash,
            "revision": revisions.get(pack.name, pack.hash),
            "signed_at": now,
            "signed_by": by,
            "note": note,
        }
        for pack in new
    ]
    insert_rows(session, SignOff, rows)
    for pack in new:
        _close_tasks(session, creditor_id, pack.name, now)
    wake_unsigned(session, now, creditor_id=creditor_id)
    return [pack.name for pack in new]


def withdraw(session: Session, creditor_id: int, pack: str, *, by: str, now: datetime) -> bool:
    """Takes the sign-off back. Answers whether there was one."""
    taken = (
        update(_SIGN_OFF)
        .where(
            _SIGN_OFF.c.creditor_id == creditor_id,
            _SIGN_OFF.c.pack == pack,
            _SIGN_OFF.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now, withdrawn_by=by)
    )
    return session.connection().execute(taken).rowcount > 0


def fall_back(session: Session, now: datetime) -> int:
    """Gives a task for each sign-off whose pack has changed since: it counts no more. Call it
    when packs were published; answers how many there are."""
    packs = {pack.name: pack for pack in published_packs(session)}
    rows = session.connection().execute(_ALL_IN_FORCE).all()
    newest = {(row.creditor_id, row.pack): row for row in rows}
    moved = [
        row for row in newest.values() if row.pack in packs and not _stands(row, packs[row.pack])
    ]
    texts = contents(session, {row.revision for row in moved})
    names = {_key(row, packs[row.pack]): row for row in moved}
    keys = standing_keys(session, names)
    tasks = [
        _task(keys[name], row, _rules(texts.get(row.revision), row.pack), packs[row.pack], now)
        for name, row in names.items()
    ]
    insert_new(session, Task, tasks)
    return len(moved)


def wake_unsigned(session: Session, now: datetime, *, creditor_id: int | None = None) -> None:
    """Has the gate asked again at once about what waits for somebody to answer for it."""
    waiting = update(_MESSAGE).where(
        _MESSAGE.c.state == word("waiting"), _MESSAGE.c.reason.in_(_AWAITS_SOMEBODY)
    )
    if creditor_id is not None:
        waiting = waiting.where(_MESSAGE.c.creditor_id == creditor_id)
    session.connection().execute(waiting.where(_MESSAGE.c.due_at > now).values(due_at=now))


def _stands(row: Row[Any] | None, pack: Signable) -> bool:
    return row is not None and row.version == pack.hash


def _key(row: Row[Any], pack: Pack) -> str:
    return f"sign_off:{row.creditor_id}:{row.pack}:{pack.hash[:12]}"


def _rules(text: str | None, name: str) -> tuple[Rule, ...]:
    """The rows that were signed; none when that version can no longer be read."""
    try:
        return read_pack(text, f"{name}.yaml").rules if text else ()
    except PackError:
        return ()


def _task(
    key: str, row: Row[Any], before: tuple[Rule, ...], pack: Pack, now: datetime
) -> dict[str, Any]:
    told = {name: list(ids) for name, ids in asdict(changes(before, pack.rules)).items()}
    return {
        "key": key,
        "team": "collections",
        "kind": "sign_off",
        "title": f"The rules of {row.pack} changed: read what is new, and sign them again",
        "detail": {"creditor": row.creditor, "pack": row.pack, **told},
        "created_at": now,
        "due_at": now + DONE_WITHIN,
    }


def _close_tasks(session: Session, creditor_id: int, pack: str, now: datetime) -> None:
    own = _TASK.c.key.startswith(f"sign_off:{creditor_id}:{pack}:", autoescape=True)
    session.connection().execute(
        update(_TASK).where(own, _TASK.c.state == word("open")).values(state="done", done_at=now)
    )


_IN_FORCE = (
    select(_SIGN_OFF)
    .where(_SIGN_OFF.c.creditor_id.in_(GIVEN), _SIGN_OFF.c.withdrawn_at.is_(None))
    .order_by(_SIGN_OFF.c.id)
)
_ALL_IN_FORCE: Select[Any] = (
    select(_SIGN_OFF, _CREDITOR.c.external_id.label("creditor"))
    .join(_CREDITOR, _CREDITOR.c.id == _SIGN_OFF.c.creditor_id)
    .where(_SIGN_OFF.c.withdrawn_at.is_(None))
    .order_by(_SIGN_OFF.c.id)
)
_OF: BindParameter[int] = bindparam("creditor")
_LINES = (
    select(_SENDER.c.medium, _SENDER.c.provider)
    .where(_SENDER.c.creditor_id == _OF, _SENDER.c.active)
    .distinct()
)
