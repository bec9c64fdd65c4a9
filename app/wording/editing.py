"""A template in one language as the fields of a form, and back. It checks nothing but shape:
whatever a designer leaves half done is kept as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from app.wording.address import manner_of
from app.wording.files import BUTTON_LINKS, FOR_ANYBODY
from app.wording.language import LONGEST_SOURCE
from app.wording.words import CALL, IN_LINES, PLAIN_SMS, LocalWords, Text

MOST_FIELDS: Final = 160
BODY: Final = "email.body"
OPTIONAL: Final = ("email.button", "email.closing", PLAIN_SMS, CALL)
"""Texts that a language may have or not."""
_ORDER: Final = (
    "email.subject", "email.preheader", "email.greeting", BODY, "email.button", "email.closing",
    "sms", PLAIN_SMS, "whatsapp.text", CALL,
)  # fmt: skip
_KEY: Final = re.compile(
    r"(email\.(?:subject|preheader|greeting|button|closing)|email\.body(?=\.)"
    r"|sms_plain|sms|whatsapp\.text|call)(?:\.(\d{1,2}))?(?:@([a-z]{1,12}))?"
)


class UnknownField(ValueError):
    """A form that is not ours: what it sends is no text of a template."""


@dataclass(frozen=True, slots=True)
class Field:
    """One text that can be written: `key` as the words have it, `stem` without number and form."""

    key: str
    stem: str
    number: int | None
    form: str
    source: str

    @property
    def medium(self) -> str:
        return re.split("[.@]", self.stem)[0]

    @property
    def rows(self) -> int:
        """How many lines of a box show it whole."""
        return min(14, sum(1 + len(line) // 44 for line in self.source.split("\n")))


def fields_of(words: LocalWords) -> list[Field]:
    """Every text, in the order in which a message is read; the form for anybody first."""
    manner = manner_of(words.locale)
    found = [_field(key, text.source) for key, text in words.texts.items()]

    def place(field: Field) -> tuple[int, int, int]:
        form = manner.forms.index(field.form) if field.form in manner.forms else 0
        return _ORDER.index(field.stem), field.number or 0, form

    return sorted((field for field in found if field is not None), key=place)


def edited(
    words: LocalWords, texts: Mapping[str, str], *, button_link: str, lists_invoices: bool,
    whatsapp_approved: bool,
) -> LocalWords:  # fmt: skip
    """The words with these texts and no other. Raises `UnknownField`."""
    if len(texts) > MOST_FIELDS or button_link not in BUTTON_LINKS:
        raise UnknownField
    kept = {}
    for key, source in texts.items():
        if _field(key, source) is None or len(source) > 2 * LONGEST_SOURCE:
            raise UnknownField
        kept[key] = Text(_lines(source))
    changed = replace(
        words, button_link=button_link, lists_invoices=lists_invoices,
        whatsapp_approved=whatsapp_approved,
    )  # fmt: skip
    return _ordered(changed, kept)


def with_paragraph(words: LocalWords) -> LocalWords:
    """One more paragraph in the mail, empty."""
    return _ordered(words, {**words.texts, f"{BODY}.{len(_numbers(words, BODY))}": Text("")})


def with_text(words: LocalWords, stem: str) -> LocalWords:
    """A text that the language does not have yet, empty."""
    if stem not in OPTIONAL or any(key.startswith(stem) for key in words.texts):
        return words
    return _ordered(words, {**words.texts, stem: Text("")})


def without(words: LocalWords, key: str) -> LocalWords:
    """The words without a paragraph or an optional text, in all its forms of address."""
    field = _field(key, "")
    if field is None or (field.stem not in OPTIONAL and field.number is None):
        return words
    base = key.partition("@")[0]
    kept = {name: text for name, text in words.texts.items() if name.partition("@")[0] != base}
    return _ordered(words, kept)


def in_forms(words: LocalWords, key: str) -> LocalWords:
    """The text of this key in every form of address, each beginning with what stands there."""
    forms = manner_of(words.locale).forms[1:]
    if key not in words.texts or "@" in key or key in FOR_ANYBODY:
        return words
    more = {f"{key}@{form}": words.texts[key] for form in forms}
    return _ordered(words, {**more, **words.texts})


def for_anybody(words: LocalWords, key: str) -> LocalWords:
    """The text of this key in one form alone: the one that is right for anybody."""
    kept = {name: text for name, text in words.texts.items() if not name.startswith(f"{key}@")}
    return _ordered(words, kept)


def begun(source: LocalWords, locale: str) -> LocalWords:
    """A language of the same template with every text still to be written. Empty texts keep a
    template from being published."""
    texts = {key: Text("") for key in source.texts if "@" not in key}
    stems = {key.rpartition(".")[0] for key in texts if key.rpartition(".")[0] in IN_LINES}
    plain = {key: text for key, text in texts.items() if key.rpartition(".")[0] not in IN_LINES}
    return _ordered(
        replace(source, locale=locale, whatsapp_approved=False, file=f"{locale}.yaml"),
        {**plain, **{stem: Text("") for stem in stems}},
    )


def left_in(words: LocalWords) -> tuple[str, ...]:
    """The keys of the texts that are still to be written."""
    return tuple(key for key, text in words.texts.items() if not text.source.strip())


def key_at(words: LocalWords, line: int) -> tuple[str, int]:
    """The text in which a line of the file stands, and its line there; no text's is `("", 0)`."""
    starts = [(text.line, key) for key, text in words.texts.items() if text.line <= line]
    if not starts:
        return "", 0
    start, key = max(starts)
    return key, line - start + 1


def is_beyond_forms(words: LocalWords, key: str) -> bool:
    """Whether a text can be written for anybody alone."""
    return key in FOR_ANYBODY or len(manner_of(words.locale).forms) == 1


def _field(key: str, source: str) -> Field | None:
    match = _KEY.fullmatch(key)
    if match is None or (match[2] is not None and match[1] not in (BODY, *IN_LINES)):
        return None
    number = int(match[2]) if match[2] is not None else None
    return Field(key, match[1], number, match[3] or "", source)


def _numbers(words: LocalWords, stem: str) -> list[str]:
    return [
        key for key in words.texts if "@" not in key and re.fullmatch(rf"{stem}\.\d+", key)
    ]  # fmt: skip


def _ordered(words: LocalWords, texts: Mapping[str, Text]) -> LocalWords:
    """In reading order, and numbered without a gap."""
    fields = fields_of(replace(words, texts=texts))
    numbers: dict[str, list[int]] = {}
    renamed: dict[str, Text] = {}
    for field in fields:
        key = field.key
        if field.number is not None:
            seen = numbers.setdefault(field.stem, [])
            if field.number not in seen:
                seen.append(field.number)
            form = f"@{field.form}" if field.form else ""
            key = f"{field.stem}.{len(seen) - 1}{form}"
        renamed[key] = texts[field.key]
    return replace(words, texts=renamed)


def _lines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
