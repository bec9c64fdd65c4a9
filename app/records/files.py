"""Which files nobody names any more: the same file under two rows is kept once."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import String, func, select
from sqlmodel import Session

from app.store.bulk import GIVEN, chunks, table_of
from app.store.documents import is_reference
from app.store.rows import Invoice, Proof

_INVOICE, _PROOF = table_of(Invoice), table_of(Proof)


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
