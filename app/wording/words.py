"""The words of one template in one language, and their canonical form.

A revision is all languages of one template; its hash is the SHA-256 of the canonical content, so
equal words have equal hashes.

A text may stand in every form of address of its language. The form for anybody has the text's own
key (`email.closing`), the others follow an `@` (`email.closing@f`). An SMS or WhatsApp text may be
a list of lines (`sms.0`, `sms.1@m`), so that only the line that differs is written twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from app.wording.address import manner_of

PLAIN_SMS = "sms_plain"
"""The SMS for places where none may hold a link: it is said on the same medium."""

CALL = "call"
"""What somebody of the team says on the telephone. It is read aloud, and holds no link."""

IN_LINES = ("sms", PLAIN_SMS, "whatsapp.text", CALL)


class Mark(StrEnum):
    """What a template is to the law, beyond its category."""

    FIRST_MESSAGE = "first_message"  # the first that a customer hears of a claim
    ASKS_PAYMENT = "asks_payment"  # reminders with a way to pay do so unmarked
    LIMITATION_NOTICE = "limitation_notice"  # says what the law wants said of a barred debt
    LEGAL_THREAT = "legal_threat"
    VALIDATION_NOTICE = "validation_notice"
    WRITTEN_DEBT_NOTICE = "written_debt_notice"
    PRE_TRANSFER_NOTICE = "pre_transfer_notice"


@dataclass(frozen=True, slots=True)
class Text:
    """One authored string and where it stands: the line of its start, or that of each line."""

    source: str
    line: int = 0
    lines: tuple[int, ...] = ()

    def line_at(self, line: int) -> int:
        """The line of the file on which this line of the text stands, counted from 1."""
        return self.lines[line - 1] if self.lines else self.line + line - 1


@dataclass(frozen=True, slots=True)
class LocalWords:
    """One template in one language. `texts` is keyed `email.subject`, `email.body.0`, `sms`."""

    template: str
    locale: str
    category: str
    texts: Mapping[str, Text]
    button_link: str = "pay"
    lists_invoices: bool = False
    whatsapp_approved: bool = False
    file: str = ""
    marks: frozenset[Mark] = frozenset()

    def body(self) -> tuple[Text, ...]:
        """The paragraphs of the email, in order."""
        return tuple(text for key, text in self.texts.items() if key.startswith("email.body."))

    def media(self) -> tuple[str, ...]:
        """The media that have words."""
        return tuple(sorted({re.split("[.@]", key)[0] for key in self.texts} - {PLAIN_SMS}))

    def said_on(self, medium: str, *, without_link: bool) -> str:
        """The key of the text for a medium: `sms_plain` is there for what may hold no link."""
        if not without_link or medium != "sms":
            return medium
        plain = any(re.split("[.@]", key)[0] == PLAIN_SMS for key in self.texts)
        return PLAIN_SMS if plain else medium

    def forms(self) -> tuple[str, ...]:
        """The forms of address in which some text stands, the one for anybody first."""
        others = {key.partition("@")[2] for key in self.texts} - {""}
        manner = manner_of(self.locale)
        return (manner.anybody, *(form for form in manner.forms if form in others))

    def heard_in(self, key: str) -> tuple[str, ...]:
        """The forms of address in which the text of this key is said."""
        form = key.partition("@")[2]
        if form:
            return (form,)
        split = any(other.startswith(f"{key}@") for other in self.texts)
        return self.forms()[:1] if split else self.forms()

    def said_in(self, form: str) -> LocalWords:
        """The words as this form of address says them: one plain text a key, lines joined."""
        plain = {
            key: self.texts.get(f"{key}@{form}", text)
            for key, text in self.texts.items()
            if "@" not in key
        }
        return replace(self, texts=_lines_joined(plain))

    def content(self) -> dict[str, Any]:
        """What the hash covers: words and switches, no lines and no file name."""
        marked = {"marks": sorted(self.marks)} if self.marks else {}
        return {
            **marked,
            "category": self.category,
            "texts": {key: text.source for key, text in self.texts.items()},
            "button_link": self.button_link,
            "lists_invoices": self.lists_invoices,
            "whatsapp_approved": self.whatsapp_approved,
        }


def canonical(words: Iterable[LocalWords]) -> str:
    """One template in all its languages as one JSON text, the same for the same words."""
    rows = sorted(words, key=lambda row: row.locale)
    names = {row.template for row in rows}
    if len(names) != 1:
        raise ValueError(f"a revision holds one template, not {sorted(names)}")
    content = {"template": names.pop(), "locales": {row.locale: row.content() for row in rows}}
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(text: str) -> str:
    """SHA-256 of a canonical text, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def from_canonical(text: str) -> dict[str, LocalWords]:
    """The words of a stored revision, by locale."""
    content = json.loads(text)
    return {
        locale: LocalWords(
            template=content["template"],
            locale=locale,
            category=row["category"],
            texts={key: Text(row["texts"][key]) for key in sorted(row["texts"], key=_by_number)},
            button_link=row["button_link"],
            lists_invoices=row["lists_invoices"],
            whatsapp_approved=row["whatsapp_approved"],
            marks=frozenset(map(Mark, row.get("marks", ()))),
        )
        for locale, row in content["locales"].items()
    }


def _by_number(key: str) -> tuple[str, int, str]:
    plain, _, form = key.partition("@")
    stem, _, tail = plain.rpartition(".")
    return (stem, int(tail), form) if tail.isdigit() else (plain, -1, form)


def _lines_joined(texts: Mapping[str, Text]) -> dict[str, Text]:
    joined: dict[str, Text] = {}
    for key, text in texts.items():
        stem = key.rpartition(".")[0]
        if stem not in IN_LINES:
            joined[key] = text
        elif stem not in joined:
            joined[stem] = Text(text.source, text.line, (text.line,))
        else:
            before = joined[stem]
            lines = (*before.lines, text.line)
            joined[stem] = Text(f"{before.source}\n{text.source}", before.line, lines)
    return joined
