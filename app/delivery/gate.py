"""The last question before a provider is called, in one short transaction per batch.

Locks the persons' guards in id order, reads the facts afresh, asks the stops and the policy with a
fresh `now`, and writes the attempt with its frozen text. What was committed before this gate stops
the message; what comes later meets an attempt on record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from app.book.snapshot import Snapshot
from app.delivery.claim import Claimed
from app.delivery.material import load_parties, material
from app.delivery.prepare import Draft, Unwritten, snapshots_of
from app.engine.catalogue import Catalogue
from app.store.bulk import chunks, insert_returning_ids, insert_rows, table_of, update_rows
from app.store.guard import lock_persons, raise_revisions
from app.store.journal import wake
from app.store.rows import Attempt, Message, Refused
from campaigns.calendar import local_date
from campaigns.case import Phase
from campaigns.facts import ChannelFact
from campaigns.keys import attempt_key
from campaigns.policy import permits, stops
from campaigns.proposal import Permit, Proposal, Refusal
from campaigns.vocabulary import Category

_MESSAGE = table_of(Message)


@dataclass(frozen=True, slots=True)
class Passed:
    """A message that may leave now, and its attempt on record."""

    draft: Draft
    attempt_id: int
    attempt_key: str
    gated_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """A message that may not leave: stopped, expired, moved to `due_at`, or to be written anew."""

    claimed: Claimed
    state: str  # waiting | stopped | expired | refused
    reason: str
    params: Mapping[str, str]
    due_at: datetime | None = None
    refusal: Refusal | None = None


def gate(
    session: Session, drafts: Sequence[Draft | Unwritten], catalogue: Catalogue, now: datetime
) -> list[Passed]:
    """Writes what becomes of every draft, and answers those that may be sent at once."""
    persons = [draft.claimed.row["person_id"] for draft in drafts]
    revisions = lock_persons(session, persons)
    drafts = _still_ours(session, drafts)
    claimed = [draft.claimed for draft in drafts]
    snapshots = snapshots_of(session, claimed, now)
    parties = load_parties(session, claimed, snapshots)
    verdicts: list[tuple[Draft, Permit] | Held] = []
    for draft in drafts:
        if isinstance(draft, Unwritten):
            verdicts.append(Held(draft.claimed, "refused", draft.reason, draft.params))
            continue
        snapshot = snapshots.get(draft.claimed.row["case_id"])
        if snapshot is None:
            verdicts.append(Held(draft.claimed, "refused", "defect", {}))
            continue
        _, journey = catalogue.journey(snapshot.journey)
        fresh = material(draft.claimed, snapshot, parties, journey, local_date(now, snapshot.zone))
        changed = fresh.fingerprint != draft.material.fingerprint
        verdicts.append(_ask(draft, snapshot, catalogue, now, changed=changed))
    _write_held(session, [v for v in verdicts if isinstance(v, Held)], now)
    passed = [v for v in verdicts if not isinstance(v, Held)]
    return _write_passed(session, passed, catalogue, revisions, now)


def _still_ours(session: Session, drafts: Sequence[Draft | Unwritten]) -> list[Draft | Unwritten]:
    """Those whose message still waits under the fence of our claim."""
    known: dict[int, tuple[str, int]] = {}
    for part in chunks([draft.claimed.id for draft in drafts]):
        query = select(_MESSAGE.c.id, _MESSAGE.c.state, _MESSAGE.c.fence).where(
            _MESSAGE.c.id.in_(part)
        )
        rows = session.connection().execute(query.with_for_update())
        known.update({row.id: (row.state, row.fence) for row in rows})
    return [d for d in drafts if known.get(d.claimed.id) == ("waiting", d.claimed.fence)]


def _ask(
    draft: Draft, snapshot: Snapshot, catalogue: Catalogue, now: datetime, *, changed: bool
) -> tuple[Draft, Permit] | Held:
    """Facts first (is it still true?), then the case's stops, then policy."""
    row = draft.claimed.row
    held = _untrue(draft.claimed, snapshot, now)
    if held is not None:
        return held
    category = Category(row["category"])
    answers = row["answers_event_at"] is not None
    stopped = stops(snapshot.facts, now, category=category, answers=answers)
    if stopped is not None:
        return Held(draft.claimed, "stopped", stopped.reason, stopped.params, refusal=stopped)
    channel = _channel(snapshot, row)
    if channel is None:
        return Held(draft.claimed, "stopped", "address_invalid", {"medium": row["medium"]})
    verdict = permits(
        Proposal(channel, category, row["slot"], row["answers_event_at"]),
        snapshot.facts,
        catalogue.policy(row["creditor_id"]).rules,
        now,
    )
    if isinstance(verdict, Refusal):
        return _refused(draft.claimed, verdict)
    if changed:
        return Held(draft.claimed, "waiting", "facts_changed", {}, due_at=now)
    return draft, verdict


