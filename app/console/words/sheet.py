"""What the page of one template shows: fields beside another language, findings, the message."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from jinja2 import TemplateSyntaxError
from markupsafe import Markup, escape

from app.console.codes import MEDIA_ALONE
from app.console.words.approvals import Approval, Told, approval_of
from app.console.words.desk import TEXT, Desk
from app.console.words.letters import sealed
from app.console.words.preview import Press, Reader, Shown
from app.web.catalogues import N_
from app.wording.check import check_template
from app.wording.editing import OPTIONAL, Field, fields_of, is_beyond_forms, key_at, left_in
from app.wording.errors import WordingError
from app.wording.files import DraftFile, as_left
from app.wording.formats import formats_for
from app.wording.language import code_or_data
from app.wording.words import LocalWords
from app.wording.writing import rewritten

TITLES: Final[Mapping[str, str]] = {
    "email.subject": N_("Subject"),
    "email.preheader": N_("Preview line"),
    "email.greeting": N_("Greeting"),
    "email.body": N_("Paragraph"),
    "email.button": N_("Button"),
    "email.closing": N_("Last line"),
    "sms": N_("SMS"),
    "sms_plain": N_("SMS without links"),
    "whatsapp.text": N_("WhatsApp"),
    "call": N_("Call script"),
}
MEDIUM_TITLES: Final[Mapping[str, str]] = {
    **MEDIA_ALONE,
    "sms_plain": N_("SMS without links"),
    "call": N_("Call script"),
}
FORM_TITLES: Final[Mapping[str, str]] = {
    "neutral": N_("to anybody"),
    "f": N_("to a woman"),
    "m": N_("to a man"),
    "formal": N_("formal"),
    "informal": N_("informal"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding at a text: on which of its lines, what, and what to do."""

    line: int
    problem: str
    remedy: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Box:
    """One field of the form. `beside` is the same text in the language to compare with, `there`
    what somebody else has put there meanwhile, `read` the text with its code in order: a field of a
    language that runs to the left turns it about."""

    field: Field
    form: str
    beside: Markup
    there: Markup | None
    read: Markup
    faults: tuple[Fault, ...]
    may_split: bool
    may_join: bool
    may_go: bool

    @property
    def id(self) -> str:
        return "f-" + self.field.key.replace(".", "-").replace("@", "--")

    @property
    def name(self) -> str:
        return TEXT + self.field.key


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it. `findings` are those at no text."""

    words: LocalWords
    direction: str
    boxes: Mapping[str, list[Box]]
    findings: tuple[Fault, ...]
    shown: list[Shown]
    mail: str | None
    approval: Approval | None
    base_approval: Approval | None
    reader: Reader
    wanting: tuple[str, ...]
    left: int

    @property
    def faults(self) -> int:
        """How many findings there are, warnings too."""
        at_texts = sum(len(box.faults) for boxes in self.boxes.values() for box in boxes)
        return at_texts + len(self.findings)


@dataclass(frozen=True, slots=True)
class Around:
    """What a sheet is laid out with."""

    press: Press
    secret: bytes
    said: Told
    reader: Reader
    beside: LocalWords | None = None
    there: LocalWords | None = field(default=None)


def sheet_of(desk: Desk, words: LocalWords, around: Around) -> Sheet:
    """The sheet of these words, whether they are kept or only typed."""
    faults = findings_in(desk, words)
    said = around.said.get((words.template, words.locale), {})
    base = desk.base.get(words.locale)
    return Sheet(
        words=words,
        direction="rtl" if formats_for(words.locale).rtl else "ltr",
        boxes=_boxes(words, faults, around),
        findings=tuple(faults.get("", ())),
        shown=around.press.shown(words, around.reader),
        mail=sealed(words, around.reader, around.secret),
        approval=_approval(words, said),
        base_approval=_approval(base, said) if base is not None else None,
        reader=around.reader,
        wanting=tuple(stem for stem in OPTIONAL if not _has(words, stem)),
        left=len(left_in(words)),
    )


def findings_in(desk: Desk, words: LocalWords) -> Mapping[str, list[Fault]]:
    """What the checker finds in this one language, by the text where it stands; "" is none's."""
    file = f"{words.locale}.yaml"
    draft = DraftFile(f"{desk.name}/{file}", rewritten(desk.files.get(file, ""), words))
    placed = as_left(draft)
    found: dict[str, list[Fault]] = defaultdict(list)
    for each in check_template([draft], locales=[words.locale]):
        key, line = key_at(placed, each.line) if placed is not None else ("", 0)
        fault = Fault(line, each.problem, each.remedy, each.is_warning)
        if fault not in found[key]:
            found[key].append(fault)
    return found


def _boxes(
    words: LocalWords, faults: Mapping[str, list[Fault]], around: Around
) -> Mapping[str, list[Box]]:
    beside = around.beside.texts if around.beside else {}
    there = around.there.texts if around.there else None
    turns = formats_for(words.locale).rtl
    boxes: dict[str, list[Box]] = defaultdict(list)
    for each in fields_of(words):
        base = each.key.partition("@")[0]
        split = any(key.startswith(f"{base}@") for key in words.texts)
        other = beside.get(each.key) or beside.get(base)
        is_other = there is not None and _source(there, each.key) != each.source
        boxes[each.medium].append(
            Box(
                field=each,
                form=each.form or (words.forms()[0] if split else ""),
                beside=spelled(other.source) if other else Markup(),
                there=spelled(_source(there or {}, each.key)) if is_other else None,
                read=spelled(each.source) if turns and "{" in each.source else Markup(),
                faults=tuple(faults.get(each.key, ())),
                may_split=not split and not is_beyond_forms(words, base),
                may_join=split and not each.form,
                may_go=not each.form and (each.stem in OPTIONAL or each.number is not None),
            )
        )
    return boxes


def spelled(source: str) -> Markup:
    """An authored text to be read: its code set apart, so that it stays whole in any direction."""
    try:
        pieces = code_or_data(source)
    except TemplateSyntaxError:
        return Markup(escape(source))
    if "".join(text for _, text in pieces) != source:
        return Markup(escape(source))  # code that is not closed yet
    apart = Markup('<bdi class="var" dir="ltr">{}</bdi>')
    return Markup("").join(apart.format(text) if code else text for code, text in pieces)


def _source(texts: Mapping[str, object], key: str) -> str:
    found = texts.get(key)
    return str(getattr(found, "source", ""))


def _has(words: LocalWords, stem: str) -> bool:
    return any(field.stem == stem for field in fields_of(words))


def _approval(words: LocalWords, said: Mapping[str, str]) -> Approval | None:
    if not any(key.startswith("whatsapp.") for key in words.texts):
        return None
    try:
        return approval_of(words, said)
    except WordingError:
        return None  # the checker says what is wrong with it
