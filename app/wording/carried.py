"""What a message carries and holds, so that a rule about texts can be asked of it.

Two things are told apart: what stands in the text as it leaves (a fact that is missing does not),
and what its authored words hold, worked out once a revision, language and medium.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from app.wording.phrases import Phrases, phrases_in
from app.wording.tone import telling_words
from app.wording.words import PLAIN_SMS, LocalWords, Text, from_canonical
from campaigns.duties import Check

_PREVIEWS = ("email.preheader", "sms", PLAIN_SMS, "whatsapp.text")
_URL = re.compile(r"https?://|www\.|\{\{ *[a-z]+_link *\}\}|\{\{ *stop *\}\}", re.IGNORECASE)
_PHONE = re.compile(r"\+\d[\d ().-]{6,}\d|\{\{ *creditor_phone *\}\}")
_CHAT = re.compile(r"\b(?:wa\.me|whatsapp\.com|t\.me|telegram\.me|m\.me)/", re.IGNORECASE)
_SHORTENER = re.compile(r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|rb\.gy)/", re.I)
_IDENTIFIER = re.compile(r"\b[A-Z]{2}\d{2}[A-Z0-9 ]{11,30}\b|\b(?:\d[ -]?){13,19}\b")
_AMOUNTS = re.compile(r"\{\{ *(?:total|payment|left|credit|promise_amount|instalment_amount) *\}\}")
_VARIABLE = re.compile(r"\{\{ *[a-z_]+ *\}\}")


@dataclass(frozen=True, slots=True)
class Held:
    """Something that a rule may forbid: the word, in which text, on which of its lines."""

    check: Check
    word: str
    key: str
    line: int


@lru_cache(maxsize=2048)
def held_by(content: str, locale: str, medium: str) -> tuple[Held, ...]:
    """What the authored words of a stored revision hold."""
    return held_in(from_canonical(content)[locale], medium)


def held_in(words: LocalWords, medium: str) -> tuple[Held, ...]:
    """What the authored words hold on one medium, in every form of address."""
    return tuple(
        found
        for key, text in words.texts.items()
        if key.partition(".")[0].partition("@")[0] == medium
        for found in _held(key, text, words.locale)
    )


def links_of(content: str) -> Mapping[str, bool]:
    """Whether the SMS that a stored revision has for places without links may hold one all the
    same, by language. A line that only some get counts: it may."""
    return {
        locale: any(
            _URL.search(text.source)
            for key, text in words.texts.items()
            if re.split("[.@]", key)[0] == words.said_on("sms", without_link=True)
        )
        for locale, words in from_canonical(content).items()
        if "sms" in words.media()
    }


def carried_in(text: str, values: Mapping[str, Any]) -> frozenset[str]:
    """The variables whose values stand in the text."""
    return frozenset(
        name
        for name, value in values.items()
        if isinstance(value, str) and (said := value.rstrip(".")) and said in text
    )


def answers_asked_for(text: str, locale: str) -> tuple[str, ...]:
    """Words that ask for a reply: wrong on a sender that hears none."""
    return phrases_in(text, locale, Phrases.REPLY)


def _held(key: str, text: Text, locale: str) -> Iterable[Held]:
    for check, find in _FINDERS.items():
        for word in find(text.source, locale):
            yield Held(check, word, key, _line(text, word))
    where = key.partition("@")[0]
    if (
        where == "email.subject"
        or where in _PREVIEWS
        or where.startswith(("sms.", f"{PLAIN_SMS}."))
    ):
        check = Check.DEBT_IN_SUBJECT if where == "email.subject" else Check.DEBT_IN_PREVIEW
        if where.startswith(("email", "sms")):
            for word in telling_words(text.source, locale):
                yield Held(check, word, key, _line(text, word))


def _line(text: Text, word: str) -> int:
    before = text.source.casefold().find(word.casefold())
    return text.source.count("\n", 0, max(0, before)) + 1


def _matching(pattern: re.Pattern[str]) -> Callable[[str, str], tuple[str, ...]]:
    def find(text: str, _: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(match[0].strip() for match in pattern.finditer(text)))

    return find


def _listed(*about: Phrases) -> Callable[[str, str], tuple[str, ...]]:
    def find(text: str, locale: str) -> tuple[str, ...]:
        return tuple(word for each in about for word in phrases_in(text, locale, each))

    return find


def _money(text: str, locale: str) -> tuple[str, ...]:
    said = _VARIABLE.sub("", text)  # `{{ creditor }}` is no credit
    return (*_matching(_AMOUNTS)(text, locale), *phrases_in(said, locale, Phrases.MONEY))


_FINDERS: Mapping[Check, Callable[[str, str], tuple[str, ...]]] = {
    Check.URL: _matching(_URL),
    Check.PHONE_NUMBER: _matching(_PHONE),
    Check.CHAT_LINK: _matching(_CHAT),
    Check.PUBLIC_SHORTENER: _matching(_SHORTENER),
    Check.FULL_IDENTIFIER: _matching(_IDENTIFIER),
    Check.PROMOTION: _listed(Phrases.PROMOTION),
    Check.PRESSURE: _listed(Phrases.PRESSURE),
    Check.COLLECTION_WORDING: _listed(Phrases.COLLECTION),
    Check.LEGAL_THREAT: _listed(Phrases.LEGAL),
    Check.MONEY_WORDING: _money,
    Check.CONSENT_WORDING: _listed(Phrases.CONSENT),
}
