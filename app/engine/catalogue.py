"""What is published, compiled once a process: journeys, and the rules of each creditor.

Loaded by hash. A revision that cannot be read any more never takes the place of one that can.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session

from app.store.bulk import table_of
from app.store.publishing import contents, current, publish
from app.store.rows import Creditor
from campaigns.calendar import BusinessCalendar
from campaigns.decision import Policy
from campaigns.facts import FactType
from campaigns.findings import JourneyError
from campaigns.journey import Journey
from campaigns.language import read_journey
from campaigns.packs import read_pack
from campaigns.ruleset import RuleSet

_CREDITOR = table_of(Creditor)

log = logging.getLogger(__name__)


class NotPublished(LookupError):
    """A campaign names a journey that nobody has published."""


@dataclass
class Catalogue:
    """Compiled revisions by hash. `refresh` follows what was published since."""

    _journeys: dict[str, Journey] = field(default_factory=dict)
    _current: Mapping[str, str] = field(default_factory=dict)
    _readable: dict[str, str] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)
    _policies: dict[int, Policy] = field(default_factory=dict)
    _policy_key: object = None

    def refresh(self, session: Session) -> None:
        """Reads which revisions are current and compiles those that are new."""
        self._current = current(session, "journey")
        new = {
            name: digest
            for name, digest in self._current.items()
            if digest != self._readable.get(name) and digest not in self._broken
        }
        texts = contents(session, new.values())
        custom = _custom_types(session) if new else {}
        for name, digest in new.items():
            self._compile(name, digest, texts[digest], custom)
        self._refresh_policies(session)

    def _compile(self, name: str, digest: str, text: str, custom: Mapping[str, FactType]) -> None:
        try:
            self._journeys[digest] = read_journey(text, f"{name}.yaml", custom=custom)
            self._readable[name] = digest
        except JourneyError as problem:
            self._broken.add(digest)
            log.error("journey %s (%s) cannot be read: %s", name, digest[:12], problem)

    def journey(self, name: str) -> tuple[str, Journey]:
        """The current version of a journey and the hash of its revision."""
        digest = self._readable.get(name) if name in self._current else None
        if digest is None:
            raise NotPublished(f"journey {name} is not published; publish it, or end its campaigns")
        return digest, self._journeys[digest]

    def policy(self, creditor_id: int) -> Policy:
        return self._policies[creditor_id]

    def _refresh_policies(self, session: Session) -> None:
        hashes = current(session, "pack")
        creditors = (
            session.connection()
            .execute(
                select(
                    _CREDITOR.c.id,
                    _CREDITOR.c.country,
                    _CREDITOR.c.region,
                    _CREDITOR.c.zone,
                    _CREDITOR.c.calendar,
                ).order_by(_CREDITOR.c.id)
            )
            .all()
        )
        key = (tuple(sorted(hashes.items())), repr(creditors))
        if key == self._policy_key:
            return
        texts = contents(session, hashes.values())
        packs = tuple(
            read_pack(texts[digest], f"{name}.yaml") for name, digest in sorted(hashes.items())
        )
        self._policies = {
            row.id: Policy(RuleSet(packs, calendar), calendar, ZoneInfo(row.zone))
            for row in creditors
            for calendar in (_calendar(row.country, row.region, row.calendar),)
        }
        self._policy_key = key


def _calendar(country: str, region: str | None, corrections: Mapping[str, Any]) -> BusinessCalendar:
    def dates(name: str) -> frozenset[date]:
        return frozenset(date.fromisoformat(day) for day in corrections.get(name, ()))

    return BusinessCalendar(country, region, dates("closed"), dates("opened"))


def _custom_types(session: Session) -> Mapping[str, FactType]:
    found: dict[str, FactType] = {}
    for types in session.connection().execute(select(_CREDITOR.c.custom_types)).scalars():
        found.update({name: FactType(kind) for name, kind in types.items()})
    return found


def publish_library(session: Session, *, now: datetime) -> None:
    """Publishes the journeys and rule packs that Duly ships. Doing it again changes nothing."""
    for kind, folder in (("journey", "library"), ("pack", "jurisdictions")):
        for file in sorted(files("campaigns").joinpath(folder).iterdir(), key=lambda f: f.name):
            if file.name.endswith(".yaml"):
                name = file.name.removesuffix(".yaml")
                publish(session, kind, name, file.read_text("utf-8"), now=now)
