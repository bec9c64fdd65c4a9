"""What a template is written in: each language and medium, with what is there and what it costs.

Worked out of published content alone, so it is kept by that content and asked again for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Final

from app.wording.check import MOST_SEGMENTS
from app.wording.errors import WordingError
from app.wording.render import Wording
from app.wording.revisions import Revision
from app.wording.samples import render_sample
from app.wording.words import CALL, PLAIN_SMS, LocalWords, from_canonical
from channels.sms import SmsSize

MEDIA = ("email", "sms", PLAIN_SMS, "whatsapp", CALL)
EXPECTED = ("email", "sms", "whatsapp")
"""Every language of a template has these; the others are written where they are wanted."""
_ALONE: Final = Lock()


@dataclass(frozen=True, slots=True)
class Cell:
    """A template on one medium in one language. `size` is that of the dearest usual SMS, None off
    SMS and where no sample fits; `most` how many segments it should have. `is_flagged`: the file
    says that WhatsApp has approved it."""

    locale: str
    medium: str
    letters: int
    forms: int
    size: SmsSize | None = None
    most: int | None = None
    is_flagged: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it costs more than texts of its language should."""
        return self.size is not None and self.most is not None and self.size.segments > self.most


@dataclass(frozen=True, slots=True)
class Spread:
    """One template in all its languages and media."""

    template: str
    category: str
    hash: str
    marks: tuple[str, ...]
    button_link: str
    cells: Mapping[tuple[str, str], Cell]

    @property
    def locales(self) -> frozenset[str]:
        """The languages in which anything is written."""
        return frozenset(locale for locale, _ in self.cells)

    def cell(self, locale: str, medium: str) -> Cell | None:
        return self.cells.get((locale, medium))

    def missing(self, locale: str) -> tuple[str, ...]:
        """The media that this language should have words for, and has not."""
        return tuple(medium for medium in EXPECTED if (locale, medium) not in self.cells)


def spread_of(digest: str, content: str) -> Spread:
    """The languages and media of a published content. Raises as `from_canonical`.

    Two who want the same at once, as whoever opens the matrix while it is read ahead, have it
    worked out once: it takes 35 ms a template.
    """
    with _ALONE:
        return worked_out(digest, content)


@lru_cache(maxsize=512)
def worked_out(digest: str, content: str) -> Spread:
    """What `spread_of` answers, kept by its content."""
    words = from_canonical(content)
    first = next(iter(words.values()))
    wording = Wording([Revision(digest, content, words)])
    cells = {
        (each.locale, each.medium): each for row in words.values() for each in _cells(row, wording)
    }
    return Spread(
        first.template, first.category, digest, tuple(sorted(map(str, first.marks))),
        first.button_link, cells,
    )  # fmt: skip


def texts_on(words: LocalWords, medium: str) -> dict[str, str]:
    """The authored texts of one medium, by key."""
    return {
        key: text.source for key, text in words.texts.items() if re.split("[.@]", key)[0] == medium
    }


def _cells(words: LocalWords, wording: Wording) -> Iterator[Cell]:
    for medium in MEDIA:
        texts = texts_on(words, medium)
        if not texts:
            continue
        forms = len({key.partition("@")[2] for key in texts})
        size = _dearest(words, wording) if medium == "sms" else None
        most = MOST_SEGMENTS.get(words.locale, 3) if medium == "sms" else None
        flagged = medium == "whatsapp" and words.whatsapp_approved
        letters = sum(map(len, texts.values()))
        yield Cell(words.locale, medium, letters, forms, size, most, flagged)


def _dearest(words: LocalWords, wording: Wording) -> SmsSize | None:
    sizes = []
    for form in _differing(words):
        try:
            said = render_sample(words.template, "sms", words.locale, form=form, wording=wording)
        except WordingError:
            continue  # a customer whom the template is not for
        if said.size is not None:
            sizes.append(said.size)
    return max(sizes, key=lambda size: (size.segments, size.units), default=None)


def _differing(words: LocalWords) -> Iterable[str]:
    """The forms of address in which the SMS differs."""
    said = {words.said_in(form).texts["sms"].source: form for form in reversed(words.forms())}
    return said.values()
