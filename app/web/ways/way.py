"""What a way is: a page of its own behind the customer's link, and a form on it that acts once.

A new way is a module here that makes one `Way`, a template of its slug in `templates/pages/ways`,
and a line in `every.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeAlias

from sqlmodel import Session

from app.web.account import Account, account
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.site import Site
from app.web.visits import Visit, spoken

STALE: Final = N_(
    "Something has changed since you opened this page. Please look again and press once more."
)
CHOOSE: Final = N_("Please choose one of the options.")
OTHER: Final = "other"
OTHER_DAY: Final = "other_day"


class Filled(dict[str, str]):
    """What a form was filled in with; what was left out is empty."""

    def __missing__(self, name: str) -> str:
        return ""

    def as_day(self, name: str) -> date | None:
        """A day as a form sends it: one that was chosen, or `OTHER_DAY` where `OTHER` was.

        Not called `day`: a template would take the method for what was typed under that name."""
        text = self[OTHER_DAY] if self[name] == OTHER else self[name]
        try:
            return date.fromisoformat(text.strip())
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a form was not taken, in words that are marked by `N_`, and at which field they stand:
    at the form's beginning, if at none."""

    words: str
    status: int = 422
    field: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """A customer at the page: who, when, in what language, and the account as it stands in this
    transaction."""

    site: Site
    session: Session
    found: Visit
    now: datetime
    language: str
    locale: str
    account: Account

    @classmethod
    def of(cls, site: Site, session: Session, found: Visit, now: datetime, wished: str) -> Moment:
        """The moment of a visit; `wished` is the language that its address asks for, if any."""
        shown = account(session, found, now)
        return cls(site, session, found, now, *spoken(found, wished), shown)

    def say(self, text: str) -> str:
        """A text that was marked by `N_`, in the customer's language."""
        return self.site.pages.words(self.language, text)

    def said(self, texts: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """The options of a form: what each is called in the customer's language."""
        return tuple((key, self.say(text)) for key, text in texts.items())


@dataclass(frozen=True, slots=True)
class Shown:
    """What a way's template shows, and what stands in the way of what was chosen on it so far."""

    facts: Any = None
    fault: Fault | None = None


class Place(StrEnum):
    """Where the front page names a way."""

    ASKED = "asked"  # at the top: we have a question
    PAY = "pay"  # with the other ways of paying
    CARD = "card"  # with the card that is debited
    READ = "read"  # something to look at
    WAYS = "ways"


Show: TypeAlias = Callable[[Moment, Filled], Shown]
Act: TypeAlias = Callable[[Moment, Filled], Fault | None]


def _nothing(_moment: Moment, _filled: Filled) -> Shown:
    return Shown()


@dataclass(frozen=True, slots=True)
class Way:
    """One way. `title` and `done` are marked by `N_`.

    `offered` says whether the front page names it now; `show` reads what its page needs; `act` does
    what its form says, and answers why not. A way without `act` is only read, or has a route of its
    own for its form. Its template is that of its slug, unless it borrows another's. `done_by` is
    the day that `done` names.
    """

    slug: str
    purpose: Purpose | None
    title: str
    offered: Callable[[Moment], bool]
    show: Show = _nothing
    act: Act | None = None
    done: str = ""
    done_by: Callable[[Moment], date] | None = None
    place: Place = Place.WAYS
    template: str = ""

    @property
    def file(self) -> str:
        return f"pages/ways/{self.template or self.slug}.html"


def owes(moment: Moment) -> bool:
    """Whether anything is asked for."""
    return bool(moment.account.owed)


def always(_moment: Moment) -> bool:
    return True


def never(_moment: Moment) -> bool:
    return False
