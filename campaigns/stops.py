"""What the case itself waits for: holds, disputes, promises and plans; and what makes it moot.

`decide` judges them when it plans; the gate asks here again, because they may have come since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from campaigns.duties import Frozen
from campaigns.facts import Facts, HoldFact
from campaigns.proposal import Refusal
from campaigns.vocabulary import Category, HoldKind, Signal, SubjectKind
from campaigns.windows import in_utc

SILENT = frozenset(
    {
        HoldKind.BREATHING_SPACE,
        HoldKind.MENTAL_HEALTH_CRISIS,
        HoldKind.ATTORNEY,
        HoldKind.CEASE,
        HoldKind.DANGER,
    }
)
"""Holds that want silence, by law or by decency: receipts and answers stop as well."""

_EVER = datetime.max.replace(tzinfo=UTC)

TOLD_FOR = timedelta(days=6)
"""For how long what a message named needs no word before its due date."""


def stops(
    facts: Facts,
    now: datetime,
    *,
    category: Category = Category.REMINDER,
    subject: SubjectKind = SubjectKind.CUSTOMER,
    acted_at: datetime | None = None,
    at_any_hour: bool = False,
) -> Refusal | None:
    """Why nobody writes to this customer at `now`, or None.

    Receipts are stopped by a hold of `SILENT` alone; an answer to what the customer did at
    `acted_at`, by such a hold and by what came after that. What goes `at_any_hour` (the
    confirmation of an opt-out, the answer to HELP) asks for nothing, and nothing stops it. A
    running plan does not stop its own reminders (`subject` is the plan). `look_again_at` is when
    the last stop ends; None when one of them has no end. An expired hold is no stop. A promise
    whose grace is over stops until it has been judged (kept or broken): what the journey does next
    depends on that.
    """
    if at_any_hour:
        return None
    if category is Category.RECEIPT:
        if not any(hold.kind in SILENT for hold in facts.holds):
            return None
        facts = _only_silent(facts)
    found = [
        stop
        for since, stop in _stops(facts, in_utc(now), subject)
        if acted_at is None or (since is not None and since > acted_at)
    ]
    if not found:
        return None
    first, ends = found[0], [stop.look_again_at for stop in found]
    known = [end for end in ends if end is not None]
    later = max(known) if len(known) == len(ends) else None
    return Refusal(first.rule, first.reason, later, first.params)


def frozen(facts: Facts, what: Frozen, at: datetime) -> Refusal | None:
    """Why interest or fees do not grow at `at`, or None. `look_again_at` is when the last of the
    holds ends that freeze them."""
    found = [
        hold
        for hold in facts.holds
        if what in hold.freezes and (hold.until is None or in_utc(at) < hold.until)
    ]
    if not found:
        return None
    return _held(max(found, key=lambda hold: hold.until or _EVER))


def moot(facts: Facts, today: date) -> str | None:
    """Why there is nothing to ask for: a reason's code, or None."""
    if facts.is_over:
        return "subject_over"
    if facts.is_settled:
        return "paid_meanwhile"
    if facts.invoices and not facts.claimable:
        return "dispute_open"
    return "limitation_passed" if past_limitation(facts, today) else None


def unnamed(facts: Facts, signal: Signal) -> str | None:
    """Why an answer to this signal has nothing left to name: a reason's code, or None.

    A receipt for money names the money; the answer to a dispute names invoices that are open.
    """
    if signal is Signal.INVOICE_DISPUTED and not facts.invoices:
        return "paid_meanwhile"
    return None


def past_limitation(facts: Facts, today: date) -> bool:
    """Whether part of what may be asked for is past its limitation date.

    The date itself counts as past: of two readings, the stricter.
    """
    dates = (invoice.limitation_on for invoice in facts.claimable)
    return any(limit is not None and limit <= today for limit in dates)


def told_already(facts: Facts, subject: SubjectKind, now: datetime, *, case_key: str) -> bool:
    """Whether a word before the due date would repeat what another case said within days.

    Each message names all that falls due soon, so one says it all.
    """
    if subject is not SubjectKind.INVOICE:
        return False
    ours = {invoice.id for invoice in facts.invoices}
    return any(
        not contact.failed
        and not contact.slot.startswith(case_key)
        and contact.at > now - TOLD_FOR
        and not ours.isdisjoint(contact.invoice_ids)
        for contact in facts.contacts
    )


def answered_already(facts: Facts, slot: str) -> bool:
    """Whether another case has said its answer to the same event: one answer is enough.

    A slot is a case and an origin; that of an answer names the kind of signal and its instant.
    """
    case_key, _, origin = slot.partition(":")
    act = _act(origin)
    return act is not None and any(
        not contact.failed
        and not contact.slot.startswith(f"{case_key}:")
        and _act(contact.slot.partition(":")[2]) == act
        for contact in facts.contacts
    )


def _act(origin: str) -> tuple[str, str] | None:
    parts = origin.split(":", 4)
    return (parts[1], parts[4]) if parts[0] == "signal" and len(parts) == 5 else None


def _stops(
    facts: Facts, now: datetime, subject: SubjectKind
) -> Iterator[tuple[datetime | None, Refusal]]:
    """What stops, and since when as far as that is known."""
    for hold in facts.holds:
        if hold.until is None or now < hold.until:
            yield _EVER if hold.kind in SILENT else hold.since, _held(hold)
    if facts.invoices and not facts.claimable:
        yield None, Refusal("DISPUTE", "dispute_open", None)
    promise = facts.promise
    if promise is not None:
        words = {"due": promise.due_on.isoformat(), "until": _said(promise.grace_until)}
        ends = promise.grace_until if now <= promise.grace_until else None
        refusal = Refusal("PROMISE", "promise_open", ends, MappingProxyType(words))
        yield promise.since, refusal
    if facts.plan is not None and subject is not SubjectKind.PLAN:
        yield facts.plan.since, Refusal("PLAN", "plan_running", None)


def _only_silent(facts: Facts) -> Facts:
    """What is left of the facts for a receipt, which nothing else stops."""
    silent = tuple(hold for hold in facts.holds if hold.kind in SILENT)
    return replace(facts, holds=silent, invoices=(), promise=None, plan=None)


def _held(hold: HoldFact) -> Refusal:
    reason = _OF_KIND.get(hold.kind, "hold")
    words = {"kind": str(hold.kind), "until": _said(hold.until)}
    rule = str(hold.kind).upper() if hold.kind in _OF_KIND else "HOLD"
    return Refusal(rule, reason, hold.until, MappingProxyType(words))


_OF_KIND = {HoldKind.REPLY: "reply_unread", HoldKind.PAYMENT: "payment_arriving"}
"""Holds that staff read of in words of their own."""


def _said(until: datetime | None) -> str:
    return f"{until:%Y-%m-%d %H:%M}" if until else "somebody lifts it"
