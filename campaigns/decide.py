"""What a case does next, and why. Total and pure; read `decide` from top to bottom.

Engine, simulator, preview and back-test all call this one function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from campaigns.calendar import local_date
from campaigns.case import (
    Arm,
    BranchTaken,
    CaseClosed,
    CaseState,
    MessageIntended,
    MessageSettled,
    Phase,
    StepPassed,
    TaskGiven,
    WaitBegan,
    WaitEnded,
)
from campaigns.choose import Ask, Choice, NoChoice, choose
from campaigns.decision import Decision, Give, Policy, Refused, Say
from campaigns.facts import Facts, MessageFact, MessageStage, SignalFact, view
from campaigns.journey import (
    Branch,
    Condition,
    End,
    GiveTask,
    Journey,
    Reaction,
    Send,
    Step,
    WaitFor,
    day_of,
)
from campaigns.keys import derive, message_key
from campaigns.policy import stops
from campaigns.position import due_at, next_index, overtaken_by
from campaigns.vocabulary import Category, Outcome, Signal

SOON = timedelta(minutes=1)
RECHECK = timedelta(hours=6)
STOPPED_RECHECK = timedelta(days=7)


def decide(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Decision:
    """The next single thing that `case` does. Never raises for any facts.

    The answer has a reason of `reasons`, and looks again later than `now` unless the case is
    closed. Decide again at once after an answer with an event, except one that says something.
    """
    return (
        _if_closed(case)
        or _if_message_pending(case, facts, journey, now)
        or _if_reacting(case, facts, journey, policy, now)
        or _if_signalled(case, facts, journey, policy, now)
        or _if_settled(facts)
        or _if_stopped(case, facts, policy, now)
        or _if_waiting(case, journey, now)
        or _if_unheard(case, facts, journey, policy, now)
        or _next_step(case, facts, journey, policy, now)
    )


def _if_closed(case: CaseState) -> Decision | None:
    return Decision("closed", None) if case.phase is Phase.CLOSED else None


# The message that the case waits on


def _if_message_pending(
    case: CaseState, facts: Facts, journey: Journey, now: datetime
) -> Decision | None:
    if case.phase is not Phase.PENDING:
        return None
    message = facts.message
    if message is None or message.key != case.message_key:
        return _settle(case, MessageStage.STOPPED, journey, "message_stopped", now)
    match message.stage:
        case MessageStage.PENDING:
            return Decision("message_pending", max(message.valid_until, now) + RECHECK)
        case MessageStage.ACCEPTED:
            return _settle(case, message.stage, journey, "message_accepted", now)
        case MessageStage.REFUSED:
            return _settle(case, message.stage, journey, "message_refused", now)
        case MessageStage.STOPPED:
            return _settle(case, message.stage, journey, "message_stopped", now)
        case MessageStage.EXPIRED:
            return _settle(case, message.stage, journey, "message_expired", now)


def _settle(
    case: CaseState, stage: MessageStage, journey: Journey, reason: str, now: datetime
) -> Decision:
    step_id = _step_of_origin(case.origin or "")
    step = _step(journey, step_id or "")
    medium = str(case.tried[-1]) if case.tried else ""
    event = MessageSettled(
        case.message_key or "", stage, step_id, day_of(step) if step is not None else None
    )
    return Decision(reason, now + SOON, {"medium": medium}, event)


def _step_of_origin(origin: str) -> str | None:
    kind, _, rest = origin.partition(":")
    return rest.rpartition(":")[0] if kind == "step" else None


# What happened since


def _if_signalled(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Decision | None:
    if not facts.signals:
        return None
    first = facts.signals[0]
    alike = tuple(signal.id for signal in facts.signals if signal.signal is first.signal)
    if case.phase is Phase.WAITING and first.signal is case.waiting_for:
        return _met(case, journey, now)
    reaction = journey.reactions.get(first.signal)
    if reaction is None or not _applies(reaction.when, facts, policy, now):
        return _noted(first.signal, alike, now)
    if case.arm is Arm.CONTROL and reaction.category is not Category.RECEIPT:
        return _noted(first.signal, alike, now)
    return _react(case, facts, policy, now, reaction, first, alike)


def _if_reacting(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Decision | None:
    """An answer that was refused on one medium, or stopped, is tried again."""
    if case.reacting is None:
        return None
    _, name, own_act, at = case.reacting.split(":", 3)
    signal = SignalFact(0, Signal(name), datetime.fromisoformat(at), own_act == "own")
    reaction = journey.reactions.get(signal.signal)
    if reaction is None:
        return _give_up(case, "reaction_too_late", {"signal": name}, (), now)
    return _react(case, facts, policy, now, reaction, signal, ())


def _noted(signal: Signal, handled: tuple[int, ...], now: datetime) -> Decision:
    return Decision("noted", now + SOON, {"signal": str(signal)}, handled=handled)


def _met(case: CaseState, journey: Journey, now: datetime) -> Decision:
    step_id = case.next_step or ""
    step = _step(journey, step_id)
    target = step.then if isinstance(step, WaitFor) else None
    event = WaitEnded(step_id, day_of(step) if step else None, True, target)
    return Decision("wait_met", now + SOON, {"step": step_id}, event)


def _react(
    case: CaseState,
    facts: Facts,
    policy: Policy,
    now: datetime,
    reaction: Reaction,
    signal: SignalFact,
    alike: tuple[int, ...],
) -> Decision:
    params = {"signal": str(signal.signal)}
    valid_until = signal.at + reaction.valid_for
    if now >= valid_until:
        return _give_up(case, "reaction_too_late", params, alike, now)
    stopped = stops(facts, now, category=reaction.category, answers=signal.own_act)
    if stopped is not None:
        return _give_up(case, stopped.reason, stopped.params, alike, now)
    said = _say(
        case, facts, policy, now, _answer(case, reaction, signal), reaction.template, valid_until
    )
    match said:
        case Say():
            return _intend(said, "reaction", params, handled=alike)
        case NoChoice(best, refusals) if best.look_again_at is not None:
            look_at = min(max(best.look_again_at, now + SOON), valid_until)
            return Decision(best.reason, look_at, best.params, refusals=refusals)
        case NoChoice(best, refusals):
            given_up = _give_up(case, best.reason, best.params, alike, now)
            return replace(given_up, refusals=refusals)


def _answer(case: CaseState, reaction: Reaction, signal: SignalFact) -> Ask:
    act = "own" if signal.own_act else "other"
    origin = f"signal:{signal.signal}:{act}:{signal.at.isoformat()}"
    return Ask(
        category=reaction.category,
        slot=f"{case.key}:{origin}",
        origin=origin,
        policy=reaction.policy,
        tried=case.tried if case.origin == origin else (),
        answers_own_act_at=signal.at if signal.own_act else None,
    )


def _give_up(
    case: CaseState,
    reason: str,
    params: Mapping[str, str],
    handled: tuple[int, ...],
    now: datetime,
) -> Decision:
    """The signal stays unanswered, for a reason; the journey goes on."""
    over = MessageSettled(case.message_key or "", MessageStage.EXPIRED) if case.reacting else None
    return Decision(reason, now + SOON, params, over, handled=handled)


# Settled, stopped, waiting


def _if_settled(facts: Facts) -> Decision | None:
    if facts.invoices and facts.anchor_open:
        return None
    return Decision("settled", None, event=CaseClosed(Outcome.SETTLED))


def _if_stopped(case: CaseState, facts: Facts, policy: Policy, now: datetime) -> Decision | None:
    stopped = stops(facts, now)
    if stopped is not None:
        look_at = stopped.look_again_at or now + STOPPED_RECHECK
        return Decision(stopped.reason, max(look_at, now + SOON), stopped.params)
    today = local_date(now, policy.zone)
    if any(i.limitation_on is not None and i.limitation_on <= today for i in facts.claimable):
        task = Give(
            derive("limitation", case.key), "collections", "limitation", "Debt past its limitation"
        )
        return Decision("limitation_passed", now + STOPPED_RECHECK, action=task)
    return None


def _if_waiting(case: CaseState, journey: Journey, now: datetime) -> Decision | None:
    if case.phase is not Phase.WAITING or case.wait_until is None:
        return None
    step_id = case.next_step or ""
    if now < case.wait_until:
        params = {"signal": str(case.waiting_for), "until": case.wait_until.isoformat()}
        return Decision("waiting_for", case.wait_until, params)
    step = _step(journey, step_id)
    target = step.otherwise if isinstance(step, WaitFor) else None
    event = WaitEnded(step_id, day_of(step) if step else None, False, target)
    return Decision("wait_over", now + SOON, {"step": step_id}, event)


# A message that nobody seems to have got


def _if_unheard(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Decision | None:
    """The fallback inside a step: refused late, not delivered in time, or not opened in time."""
    step, message = _step(journey, case.spoken_step or ""), facts.message
    if not isinstance(step, Send) or message is None or message.key != case.message_key:
        return None
    if case.origin != _origin(step) or case.arm is Arm.CONTROL:
        return None
    over = (case.spoke_at or now) + step.valid_for
    if now >= over:
        return None
    sign, at = _missing_sign(step, message)
    if sign is None or at >= over:
        return None
    if now < at:
        return Decision("delivery_pending", at)
    said = _say(case, facts, policy, now, _ask(case, step), step.template, over)
    if isinstance(said, Say):
        params = {"sign": sign, "medium": str(message.medium)}
        return _intend(said, "fallback", params)
    return None


def _missing_sign(step: Send, message: MessageFact) -> tuple[str | None, datetime]:
    if message.stage is MessageStage.REFUSED and step.policy.on_refusal:
        return "delivery", message.at
    if step.policy.on_no_delivery is not None and not (message.delivered or message.clicked):
        return "delivery", message.at + step.policy.on_no_delivery
    if step.policy.on_no_click is not None and not message.clicked:
        return "a click", message.at + step.policy.on_no_click
    return None, message.at


# The journey's own steps


def _next_step(
    case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
) -> Decision:
    index = next_index(case, journey)
    if index is None:
        return Decision("steps_over", None, event=CaseClosed(Outcome.EXHAUSTED))
    step = journey.steps[index]
    due = due_at(case, step, journey, policy)
    if due > now:
        params = {"step": step.id, "on": local_date(due, policy.zone).isoformat()}
        return Decision("not_yet", due, params)
    if not _applies(step.when, facts, policy, now):
        condition = step.when.source if step.when else ""
        return _pass(step, "condition_false", now, {"condition": condition})
    later = overtaken_by(case, index, journey, policy, now)
    if later is not None:
        return _pass(step, "superseded", now, {"by": later.id})
    return _do(case, facts, policy, now, step)


def _do(case: CaseState, facts: Facts, policy: Policy, now: datetime, step: Step) -> Decision:
    params = {"step": step.id}
    match step:
        case Send():
            return _send(case, facts, policy, now, step)
        case GiveTask(id, _, team, title):
            give = Give(derive("task", case.key, id), team, "journey", title)
            params = {"team": team}
            return Decision("task_given", now + SOON, params, TaskGiven(id, day_of(step)), give)
        case WaitFor(id, _, signal, limit):
            until = now + limit
            params = {"signal": str(signal), "until": until.isoformat()}
            return Decision("waiting_for", until, params, WaitBegan(id, signal, until))
        case Branch(id, _, arms, otherwise):
            row = view(facts, local_date(now, policy.zone))
            target = next((go for condition, go in arms if condition(row)), otherwise)
            event = BranchTaken(id, day_of(step), target)
            return Decision("branch_taken", now + SOON, {**params, "target": target or ""}, event)
        case End(_, _, outcome):
            return _end(case, outcome)


def _end(case: CaseState, outcome: Outcome) -> Decision:
    """Nobody is handed over who was never reached."""
    if outcome is Outcome.HANDED_OVER and case.spoke_at is None:
        return Decision("never_reached", None, event=CaseClosed(Outcome.EXHAUSTED))
    return Decision("journey_ended", None, {"outcome": str(outcome)}, CaseClosed(outcome))


def _send(case: CaseState, facts: Facts, policy: Policy, now: datetime, step: Send) -> Decision:
    if case.arm is Arm.CONTROL:
        return _pass(step, "control_arm", now)
    said = _say(case, facts, policy, now, _ask(case, step), step.template, now + step.valid_for)
    match said:
        case Say():
            return _intend(said, "step_due", {"step": step.id})
        case NoChoice(best, refusals) if best.look_again_at is not None:
            look_at = max(best.look_again_at, now + SOON)
            return Decision(best.reason, look_at, best.params, refusals=_at(step, refusals))
        case NoChoice(best, refusals):
            return _unsayable(case, step, best.reason, best.params, _at(step, refusals), now)


def _unsayable(
    case: CaseState,
    step: Send,
    reason: str,
    params: Mapping[str, str],
    refusals: tuple[Refused, ...],
    now: datetime,
) -> Decision:
    """Nothing will change by waiting: the journey goes on, and a person is asked to help."""
    if reason in ("ledger_stale", "sender_unhealthy"):
        return Decision(reason, now + RECHECK, params, refusals=refusals)
    return Decision(
        reason,
        now + SOON,
        params,
        StepPassed(step.id, day_of(step), reason),
        Give(derive("reach", case.key), "service", "reach", "Find a way to reach this customer"),
        refusals=refusals,
    )


def _pass(
    step: Step, reason: str, now: datetime, params: Mapping[str, str] | None = None
) -> Decision:
    event = StepPassed(step.id, day_of(step), reason)
    return Decision(reason, now + SOON, {"step": step.id, **(params or {})}, event)


# Saying something


def _ask(case: CaseState, step: Send) -> Ask:
    origin = _origin(step)
    return Ask(
        category=step.category,
        slot=f"{case.key}:{origin}",
        origin=origin,
        policy=step.policy,
        tried=case.tried if case.origin == origin else (),
    )


def _origin(step: Step) -> str:
    return f"step:{step.id}:1"


def _say(
    case: CaseState,
    facts: Facts,
    policy: Policy,
    now: datetime,
    ask: Ask,
    template: str,
    valid_until: datetime,
) -> Say | NoChoice:
    picked = choose(ask, facts, policy.rules, now, case_key=case.key)
    if not isinstance(picked, Choice):
        return picked
    ordinal = case.ordinal + 1 if case.origin == ask.origin else 0
    return Say(
        key=message_key(case.key, ask.origin, ordinal),
        origin=ask.origin,
        slot=ask.slot,
        ordinal=ordinal,
        template=template,
        category=ask.category,
        channel=picked.channel,
        probability=picked.probability,
        valid_until=valid_until,
        answers_own_act_at=ask.answers_own_act_at,
        refusals=picked.refusals,
    )


def _intend(
    said: Say,
    reason: str,
    params: Mapping[str, str],
    *,
    handled: tuple[int, ...] = (),
) -> Decision:
    return Decision(
        reason,
        said.valid_until + RECHECK,
        params,
        MessageIntended(said.key, said.origin, said.channel.medium),
        said,
        handled,
        said.refusals,
    )


def _at(step: Step, refusals: tuple[Refused, ...]) -> tuple[Refused, ...]:
    return tuple(Refused(refused.medium, step.id, refused.refusal) for refused in refusals)


def _applies(condition: Condition | None, facts: Facts, policy: Policy, now: datetime) -> bool:
    return condition is None or condition(view(facts, local_date(now, policy.zone)))


def _step(journey: Journey, step_id: str) -> Step | None:
    index = journey.index_of(step_id)
    return journey.steps[index] if index is not None else None
