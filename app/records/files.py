"""Which files go: those that nobody names any more, for the same file under two rows is kept once,
and those that proved a payment long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, String, exists, func, select, update
from sqlmodel import Session

from app.intake.proofs.kept import TASK_KEY
from app.records.keeping import NOTHING_NEEDS_IT
from app.store.columns import word
from app.store.documents import is_reference
from app.store.given import GIVEN, chunks, table_of
from app.store.rows import Customer, Invoice, Proof, Task

_CUSTOMER, _INVOICE = table_of(Customer), table_of(Invoice)
_PROOF, _TASK = table_of(Proof), table_of(Task)


def unnamed(session: Session, references: Iterable[str]) -> tuple[str, ...]:
    """Of these references of documents, those whose file no invoice and no proof names. Whoever
    commits drops them then."""
    digests = {_digest(each): each for each in references if is_reference(each)}
    still = {
        row.digest
        for part in chunks(sorted(digests))
        for named in (_ON_INVOICES, _ON_PROOFS)
        for row in session.connection().execute(named, {"given": part})
    }
    return tuple(digests[each] for each in sorted(digests.keys() - still))


def old_files(creditor_id: int, before: datetime) -> Select[Any]:
    """Proofs whose file came before then, that nobody looks for and no claim needs any more."""
    is_looked_for = exists().where(_TASK.c.key == TASK_KEY, _TASK.c.state == word("open"))
    return (
        select(_PROOF.c.id)
        .join(_CUSTOMER, _CUSTOMER.c.id == _PROOF.c.customer_id)
        .where(
            _CUSTOMER.c.creditor_id == creditor_id,
            _PROOF.c.document.is_not(None),
            _PROOF.c.file_gone_at.is_(None),
            _PROOF.c.told_at < before,
            ~is_looked_for,
            *NOTHING_NEEDS_IT,
        )
    )


def forget_files(session: Session, proof_ids: Sequence[int], now: datetime) -> tuple[str, ...]:
    """Marks their files as gone. Answers those that nothing names any more."""
    ours = _PROOF.c.id.in_(proof_ids)
    references = session.connection().execute(select(_PROOF.c.document).where(ours)).scalars().all()
    session.connection().execute(update(_PROOF).where(ours).values(file_gone_at=now))
    return unnamed(session, references)


def _digest(reference: str) -> str:
    return reference.partition("/")[0]


_LENGTH = len("sha256:") + 64
_OF_INVOICE = func.substr(_INVOICE.c.document, 1, _LENGTH, type_=String)
_OF_PROOF = func.substr(_PROOF.c.document, 1, _LENGTH, type_=String)
_ON_INVOICES = select(_OF_INVOICE.label("digest")).where(_OF_INVOICE.in_(GIVEN)).distinct()
_ON_PROOFS = (
    select(_OF_PROOF.label("digest"))
    .where(_OF_PROOF.in_(GIVEN), _PROOF.c.file_gone_at.is_(None))
    .distinct()
)
