"""What people of the drill write back, what each text must come to, and whether it did.

All that is answered with a 2xx is on record by then, exactly once however often it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlmodel import Session

from app.lab.drill_compare import Finding
from app.lab.drill_field import Fighter
from app.lab.drill_stops import Stop, StopKind, stopped
from app.store.given import table_of
from app.store.rows import Dispute, Promise, Suppression

TEXTS: Final[Mapping[str, StopKind | None]] = {
    "STOP": StopKind.OPT_OUT,
    "I will pay on Friday": StopKind.PROMISE,
    "I dispute this invoice": StopKind.DISPUTE,
    "Who is this?": None,
}
_PROMISE, _SUPPRESSION = table_of(Promise), table_of(Suppression)
_WHOSE: Final[Mapping[StopKind, Select[int]]] = {
    # A number may be closed for other reasons, and what is said by SMS closes it for WhatsApp, too.
    StopKind.OPT_OUT: select(_SUPPRESSION.c.address_id).where(
        _SUPPRESSION.c.reason == "opted_out", _SUPPRESSION.c.medium == _SUPPRESSION.c.said_through
    ),
    StopKind.PROMISE: select(_PROMISE.c.customer_id),
    StopKind.DISPUTE: select(table_of(Dispute).c.customer_id),
}


@dataclass(frozen=True, slots=True)
class Wrote:
    """A text that was taken in, and who wrote it."""

    someone: Fighter
    text: str

    @property
    def kind(self) -> StopKind | None:
        return TEXTS[self.text]


def heard(session: Session, wrote: Wrote) -> Stop | None:
    """The stop that the text was, as soon as it was taken in; None where it stops nothing."""
    if wrote.kind is None:
        return None
    until = _promised(session, wrote.someone) if wrote.kind is StopKind.PROMISE else None
    return stopped(session, f"written {wrote.kind}", wrote.someone, until=until)


def misheard(session: Session, texts: Sequence[Wrote]) -> list[Finding]:
    """Texts that left no trace, or more than one: a promise, a dispute, a closed address."""
    counted = {kind: Counter(session.connection().scalars(q)) for kind, q in _WHOSE.items()}
    found = []
    for wrote in texts:
        someone, kind = wrote.someone, wrote.kind
        if kind is None:
            continue
        whose = someone.address_id if kind is StopKind.OPT_OUT else someone.customer_id
        times = counted[kind][whose]
        if times != 1:
            what = f"customer {someone.customer_id} wrote one {kind}: {times} are on record"
            found.append(Finding(someone.route.name, what))
    return found


def _promised(session: Session, someone: Fighter) -> datetime | None:
    mine = select(_PROMISE.c.grace_until).where(_PROMISE.c.customer_id == someone.customer_id)
    found: datetime | None = session.connection().execute(mine).scalar()
    return found
