"""All that is looked at, in its order. What lacks a foundation says nothing of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError

from app.examine import carriers, house
from app.examine.findings import Amiss, Finding

if TYPE_CHECKING:
    from app.payments.choice import Gateways
    from app.settings import Settings
    from app.store.engines import Database


@dataclass(frozen=True, slots=True)
class Subject:
    """What is looked at. `explain` says of a failed database what to do."""

    settings: Settings
    database: Database
    gateways: Gateways
    explain: Callable[[DBAPIError], str]


def examined(subject: Subject) -> Iterator[Finding]:
    """Everything, one finding each."""
    for name, look in LOOKS:
        finding = _looked_at(name, look, subject)
        yield finding
        if name in _FOUNDATIONS and not finding.well:
            return


_Look = Callable[["Settings", "Database"], str]


def _looked_at(name: str, look: _Look | None, subject: Subject) -> Finding:
    try:
        if look is None:
            words = carriers.gateways(subject.settings, subject.database, subject.gateways)
        else:
            words = look(subject.settings, subject.database)
        return Finding(name, True, words)
    except Amiss as amiss:
        return Finding(name, False, str(amiss))
    except DBAPIError as problem:
        return Finding(name, False, subject.explain(problem))


_FOUNDATIONS: Final = ("database", "migrations")
LOOKS: Final[tuple[tuple[str, _Look | None], ...]] = (
    ("database", house.database),
    ("migrations", house.version),
    ("clock", house.clock),
    ("published", house.published),
    ("campaigns", house.campaigns),
    ("senders", carriers.senders),
    ("gateways", None),  # looks at what the process has opened
    ("twilio", carriers.twilio),
    ("mail", carriers.mail),
    ("mail domains", carriers.domains),
    ("mail back", carriers.inbound_mail),
    ("sending", house.sending),
    ("signed", house.signed),
    ("on call", house.on_call),
    ("crisis lines", house.crisis_lines),
    ("page checks", house.page_checks),
    ("books", house.books),
    ("withheld", house.withheld),
    ("users", house.users),
    ("numbers", house.numbers),
    ("statements as PDF", house.paper),
)
"""Each with its name, which the console knows in its languages."""
