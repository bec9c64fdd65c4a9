"""The last question before a provider is called, in one short transaction per batch.

Locks the persons' guards in id order, reads the time and the facts afresh, asks the stops and the
policy, and writes the attempt with its frozen text. What was committed before this gate stops
the message; what comes later meets an attempt on record.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.snapshot import Snapshot
from app.delivery.allowance import Wanted, reserve
from app.delivery.claim import Claimed, Waiting
from app.delivery.gate_records import Held, Passed, write_held, write_passed
from app.delivery.halts import halt_of, halts_in_force, params_of
from app.delivery.law import Owed, ask_law
from app.delivery.material import says_otherwise
from app.delivery.message_approvals import Approved
from app.delivery.overtaken import stopped, untrue
from app.delivery.parties import Parties
from app.delivery.prepare import Draft, Unwritten, basis_now
from app.delivery.signed import Signing
from app.engine.catalogue import Catalogue
from app.store.bulk import lock_rows, survivors
from app.store.columns import word
from app.store.given import chunks, table_of
from app.store.guard import lock_revisions
from app.store.rows import Case, Message
from app.store.savepoints import surviving_writes
from campaigns.facts import ChannelFact
from campaigns.origins import OPTED_OUT, at_any_hour, passes
from campaigns.policy import permits
from campaigns.proposal import Permit, Proposal, Refusal
from campaigns.signing import Line
from campaigns.vocabulary import Category

_UNTIL_A_FACT = ("notice_missing", "limitation_passed")

SET_ASIDE = timedelta(hours=1)

_MESSAGE = table_of(Message)

log = logging.getLogger(__name__)


Leaving = tuple[Draft, Permit, Owed]
Verdict = Leaving | Held


def gate(
    session: Session,
    drafts: Sequence[Draft | Unwritten],
    catalogue: Catalogue,
    clock: Callable[[], datetime],
    *,
    real: Collection[Line],
) -> list[Passed]:
    """Writes what becomes of every draft, and answers those that may be sent at once.
    `real` are the media and providers whose messages reach people.

    The time is read when the guards are held: whoever had to wait for them is asked by the hour
    that it is then. Cases are locked before their messages, like everywhere.
    """
    revisions = lock_revisions(session, [draft.claimed.row["person_id"] for draft in drafts])
    lock_rows(session, Case, [draft.claimed.row["case_id"] for draft in drafts])
    now = clock()
    ours = _still_ours(session, drafts, now)

    def together(batch: Sequence[Draft | Unwritten]) -> list[Verdict]:
        basis = basis_now(session, batch, now)
        snapshots, parties = basis.snapshots, basis.parties
        halts = halts_in_force(session)
        written = [draft for draft in batch if isinstance(draft, Draft)]
        approved = Approved.of(session, written)
        signing = Signing.of(session, written, real)
        verdicts = [_verdict(draft, snapshots, parties, catalogue, now) for draft in batch]
        signed = [
            _unless_unsigned(verdict, signing, snapshots, parties, catalogue, now)
            for verdict in (_unless_unapproved(verdict, approved) for verdict in verdicts)
        ]
        return [_unless_halted(verdict, halts, now) for verdict in signed]

    verdicts = survivors(
        ours, together, lambda draft, problem: _set_aside(draft.claimed, problem, now)
    )
    return _write(session, verdicts, catalogue, revisions, now)


def _write(
    session: Session,
    verdicts: Sequence[Verdict],
    catalogue: Catalogue,
    revisions: Mapping[int, int],
    now: datetime,
) -> list[Passed]:
    """One that the database does not take is set aside, and costs no other."""

    def together(batch: Sequence[Verdict]) -> list[Passed]:
        write_held(session, [v for v in batch if isinstance(v, Held)], now)
        passed = [v for v in batch if not isinstance(v, Held)]
        leaving, full = _allowed(session, passed, now)
        write_held(session, full, now)
        return write_passed(session, leaving, catalogue, revisions, now)

    def aside(verdict: Verdict, problem: Exception) -> None:
        claimed = verdict.claimed if isinstance(verdict, Held) else verdict[0].claimed
        write_held(session, [_set_aside(claimed, problem, now)], now)

    return surviving_writes(session, verdicts, together, aside)


def _allowed(
    session: Session, passed: Sequence[Leaving], now: datetime
) -> tuple[list[Leaving], list[Held]]:
    """Those that their senders may still send today, and those that wait for a day with room."""
    wanted = [Wanted(d.claimed.row["sender_id"], max(1, d.rendered.segments)) for d, _, _ in passed]
    leaving, full = [], []
    for item, until in zip(passed, reserve(session, wanted, now), strict=True):
        claimed = item[0].claimed
        if until is None:
            leaving.append(item)
        elif until < claimed.row["valid_until"]:
            full.append(Held(claimed, "waiting", "sender_full", _room_at(claimed, until), until))
        else:
            full.append(Held(claimed, "expired", "sender_full", _room_at(claimed, until)))
    return leaving, full


def _room_at(claimed: Claimed, until: datetime) -> dict[str, str]:
    return {"medium": claimed.row["medium"], "until": f"{until:%Y-%m-%d %H:%M}"}


def _still_ours(
    session: Session, drafts: Sequence[Draft | Unwritten], now: datetime
) -> list[Draft | Unwritten]:
    """Those whose message still waits under the fence and the lease of our claim."""
    fences: dict[int, int] = {}
    for part in chunks(sorted(draft.claimed.id for draft in drafts)):
        query = (
            select(_MESSAGE.c.id, _MESSAGE.c.fence)
            .where(
                _MESSAGE.c.id.in_(part),
                _MESSAGE.c.state == word("waiting"),
                _MESSAGE.c.lease_until > now,
            )
            .order_by(_MESSAGE.c.id)
            .with_for_update(key_share=True)
        )
        fences.update({row.id: row.fence for row in session.connection().execute(query)})
    return [draft for draft in drafts if fences.get(draft.claimed.id) == draft.claimed.fence]


def _verdict(
    draft: Draft | Unwritten,
    snapshots: Mapping[int, Snapshot],
    parties: Parties,
    catalogue: Catalogue,
    now: datetime,
) -> Verdict:
    snapshot = snapshots.get(draft.claimed.row["case_id"])
    if snapshot is None:
        return _set_aside(draft.claimed, None, now)
    held = untrue(draft.claimed, snapshot, now)
    if held is not None:
        return held
    if isinstance(draft, Unwritten):
        if draft.reason == "defect":
            return _set_aside(draft.claimed, None, now)
        return Held(draft.claimed, "refused", draft.reason, draft.params)
    _, journey = catalogue.journey(snapshot.journey)
    rules = catalogue.policy(draft.claimed.row["creditor_id"]).rules
    changed = says_otherwise(draft.material, draft.claimed, snapshot, parties, journey, rules, now)
    able = frozenset(parties.creditors[draft.claimed.row["creditor_id"]].capabilities)
    return _ask(draft, snapshot, catalogue, able, now, changed=changed)


def _unless_unapproved(verdict: Verdict, approved: Approved) -> Verdict:
    """What may go waits for somebody's word where its journey wants that, on what it says now."""
    if isinstance(verdict, Held):
        return verdict
    return approved.ask(verdict[0]) or verdict


