"""What is published, compiled once a process: journeys, and the rules of each creditor.

Loaded by hash. A revision that cannot be read any more never takes the place of one that can.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, select
from sqlmodel import Session

from app.book.packs import published_packs
from app.store.given import table_of
from app.store.publishing import Probe, contents, current, probe
from app.store.rows import Creditor
from app.wording.carried import links_of
from app.wording.tags import tried_for
from campaigns.calendar import BusinessCalendar
from campaigns.decision import Policy
from campaigns.fact_table import FactType
from campaigns.findings import JourneyError
from campaigns.journey import Journey
from campaigns.language import read_journey
from campaigns.packs import PackError
from campaigns.rules import Pack
from campaigns.ruleset import RuleSet
from campaigns.signing import of_creditor
from campaigns.vocabulary import Medium
from campaigns.worded import worded

_CREDITOR = table_of(Creditor)

log = logging.getLogger(__name__)


class NotPublished(LookupError):
    """A campaign names a journey that nobody has published."""


@dataclass
class Catalogue:
    """Compiled revisions by hash. `refresh` follows what was published since.

    One is shared by all loops of a process, so refreshing is done by one thread at a time.
    """

    _journeys: dict[str, Journey] = field(default_factory=dict)
    _readable: dict[str, str] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)
    _links: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    _packs: tuple[Pack, ...] | None = None
    _policies: Mapping[int, Policy] = field(default_factory=dict)
    _creditors: Mapping[int, Row[Any]] = field(default_factory=dict)
    _probe: Probe | None = None
    _lock: Lock = field(default_factory=Lock)

    def refresh(self, session: Session) -> None:
        """Reads what was published since and compiles what is new. Cheap while nothing is."""
        with self._lock:
            seen = probe(session)
            is_new = seen != self._probe
            if is_new:
                self._refresh_journeys(session)
                self._refresh_packs(session)
                self._refresh_links(session)
            self._refresh_policies(session, is_new=is_new)
            self._probe = seen

    def is_fresh(self, seen: Probe | None, creditor: Row[Any] | Creditor) -> bool:
        """Whether nothing was published since it was refreshed, and this creditor is as it was
        then: for whoever reads both with a statement of their own."""
        known = self._creditors.get(creditor.id or 0)
        if known is None or seen != self._probe:
            return False
        return all(getattr(creditor, name) == known[at] for at, name in enumerate(_RULED_BY))

    def journey(self, name: str) -> tuple[str, Journey]:
        """The current version of a journey and the hash of its revision."""
        digest = self._readable.get(name)
        if digest is None:
            raise NotPublished(
                worded(
                    "journey %(name)s is not published; publish it, or end its campaigns", name=name
                )
            )
        return digest, self._journeys[digest]

    @property
    def probed(self) -> Probe | None:
        """What told of publications when it was refreshed last."""
        return self._probe

    @property
    def versions(self) -> frozenset[str]:
        """The hashes of the current versions of all journeys."""
        return frozenset(self._readable.values())

    @property
    def creditors(self) -> frozenset[int]:
        """Those that have rules."""
        return frozenset(self._policies)

    def policy(self, creditor_id: int) -> Policy:
        """The rules of a creditor. Raises `NotPublished` while there are none to be read."""
        try:
            return self._policies[creditor_id]
        except KeyError:
            raise NotPublished(
                worded(
                    "creditor %(number)s has no rules; publish the packs, and look at its zone",
                    number=creditor_id,
                )
            ) from None

    def _refresh_journeys(self, session: Session) -> None:
        new = {
            name: digest
            for name, digest in current(session, "journey").items()
            if digest != self._readable.get(name) and digest not in self._broken
        }
        texts = contents(session, new.values())
        custom = _custom_types(session) if new else {}
        for name, digest in new.items():
            self._compile(name, digest, texts[digest], custom)

    def _compile(self, name: str, digest: str, text: str, custom: Mapping[str, FactType]) -> None:
        try:
            self._journeys[digest] = _journey(text, f"{name}.yaml", frozenset(custom.items()))
            self._readable[name] = digest
        except JourneyError as problem:
            self._broken.add(digest)
            log.error("journey %s (%s) cannot be read: %s", name, digest[:12], problem)

    def _refresh_packs(self, session: Session) -> None:
        """All packs or none: with one missing, what it forbids would be allowed."""
        try:
            self._packs = published_packs(session)
        except PackError as problem:
            log.error("a rule pack cannot be read; those read before stay: %s", problem)

    def _refresh_links(self, session: Session) -> None:
        """Words that cannot be read any more may hold a link."""
        texts = contents(session, (hashes := current(session, "template")).values())
        found = {}
        for name, digest in hashes.items():
            try:
                found[name] = _links(texts[digest])
            except (ValueError, LookupError, TypeError) as problem:
                log.error("template %s cannot be read: %s", name, type(problem).__name__)
        self._links = found

    def _refresh_policies(self, session: Session, *, is_new: bool) -> None:
        creditors = {row.id: row for row in session.connection().execute(_CREDITORS)}
        if self._packs is None or (creditors == self._creditors and not is_new):
            return
        policies = {}
        for row in creditors.values():
            try:
                policies[row.id] = _policy(row, self._packs, self._links)
            except (ValueError, LookupError, TypeError, AttributeError) as problem:
                log.error("creditor %s cannot be served: %s", row.id, type(problem).__name__)
        self._policies, self._creditors = policies, creditors


_RULED_BY = ("id", "external_id", "country", "region", "zone", "calendar", "locale")
_CREDITORS: Select[Any] = select(*(_CREDITOR.c[name] for name in _RULED_BY)).order_by(
    _CREDITOR.c.id
)


_links = lru_cache(maxsize=1024)(links_of)


@lru_cache(maxsize=256)
def _journey(text: str, file: str, custom: frozenset[tuple[str, FactType]]) -> Journey:
    return read_journey(text, file, custom=dict(custom))


def _policy(
    row: Row[Any], packs: tuple[Pack, ...], links: Mapping[str, Mapping[str, bool]]
) -> Policy:
    calendar, own = _calendar(row.country, row.region, row.calendar), row.locale

    @lru_cache(maxsize=4096)
    def has_link(template: str, medium: Medium, locale: str) -> bool:
        said = links.get(template, {}) if medium is Medium.SMS else {}
        return said.get(tried_for(said, locale, own)[-1], True)

    rules = RuleSet(of_creditor(packs, row.external_id), calendar)
    return Policy(rules, calendar, ZoneInfo(row.zone), has_link)


def _calendar(country: str, region: str | None, corrections: Mapping[str, Any]) -> BusinessCalendar:
    def dates(name: str) -> frozenset[date]:
        return frozenset(date.fromisoformat(day) for day in corrections.get(name, ()))

    return BusinessCalendar(country, region, dates("closed"), dates("opened"))


def _custom_types(session: Session) -> Mapping[str, FactType]:
    found: dict[str, FactType] = {}
    for types in session.connection().execute(select(_CREDITOR.c.custom_types)).scalars():
        found.update({name: FactType(kind) for name, kind in types.items()})
    return found
