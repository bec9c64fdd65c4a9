"""What money settles: named invoices first, then the oldest due; one currency, never too much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import Session

from app.store.bulk import chunks, table_of, update_rows
from app.store.rows import Invoice

_INVOICE = table_of(Invoice)


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a sum settles an invoice, in minor units; positive."""

    invoice_id: int
    minor: int


@dataclass(slots=True)
class Claim:
    """An open invoice while money is spread over it."""

    invoice_id: int
    open_minor: int


@dataclass(slots=True)
class Claims:
    """The open invoices of some customers, oldest due first, apart by customer and currency."""

    _by_owner: dict[tuple[int, str], dict[int, Claim]]
    _touched: dict[int, Claim] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, customer_ids: Iterable[int]) -> Claims:
        """Call it after `hold`, so that nobody else can settle them meanwhile."""
        found: dict[tuple[int, str], dict[int, Claim]] = defaultdict(dict)
        table = _INVOICE.c
        for part in chunks(sorted(set(customer_ids))):
            query = (
                select(table.id, table.customer_id, table.currency, table.open_minor)
                .where(table.customer_id.in_(part), table.open_minor > 0)
                .order_by(table.due_on, table.id)
            )
            for row in session.connection().execute(query):
                found[row.customer_id, row.currency][row.id] = Claim(row.id, row.open_minor)
        return cls(found)

    def settle(
        self, customer_id: int, currency: str, minor: int, named: Sequence[int] = ()
    ) -> tuple[Share, ...]:
        """Takes `minor` from the open amounts. What the shares leave over is credit."""
        claims = self._by_owner.get((customer_id, currency), {})
        first = [claims[invoice_id] for invoice_id in dict.fromkeys(named) if invoice_id in claims]
        rest = [claim for claim in claims.values() if claim.invoice_id not in named]
        return self._spread([*first, *rest], minor)

    def settle_one(
        self, customer_id: int, currency: str, minor: int, invoice_id: int
    ) -> tuple[Share, ...]:
        """Takes `minor` from one invoice only, as a credit note for it does."""
        claim = self._by_owner.get((customer_id, currency), {}).get(invoice_id)
        return self._spread([claim] if claim else [], minor)

    def _spread(self, claims: Iterable[Claim], minor: int) -> tuple[Share, ...]:
        shares = []
        for claim in claims:
            if not minor:
                break
            taken = min(claim.open_minor, minor)
            if taken:
                claim.open_minor -= taken
                minor -= taken
                self._touched[claim.invoice_id] = claim
                shares.append(Share(claim.invoice_id, taken))
        return tuple(shares)

    def save(self, session: Session) -> None:
        """Writes the open amounts that were settled."""
        update_rows(
            session,
            Invoice,
            [
                {"id": claim.invoice_id, "open_minor": claim.open_minor}
                for claim in sorted(self._touched.values(), key=lambda claim: claim.invoice_id)
            ],
        )
