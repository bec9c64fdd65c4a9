"""What the gate writes: the attempt of a message that passed, and why another one was held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from app.delivery.approval_tasks import ask_again, close_asking
from app.delivery.claim import Waiting
from app.delivery.heads import Head, Threads, head_of, threads_of
from app.delivery.law import NOTHING_OWED, Owed
from app.delivery.notices import write_notices
from app.delivery.prepare import Draft
from app.engine.catalogue import Catalogue
from app.intake.tasks import Team
from app.store.bulk import insert_new, insert_returning_ids, insert_rows, update_rows
from app.store.guard import raise_revisions
from app.store.journal import wake
from app.store.rows import Attempt, Message, Refused, Task
from app.store.tasks import standing_keys
from campaigns.caps import is_answer
from campaigns.keys import attempt_key
from campaigns.proposal import Permit, Refusal

_OF_WORDS = ("field_missing", "text_forbidden")


@dataclass(frozen=True, slots=True)
class Passed:
    """A message that may leave now, and its attempt on record."""

    draft: Draft
    attempt_id: int
    attempt_key: str
    gated_at: datetime
    valid_until: datetime
    owed: Owed = NOTHING_OWED
    head: Head = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Held:
    """A message that may not leave: stopped, expired, moved to `due_at`, or to be written anew."""

    claimed: Waiting
    state: str  # waiting | stopped | expired | refused
    reason: str
    params: Mapping[str, str]
    due_at: datetime | None = None
    refusal: Refusal | None = None
    sender_id: int | None = None  # another one is to send it
    changed: Sequence[str] = ()  # the facts for which its approval does not stand any more


def write_held(session: Session, held: Sequence[Held], now: datetime) -> None:
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
                "sender_id": h.sender_id or h.claimed.row["sender_id"],
                "lease_until": None,
                "updated_at": now,
            }
            for h in held
        ],
    )
    insert_rows(session, Refused, [_refusal_row(h, now) for h in held if h.refusal is not None])
    _give_defects(session, [h for h in held if h.reason == "defect"], now)
    _give_wordings(session, [h for h in held if h.reason in _OF_WORDS], now)
    approved = [h.claimed.row for h in held if h.claimed.row["approval"] is not None]
    if approved:
        void = {h.claimed.id: h.changed for h in held if h.changed}
        ask_again(session, [row for row in approved if row["id"] in void], void, now)
        over = {h.claimed.id for h in held if h.state != "waiting"}
        close_asking(session, [row for row in approved if row["id"] in over], now)


def _give_defects(session: Session, held: Sequence[Held], now: datetime) -> None:
    """One open task a message; another one if it fails again after that was closed."""
    keys = standing_keys(session, [f"defect:message:{h.claimed.id}" for h in held])
    rows = [_defect(h, key, now) for h, key in zip(held, keys.values(), strict=True)]
    insert_new(session, Task, rows)


def _defect(held: Held, key: str, now: datetime) -> dict[str, Any]:
    return {
        "key": key,
        "team": Team.ENGINEERING,
        "kind": "defect",
        "title": "A message cannot be written",
        "customer_id": held.claimed.row["customer_id"],
        "case_id": held.claimed.row["case_id"],
        "detail": {"ask": "message", "message": held.claimed.id},
        "created_at": now,
    }


def _give_wordings(session: Session, held: Sequence[Held], now: datetime) -> None:
    """One open task a template, medium and rule: whoever writes the words mends them for all."""
    names = {_wording_key(h): h for h in held}
    keys = standing_keys(session, names)
    rows = [
        {
            "key": keys[name],
            "team": Team.ENGINEERING,
            "kind": "wording",
            "title": f"A message lacks what {_rule_of(one)} wants, or holds what it forbids",
            "detail": {"template": one.claimed.row["template"], **one.params},
            "created_at": now,
        }
        for name, one in names.items()
    ]
    insert_new(session, Task, rows)


def _wording_key(held: Held) -> str:
    row = held.claimed.row
    return f"wording:{row['creditor_id']}:{row['template']}:{row['medium']}:{_rule_of(held)}"


def _rule_of(held: Held) -> str:
    return held.refusal.rule if held.refusal else ""


def _refusal_row(held: Held, now: datetime) -> dict[str, Any]:
    return {
        "case_id": held.claimed.row["case_id"],
        "message_id": held.claimed.id,
        "at": now,
        "asked_by": "gate",
        "medium": held.claimed.row["medium"],
        "rule": _rule_of(held),
        "reason": held.reason,
        "params": dict(held.params),
        "look_again_at": held.due_at,
    }


def write_passed(
    session: Session,
    passed: Sequence[tuple[Draft, Permit, Owed]],
    catalogue: Catalogue,
    revisions: Mapping[int, int],
    now: datetime,
) -> list[Passed]:
    threads = threads_of(session, [draft.claimed for draft, _, _ in passed])
    rows = [
        _attempt(draft, permit, catalogue, revisions, threads, now) for draft, permit, _ in passed
    ]
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
            for draft, _, _ in passed
        ],
    )
    write_notices(session, [(draft.claimed.row, owed) for draft, _, owed in passed], now)
    raise_revisions(session, [draft.claimed.row["person_id"] for draft, _, _ in passed])
    return [
        Passed(draft, attempt_id, row["key"], now, row["valid_until"], owed, row["head"])
        for (draft, _, owed), attempt_id, row in zip(passed, ids, rows, strict=True)
    ]


def _attempt(
    draft: Draft,
    permit: Permit,
    catalogue: Catalogue,
    revisions: Mapping[int, int],
    threads: Threads,
    now: datetime,
) -> dict[str, Any]:
    message, rendered = draft.claimed.row, draft.rendered
    number = message["attempts"] + 1
    key = attempt_key(message["key"], number)
    return {
        "key": key,
        "message_id": draft.claimed.id,
        "person_id": message["person_id"],
        "creditor_id": message["creditor_id"],
        "number": number,
        "state": "sending",
        "medium": message["medium"],
        "category": message["category"],
        "place": _place(draft),
        "slot": message["slot"],
        "exempt": is_answer(message["answers_event_at"], now),
        "sender_id": message["sender_id"],
        "address_id": message["address_id"],
        "recipient": draft.material.recipient,
        "copied_to": list(draft.material.copied_to),
        "locale": rendered.locale,
        "template_hash": rendered.template_hash,
        "subject": rendered.subject,
        "text": rendered.text,
        "html": rendered.html,
        "head": head_of(draft.claimed, rendered, key, threads, now),
        "segments": rendered.segments or None,
        "invoice_ids": list(draft.material.invoice_ids),
        "evidence": _evidence(draft, permit, catalogue, revisions, now),
        "gated_at": now,
        "valid_until": min(permit.until, message["valid_until"]),
    }


def _place(draft: Draft) -> str | None:
    point = draft.claimed.row["contact_point_id"]
    places = [c.place for c in draft.snapshot.facts.channels if c.contact_point_id == point]
    return str(places[0]) if places and places[0] else None


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
