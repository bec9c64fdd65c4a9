"""The matrix: every template by language and medium, with what is missing, by whom it is said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session

from app.console.lists import query_of
from app.console.words.approvals import published_state, told
from app.drafting.contents import Kind
from app.drafting.reading import Draft, all_live
from app.engine.catalogue import Catalogue, NotPublished
from app.store.engines import Database
from app.store.given import table_of
from app.store.publishing import contents, current
from app.store.rows import Creditor
from app.wording.files import LOCALES
from app.wording.matrix import Spread, spread_of
from app.wording.render import Wording
from app.wording.tags import language_of

_CREDITOR = table_of(Creditor)


@dataclass(frozen=True, slots=True)
class Line:
    """One template. Without a `spread` it is a draft that was never published."""

    name: str
    spread: Spread | None
    category: str
    journeys: tuple[str, ...]
    approvals: Mapping[str, str]
    draft: Draft | None
    wanted: tuple[str, ...]

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """The media without words, by the languages that should have them."""
        if self.spread is None:
            return {}
        found = {locale: self.spread.missing(locale) for locale in self.wanted}
        return {locale: media for locale, media in found.items() if media}


@dataclass(frozen=True, slots=True)
class Wish:
    """What the matrix is narrowed to; empty is all."""

    category: str = ""
    locale: str = ""
    missing: bool = False
    drafts: bool = False
    name: str = ""

    def without(self, name: str) -> str:
        """The URL query of the matrix that is narrowed to all of this but one."""
        told = {
            "name": self.name,
            "category": self.category,
            "locale": self.locale,
            "missing": "on" if self.missing else "",
            "drafts": "on" if self.drafts else "",
        }
        return query_of({**told, name: ""})


def lines(session: Session, wording: Wording, catalogue: Catalogue) -> list[Line]:
    """All templates by name, those that are published and those that are begun."""
    drafts = {draft.name: draft for draft in all_live(session, Kind.TEMPLATE)}
    texts, said = wording.revisions(), told(session)
    users, wanted = users_of(session, catalogue), wanted_languages(session)
    found = []
    for name in sorted({*wording.templates(), *drafts}):
        published = name in wording.templates()
        spread = None
        approvals: dict[str, str] = {}
        if published:
            digest = wording.hash_of(name)
            spread = spread_of(digest, texts[digest])
            approvals = {
                cell.locale: published_state(
                    texts[digest], cell.locale, said.get((name, cell.locale)),
                    flagged=cell.is_flagged,
                )
                for cell in spread.cells.values()
                if cell.medium == "whatsapp"
            }  # fmt: skip
        category = spread.category if spread else ""
        used = tuple(sorted(users.get(name, ())))
        found.append(Line(name, spread, category, used, approvals, drafts.get(name), wanted))
    return found


def read_ahead(database: Database) -> None:
    """Reads what a process keeps of all that is published: whoever opens the matrix first would
    wait two seconds, half of them for journeys and rule packs."""
    with database.read() as session:
        Catalogue().refresh(session)
        published = contents(session, current(session, Kind.TEMPLATE).values())
    for digest, content in published.items():
        spread_of(digest, content)


def narrowed(found: Sequence[Line], wish: Wish) -> list[Line]:
    """Those that fit."""
    return [
        line
        for line in found
        if wish.name in line.name
        and wish.category in ("", line.category)
        and (not wish.drafts or line.draft is not None)
        and (not wish.missing or _lacks(line, wish.locale))
    ]


def users_of(session: Session, catalogue: Catalogue) -> Mapping[str, list[str]]:
    """The journeys that say each template. `catalogue` is fresh."""
    users: dict[str, list[str]] = defaultdict(list)
    for journey in current(session, "journey"):
        try:
            _, read = catalogue.journey(journey)
        except NotPublished:
            continue  # it cannot be read any more: the journeys' room says so
        for template in read.templates():
            users[template].append(journey)
    return users


def wanted_languages(session: Session) -> tuple[str, ...]:
    """The languages that we write, and those of the creditors beyond them."""
    spoken = session.connection().execute(select(_CREDITOR.c.locale).distinct()).scalars()
    more = sorted({language_of(tag) for tag in spoken} - set(LOCALES))
    return (*LOCALES, *more)


def _lacks(line: Line, locale: str) -> bool:
    return bool(line.missing.get(locale) if locale else line.missing)
