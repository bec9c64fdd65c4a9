"""What a person's approval of one message binds to, and the gate's question whether it stands.

It binds to the version of the template and to the facts: recipient, amounts, invoices, dates. Where
they differ at the gate, the message goes back to its approver. Nothing is read for a batch in which
no message wants an approval.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, select
from sqlmodel import Session

from app.delivery.gate_records import Held
from app.delivery.prepare import Draft
from app.store.columns import word
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import MessageApproval
from app.wording.context import MessageContext
from campaigns.keys import derive

_APPROVAL = table_of(MessageApproval)

Facts = Mapping[str, Any]

REST: Final = "rest"
"""What is none of the named facts: whether a link may stand in it, how the reader is addressed."""


def facts_of(draft: Draft) -> dict[str, Any]:
    """The facts that an approval binds to, by name, as JSON keeps them. Of whom it reaches there is
    a hash alone. How many days have passed is no fact: that grows by itself."""
    found, context = draft.material, draft.material.context
    lines = (*context.invoices, *context.coming)
    return {
        "template": draft.rendered.template_hash,
        "language": draft.rendered.locale,
        "recipient": derive("recipient", found.recipient, *found.copied_to),
        "amounts": [[money.minor, money.currency] for money in (*context.totals, *context.credit)],
        "invoices": [[line.number, line.open.minor, line.open.currency] for line in lines],
        "dates": [day.isoformat() for day in _dates(context)],
        REST: found.fingerprint,
    }


def _dates(context: MessageContext) -> Iterator[date]:
    yield from (line.due_on for line in (*context.invoices, *context.coming))
    named = (context.handover_on, context.promise_on, context.debit_on, context.answer_by)
    yield from (day for day in named if day is not None)


def digest_of(facts: Facts) -> str:
    """A name for just these facts: whoever approves says by it what they saw."""
    return derive("approved", *sorted(facts.items()))


def changed_between(then: Facts, now: Facts) -> list[str]:
    """Which facts differ. The fingerprint covers the others, too, and is named alone only."""
    named = [name for name in now if name != REST and then.get(name) != now[name]]
    rest = then.get(REST) != now[REST]
    return named or ([REST] if rest else [])


@dataclass(frozen=True, slots=True)
class Approved:
    """The approvals that stand for the messages of a batch, by message."""

    rows: Mapping[int, Row[Any]]

    @classmethod
    def of(cls, session: Session, drafts: Sequence[Draft]) -> Approved:
        ids = [each.claimed.id for each in drafts if each.claimed.row["approved_at"] is not None]
        found = rows_given(session, _STANDING, sorted(ids)) if ids else ()
        return cls({row.message_id: row for row in found})

    def ask(self, draft: Draft) -> Held | None:
        """Why it may not go, if it wants an approval and has none of what it says now."""
        claimed = draft.claimed
        team, until = claimed.row["approval"], claimed.row["valid_until"]
        if team is None:
            return None
        standing = self.rows.get(claimed.id)
        if standing is None:
            return Held(claimed, "waiting", "approval_wanted", {"team": team}, due_at=until)
        changed = changed_between(standing.facts, facts_of(draft))
        if not changed:
            return None
        why = {"team": team, "changed": changed[0]}
        return Held(claimed, "waiting", "approval_void", why, due_at=until, changed=changed)


_STANDING = select(_APPROVAL).where(
    _APPROVAL.c.message_id.in_(GIVEN),
    _APPROVAL.c.outcome == word("approved"),
    _APPROVAL.c.void_at.is_(None),
)
