"""What a text means: the stop words of every language first, then the phrases of every language.

Reading is total and pure. It only says what was written; what follows from it is decided elsewhere.
Where it doubts, it says the meaning that makes us more silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never

from app.hearing.details import Spoken, details_of
from app.hearing.intents import Asked, Confidence, Details, Intent, Meaning
from app.hearing.lexicon import lexicon
from app.hearing.matches import SURE, WISHES, Match, matches_in, of_section
from app.hearing.reading import Reading, Verdict, read
from app.hearing.tokens import LONGEST, tokens
from app.hearing.word_files import WITH_DAY, Section

POLITE: Final = frozenset({Intent.THANKS, Intent.CHANNEL, Intent.OPT_IN})
"""Beside a negation these are doubtful: "no thanks", "no more mails"."""
SHORT: Final = 5
"""Words up to which a day with nothing beside it answers "when will you pay"."""
LONG: Final = 20
"""Words up to which it may do so."""
BESIDE: Final[Mapping[Intent, frozenset[Intent]]] = {
    Intent.CHANNEL: frozenset({Intent.INVOICE_COPY, Intent.PAID_ALREADY}),
    Intent.CALL_ME: frozenset({Intent.OPT_OUT, Intent.COMPLAINT, Intent.MINOR}),
    Intent.HOUR: frozenset(
        {
            Intent.PROMISE,
            Intent.PAID_ALREADY,
            Intent.SELF_HARM,
            Intent.ILLNESS,
            Intent.HARDSHIP,
            Intent.DISPUTE,
            Intent.BEREAVEMENT,
            Intent.BREATHING_SPACE,
            Intent.MINOR,
        }
    ),
}
"""What is only a part of the other text: "send the invoice by mail", "I want your boss"."""
DAY_IS_THEIRS: Final = frozenset(
    {
        Intent.BEREAVEMENT, Intent.DISPUTE, Intent.PAID_ALREADY, Intent.PLAN_REQUEST,
        Intent.CALL_ME, Intent.HOUR,
    }
)  # fmt: skip
"""Beside these a day is no promise by itself."""
SILENCING: Final = frozenset(Intent) - {
    Intent.PROMISE, Intent.PART_PAYMENT, Intent.PLAN_REQUEST, Intent.PAID_ALREADY,
    Intent.INVOICE_COPY, Intent.CALL_ME, Intent.LANGUAGE, Intent.CHANNEL, Intent.HOUR,
    Intent.HELP, Intent.OPT_IN, Intent.THANKS,
}  # fmt: skip
"""Meanings that only ever make us more silent."""

ABOUT_DEATH: Final = frozenset(
    {Intent.BEREAVEMENT, Intent.ILLNESS, Intent.ABUSE, Intent.WRONG_PERSON, Intent.MINOR}
)
"""What explains words of death that are no danger to the writer."""

_ORDER: Final = {intent: rank for rank, intent in enumerate(Intent)}
UNCLEAR: Final = Meaning(Intent.UNCLEAR, Confidence.POSSIBLE, "none")


def understand(text: str, asked: Asked) -> Sequence[Meaning]:
    """All that `text` means, the gravest first, each intent once; never empty.

    `OPT_OUT` is `CERTAIN` for the words of the contact rules' section 7 and `POSSIBLE` for what is
    probably one: that holds until a person has read it. Of a text longer than `LONGEST` only what
    silences us is believed.
    """
    reading = read(text[:LONGEST])
    found = list(_by_keyword(reading))
    if not _is_settled(reading):
        found.extend(_by_phrase(text, asked))
    if len(text) > LONGEST:
        found = [meaning for meaning in found if meaning.intent in SILENCING]
    return gravest_first(found) or [UNCLEAR]


class Understanding:
    """The `Reader` that ships: deterministic, the same answer for the same text and day."""

    def understand(self, text: str, asked: Asked) -> Sequence[Meaning]:
        return understand(text, asked)


def _is_settled(reading: Reading) -> bool:
    """A stop word, a word of return and a word for help have no second meaning."""
    return reading.rule in ("exact", "keyword") and reading.verdict is not Verdict.UNREAD


def _by_keyword(reading: Reading) -> Iterator[Meaning]:
    match reading.verdict:
        case Verdict.OPT_OUT:
            yield Meaning(Intent.OPT_OUT, Confidence.CERTAIN, reading.rule)
        case Verdict.SUSPECTED if reading.rule == "wrong_number":
            yield Meaning(Intent.WRONG_PERSON, Confidence.LIKELY, reading.rule)
        case Verdict.SUSPECTED:
            yield Meaning(Intent.OPT_OUT, Confidence.POSSIBLE, reading.rule)
        case Verdict.OPT_IN:
            yield Meaning(Intent.OPT_IN, Confidence.CERTAIN, reading.rule)
        case Verdict.HELP:
            yield Meaning(Intent.HELP, Confidence.CERTAIN, reading.rule)
        case Verdict.UNREAD:
            return
        case _:
            assert_never(reading.verdict)


def _by_phrase(text: str, asked: Asked) -> Iterator[Meaning]:
    words = tokens(text)
    hits = lexicon().find(words)
    heard = _without_echoes(matches_in(words, hits), asked.locales)
    spoken = Spoken(words, hits, asked, tuple(each.hit.entry.locale for each in heard))
    best: dict[Intent, Match] = {}
    said = {each.intent for each in heard if each.kind != WITH_DAY and not each.is_last}
    for each in sorted(heard, key=lambda each: each.rank):
        if each.is_last:
            continue
        is_vague = each.kind == WITH_DAY and each.intent not in said
        if is_vague and not (spoken.names_day(each.intent) and said.isdisjoint(DAY_IS_THEIRS)):
            continue
        best.setdefault(each.intent, each)
    best = _gravest_alone(best | _last_net(best, heard))
    for intent, each in best.items():
        if best.keys().isdisjoint(BESIDE.get(intent, ())) and not _is_only_thanks(intent, best):
            yield _meaning(each, spoken, is_twice=_is_twice(each, heard))
    if best and best.keys() <= POLITE and any(of_section(hits, Section.NEGATION)):
        yield UNCLEAR
    if not best and len(words) <= LONG:
        yield from _by_day(spoken, len(words))


def _last_net(best: Mapping[Intent, Match], heard: Sequence[Match]) -> dict[Intent, Match]:
    """What counts only where nothing understood explains it: words of death near "I", a "no" near
    "messages"."""
    last = {each.intent: each for each in heard if each.is_last and each.intent not in best}
    if not best.keys().isdisjoint(ABOUT_DEATH):
        last.pop(Intent.SELF_HARM, None)
    if not best.keys() <= WISHES:
        last.pop(Intent.OPT_OUT, None)
    return last


def _gravest_alone(best: dict[Intent, Match]) -> dict[Intent, Match]:
    """Beside danger to oneself nothing that we would act on is believed."""
    if Intent.SELF_HARM not in best:
        return best
    return {intent: each for intent, each in best.items() if intent in SILENCING}


def _is_only_thanks(intent: Intent, best: Mapping[Intent, Match]) -> bool:
    """Thanks are a meaning only alone."""
    return intent is Intent.THANKS and len(best) > 1


def _by_day(spoken: Spoken, length: int) -> Iterator[Meaning]:
    """A day and nothing else: when they will pay, or did. Sure only in a very short text."""
    for intent in (Intent.PROMISE, Intent.PAID_ALREADY):
        if spoken.names_day(intent):
            sure = Confidence.LIKELY if length <= SHORT else Confidence.POSSIBLE
            yield Meaning(intent, sure, "day", details_of(spoken, intent, "", (0, length)))
            return


def _without_echoes(heard: Sequence[Match], locales: Sequence[str]) -> Sequence[Match]:
    """Where the writer's own language says something, a single word that also is one of another
    language counts only for what is gravest."""
    own = {locale[:2].lower() for locale in locales}
    if not any(each.hit.entry.locale in own for each in heard):
        return heard
    return [
        each
        for each in heard
        if each.hit.entry.locale in own
        or each.intent in (Intent.SELF_HARM, Intent.OPT_OUT)
        or len(each.hit.entry.phrase.parts) > 1
    ]


def _is_twice(said: Match, heard: Sequence[Match]) -> bool:
    """Two signs of danger at two places are more than one."""
    return said.intent is Intent.SELF_HARM and any(
        other.intent is said.intent
        and (other.hit.end <= said.hit.start or said.hit.end <= other.hit.start)
        for other in heard
    )


def _meaning(heard: Match, spoken: Spoken, *, is_twice: bool) -> Meaning:
    hit, stands = heard.hit, heard.hit.entry.phrase.stands
    sure = max(SURE[stands], Confidence.LIKELY) if is_twice else SURE[stands]
    if heard.intent is Intent.OPT_OUT:
        sure = Confidence.POSSIBLE  # only the listed words opt out by themselves
    if heard.kind == WITH_DAY and len(spoken.words) > SHORT:
        sure = Confidence.POSSIBLE  # a day in a longer text may be anybody's
    details = details_of(spoken, heard.intent, heard.kind, (hit.start, hit.end))
    return Meaning(heard.intent, sure, heard.rule, details)


def gravest_first(found: Sequence[Meaning]) -> list[Meaning]:
    """Each intent once, at its surest."""
    surest: dict[Intent, Meaning] = {}
    for meaning in found:
        known = surest.get(meaning.intent)
        if known is None or known.confidence < meaning.confidence:
            kept = (
                meaning
                if known is None or meaning.details != Details()
                else replace(meaning, details=known.details)
            )
            surest[meaning.intent] = kept
    return sorted(surest.values(), key=lambda meaning: _ORDER[meaning.intent])
