"""The phrases of a text that count: where they must stand, not denied, not taken back, not hidden.

What they mean together is decided by `understanding`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from app.hearing.intents import Confidence, Intent
from app.hearing.lexicon import Hit
from app.hearing.phrases import Stands
from app.hearing.tokens import Token
from app.hearing.word_files import Section

BEHIND: Final = 1
"""Words between a vague phrase and the word of business that it is about."""
REACH: Final = 3
"""Words between a negation and what it negates."""

BELIEVED: Final = frozenset(
    {
        Intent.DISPUTE, Intent.PAID_ALREADY, Intent.PART_PAYMENT, Intent.PLAN_REQUEST,
        Intent.PROMISE, Intent.INVOICE_COPY, Intent.CALL_ME, Intent.LANGUAGE, Intent.CHANNEL,
        Intent.HELP, Intent.THANKS,
    }
)  # fmt: skip
"""What a negation takes back. The rest holds, said or denied."""
NEVER_HIDDEN: Final = frozenset(
    {
        Intent.SELF_HARM, Intent.OPT_OUT, Intent.WRONG_PERSON, Intent.BEREAVEMENT, Intent.MINOR,
        Intent.LAWYER, Intent.INSOLVENCY, Intent.BREATHING_SPACE, Intent.ILLNESS,
    }
)  # fmt: skip
"""What a longer phrase of another meaning never covers."""
WISHES: Final = frozenset({Intent.LANGUAGE, Intent.CHANNEL, Intent.HOUR})
"""How somebody wants to be written to: said beside something else, never instead of it."""
SURE: Final = {
    Stands.WHOLE: Confidence.CERTAIN,
    Stands.HEAD: Confidence.LIKELY,
    Stands.ANYWHERE: Confidence.LIKELY,
    Stands.HINT: Confidence.POSSIBLE,
    Stands.VAGUE: Confidence.POSSIBLE,
    Stands.LAST: Confidence.POSSIBLE,
}


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase that counts, before its details are looked for."""

    hit: Hit
    intent: Intent
    kind: str

    @property
    def is_last(self) -> bool:
        return self.hit.entry.phrase.stands is Stands.LAST

    @property
    def is_vague(self) -> bool:
        """Such as "I can't any more": only possible, and nothing where it is about business."""
        return self.hit.entry.phrase.stands is Stands.VAGUE

    @property
    def rank(self) -> tuple[int, bool, int, int]:
        """The surest first, then what names its kind, then the widest, then the earliest.

        A request for data stops nothing: a complaint beside it counts.
        """
        hit = self.hit
        is_vaguer = bool(self.kind) if self.intent is Intent.COMPLAINT else not self.kind
        return -SURE[hit.entry.phrase.stands], is_vaguer, hit.start - hit.end, hit.start

    @property
    def rule(self) -> str:
        """Where it stands in the files. Of a complaint also its kind, which no detail tells."""
        kind = self.kind if self.intent is Intent.COMPLAINT else ""
        stands = (self.hit.entry.locale, self.hit.entry.phrase.stands, kind)
        return ".".join(part for part in stands if part)


def matches_in(words: Sequence[Token], hits: Sequence[Hit]) -> list[Match]:
    """The phrases for intents that stand where they must, and that nothing takes back."""
    fillers = {
        place for hit in of_section(hits, Section.FILLER) for place in range(hit.start, hit.end)
    }
    negations = list(of_section(hits, Section.NEGATION))
    all_said = [
        Match(hit, Intent(hit.entry.key), hit.entry.kind)
        for hit in of_section(hits, Section.INTENT)
        if _stands(hit, words, fillers)
    ]
    business = list(of_section(hits, Section.BUSINESS))
    unless = [each for each in all_said if each.hit.entry.phrase.stands is Stands.UNLESS]
    said = [
        each
        for each in all_said
        if each.hit.entry.phrase.stands is not Stands.UNLESS
        and not any(_overrules(other, each) for other in unless)
        and not (each.intent in BELIEVED and _is_negated(each.hit, words, negations))
        and not (each.is_vague and any(_turns(other, each.hit, words) for other in business))
    ]
    return [each for each in said if not any(_hides(other, each) for other in said)]


def _stands(hit: Hit, words: Sequence[Token], fillers: set[int]) -> bool:
    """Greetings and the like may stand around a whole message, and before a head."""
    match hit.entry.phrase.stands:
        case Stands.WHOLE:
            rest = (*range(hit.start), *range(hit.end, len(words)))
            return all(place in fillers for place in rest)
        case Stands.HEAD:
            return all(place in fillers for place in range(hit.start))
        case _:
            return True


def _overrules(unless: Match, said: Match) -> bool:
    if unless.intent is not said.intent or unless.kind not in ("", said.kind):
        return False
    return unless.hit.start < said.hit.end and said.hit.start < unless.hit.end


def _turns(business: Hit, vague: Hit, words: Sequence[Token]) -> bool:
    """A word of business within a vague phrase, or right behind it, says what it is about: "I
    can't find the bill any more". The phrase's own words ("my last message") are none."""
    if business.entry.locale != vague.entry.locale:
        return False
    if words[business.start].sentence != words[vague.start].sentence:
        return False
    if any(part.fits(words[business.start]) for part in vague.entry.phrase.parts):
        return False
    return vague.start <= business.start <= vague.end + BEHIND


def _hides(other: Match, said: Match) -> bool:
    """A longer phrase says more exactly what a shorter one inside it seems to say."""
    if other.intent in WISHES or other.intent is said.intent or said.intent in NEVER_HIDDEN:
        return False
    if any(part.is_gap for part in other.hit.entry.phrase.parts):
        return False
    longer = other.hit.end - other.hit.start > said.hit.end - said.hit.start
    return longer and other.hit.start <= said.hit.start and said.hit.end <= other.hit.end


def _is_negated(hit: Hit, words: Sequence[Token], negations: Sequence[Hit]) -> bool:
    """A negation of the same language before it, in a gap of it, or behind it where that language
    says it there; within the clause. A phrase that is a negation itself ("ne marche pas") is not
    taken back by its other half."""
    spoken = {word for part in hit.entry.phrase.parts for word in part.words}
    own = [each for each in negations if each.entry.locale == hit.entry.locale]
    inside = [each for each in own if hit.start <= each.start < hit.end]
    if any(words[each.start].word in spoken for each in inside):
        return False
    return bool(inside) or any(_reaches(each, hit, words) for each in own)


def _reaches(negation: Hit, hit: Hit, words: Sequence[Token]) -> bool:
    if negation.entry.key == "after":
        distance, other = negation.start - hit.end, words[hit.end - 1]
        return 0 <= distance < 2 and words[negation.start].clause == other.clause
    distance, other = hit.start - negation.end, words[hit.start]
    return 0 <= distance < REACH and words[negation.start].clause == other.clause


def of_section(hits: Iterable[Hit], section: Section) -> Iterator[Hit]:
    return (hit for hit in hits if hit.entry.section is section)
