"""Labelled replies, read from their files strictly: what is wrong is told all at once, and raised.

It judges no reading: what a reader makes of the texts is compared elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from pathlib import Path

from app.hearing.intents import Details, DisputeAbout, Intent
from campaigns.findings import Finding, Place, Report
from campaigns.packtable import Table, table_in

LOCALES = ("en", "he", "ar", "lt", "es", "fr", "de", "it", "pl", "ru")
METHODS = ("card", "bank", "cash", "cheque", "app", "post_office")
MEDIA = ("sms", "email", "whatsapp", "phone")

_FOLDER = Path(__file__).parent
_LABELS = ("text", "says", "also", "wrote_on")
_DETAILS = tuple(Details.__dataclass_fields__)
_ORDER = tuple(Intent)


class Half(StrEnum):
    """Which part of the labelled replies: what the rules may learn from, or what was kept apart."""

    RULES = "rules"
    TEST = "test"
    LATER = "later"
    DANGER_RULES = "danger-rules"
    DANGER_TEST = "danger-test"


class LabelledError(ValueError):
    """Everything that keeps a file from being labelled replies."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__("\n".join(map(str, findings)))


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text as a customer wrote it, with what it truly means.

    `says` is the gravest of its intents, `also` are the others. `wrote_on` is the writer's day,
    given where a date in the text depends on it. `details` holds what a reading should find,
    whichever of the intents it belongs to; what is not given is not judged.
    """

    text: str
    locale: str
    says: Intent
    also: frozenset[Intent]
    wrote_on: date | None
    details: Details
    line: int

    @property
    def intents(self) -> frozenset[Intent]:
        """All that the text means."""
        return self.also | {self.says}


def labelled(locale: str, half: Half) -> tuple[Labelled, ...]:
    """The replies of a language's half, in the order of its file. Raises `LabelledError`."""
    name = f"{locale}.{half}.yaml"
    path = _FOLDER / name
    if not path.is_file():
        remedy = f"Write it beside the others in {_FOLDER.name}/."
        raise LabelledError((Finding(name, 1, 1, "there is no such file", remedy),))
    return read_labelled(path.read_text("utf-8"), locale=locale, file=name)


def read_labelled(text: str, *, locale: str, file: str) -> tuple[Labelled, ...]:
    """The labelled replies of a file's text. Raises `LabelledError` with all findings."""
    report = Report(file)
    entries = _entries(text, report)
    read = tuple(_read(entry, locale) for entry in entries)
    _each_once(entries, read)
    if report.findings:
        raise LabelledError(report.findings)
    return tuple(entry for entry in read if entry is not None)


def _entries(text: str, report: Report) -> tuple[Table, ...]:
    if not text.startswith("#"):
        raise LabelledError(
            (Finding(report.file, 1, 1, "no head comment", "Begin with what the file is."),)
        )
    # The list gets a key on the line of the comment, so that every line keeps its number.
    root = table_in(f"replies: {text}", report, what="the file", schema="")
    if root and root.content.get("replies") is not None:
        return tuple(root.tables("replies"))
    if not report.findings:
        report.add(Place(1, 1), "the file is no list", "Begin each entry with `- text: `.")
    return ()


def _read(entry: Table, locale: str) -> Labelled | None:
    entry.only((*_LABELS, *_DETAILS))
    text = entry.text("text")
    says = entry.one_of("says", Intent, needed=True)
    also = entry.set_of("also", Intent)
    wrote_on = entry.day("wrote_on")
    details = _details(entry)
    if details.on and not wrote_on:
        entry.fault("on", "`on` without `wrote_on`", "Say on which day it was written.")
    if says is None:
        return None
    _check_gravest(entry, says, also)
    return Labelled(text, locale, says, also, wrote_on, details, entry.place.line)


def _details(entry: Table) -> Details:
    return Details(
        on=entry.day("on"),
        amount=entry.decimal("amount") if "amount" in entry.content else None,
        currency=entry.text("currency", needed=False) or None,
        method=entry.choice("method", {name: name for name in METHODS}, needed=False),
        about=entry.one_of("about", DisputeAbout),
        locale=entry.text("locale", needed=False) or None,
        medium=entry.choice("medium", {name: name for name in MEDIA}, needed=False),
        not_before=_wall_clock(entry, "not_before"),
        not_after=_wall_clock(entry, "not_after"),
        phone=entry.text("phone", needed=False) or None,
    )


def _wall_clock(entry: Table, key: str) -> time | None:
    said = entry.text(key, needed=False)
    if not said:
        return None
    try:
        return time.fromisoformat(said)
    except ValueError:
        entry.fault(key, f"`{key}` is no time of day: {said}", 'Write `"18:00"`, in quotes.')
        return None


def _check_gravest(entry: Table, says: Intent, also: frozenset[Intent]) -> None:
    gravest = min({says, *also}, key=_ORDER.index)
    if says in also:
        entry.fault("also", f"`{says}` stands in `says` and in `also`", "Keep it in `says`.")
    elif gravest is not says:
        entry.fault("says", f"`{gravest}` is graver than `{says}`", "Put the gravest in `says`.")


def _each_once(entries: tuple[Table, ...], read: tuple[Labelled | None, ...]) -> None:
    lines: dict[str, int] = {}
    for entry, reply in zip(entries, read, strict=True):
        if reply is None or not reply.text:
            continue
        first = lines.setdefault(reply.text, reply.line)
        if first != reply.line:
            entry.fault("text", f"the text of line {first} again", "Keep one of them.")
