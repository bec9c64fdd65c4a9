"""What a case will do if nothing else happens: the engine's own decisions, on a virtual clock.

Nobody pays, answers or changes a thing; each message is taken and delivered at once; the book is
kept fresh. What time alone makes true does happen: what is known to come falls due, promises break,
holds end. It decides nothing by itself: every answer is `advance`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from campaigns.advance import Advanced, advance
from campaigns.answers import chosen
from campaigns.calendar import local_date
from campaigns.caps import is_answer
from campaigns.case import CaseState, Phase, step_of
from campaigns.decision import Decision, Policy, Say
from campaigns.facts import (
    Facts,
    MessageFact,
    MessageStage,
    PastContact,
    SignalFact,
)
from campaigns.journey import Journey, Send
from campaigns.origins import signal_of
from campaigns.policy import permits
from campaigns.proposal import Proposal, Refusal
from campaigns.situation import Situation
from campaigns.stops import stops
from campaigns.vocabulary import Category, Signal, SubjectKind

ON_ITS_WAY = timedelta(hours=1)
"""For how long a message that the provider took is expected to arrive without a sign of it."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One decision to come. `says` is the category of the message that goes out with it: of one
    decided then, or of the one that was already waiting."""

    at: datetime
    decision: Decision
    says: Category | None = None


def ahead(
    case: CaseState,
    facts: Facts,
    journey: Journey,
    policy: Policy,
    now: datetime,
    *,
    until: datetime,
) -> Iterator[Ahead]:
    """Every decision from `now` to `until`, in order; ends early when the case is closed.

    Lazy: whoever wants the next message takes no more than that. Only what `facts` know falls due:
    the invoices of the scope, and those to come within days.
    """
    facts = _arrived(replace(facts, ledger_max_age=None), now)
    at: datetime | None = now
    while at is not None and at <= until and case.phase is not Phase.CLOSED:
        facts = _aged(facts, journey, policy, at)
        advanced = advance(case, facts, journey, policy, at)
        case, facts = advanced.case, _without_handled(facts, advanced)
        if advanced.last.reason == "message_pending":
            facts, leaves_at = _let_go(Situation(case, facts, journey, policy, at))
            if leaves_at is not None:
                at = leaves_at
                yield from _told(advanced, Situation(case, facts, journey, policy, at))
            continue
        yield from _told(advanced, Situation(case, facts, journey, policy, at))
        if isinstance(advanced.last.action, Say):
            facts = _delivered(facts, advanced.last.action, at)
        else:
            at = _next(facts, advanced, at)


def _arrived(facts: Facts, now: datetime) -> Facts:
    """What the provider took a moment ago is on its way, and no fallback is due for it."""
    message = facts.message
    if message is None or message.stage is not MessageStage.ACCEPTED:
        return facts
    fresh = message.at > now - ON_ITS_WAY
    return replace(facts, message=replace(message, delivered=True)) if fresh else facts


def _told(advanced: Advanced, here: Situation) -> Iterator[Ahead]:
    for decision in advanced.decisions:
        says = None
        if isinstance(decision.action, Say):
            says = decision.action.category
        elif decision.reason == "message_pending":
            says, _ = _asked(here)
        yield Ahead(here.now, decision, says)


def _next(facts: Facts, advanced: Advanced, at: datetime) -> datetime | None:
    """When to look again: at the latest when time changes a fact."""
    if advanced.last.look_at is None:
        return None
    return min([advanced.last.look_at, *_changes(facts, at)])


def _changes(facts: Facts, at: datetime) -> Iterator[datetime]:
    if facts.promise is not None and facts.promise.grace_until > at:
        yield facts.promise.grace_until
    for hold in facts.holds:
        if hold.until is not None and hold.until > at:
            yield hold.until


def _aged(facts: Facts, journey: Journey, policy: Policy, at: datetime) -> Facts:
    """The facts as they will be at `at`."""
    over = [hold for hold in facts.holds if hold.until is not None and hold.until <= at]
    if over:
        facts = _heard(facts, Signal.HOLD_RELEASED, at)
        facts = replace(facts, holds=tuple(hold for hold in facts.holds if hold not in over))
    if facts.promise is not None and facts.promise.grace_until <= at:
        facts = _heard(facts, Signal.PROMISE_BROKEN, at)
        facts = replace(facts, promise=None, promises_broken=facts.promises_broken + 1)
    if journey.subject is SubjectKind.INVOICE:
        return facts
    today = local_date(at, policy.zone)
    due = tuple(invoice for invoice in facts.coming if invoice.due_on <= today)
    left = tuple(invoice for invoice in facts.coming if invoice.due_on > today)
    return replace(facts, invoices=(*facts.invoices, *due), coming=left) if due else facts


def _heard(facts: Facts, signal: Signal, at: datetime) -> Facts:
    """Ids that no row has: of what has not happened yet."""
    number = min([0, *(fact.id for fact in facts.signals)]) - 1
    return replace(facts, signals=(*facts.signals, SignalFact(number, signal, at)))


def _without_handled(facts: Facts, advanced: Advanced) -> Facts:
    handled = {number for decision in advanced.decisions for number in decision.handled}
    left = tuple(signal for signal in facts.signals if signal.id not in handled)
    return replace(facts, signals=left)


def _delivered(facts: Facts, said: Say, at: datetime) -> Facts:
    """The message has arrived."""
    message = MessageFact(
        said.key, said.channel.medium, MessageStage.ACCEPTED, at, said.valid_until, delivered=True
    )
    contact = _contact(facts, message, said.category, said.slot, said.answers_own_act_at)
    return replace(facts, message=message, contacts=(*facts.contacts, contact))


def _contact(
    facts: Facts, message: MessageFact, category: Category, slot: str, acted_at: datetime | None
) -> PastContact:
    """What the caps see of a message that has left."""
    named = (*facts.claimable, *facts.coming)
    return PastContact(
        message.at,
        message.medium,
        category,
        facts.creditor_id,
        slot,
        exempt=is_answer(acted_at, message.at),
        invoice_ids=tuple(invoice.id for invoice in named),
    )


def _let_go(here: Situation) -> tuple[Facts, datetime | None]:
    """What the gate will do with the message that waits: it leaves, or a fact has stopped it."""
    message, leaves_at = here.facts.message, _leaves_at(here)
    assert message is not None
    stage = MessageStage.STOPPED if leaves_at is None else MessageStage.ACCEPTED
    message = replace(message, stage=stage, at=leaves_at or here.now, delivered=True)
    facts = replace(here.facts, message=message)
    if leaves_at is None or _is_on_record(here):
        return facts, leaves_at
    category, acted_at = _asked(here)
    contact = _contact(facts, message, category, _slot(here), acted_at)
    return replace(facts, contacts=(*facts.contacts, contact)), leaves_at


def _is_on_record(here: Situation) -> bool:
    """Whether an attempt of the waiting message counts as a contact already."""
    slot, since = _slot(here), here.case.spoke_at
    return any(
        contact.slot == slot and not contact.failed and (since is None or contact.at > since)
        for contact in here.facts.contacts
    )


def _slot(here: Situation) -> str:
    return f"{here.case.key}:{here.case.reacting_to or here.case.origin}"


def _leaves_at(here: Situation) -> datetime | None:
    """When the gate lets the message go that waits already; None when a fact stops it."""
    facts, at = here.facts, here.now
    message = facts.message
    assert message is not None
    category, acted_at = _asked(here)
    channel = next((c for c in facts.channels if c.medium is message.medium), None)
    stopped = stops(facts, at, category=category, subject=here.journey.subject, acted_at=acted_at)
    if channel is None or stopped is not None:
        return None
    verdict = permits(
        Proposal(channel, category, _slot(here), acted_at), facts, here.policy.rules, at
    )
    leaves = verdict.look_again_at if isinstance(verdict, Refusal) else at
    return leaves if leaves is not None and leaves < message.valid_until else None


def _asked(here: Situation) -> tuple[Category, datetime | None]:
    """What the waiting message is, and which act of the customer's own it answers."""
    case = here.case
    if case.reacting_to is not None:
        signal = signal_of(case.reacting_to)
        reaction = chosen(here, signal.signal)
        category = reaction.category if reaction else Category.RECEIPT
        return category, signal.at if signal.own_act else None
    step = here.step(step_of(case.origin or ""))
    return (step.category if isinstance(step, Send) else Category.REMINDER), None
