"""The one way in which journeys and templates are checked before they are published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session

from app.drafting.contents import Files, Kind, journey_file
from app.drafting.knowledge import Known, known_in
from app.drafting.worlds import worlds_of
from app.wording.check import check_template
from app.wording.files import DraftFile, read_file
from app.wording.files import Finding as WordsFinding
from app.wording.revisions import revision_of
from app.wording.worlds import World, check_worlds
from campaigns.findings import Finding as JourneyFinding
from campaigns.journey import Journey
from campaigns.language import check_journey
from campaigns.worded import worded

Worlds = Callable[[], Iterable[World]]


@dataclass(frozen=True, slots=True)
class Spot:
    """One thing that is wrong: in which file and line, what, why, and what to write instead."""

    file: str
    line: int
    problem: str
    remedy: str
    column: int | None = None
    cause: str | None = None
    is_warning: bool = False

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" + (f":{self.column}" if self.column else "")
        said = "warning: " if self.is_warning else ""
        why = f" ({self.cause})" if self.cause else ""
        return f"{place}: {said}{self.problem}{why}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What would be published under which name, or None where an error keeps it from that."""

    name: str
    text: str | None
    findings: tuple[Spot, ...]
    journey: Journey | None = None

    @property
    def errors(self) -> tuple[Spot, ...]:
        """What keeps it from being published; a warning does not."""
        return tuple(spot for spot in self.findings if not spot.is_warning)


def check(session: Session, kind: Kind, name: str, files: Files, *, now: datetime) -> Checked:
    """Everything that is wrong with these files of `name`, for all creditors of this database."""
    if kind is Kind.JOURNEY:
        file = journey_file(name)
        return checked_journey(files.get(file, ""), file, known_in(session), name=name)
    prefix = f"{name}/"
    drafts = [DraftFile(f"{prefix}{file}", files[file]) for file in sorted(files)]
    checked = checked_template(drafts, lambda: worlds_of(session), now)
    found = tuple(replace(spot, file=spot.file.removeprefix(prefix)) for spot in checked.findings)
    return replace(checked, name=name, findings=found)


def checked_journey(text: str, file: str, known: Known, *, name: str | None = None) -> Checked:
    """A journey's file. `name`: what it must say that it is."""
    journey, found = check_journey(text, file, templates=known.templates, custom=known.custom)
    findings = [_in_journey(each) for each in found]
    if journey is not None and name is not None and journey.name != name:
        problem = worded("the file says that it is `%(name)s`", name=journey.name)
        line = _line_of("journey", text)
        findings.append(Spot(file, line, problem, worded("Write `journey: %(name)s`.", name=name)))
    followed = known.followed.get(journey.name) if journey is not None else None
    if journey is not None and followed not in (None, journey.subject):
        problem = worded(
            "campaigns that follow it are about `%(followed)s`, not `%(subject)s`",
            followed=followed,
            subject=journey.subject,
        )
        remedy = worded(
            "Leave `subject: %(followed)s`, or give the journey another name.", followed=followed
        )
        findings.append(Spot(file, _line_of("subject", text), problem, remedy))
    named = journey.name if journey is not None else name or ""
    return Checked(named, None if findings else text, tuple(findings), journey)


def checked_template(drafts: Sequence[DraftFile], worlds: Worlds, now: datetime) -> Checked:
    """The languages of one template. `worlds` is asked only when the words are well in
    themselves: under the rules of those it is written to."""
    read = [words for draft in drafts if (words := read_file(draft)[0]) is not None]
    findings: Iterable[WordsFinding] = check_template(drafts)
    if not findings:
        findings = check_worlds(read, worlds(), now)
    spots = tuple(_in_words(each) for each in findings)
    revision = revision_of(read) if read and all(spot.is_warning for spot in spots) else None
    name = read[0].template if read else ""
    return Checked(name, revision.content if revision else None, spots)


def _in_journey(found: JourneyFinding) -> Spot:
    return Spot(found.file, found.line, found.problem, found.remedy, found.column, found.cause)


def _in_words(found: WordsFinding) -> Spot:
    told = found.is_warning
    return Spot(found.file, found.line, found.problem, found.remedy, is_warning=told)


def _line_of(key: str, text: str) -> int:
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if line.startswith(f"{key}:")), 1)
