"""Which medium speaks: what the customer asked for, else what this customer answers on.

Reachable, consented, allowed and healthy first; then the stated preference, else the mean of a Beta
score over the book's prior, with a little exploration whose probability is kept with the choice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from campaigns.decision import Refused
from campaigns.facts import ChannelFact, Facts
from campaigns.journey import SendPolicy
from campaigns.keys import draw
from campaigns.origins import OPTED_OUT, at_any_hour, passes
from campaigns.policy import permits
from campaigns.proposal import Proposal, Refusal
from campaigns.ruleset import RuleSet
from campaigns.vocabulary import Category, ContactRole, Medium

PRIOR_WEIGHT = 8.0  # how many messages the book's own rate counts for
PRIOR_RATE = {Medium.SMS: 0.30, Medium.WHATSAPP: 0.30, Medium.EMAIL: 0.20}
EXPLORE = 0.10
OPEN_FOR = timedelta(hours=23)  # of the 24 that WhatsApp gives: it has to be sent, too

_MENDED = ("ledger_stale", "sender_unhealthy")
_APPROVAL = "approval"  # of one text: the provider is at it, or somebody writes it anew
_OWN = ("medium_tried", "not_preferred", "no_contact")  # the journey's own choices explain nothing


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be said, before it is known on which medium. `step` goes into the record.

    `only` is the medium and the address that it may be said on, if it may go nowhere else.
    `template` is what a provider has to have approved, where it approves text by text. `approval`
    names the team of which a person has to approve this one message.
    """

    category: Category
    slot: str
    origin: str
    policy: SendPolicy
    step: str | None = None
    tried: tuple[Medium, ...] = ()
    answers_own_act_at: datetime | None = None
    only: tuple[Medium | None, int | None] | None = None
    to: ContactRole = ContactRole.PAYABLES
    template: str = ""
    approval: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen contact point, how probable the choice was, and what was refused on the way."""

    channel: ChannelFact
    probability: float
    refusals: tuple[Refused, ...]


@dataclass(frozen=True, slots=True)
class NoChoice:
    """Nothing can be said now. `best` opens first; its `look_again_at` is None if time alone opens
    nothing."""

    best: Refusal
    refusals: tuple[Refused, ...]

    @property
    def mending(self) -> bool:
        """Whether somebody is at work on what is in the way: worth waiting for."""
        return any(_is_mended(refused.refusal) for refused in self.refusals)


def _is_mended(refusal: Refusal) -> bool:
    return refusal.reason in _MENDED or refusal.rule == _APPROVAL


def _any_link(_: ChannelFact) -> bool:
    return True


def choose(
    ask: Ask,
    facts: Facts,
    rules: RuleSet,
    now: datetime,
    *,
    case_key: str,
    has_link: Callable[[ChannelFact], bool] = _any_link,
) -> Choice | NoChoice:
    """The medium for `ask`. Every medium that was refused is in the answer, with its rule.

    `has_link` tells whether what would be said on a channel may hold a link.
    """
    allowed: list[ChannelFact] = []
    readers, refusals = _readers(ask, facts.channels) if ask.only is None else _there(ask, facts)
    for channel in readers:
        refusal = _refusal(channel, ask, facts, rules, now, linked=has_link(channel))
        if refusal is None:
            allowed.append(channel)
        else:
            refusals.append(Refused(channel.medium, ask.step, refusal))
    if not allowed:
        return NoChoice(_first_to_open(refusals), tuple(refusals))
    channel, probability = _pick(allowed, ask, facts, case_key)
    return Choice(channel, probability, tuple(refusals))


def _readers(
    ask: Ask, channels: Sequence[ChannelFact]
) -> tuple[Sequence[ChannelFact], list[Refused]]:
    """Those who are written to: the role that is asked for, else payables, else any but a copy.

    A channel with nobody's name behind it is the customer's own, and stands for payables.
    """
    named = [channel for channel in channels if channel.role is not ContactRole.COPY]
    wanted = [channel for channel in named if _role(channel) is ask.to]
    if wanted or not named:
        copies = [channel for channel in channels if channel.role is ContactRole.COPY]
        return wanted, [] if named else [_not_to(c, ask, "reads_along") for c in copies]
    instead = [c for c in named if _role(c) is ContactRole.PAYABLES] or named
    return instead, [_not_to(instead[0], ask, "no_contact", role=ask.to, instead=_role(instead[0]))]


def _there(ask: Ask, facts: Facts) -> tuple[Sequence[ChannelFact], list[Refused]]:
    """Whoever spoke to us from there, whatever the role."""
    return [c for c in facts.channels if (c.medium, c.address_id) == ask.only], []


def _role(channel: ChannelFact) -> ContactRole:
    return channel.role or ContactRole.PAYABLES


def _not_to(channel: ChannelFact, ask: Ask, reason: str, **params: str) -> Refused:
    return Refused(channel.medium, ask.step, Refusal("journey", reason, None, params))


def score(channel: ChannelFact, facts: Facts) -> float:
    """The mean of Beta(answered, not answered) on this medium, over the book's prior. In [0, 1]."""
    rate = facts.priors.get(channel.medium, PRIOR_RATE[channel.medium])
    answered = min(channel.answered, channel.asked)  # some answer who were not asked
    return (answered + PRIOR_WEIGHT * rate) / (channel.asked + PRIOR_WEIGHT)