def _untrue(claimed: Claimed, snapshot: Snapshot, now: datetime) -> Held | None:
    row = claimed.row
    if now >= row["valid_until"]:
        until = {"until": f"{row['valid_until']:%Y-%m-%d %H:%M}"}
        return Held(claimed, "expired", "expired", until)
    if snapshot.case.phase is Phase.CLOSED:
        return Held(claimed, "stopped", "case_closed", {})
    facts = snapshot.facts
    if row["category"] != Category.RECEIPT and not (facts.claimable and facts.anchor_open):
        reason = "dispute_open" if facts.invoices and facts.anchor_open else "paid_meanwhile"
        return Held(claimed, "stopped", reason, {})
    return None


def _refused(claimed: Claimed, refusal: Refusal) -> Held:
    """Refused for now: only the due time moves. Refused until a new fact: the case decides again."""
    again = refusal.look_again_at
    if again is None:
        return Held(claimed, "stopped", refusal.reason, refusal.params, refusal=refusal)
    if again >= claimed.row["valid_until"]:
        return Held(claimed, "expired", refusal.reason, refusal.params, refusal=refusal)
    return Held(claimed, "waiting", refusal.reason, refusal.params, again, refusal)


def _channel(snapshot: Snapshot, row: Mapping[str, Any]) -> ChannelFact | None:
    for channel in snapshot.facts.channels:
        if channel.contact_point_id == row["contact_point_id"]:
            return channel if channel.valid else None
    return None


def _write_held(session: Session, held: Sequence[Held], now: datetime) -> None:
    wake(session, [h.claimed.row["case_id"] for h in held if h.state != "waiting"], now=now)
    update_rows(
        session,
        Message,
        [
            {
                "id": h.claimed.id,
                "state": h.state,
                "reason": h.reason,
                "reason_params": dict(h.params),
                "due_at": h.due_at or h.claimed.row["due_at"],
                "lease_until": None,
                "updated_at": now,
            }
            for h in held
        ],
    )
    insert_rows(session, Refused, [_refusal_row(h, now) for h in held if h.refusal is not None])


def _refusal_row(held: Held, now: datetime) -> dict[str, Any]:
    return {
        "case_id": held.claimed.row["case_id"],
        "message_id": held.claimed.id,
        "at": now,
        "asked_by": "gate",
        "medium": held.claimed.row["medium"],
        "rule": held.refusal.rule if held.refusal else "",
        "reason": held.reason,
        "params": dict(held.params),
        "look_again_at": held.due_at,
    }


def _write_passed(
    session: Session,
    passed: Sequence[tuple[Draft, Permit]],
    catalogue: Catalogue,
    revisions: Mapping[int, int],
    now: datetime,
) -> list[Passed]:
    rows = [_attempt(draft, permit, catalogue, revisions, now) for draft, permit in passed]
    ids = insert_returning_ids(session, Attempt, rows)
    update_rows(
        session,
        Message,
        [
            {
                "id": draft.claimed.id,
                "state": "sending",
                "attempts": draft.claimed.row["attempts"] + 1,
                "reason": None,
                "reason_params": {},
                "updated_at": now,
            }
            for draft, _ in passed
        ],
    )
    raise_revisions(session, [draft.claimed.row["person_id"] for draft, _ in passed])
    return [
        Passed(draft, attempt_id, row["key"], now, row["valid_until"])
        for (draft, _), attempt_id, row in zip(passed, ids, rows, strict=True)
    ]


def _attempt(
    draft: Draft,
    permit: Permit,
    catalogue: Catalogue,
    revisions: Mapping[int, int],
    now: datetime,
) -> dict[str, Any]:
    message, rendered = draft.claimed.row, draft.rendered
    number = message["attempts"] + 1
    return {
        "key": attempt_key(message["key"], number),
        "message_id": draft.claimed.id,
        "person_id": message["person_id"],
        "creditor_id": message["creditor_id"],
        "number": number,
        "state": "sending",
        "medium": message["medium"],
        "category": message["category"],
        "slot": message["slot"],
        "exempt": message["answers_event_at"] is not None,
        "sender_id": message["sender_id"],
        "address_id": message["address_id"],
        "recipient": draft.material.recipient,
        "locale": rendered.locale,
        "template_hash": rendered.template_hash,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "segments": rendered.segments or None,
        "invoice_ids": list(draft.material.invoice_ids),
        "evidence": _evidence(draft, permit, catalogue, revisions, now),
        "gated_at": now,
        "valid_until": min(permit.until, message["valid_until"]),
    }


def _evidence(
    draft: Draft,
    permit: Permit,
    catalogue: Catalogue,
    revisions: Mapping[int, int],
    now: datetime,
) -> dict[str, Any]:
    """Ids, versions and the clock behind this attempt; amounts as they stood, nothing personal."""
    message = draft.claimed.row
    return {
        "now": now.isoformat(),
        "guard": revisions[message["person_id"]],
        "rules": list(permit.rules),
        "rules_hash": catalogue.policy(message["creditor_id"]).rules.hash,
        "permitted_until": permit.until.isoformat(),
        "journey": draft.snapshot.row["journey_hash"],
        "template": draft.rendered.template_hash,
        "locale_asked": draft.rendered.asked,
        "locales_tried": list(draft.rendered.tried),
        "totals": [[money.minor, money.currency] for money in draft.material.context.totals],
        "material": draft.material.fingerprint,
        "choice_probability": message["choice_probability"],
    }
