"""What the law did in a walk: when messages left, which rules refused, what was put on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session

from app.book.charges.claiming import Claimed, candidates, foresee
from app.book.charges.terms import terms_of
from app.book.envelope import zone_in
from app.book.owners import find_owner
from app.store.given import table_of
from app.store.rows import Creditor, Customer, Message, Notice, Refused, Task
from campaigns.calendar import local_date
from campaigns.money import totals

_CREDITOR, _CUSTOMER, _MESSAGE = table_of(Creditor), table_of(Customer), table_of(Message)
_NOTICE, _REFUSED, _TASK = table_of(Notice), table_of(Refused), table_of(Task)
_OURS = ("journey", "address", "sender", "provider")  # what refuses without being a rule


@dataclass(frozen=True, slots=True)
class LawAtWork:
    """`hours` counts what left by medium and by the hour on the recipient's clock; `refusals` by
    the rule's id; `notices` by act; `tasks` by kind. `charges` are sentences: what the law gives
    the creditor for being paid late, foreseen and not claimed."""

    hours: Mapping[str, Mapping[int, int]]
    refusals: Mapping[str, int]
    notices: Mapping[str, int]
    tasks: Mapping[str, int]
    charges: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "sent_by_hour": {medium: dict(hours) for medium, hours in self.hours.items()},
            "refused_by_rule": dict(self.refusals),
            "notices": dict(self.notices),
            "tasks": dict(self.tasks),
            "charges": list(self.charges),
        }


def law_at_work(session: Session, now: datetime) -> LawAtWork:
    """Reads it from the database as it stands."""
    refusals = _counts(session, _REFUSED.c.rule)
    return LawAtWork(
        hours=_hours(session),
        refusals={rule: n for rule, n in refusals.items() if rule not in _OURS},
        notices=_counts(session, _NOTICE.c.act),
        tasks=_counts(session, _TASK.c.kind),
        charges=tuple(_charges(session, now)),
    )


def _hours(session: Session) -> dict[str, dict[int, int]]:
    query = (
        select(_MESSAGE.c.medium, _MESSAGE.c.accepted_at, _CUSTOMER.c.zone)
        .join(_CUSTOMER, _CUSTOMER.c.id == _MESSAGE.c.customer_id)
        .where(_MESSAGE.c.accepted_at.is_not(None))
    )
    found: dict[str, Counter[int]] = {}
    for medium, at, zone in session.connection().execute(query):
        found.setdefault(medium, Counter())[at.astimezone(ZoneInfo(zone)).hour] += 1
    return {medium: dict(sorted(found[medium].items())) for medium in sorted(found)}


def _counts(session: Session, column: Any) -> dict[str, int]:
    """By falling count, then by name."""
    rows = session.connection().execute(select(column, func.count()).group_by(column))
    return dict(sorted(((name, int(n)) for name, n in rows), key=lambda row: (-row[1], row[0])))


def _charges(session: Session, now: datetime) -> list[str]:
    said = []
    for creditor in session.connection().execute(select(_CREDITOR).order_by(_CREDITOR.c.id)).all():
        if not terms_of(session, creditor.id).kinds:
            continue
        owner = find_owner(session, creditor.external_id)
        today = local_date(now, zone_in(owner.zone))
        late = candidates(session, owner, today)
        posted = foresee(session, owner, late, today, now=now).posted
        said += [_sentence(kind, posted) for kind in sorted({each.kind for each in posted})]
    return said


def _sentence(kind: str, posted: tuple[Claimed, ...]) -> str:
    amounts = [each.amount for each in posted if each.kind == kind]
    sums = ", ".join(f"{money.decimal:,.2f} {money.currency}" for money in totals(amounts))
    each = sorted({f"{money.decimal:,.2f} {money.currency}" for money in amounts})
    of_each = f", {each[0]} each" if len(each) == 1 else ""
    what = "a lump sum for" if kind == "cost" else "statutory interest on"
    return f"{what} {len(amounts)} late invoices{of_each}: {sums} in all"
