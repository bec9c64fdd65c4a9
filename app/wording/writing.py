"""Words written as the file that an author would have left: what `files.read_file` reads back."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from app.wording.address import manner_of
from app.wording.files import EMAIL_TEXTS, DraftFile, as_left
from app.wording.words import CALL, PLAIN_SMS, LocalWords, Text

_WIDE = 4096


def written(words: LocalWords) -> str:
    """One language of a template as a file. Comments and layout are not kept in what is published,
    so they are not there."""
    head = {"template": words.template, "locale": words.locale, "category": words.category}
    marks = {"marks": sorted(map(str, words.marks))} if words.marks else {}
    said = {key: _said(words, key) for key in ("sms", PLAIN_SMS, CALL)}
    file = {
        **head,
        **marks,
        "email": _email(words),
        **{key: text for key, text in said.items() if text is not None},
        "whatsapp": {"approved": words.whatsapp_approved, "text": _said(words, "whatsapp.text")},
    }
    told = StringIO()
    _yaml().dump(file, told)
    return told.getvalue()


def _email(words: LocalWords) -> dict[str, Any]:
    texts = {key: _said(words, f"email.{key}") for key in ("subject", "preheader", "greeting")}
    mail = {**texts, "body": _said(words, "email.body")}
    if words.button_link != "pay":
        mail["button_link"] = words.button_link
    if words.lists_invoices:
        mail["invoices"] = True
    for key in EMAIL_TEXTS:
        mail.setdefault(key, _said(words, f"email.{key}"))
    return {key: value for key, value in mail.items() if value is not None}


def _said(words: LocalWords, key: str) -> Any:
    """One text, or a list of them where they are numbered; None where there is none."""
    if key in words.texts:
        return _forms(words, key)
    lines: list[str | Mapping[str, str]] = []
    while f"{key}.{len(lines)}" in words.texts:
        lines.append(_forms(words, f"{key}.{len(lines)}"))
    return lines or None


def _forms(words: LocalWords, key: str) -> str | Mapping[str, str]:
    forms = manner_of(words.locale).forms
    others = {
        form: words.texts[f"{key}@{form}"] for form in forms if f"{key}@{form}" in words.texts
    }
    if not others:
        return _text(words.texts[key])
    return {forms[0]: _text(words.texts[key])} | {f: _text(text) for f, text in others.items()}


def _text(text: Text) -> str:
    return LiteralScalarString(f"{text.source}\n") if "\n" in text.source else text.source


def rewritten(file: str, words: LocalWords) -> str:
    """The file with these words in it: where only texts differ, everything else stays as its author
    left it, comments too; else the words are written out."""
    before = as_left(DraftFile("", file))
    if before is None or not _differs_in_texts_alone(before, words):
        return written(words)
    yaml = _yaml()
    yaml.preserve_quotes = True
    content = yaml.load(file)
    for key, text in words.texts.items():
        if text.source != before.texts[key].source:
            _put(content, key, text, manner_of(words.locale).anybody)
    told = StringIO()
    yaml.dump(content, told)
    return told.getvalue()


def _differs_in_texts_alone(before: LocalWords, after: LocalWords) -> bool:
    heads = [{**words.content(), "texts": set(words.texts)} for words in (before, after)]
    return heads[0] == heads[1] and (before.template, before.locale) == (
        after.template,
        after.locale,
    )


def _put(content: Any, key: str, text: Text, anybody: str) -> None:
    stem, _, form = key.partition("@")
    names = [int(name) if name.isdecimal() else name for name in stem.split(".")]
    place = content
    for name in names[:-1]:
        place = place[name]
    if isinstance(place[names[-1]], dict):
        place, names = place[names[-1]], [form or anybody]
    place[names[-1]] = _text(text)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = _WIDE
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
