"""The journey's own steps: which comes next, whether it is time, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from campaigns.calendar import local_date
from campaigns.choose import Ask, NoChoice
from campaigns.decision import NOTHING, Decision, Give, Refused, Say
from campaigns.duties import Act
from campaigns.events import Arm, BranchTaken, CaseClosed, StepPassed, TaskGiven, WaitBegan
from campaigns.facts import MessageStage
from campaigns.journey import Branch, End, GiveTask, Send, Step, WaitFor, day_of
from campaigns.keys import derive
from campaigns.notices import blocked
from campaigns.position import due_at, next_index, overtaken_by, said_since, said_until, target_of
from campaigns.proposal import Refusal
from campaigns.saying import again_at, as_words, ask_of, intend, last_message_of, say, wait, what_of
from campaigns.situation import Situation
from campaigns.stops import told_already
from campaigns.vocabulary import Category, Outcome

NOTICE_RECHECK = timedelta(days=7)
_HANDS_OVER = (Outcome.HANDED_OVER, Outcome.TRANSFERRED)


def next_step(here: Situation) -> Decision:
    """Sleeps until the next step is due, passes it for a reason, or does it."""
    index = next_index(here.case, here.journey)
    if index is None:
        return Decision("steps_over", None, event=CaseClosed(Outcome.EXHAUSTED))
    step = here.journey.steps[index]
    due = due_at(here, step)
    if due > here.now:
        on = local_date(due, here.policy.zone).isoformat()
        return Decision("not_yet", due, {"step": step.id, "on": on})
    if not here.meets(step.when):
        condition = step.when.source if step.when else ""
        return _pass(here, step, "condition_false", {"condition": condition})
    later = overtaken_by(here, index)
    if later is not None:
        return _pass(here, step, "superseded", {"by": later.id})
    said = said_since(here, step)
    if said is not None:
        return _pass(here, step, "superseded", {"by": what_of(said.slot)})
    return _do(here, step)


def _pass(
    here: Situation,
    step: Step,
    reason: str,
    params: Mapping[str, str] = NOTHING,
    *,
    action: Give | None = None,
    refusals: tuple[Refused, ...] = (),
) -> Decision:
    words = {"step": step.id, **params}
    event = StepPassed(step.id, day_of(step), reason, words)
    return Decision(reason, here.soon, words, event, action, refusals=refusals)


def _do(here: Situation, step: Step) -> Decision:
    if here.case.arm is Arm.CONTROL and isinstance(step, Send | GiveTask):
        return _pass(here, step, "control_arm")
    match step:
        case Send():
            return _send(here, step)
        case GiveTask():
            return _give(here, step)
        case WaitFor(id, _, signal, limit):
            until = here.now + limit
            params = {"signal": str(signal), "until": as_words(until)}
            event = WaitBegan(id, signal, until)
            return Decision("waiting_for", max(until, here.soon), params, event)
        case Branch():
            return _branch(here, step)
        case End():
            return _end(here, step.outcome)


def _give(here: Situation, step: GiveTask) -> Decision:
    kind = "call" if step.call else "journey"
    task = Give(derive("task", here.case.key, step.id), step.team, kind, step.title)
    event = TaskGiven(step.id, day_of(step))
    return Decision("task_given", here.soon, {"team": step.team}, event, task)


def _branch(here: Situation, step: Branch) -> Decision:
    target = target_of(here, step)
    params = {"step": step.id, "target": target or "the next step"}
    return Decision("branch_taken", here.soon, params, BranchTaken(step.id, day_of(step), target))


def _end(here: Situation, outcome: Outcome) -> Decision:
    """Nobody is handed over who was never reached, nor before a notice of it is old enough."""
    if outcome is Outcome.HANDED_OVER and here.case.spoke_at is None:
        return Decision("never_reached", None, event=CaseClosed(Outcome.EXHAUSTED))
    if outcome in _HANDS_OVER:
        act = Act.THIRD_PARTY_HANDOVER
        unmet = blocked(act, here.facts, here.policy.rules, here.now)
        if unmet is not None:
            return _awaits_notice(here, unmet)
    return Decision("journey_ended", None, {"outcome": str(outcome)}, CaseClosed(outcome))


def _awaits_notice(here: Situation, unmet: Refusal) -> Decision:
    """The case waits for a notice to grow old enough, or for somebody to give it."""
    if unmet.look_again_at is not None:
        look_at = max(unmet.look_again_at, here.soon)
        return Decision(unmet.reason, look_at, unmet.params)
    title = f"Give the notice that comes before hand-over ({unmet.rule})"
    task = Give(derive("notice", here.case.key), "collections", "notice", title, "handover")
    return Decision(unmet.reason, here.now + NOTICE_RECHECK, unmet.params, action=task)


def _send(here: Situation, step: Send) -> Decision:
    if told_already(here.facts, here.journey.subject, here.now, case_key=here.case.key):
        return _pass(here, step, "told_already")
    ask = ask_of(here, step)
    if ask.tried and not step.policy.on_refusal:
        return _pass(here, step, "no_fallback", {"medium": str(ask.tried[-1])})
    over = _valid_until(here, step, ask)
    if here.now >= over:
        return _pass(here, step, "expired", {"until": as_words(over)})
    said = say(here, ask, step.template, over)
    if isinstance(said, Say):
        return intend(said, "step_due", {"step": step.id}, day=day_of(step))
    look_at = again_at(here, said)
    if look_at is None:
        return _unreachable(here, step, said)
    if look_at < over or said.mending or step.category is Category.LEGAL:
        return wait(said, look_at)
    return _pass(here, step, said.best.reason, said.best.params, refusals=said.refusals)


def _valid_until(here: Situation, step: Send, ask: Ask) -> datetime:
    """How long it may be said. The next medium has what the refused one left, except for a legal
    step, which is never too late."""
    refused = last_message_of(here, ask.origin)
    if refused is None or refused.stage is not MessageStage.REFUSED:
        return said_until(here, step, here.now)
    return here.now + step.valid_for if step.category is Category.LEGAL else refused.valid_until


def _unreachable(here: Situation, step: Send, said: NoChoice) -> Decision:
    """Waiting changes nothing: the journey goes on, and a person is asked to help, once."""
    title = "Find a way to reach this customer"
    task = Give(derive("reach", here.case.key), "service", "reach", title)
    best = said.best
    return _pass(here, step, best.reason, best.params, action=task, refusals=said.refusals)
