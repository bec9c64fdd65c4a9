"""How a decision says something: the choice of a medium, and the intent or the reason not to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from campaigns.case import step_origin
from campaigns.choose import Ask, Choice, NoChoice, choose
from campaigns.decision import Decision, Say
from campaigns.events import MessageIntended
from campaigns.facts import ChannelFact, MessageFact
from campaigns.journey import Send
from campaigns.keys import message_key
from campaigns.situation import Situation

RECHECK = timedelta(hours=6)


def ask_of(here: Situation, step: Send) -> Ask:
    """What a step asks for. Its fallbacks share its slot."""
    origin = step_origin(step.id)
    return Ask(
        category=step.category,
        slot=f"{here.case.key}:{origin}",
        origin=origin,
        policy=step.policy,
        step=step.id,
        tried=here.case.tried_for(origin),
        to=step.to,
        template=step.template,
        approval=step.approval,
    )


def say(here: Situation, ask: Ask, template: str, valid_until: datetime) -> Say | NoChoice:
    """One message on the best medium that is allowed now."""
    facts, policy = here.facts, here.policy

    def has_link(channel: ChannelFact) -> bool:
        return policy.has_link(template, channel.medium, channel.locale or facts.locale)

    picked = choose(ask, facts, policy.rules, here.now, case_key=here.case.key, has_link=has_link)
    if not isinstance(picked, Choice):
        return picked
    ordinal = here.case.next_ordinal
    return Say(
        key=message_key(here.case.key, ask.origin, ordinal),
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
        approval=ask.approval,
    )


def last_message_of(here: Situation, origin: str) -> MessageFact | None:
    """The last message of the case, if that is what it said."""
    message, case = here.facts.message, here.case
    said = message is not None and message.key == message_key(case.key, origin, case.ordinal)
    return message if said else None


def intend(
    said: Say,
    reason: str,
    params: Mapping[str, str],
    *,
    day: int | None = None,
    handled: tuple[int, ...] = (),
) -> Decision:
    """The decision to say it, for a step of that day; the case waits for what becomes of it."""
    return Decision(
        reason,
        said.valid_until + RECHECK,
        params,
        MessageIntended(said.key, said.origin, said.channel.medium, day),
        said,
        handled,
        said.refusals,
    )


def again_at(here: Situation, refused: NoChoice) -> datetime | None:
    """When it is worth asking again, or None when only a new fact can help."""
    opens = [] if refused.best.look_again_at is None else [refused.best.look_again_at]
    if refused.mending:
        opens.append(here.now + RECHECK)
    return max(min(opens), here.soon) if opens else None


def wait(refused: NoChoice, look_at: datetime) -> Decision:
    """Not now: the reason, and when to ask again."""
    best = refused.best
    return Decision(best.reason, look_at, best.params, refusals=refused.refusals)


def what_of(slot: str) -> str:
    """The step or the signal for which a message of this slot was said."""
    return slot.split(":")[2]


def as_words(at: datetime) -> str:
    """An instant as staff read it in a reason."""
    return f"{at:%Y-%m-%d %H:%M}"