def _refusal(
    channel: ChannelFact, ask: Ask, facts: Facts, rules: RuleSet, now: datetime, *, linked: bool
) -> Refusal | None:
    unusable = _unusable(channel, ask, channel.locale or facts.locale, now)
    if unusable is not None:
        return unusable
    verdict = permits(
        Proposal(
            channel=channel,
            category=ask.category,
            slot=ask.slot,
            answers_own_act_at=ask.answers_own_act_at,
            template_has_link=linked,
            at_any_hour=at_any_hour(ask.origin, ask.category),
            passes=passes(ask.origin, ask.category) or OPTED_OUT,
        ),
        facts,
        rules,
        now,
    )
    return verdict if isinstance(verdict, Refusal) else None


def _unusable(channel: ChannelFact, ask: Ask, locale: str, now: datetime) -> Refusal | None:
    """What no rule has to say: the medium is spent, or cannot work."""
    medium = str(channel.medium)
    if channel.medium in ask.tried:
        return Refusal("journey", "medium_tried", None, {"medium": medium})
    if ask.policy.order and channel.medium not in ask.policy.order:
        return Refusal("journey", "not_preferred", None, {"medium": medium})
    if channel.sender_id is None:
        return Refusal("sender", "no_sender", None, {"medium": medium})
    if not channel.valid:
        return Refusal("address", "address_invalid", None, {"medium": medium})
    if channel.unhealthy is not None:
        return Refusal(
            "sender", "sender_unhealthy", None, {"medium": medium, "why": channel.unhealthy}
        )
    if channel.languages is not None and locale not in channel.languages:
        return Refusal("provider", "template_not_approved", None, {"locale": locale})
    if ask.template in channel.stopped:
        return Refusal(_APPROVAL, "template_stopped", None, {"medium": medium})
    if not _may_say(channel, ask.template, locale, now):
        return Refusal(_APPROVAL, "template_not_approved", None, {"locale": locale})
    return None


def _may_say(channel: ChannelFact, template: str, locale: str, now: datetime) -> bool:
    """Whether the provider approved it in this language, or the customer wrote within a day."""
    if channel.approved is None:
        return True
    if channel.heard_at is not None and now < channel.heard_at + OPEN_FOR:
        return True
    language = locale.replace("_", "-").partition("-")[0].lower()
    return (template, language) in channel.approved


def _first_to_open(refusals: Sequence[Refused]) -> Refusal:
    """The refusal that explains the silence: what time opens first, else what somebody mends,
    else what only a new fact can change."""
    if not refusals:
        return Refusal("address", "no_address", None)
    found = [refused.refusal for refused in refusals]
    opening = [(at, i) for i, refusal in enumerate(found) if (at := refusal.look_again_at)]
    if opening:
        return found[min(opening)[1]]
    telling = [refusal for refusal in found if refusal.reason not in _OWN]
    if not telling:
        return Refusal("journey", "no_medium_left", None)
    return min(telling, key=lambda refusal: refusal.reason not in _MENDED)


def _pick(
    allowed: Sequence[ChannelFact], ask: Ask, facts: Facts, case_key: str
) -> tuple[ChannelFact, float]:
    if ask.policy.order:
        return min(allowed, key=lambda c: ask.policy.order.index(c.medium)), 1.0
    for wished in _wishes(facts.preferred):
        for channel in allowed:
            if channel.medium is wished:
                return channel, 1.0
    ranked = sorted(allowed, key=lambda c: (-score(c, facts), c.contact_point_id))
    return _explore(ranked, case_key, ask.origin)


def _wishes(preferred: Medium | None) -> tuple[Medium, ...]:
    """What the customer asked for, then what reaches the same device."""
    match preferred:
        case None:
            return ()
        case Medium.WHATSAPP:
            return Medium.WHATSAPP, Medium.SMS
        case Medium.SMS:
            return Medium.SMS, Medium.WHATSAPP
        case Medium.EMAIL:
            return (Medium.EMAIL,)


def _explore(
    ranked: Sequence[ChannelFact], case_key: str, origin: str
) -> tuple[ChannelFact, float]:
    """Mostly the best, sometimes another, so that scores keep learning."""
    if len(ranked) == 1:
        return ranked[0], 1.0
    share = EXPLORE / len(ranked)
    index = 0
    if draw(case_key, origin, "explore") < EXPLORE:
        index = int(draw(case_key, origin, "which") * len(ranked))
    return ranked[index], 1.0 - EXPLORE + share if index == 0 else share
