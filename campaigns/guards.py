"""What no file of rules may undo: what a provider forbids, and what the house asks of a creditor.

A guarded row must stand in its pack, as wide as it is here at least and without an end: whoever
edits the file may add to it, and take nothing away. A creditor's own row may only be stricter than
the house's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from campaigns.duties import Act, Deadline, Hold, HoldEnd, HoldSignal
from campaigns.rulehead import Applies
from campaigns.rules import Cap, Freshness, Gap, MediumForbidden, Rule, Span, Window
from campaigns.vocabulary import Category, SenderRole

_OTHERS_DEBTS = frozenset({SenderRole.THIRD_PARTY, SenderRole.DEBT_BUYER})
_WHATSAPP = frozenset({"whatsapp"})
_SETS = (
    "roles", "debt_classes", "sectors", "media", "categories", "providers", "countries", "regions",
    "places",
)  # fmt: skip
_ASKS = frozenset({Category.REMINDER, Category.NOTICE, Category.OFFER})


@dataclass(frozen=True, slots=True)
class Guarded:
    """The least that a row must say."""

    says: Callable[[Rule], bool]
    applies: Applies


def _forbids(rule: Rule) -> bool:
    return isinstance(rule, MediumForbidden)


def _wants_attestation(rule: Rule) -> bool:
    return isinstance(rule, Deadline) and (rule.act, rule.before) == (
        Act.ATTESTATION,
        Act.FIRST_MESSAGE,
    )


def _stops_when_red(rule: Rule) -> bool:
    return isinstance(rule, Hold) and (rule.signal, rule.until) == (
        HoldSignal.QUALITY_RED,
        HoldEnd.RELEASED,
    )


GUARDED: Mapping[str, Mapping[str, Guarded]] = MappingProxyType(
    {
        "twilio": {
            "TW-US-3P": Guarded(
                _forbids,
                Applies(
                    roles=_OTHERS_DEBTS,
                    media=frozenset({"sms"}),
                    providers=frozenset({"twilio"}),
                    countries=frozenset({"US", "CA"}),
                ),
            ),
        },
        "whatsapp": {
            "WA-1": Guarded(_forbids, Applies(roles=_OTHERS_DEBTS, media=_WHATSAPP)),
            "WA-3": Guarded(_forbids, Applies(media=_WHATSAPP, categories=_ASKS, past_due_from=31)),
            "WA-3-LEGAL": Guarded(
                _forbids, Applies(media=_WHATSAPP, categories=frozenset({Category.LEGAL}))
            ),
            "WA-3-ATTESTATION": Guarded(_wants_attestation, Applies(media=_WHATSAPP)),
            "WA-9": Guarded(_stops_when_red, Applies(media=_WHATSAPP)),
        },
    }
)
"""By pack and id. A test holds the files that ship to it."""


def guards_of(pack: str) -> Mapping[str, Guarded]:
    return GUARDED.get(pack, {})


def weakened(rule: Rule, guard: Guarded) -> str | None:
    """How a row says less than its guard wants, in words; None when it says enough."""
    head, least = rule.head, guard.applies
    if not guard.says(rule):
        return "it no longer says the same"
    if head.disabled or head.effective_to:
        return "it is switched off, or has an end"
    if head.effective_from:
        return "it begins on a day, and must hold always"
    narrow = [
        name for name in _SETS if _is_narrower(getattr(head.applies, name), getattr(least, name))
    ]
    if (head.applies.past_due_from or 0) > (least.past_due_from or 0):
        narrow.append("past_due_from")
    return f"it applies to less ({', '.join(narrow)})" if narrow else None


def _is_narrower(words: frozenset[object], least: frozenset[object]) -> bool:
    """An empty set is any."""
    return bool(words) and not (least and least <= words)


def loosened(rule: Rule, house: Iterable[Rule]) -> Rule | None:
    """The row of the house that a creditor's own row would loosen, if it took its place."""
    return next((other for other in house if _is_looser(rule, other)), None)


def _is_looser(own: Rule, house: Rule) -> bool:
    match own, house:
        case Cap(), Cap():
            alike = (own.days, own.scope) == (house.days, house.scope)
            return alike and (own.n > house.n or not own.exempts <= house.exempts)
        case Gap(), Gap():
            alike = (own.scope, own.other_medium) == (house.scope, house.other_medium)
            return alike and (own.least < house.least or not own.exempts <= house.exempts)
        case Window(), Window():
            return any(not _is_within(span, house) for span in _spans(own))
        case Freshness(), Freshness():
            return (own.max_age or timedelta.max) > (house.max_age or timedelta.max)
        case _:
            return own.head.disabled != "" and own.id == house.id


def _spans(window: Window) -> Iterator[tuple[int | None, Span]]:
    """Each span with its weekday; None for business days."""
    if window.business is not None:
        yield None, window.business
    for day, span in enumerate(window.week):
        if span is not None:
            yield day, span


def _is_within(opened: tuple[int | None, Span], house: Window) -> bool:
    day, (opens, closes) = opened
    limits = [span for _, span in _spans(house)]
    if day is not None and house.business is None:
        limits = [span for span in (house.week[day],) if span is not None]
    return any(first <= opens and closes <= last for first, last in limits)