def _unless_unsigned(
    verdict: Verdict,
    signing: Signing,
    snapshots: Mapping[int, Snapshot],
    parties: Parties,
    catalogue: Catalogue,
    now: datetime,
) -> Verdict:
    """What may go waits while its rules are not signed, unless it goes to one of our own."""
    if isinstance(verdict, Held):
        return verdict
    row = verdict[0].claimed.row
    snapshot = snapshots[row["case_id"]]
    channel = _channel(snapshot, row)
    if channel is None:
        return verdict
    creditor = parties.creditors[row["creditor_id"]]
    rules = catalogue.policy(row["creditor_id"]).rules
    country = parties.customers[row["customer_id"]].country or creditor.country
    held = signing.ask(verdict[0], creditor, snapshot.facts, channel, rules, now, country=country)
    return held or verdict


def _unless_halted(verdict: Verdict, halts: Sequence[Row[Any]], now: datetime) -> Verdict:
    """What may go waits all the same while somebody holds the stop button."""
    if isinstance(verdict, Held):
        return verdict
    claimed = verdict[0].claimed
    halt = halt_of(halts, claimed.row["creditor_id"], claimed.row["medium"])
    if halt is None:
        return verdict
    return Held(claimed, "waiting", "halted", params_of(halt), due_at=now)


