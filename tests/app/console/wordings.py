"""Every text that is worded where no language is known: its template, by the file of its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from babel.messages.extract import extract_from_file

from app.book.mapping.cells import CellType, words_of
from app.book.wrongs import AS_TOLD, CLAUSES, SENTENCES
from app.console.journeys.trial_form import REASONS
from app.examine.looks import LOOKS
from app.wording.address import manner_of
from app.wording.files import LOCALES
from campaigns.asking import asks
from campaigns.duties import (
    Act,
    Check,
    DayCount,
    Frozen,
    HoldEnd,
    HoldSignal,
    Named,
    Order,
    RateOf,
    Reach,
    Records,
    Reference,
    Stage,
)
from campaigns.journey import GiveTask
from campaigns.language import read_journey
from campaigns.packhours import WEEKDAYS
from campaigns.packs import read_pack
from campaigns.rulehead import MEANS
from campaigns.rules import Pack, Scope
from campaigns.vocabulary import Medium
from campaigns.worded import Worded, as_written, spelled
from tests.house.tree import ROOT

FINDINGS: Final = ("campaigns/findings.py", "campaigns/language", "campaigns/expression",
                   "app/wording/", "app/drafting/")  # fmt: skip
FEEDS: Final = ("app/book/", "app/errands/", "app/loops/")
_BLANK: Final = re.compile(r"%\(\w+\)s")
RULES: Final = ("campaigns/asking.py", "campaigns/worded.py")
CLOSED_SETS: Final[tuple[type[StrEnum], ...]] = (
    Act, Check, DayCount, Frozen, HoldEnd, HoldSignal, Named, Order, RateOf, Reach, Records,
    Reference, Scope, Stage,
)  # fmt: skip


def worded_texts() -> Mapping[str, frozenset[str]]:
    """The templates, by the file of the catalogue in which they are said."""
    marked = list(_marked())
    findings = {text for path, text in marked if path.startswith(FINDINGS)}
    feeds = {text for path, text in marked if path.startswith(FEEDS)}
    rules = {text for path, text in marked if path.startswith(RULES)}
    health = {text for path, text in marked if not path.startswith((*FINDINGS, *RULES, *FEEDS))}
    return {
        "findings": frozenset(findings | set(_of_address())),
        "feeds": frozenset(feeds | set(_of_cells()) | set(_of_trials())),
        "rules": frozenset(rules | set(_of_packs())),
        "library": frozenset(library_texts()),
        "health": frozenset(health | {spelled(name).template for name, _ in LOOKS} | set(Medium)),
    }


def shipped_packs() -> list[Pack]:
    folder = ROOT / "campaigns/jurisdictions"
    return [read_pack(path.read_text("utf-8"), path.name) for path in sorted(folder.iterdir())]


def templates_of(text: Worded) -> Iterator[str]:
    """The template of a text, and those of all that fills it."""
    if re.search(r"\w", _BLANK.sub("", text.template)):
        yield text.template
    for value in text.values.values():
        if isinstance(value, Worded):
            yield from templates_of(value)


def _marked() -> Iterator[tuple[str, str]]:
    """All that code marks, with the file where it stands."""
    for folder, mark in (("campaigns", "worded"), ("app", "worded"), ("channels", "problem")):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if f"{mark}(" in path.read_text("utf-8"):
                for _, text, _, _ in extract_from_file("python", path, keywords={mark: None}):
                    yield path.relative_to(ROOT).as_posix(), str(text)


def _of_cells() -> Iterator[str]:
    """What a constant of a mapping may be told, and what a header, a line or an invoice may."""
    cells = (ROOT / "app/book/mapping/cells.py").read_text("utf-8")
    codes = [*re.findall(r'wrong\("(\w+)"', cells), "encoding", "utf8_in_other", "unfit"]
    yield from (CLAUSES.get(code) or SENTENCES[code] for code in codes)
    yield from AS_TOLD.values()
    yield from (spelled(kind).template for kind in CellType if words_of(kind))


def _of_trials() -> Iterator[str]:
    yield from (spelled(reason).template for reason in REASONS)


def _of_address() -> Iterator[str]:
    for locale in LOCALES:
        for slip in manner_of(locale).slips:
            yield from (slip.why.template, slip.remedy.template)


def library_texts() -> Iterator[str]:
    """The titles of the journeys that ship and of their tasks, and what their parts are called."""
    for path in sorted((ROOT / "campaigns/library").glob("*.yaml")):
        journey = read_journey(path.read_text("utf-8"), path.name)
        tasks = [step.title for step in journey.steps if isinstance(step, GiveTask)]
        yield from (as_written(title).template for title in (journey.title, *tasks))
        yield from (
            spelled(name).template for name in (journey.name, *(step.id for step in journey.steps))
        )
    yield from (spelled(path.name).template for path in (ROOT / "templates/messages").iterdir())


def _of_packs() -> Iterator[str]:
    codes = [str(code) for closed in CLOSED_SETS for code in closed]
    yield from (spelled(code).template for code in (*codes, *MEANS, *WEEKDAYS))
    for pack in shipped_packs():
        yield pack.title.replace("%", "%%")
        for rule in pack.rules:
            yield from templates_of(asks(rule))
            yield from (
                text.replace("%", "%%") for text in (rule.head.note, rule.head.disabled) if text
            )
