"""What the tasks of a page are about: the invoice, the amount, the reason that was given."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlmodel import Session

from app.console.queues.words import DISPUTED
from app.intake.paid_already import LOOKED_FOR
from app.store.given import table_of
from app.store.rows import Dispute, Invoice, PlanWish, Proof
from campaigns.money import Money

_DISPUTE, _INVOICE = table_of(Dispute), table_of(Invoice)
_PROOF, _WISH = table_of(Proof), table_of(PlanWish)


@dataclass(frozen=True, slots=True)
class About:
    """`words` are a marked text. Any of them may be missing."""

    money: Money | None = None
    invoice: str = ""
    words: str = ""


def about_of(session: Session, rows: Sequence[Row[Any]]) -> Mapping[int, About]:
    """By the ids of the tasks; whose kind tells nothing more is left out."""
    told: dict[int, About] = {}
    for kinds, name, read in _KINDS:
        tasks = {
            row.id: row.detail[name] for row in rows if row.kind in kinds and name in row.detail
        }
        if tasks:
            found = dict(read(session, set(tasks.values())))
            told |= {task: found[one] for task, one in tasks.items() if one in found}
    return told


_Told = Iterator[tuple[int, About]]


def _disputes(session: Session, given: Collection[int]) -> _Told:
    """What is contested: a part that was named, or all that is open."""
    contested = func.coalesce(
        _DISPUTE.c.credited_minor, _DISPUTE.c.contested_minor, _INVOICE.c.open_minor
    )
    query = (
        select(
            _DISPUTE.c.id,
            _DISPUTE.c.kind,
            _INVOICE.c.number,
            _INVOICE.c.currency,
            contested.label("minor"),
        )
        .join(_INVOICE, _INVOICE.c.id == _DISPUTE.c.invoice_id)
        .where(_DISPUTE.c.id.in_(given))
    )
    for row in session.connection().execute(query):
        words = DISPUTED.get(row.kind, "")
        yield row.id, About(Money(row.minor, row.currency), row.number, words)


def _wishes(session: Session, given: Collection[int]) -> _Told:
    query = select(_WISH.c.id, _WISH.c.currency, _WISH.c.amount_minor).where(_WISH.c.id.in_(given))
    for row in session.connection().execute(query):
        yield row.id, About(Money(row.amount_minor, row.currency))


def _proofs(session: Session, given: Collection[int]) -> _Told:
    query = select(_PROOF.c.id, _PROOF.c.currency, _PROOF.c.amount_minor).where(
        _PROOF.c.id.in_(given), _PROOF.c.amount_minor.is_not(None)
    )
    for row in session.connection().execute(query):
        yield row.id, About(Money(row.amount_minor, row.currency))


_KINDS: Final[Sequence[tuple[Sequence[str], str, Callable[[Session, Collection[int]], _Told]]]] = (
    (("dispute", "credit_note"), "dispute_id", _disputes),
    (("plan_wished",), "plan_wish_id", _wishes),
    ((LOOKED_FOR,), "proof_id", _proofs),
)
"""Kinds of tasks with a row behind them, the name of its id in their detail, and who reads it."""