def _set_aside(claimed: Waiting, problem: Exception | None, now: datetime) -> Held:
    """Ours to repair, so nobody's fault on any medium: it waits, and engineering has a task."""
    if problem is not None:
        log.error("message %s cannot be gated: %s", claimed.id, type(problem).__name__)
    again = now + SET_ASIDE
    if again >= claimed.row["valid_until"]:
        return Held(claimed, "expired", "defect", {})
    return Held(claimed, "waiting", "defect", {}, due_at=again)


def _ask(
    draft: Draft,
    snapshot: Snapshot,
    catalogue: Catalogue,
    capabilities: frozenset[str],
    now: datetime,
    *,
    changed: bool,
) -> Verdict:
    """The case's stops first, then policy, then whether the text still says what is so, and what
    the law wants in it. A text that it does not allow is refused for good on its medium."""
    row = draft.claimed.row
    category = Category(row["category"])
    acted_at = row["answers_event_at"]
    anytime = at_any_hour(row["origin"], category)
    held = stopped(draft.claimed, snapshot, now)
    if held is not None:
        return held
    channel = _channel(snapshot, row)
    if channel is None:
        return Held(draft.claimed, "stopped", "address_invalid", {"medium": row["medium"]})
    silent = _silent(draft.claimed, channel, now)
    if silent is not None:
        return silent
    rules = catalogue.policy(row["creditor_id"]).rules
    proposal = Proposal(
        channel,
        category,
        row["slot"],
        acted_at,
        template_has_link=draft.rendered.has_link,
        at_any_hour=anytime,
        passes=passes(row["origin"], category) or OPTED_OUT,
    )
    verdict = permits(proposal, snapshot.facts, rules, now)
    if isinstance(verdict, Refusal):
        return _refused(draft.claimed, verdict)
    if changed:
        return Held(draft.claimed, "waiting", "facts_changed", {}, due_at=now)
    asked = ask_law(draft, snapshot, channel, rules, capabilities, now)
    if isinstance(asked, Owed):
        return draft, verdict, asked
    if asked.look_again_at is not None:
        return _refused(draft.claimed, asked)
    state = "stopped" if asked.reason in _UNTIL_A_FACT else "refused"
    return Held(draft.claimed, state, asked.reason, asked.params, refusal=asked)


def _silent(claimed: Claimed, channel: ChannelFact, now: datetime) -> Held | None:
    """Why the sender of this message does not say it, if it does not."""
    row, medium = claimed.row, {"medium": claimed.row["medium"]}
    if channel.sender_id is None:
        return Held(claimed, "stopped", "no_sender", medium)
    if channel.sender_id != row["sender_id"]:
        return _handed_over(claimed, channel.sender_id, now)
    if channel.unhealthy is not None:  # its breaker has opened since the claim
        why = {**medium, "why": channel.unhealthy}
        return Held(claimed, "waiting", "sender_unhealthy", why, due_at=now)
    if row["template"] in channel.stopped:
        return Held(claimed, "refused", "template_stopped", medium)
    return None


def _handed_over(claimed: Claimed, sender_id: int, now: datetime) -> Held:
    """To the sender that speaks for its medium by now: another one is paused, or is no more."""
    params = {"medium": claimed.row["medium"]}
    return Held(claimed, "waiting", "sender_changed", params, due_at=now, sender_id=sender_id)


def _refused(claimed: Claimed, refusal: Refusal) -> Held:
    """Refused for now: only the due time moves. Until a new fact: the case decides again."""
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
