"""Answers to signals: what the journey says when something happens, on top of its steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from campaigns.case import Phase
from campaigns.choose import Ask, NoChoice
from campaigns.decision import Decision, Say
from campaigns.events import Arm, MessageSettled, WaitEnded
from campaigns.facts import MessageStage, SignalFact
from campaigns.journey import Reaction, WaitFor, day_of
from campaigns.notices import overdue
from campaigns.origins import at_any_hour, closes, origin_of, signal_of, stays_there
from campaigns.saying import again_at, intend, say, wait
from campaigns.situation import Situation
from campaigns.stops import answered_already, moot, stops, unnamed
from campaigns.vocabulary import Category, Signal

Handled = tuple[int, ...]


def if_reacting(here: Situation) -> Decision | None:
    """An answer that was refused on one medium, or stopped, is tried again."""
    origin = here.case.reacting_to
    if origin is None:
        return None
    signal = signal_of(origin)
    reaction = chosen(here, signal.signal)
    if reaction is None:
        return _give_up(here, "reaction_too_late", {"signal": str(signal.signal)}, ())
    return _react(here, reaction, signal, ())


def if_signalled(here: Situation) -> Decision | None:
    """The first kind of signal that can be answered now, or else that opens first.

    Several of one kind are answered once, by an answer to the latest.
    """
    waits: list[tuple[datetime, Decision]] = []
    for kind in dict.fromkeys(fact.signal for fact in here.facts.signals):
        decision = _heard(here, kind)
        if decision.event is not None or decision.handled or decision.look_at is None:
            return decision
        waits.append((decision.look_at, decision))
    return min(waits, key=lambda entry: entry[0])[1] if waits else None


def chosen(here: Situation, kind: Signal) -> Reaction | None:
    """The first of the journey's answers to this signal whose condition holds."""
    reaction = here.journey.reactions.get(kind)
    ways = reaction.ways() if reaction is not None else ()
    return next((way for way in ways if here.meets(way.when)), None)


def _heard(here: Situation, kind: Signal) -> Decision:
    if here.case.phase is Phase.WAITING and kind is here.case.waiting_for:
        return _met(here)
    alike = [fact for fact in here.facts.signals if fact.signal is kind]
    handled = tuple(fact.id for fact in alike)
    reaction = chosen(here, kind)
    if reaction is None:
        return _noted(here, kind, handled)
    if here.case.arm is Arm.CONTROL and reaction.category is not Category.RECEIPT:
        return _noted(here, kind, handled)
    return _react(here, reaction, max(alike, key=lambda fact: (fact.at, fact.id)), handled)


def _noted(here: Situation, kind: Signal, handled: Handled) -> Decision:
    return Decision("noted", here.soon, {"signal": str(kind)}, handled=handled)


def _met(here: Situation) -> Decision:
    """The wait is over; the signal itself is still to be answered."""
    step_id = here.case.next_step or ""
    step = here.step(step_id)
    target = step.then if isinstance(step, WaitFor) else None
    event = WaitEnded(step_id, day_of(step) if step else None, True, target)
    return Decision("wait_met", here.soon, {"step": step_id}, event)


def _react(here: Situation, reaction: Reaction, signal: SignalFact, handled: Handled) -> Decision:
    ask = _ask_of(here, reaction, signal)
    valid_until = signal.at + reaction.valid_for
    idle = _why_not(here, reaction, signal, ask)
    if idle is not None:
        return _give_up(here, *idle, handled)
    said = say(here, ask, reaction.template, valid_until)
    if isinstance(said, Say):
        return intend(said, "reaction", {"signal": str(signal.signal)}, handled=handled)
    look_at = again_at(here, said)
    if look_at is not None and look_at < valid_until:
        return wait(said, look_at)
    return _unanswerable(here, said, handled)


def _why_not(
    here: Situation, reaction: Reaction, signal: SignalFact, ask: Ask
) -> tuple[str, Mapping[str, str]] | None:
    """Why nothing is to be answered, whatever the medium. The gate would stop it as well."""
    if here.now >= signal.at + reaction.valid_for:
        return "reaction_too_late", {"signal": str(signal.signal)}
    if ask.tried and not reaction.policy.on_refusal:
        return "no_fallback", {"medium": str(ask.tried[-1])}
    if answered_already(here.facts, ask.slot):
        return "answered_already", {"signal": str(signal.signal)}
    if closes(signal) and not stays_there(signal):
        return "confirmed_there", {"signal": str(signal.signal)}
    empty = unnamed(here.facts, signal.signal)
    if empty is not None:
        return empty, {}
    idle = moot(here.facts, here.today)
    if idle is not None and reaction.category is not Category.RECEIPT:
        return idle, {}
    stopped = stops(
        here.facts,
        here.now,
        category=reaction.category,
        subject=here.journey.subject,
        acted_at=signal.at if signal.own_act else None,
        at_any_hour=at_any_hour(ask.origin, reaction.category),
    )
    if stopped is None and reaction.category is not Category.RECEIPT:
        stopped = overdue(here.facts, here.policy.rules, here.now)
    return None if stopped is None else (stopped.reason, stopped.params)


def _give_up(here: Situation, reason: str, params: Mapping[str, str], handled: Handled) -> Decision:
    """The signal stays unanswered, for a reason; the journey goes on."""
    key = here.case.message_key or ""
    over = MessageSettled(key, MessageStage.EXPIRED) if here.case.reacting else None
    return Decision(reason, here.soon, params, over, handled=handled)


def _unanswerable(here: Situation, said: NoChoice, handled: Handled) -> Decision:
    given_up = _give_up(here, said.best.reason, said.best.params, handled)
    return replace(given_up, refusals=said.refusals)


def _ask_of(here: Situation, reaction: Reaction, signal: SignalFact) -> Ask:
    origin = origin_of(signal)
    return Ask(
        category=reaction.category,
        slot=f"{here.case.key}:{origin}",
        origin=origin,
        policy=reaction.policy,
        tried=here.case.tried_for(origin),
        template=reaction.template,
        approval=reaction.approval,
        answers_own_act_at=signal.at if signal.own_act else None,
        only=(signal.medium, signal.address_id) if stays_there(signal) else None,
    )
