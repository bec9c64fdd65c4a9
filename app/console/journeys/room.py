"""What the pages of the room share: its parts, and how a journey and a draft are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlmodel import Session

from app.console.door import Visit
from app.console.journeys.counting import Counts
from app.console.journeys.flow import Drawing
from app.console.journeys.sayings import HELD, OTHERWISE, empty_of, saying_of
from app.console.office import Office
from app.console.sentences import Sentences, sentences_for
from app.delivery.words import PublishedWords
from app.drafting.changes import changes
from app.drafting.checking import Checked, checked_journey
from app.drafting.contents import Kind, journey_file
from app.drafting.difference import difference
from app.drafting.figures import Figures, figures
from app.drafting.knowledge import Known, known_in
from app.drafting.reading import Draft, live
from app.drafting.standing import Position, by_step, positions
from app.store.columns import word
from app.store.given import table_of
from app.store.publishing import contents, current_of
from app.store.rows import Campaign, Case
from app.wording.links import TOKEN_LENGTH
from campaigns.journey import Journey

ROOM: Final = "journeys"
MOST_KEPT: Final = 100  # files that were read
BASE: Final = "/console/design/journeys"
_CASE, _CAMPAIGN = table_of(Case), table_of(Campaign)
_OPEN = (
    select(_CAMPAIGN.c.journey, func.count().label("cases"))
    .join(_CASE, _CASE.c.campaign_id == _CAMPAIGN.c.id)
    .where(_CASE.c.phase != word("closed"))
    .group_by(_CAMPAIGN.c.journey)
)


@dataclass(frozen=True)
class Published:
    """The current version of a journey: its text, and what it says if it can be read."""

    hash: str
    text: str
    checked: Checked


@dataclass
class JourneyRoom:
    """The parts of one running room."""

    office: Office
    words: PublishedWords = field(init=False)
    standing: Counts[list[Position]] = field(init=False)
    came: Counts[Figures] = field(init=False)
    open_cases: Counts[Mapping[str, int]] = field(init=False)
    _kept: tuple[Known | None, dict[tuple[str, str], Checked]] = field(init=False)

    def __post_init__(self) -> None:
        office = self.office
        parts = (office.database, office.clock)
        self._kept = (None, {})
        self.words = PublishedWords(len(f"{office.settings.base_url}/p/") + TOKEN_LENGTH)
        self.standing = Counts(*parts, positions)
        self.came = Counts(*parts, figures)
        self.open_cases = Counts(*parts, _open_cases)

    def published(self, session: Session, name: str) -> Published | None:
        """What is current under this name, checked against what there is now."""
        digest = current_of(session, Kind.JOURNEY, name)
        if digest is None:
            return None
        text = contents(session, [digest])[digest]
        return Published(digest, text, self.checked(session, name, text))

    def checked(self, session: Session, name: str, text: str) -> Checked:
        """What was read once is kept while all that it refers to stays as it is: reading a file
        takes longer than the rest of its page."""
        known = known_in(session)
        if known != self._kept[0] or len(self._kept[1]) >= MOST_KEPT:
            self._kept = (known, {})
        kept = self._kept[1]
        if (name, text) not in kept:
            kept[name, text] = checked_journey(text, journey_file(name), known, name=name)
        return kept[name, text]

    def draft(self, session: Session, name: str) -> Draft | None:
        return live(session, Kind.JOURNEY, name)

    def drawn(self, session: Session, visit: Visit, journey: Journey | None) -> dict[str, Any]:
        """What the template of a flow needs; without a journey there is none to be drawn."""
        if journey is None:
            return {"journey": None}
        drawing = Drawing(self.words.current(session), visit.language)
        standing, came = self.standing.of(journey.name), self.came.of(journey.name)
        counted = by_step(standing.value, journey) if standing else None
        return {
            "journey": journey,
            "steps": drawing.steps(journey, counted, came.value.by_step if came else None),
            "answers": drawing.answers(journey),
            "standing": standing,
            "elsewhere": _elsewhere(counted, journey),
            "came_since": came.value.since if came else None,
            "counting": standing is None or came is None,
            "says": self.sentences(visit),
            "why_held": lambda reason: self.office.say(visit, HELD.get(reason, OTHERWISE)),
        }

    def sentences(self, visit: Visit) -> Sentences:
        return sentences_for(self.office, visit)

    def changed(self, visit: Visit, before: Journey | None, after: Journey | None) -> Sequence[str]:
        """What was changed, a sentence each. Empty where one of both cannot be read."""
        if before is None or after is None:
            return ()
        says = self.sentences(visit)
        told = []
        for change in changes(before, after):
            text, blanks = saying_of(change)
            filled = {
                name: says.say(empty_of(change)) if value is None else value
                for name, value in blanks.items()
            }
            told.append(says.fill(text, **filled))
        return told

    def differing(self, name: str, before: str, after: str) -> Sequence[Any]:
        file = journey_file(name)
        return difference({file: before}, {file: after})


def _elsewhere(counted: Mapping[str | None, int] | None, journey: Journey) -> int:
    """Cases that stand at no step of this version: their message or their wait is of an earlier."""
    known = {step.id for step in journey.steps}
    return sum(cases for step, cases in (counted or {}).items() if step not in known)


def _open_cases(session: Session, _: str) -> Mapping[str, int]:
    return {row.journey: row.cases for row in session.connection().execute(_OPEN)}
