"""What is on record about one customer, as pages that people read: one file each, without a script
and without a network. The evidence is for staff and courts, the copy for the customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import DictLoader, Environment, StrictUndefined

from app.records.tables import (
    ABOUT,
    IN_CONFIDENCE,
    LABELS,
    MEANS,
    NO,
    TABLES,
    YES,
    Cell,
    Row,
    Table,
    cell,
)
from app.wording.bidi import FSI, PDI, cleaned
from app.wording.formats import formats_for
from campaigns.reasons import REASONS, Reason

Say = Callable[[str], str]
COPIED: Final = (
    *("addresses", "consents", "suppressions", "invoices", "charges", "payments", "reversals"),
    *("bank_entries", "subscriptions", "mandates", "promises", "plans", "disputes", "hardships"),
    *("plan_wishes", "complaints", "replies", "answers", "calls", "feedback", "proofs"),
    *("team_notes", "special_notes", "means", "notices", "holds", "cases"),
    "visits",
)
"""Sections of the copy. Tasks, contacts and the trail are about others, or how staff work."""
_OF_STAFF: Final = frozenset(
    {"why", "arm", "journey_hash", "rule", "recorded_by", "lifted_by", "lift_evidence"}
)


@dataclass(frozen=True, slots=True)
class Reader:
    """In which language a page is, and how its words are found; `reasons` finds the sentences of
    reasons, and answers the English one where that language has none."""

    locale: str
    say: Say
    reasons: Say

    @property
    def rtl(self) -> bool:
        return formats_for(self.locale).rtl

    def said(self, text: str, **facts: object) -> str:
        """The text in the reader's language, with its facts set apart from its direction."""
        told = {name: f"{FSI}{cleaned(str(fact), 200)}{PDI}" for name, fact in facts.items()}
        return self.say(text) % told

    def sentence(self, row: Row) -> str:
        """Why, of a row that holds a reason."""
        reason = REASONS.get(str(row.get("reason")))
        if reason is None:
            return str(row.get("sentence") or "")
        blanks = row.get("params") or row.get("reason_params") or {}
        said = Reason(reason.code, self.reasons(reason.sentence))
        return said.say({name: str(value) for name, value in blanks.items()})


@dataclass(frozen=True, slots=True)
class _Shown:
    heading: str
    anchor: str
    columns: Sequence[str]
    rows: Sequence[Sequence[tuple[str, Cell]]]


def evidence_page(told: Mapping[str, Any], reader: Reader) -> str:
    """Everything that the evidence holds. Each message runs in its own direction."""
    messages = {row["id"]: row for row in told["messages"]}
    sent = [{**row, "message": messages.get(row["message_id"], {})} for row in told["attempts"]]
    return _rendered("evidence.html", told, reader, TABLES, sent=sent)


def copy_page(told: Mapping[str, Any], reader: Reader) -> str:
    """What the customer gets who asks for it; `told` is what `copied` leaves."""
    about = [
        (reader.said(label), cell(told["customer"], name, reader.locale))
        for name, label in ABOUT.items()
        if told["customer"].get(name)
    ]
    tables = tuple(_copied_tables())
    return _rendered("copy.html", told, reader, tables, sent=told["messages"], about=about)


def copied(told: Mapping[str, Any]) -> dict[str, Any]:
    """Of the evidence, what is the customer's own: nothing about others, nothing of the house."""
    sections = {
        table.section: _narrowed(told.get(table.section, ()), table) for table in _copied_tables()
    }
    return {
        "schema": "duly-copy/1",
        "made_at": told["made_at"],
        "creditor": {"name": told["creditor"]["name"]},
        "customer": {name: told["customer"][name] for name in (*ABOUT, "created_at", "erased_at")},
        "messages": [{name: row[name] for name in _SAID} for row in told["attempts"]],
        **sections,
    }


_SAID: Final = (
    *("id", "message_id", "gated_at", "medium", "category", "recipient", "state", "locale"),
    *("subject", "text"),
)
_PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "amount": ("amount_minor", "currency"),
    "open": ("open_minor", "currency"),
    "income": ("income_minor", "currency"),
    "costs": ("costs_minor", "currency"),
    "payable": ("payable_minor", "currency"),
    "file": ("document",),
    "invoice": ("working",),
    "sentence": ("reason", "params", "reason_params", "sentence"),
}
"""Columns of the pages that are made of several of a row."""


def _copied_tables() -> Iterator[Table]:
    by_section = {table.section: table for table in (*TABLES, IN_CONFIDENCE, MEANS)}
    for section in COPIED:
        table = by_section[section]
        columns = tuple(name for name in table.columns if name not in _OF_STAFF)
        yield Table(table.heading, section, columns)


def _narrowed(rows: Sequence[Mapping[str, Any]], table: Table) -> list[dict[str, Any]]:
    names = ["id", *(part for name in table.columns for part in _PARTS.get(name, (name,)))]
    return [{name: row[name] for name in dict.fromkeys(names) if name in row} for row in rows]


def _rendered(
    template: str,
    told: Mapping[str, Any],
    reader: Reader,
    tables: Sequence[Table],
    *,
    sent: Sequence[Row],
    about: Sequence[tuple[str, Cell]] = (),
) -> str:
    shown = [_shown(table, told[table.section], reader) for table in tables]
    return (
        _templates()
        .get_template(template)
        .render(
            told=told,
            sent=[{**row, "rtl": formats_for(row["locale"]).rtl} for row in sent],
            about=about,
            tables=[each for each in shown if each.rows],
            empty=[each.heading for each in shown if not each.rows],
            direction="rtl" if reader.rtl else "ltr",
            language=reader.locale,
            clock=_clock,
            _=reader.said,
        )
    )


def _clock(at: datetime) -> str:
    """On one line, wherever it stands."""
    return f"{at:%Y-%m-%d %H:%M}".replace("-", "\u2011").replace(" ", "\u00a0")


def _shown(table: Table, rows: Sequence[Mapping[str, Any]], reader: Reader) -> _Shown:
    """Without the columns in which nothing stands."""
    labels = [reader.said(LABELS[name]) for name in table.columns]
    cells = [[_said(row, name, reader) for name in table.columns] for row in rows]
    filled = [at for at, _ in enumerate(labels) if any(row[at].text for row in cells)]
    return _Shown(
        reader.said(table.heading),
        table.section,
        [labels[at] for at in filled],
        [[(labels[at], row[at]) for at in filled] for row in cells],
    )


def _said(row: Row, name: str, reader: Reader) -> Cell:
    if name == "sentence":
        return Cell(reader.sentence(row))
    found = cell(row, name, reader.locale)
    return Cell(reader.said(found.text)) if found.text in (YES, NO) else found


@cache
def _templates() -> Environment:
    folder = files("templates").joinpath("evidence")
    sources = {each.name: each.read_text("utf-8") for each in folder.iterdir()}
    return Environment(
        loader=DictLoader(sources),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
