"""Journeys as they run: the list, one as a flow beside its text, and its earlier versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, func, select
from sqlmodel import Session
from starlette.responses import Response

from app.console.door import Visit, looks
from app.console.journeys.room import ROOM, JourneyRoom
from app.console.journeys.sayings import STATES
from app.drafting.contents import Kind, journey_file
from app.drafting.origin import Version, files_of, versions
from app.drafting.reading import Draft, all_live
from app.store.given import table_of
from app.store.publishing import contents, current
from app.store.rows import Campaign, Creditor, Publication
from campaigns.journey import Journey

_PUBLICATION, _CAMPAIGN = table_of(Publication), table_of(Campaign)
_CREDITOR = table_of(Creditor)
_SINCE = (
    select(_PUBLICATION.c.name, func.max(_PUBLICATION.c.published_at).label("at"))
    .where(_PUBLICATION.c.kind == str(Kind.JOURNEY))
    .group_by(_PUBLICATION.c.name)
)


@dataclass(frozen=True, slots=True)
class ListedJourney:
    """One line of the list. `journey` None: nothing is published, or it cannot be read."""

    name: str
    journey: Journey | None
    since: datetime | None
    draft: Draft | None
    cases: int | None


def router(room: JourneyRoom) -> APIRouter:
    routes, office = APIRouter(), room.office

    @routes.get("")
    def all_journeys(visit: Annotated[Visit, looks()]) -> Response:
        return list_page(room, visit)

    @routes.get("/{name}")
    def one_journey(visit: Annotated[Visit, looks()], name: str) -> Response:
        with office.database.read() as session:
            published, draft = room.published(session, name), room.draft(session, name)
            if published is None and draft is None:
                raise HTTPException(404)
            journey = published.checked.journey if published else None
            facts = {
                **room.drawn(session, visit, journey),
                "history": versions(session, Kind.JOURNEY, name),
                "campaigns": _campaigns(session, name),
            }
        return office.page(
            visit, "console/journeys/journey.html", room=ROOM, called=name, published=published,
            draft=draft, states=STATES, **facts,
        )  # fmt: skip

    @routes.get("/{name}/versions/{sequence}")
    def one_version(visit: Annotated[Visit, looks()], name: str, sequence: int) -> Response:
        with office.database.read() as session:
            known = versions(session, Kind.JOURNEY, name)
            version = next((each for each in known if each.sequence == sequence), None)
            if version is None:
                raise HTTPException(404)
            before = next((each for each in known if each.sequence == sequence - 1), None)
            texts = [_text(session, name, each) for each in (before, version)]
            read = [room.checked(session, name, text).journey for text in texts]
        return office.page(
            visit, "console/journeys/version.html", room=ROOM, called=name, version=version,
            is_current=version is known[0], text=texts[1], before=before,
            changed=room.changed(visit, *read) if before else (),
            differing=room.differing(name, *texts) if before else (),
        )  # fmt: skip

    return routes


def list_page(room: JourneyRoom, visit: Visit, *, typed: str = "", fault: str = "") -> Response:
    """All journeys. `fault` is what is wrong with the name that was typed for a new one."""
    office = room.office
    with office.database.read() as session:
        listed = _listed(session, room)
    return office.page(
        visit, "console/journeys/list.html", room=ROOM, status=422 if fault else 200,
        listed=listed, states=STATES, typed=typed,
        faults={"name": office.say(visit, fault)} if fault else {},
    )  # fmt: skip


def _listed(session: Session, room: JourneyRoom) -> list[ListedJourney]:
    hashes = current(session, Kind.JOURNEY)
    texts = contents(session, hashes.values())
    since = {row.name: row.at for row in session.connection().execute(_SINCE)}
    drafts = {draft.name: draft for draft in all_live(session, Kind.JOURNEY)}
    counted = room.open_cases.of("")
    names = sorted({*hashes, *drafts})
    return [
        ListedJourney(
            name,
            room.checked(session, name, texts[hashes[name]]).journey if name in hashes else None,
            since.get(name),
            drafts.get(name),
            counted.value.get(name, 0) if counted else None,
        )
        for name in names
    ]


def _campaigns(session: Session, name: str) -> list[Row[tuple[int, str, bool, str]]]:
    """Who follows this journey."""
    query = (
        select(_CAMPAIGN.c.id, _CAMPAIGN.c.name, _CAMPAIGN.c.active, _CREDITOR.c.name.label("of"))
        .join(_CREDITOR, _CREDITOR.c.id == _CAMPAIGN.c.creditor_id)
        .where(_CAMPAIGN.c.journey == name)
        .order_by(_CREDITOR.c.name, _CAMPAIGN.c.id)
    )
    return list(session.connection().execute(query))


def _text(session: Session, name: str, version: Version | None) -> str:
    if version is None:
        return ""
    return files_of(session, Kind.JOURNEY, name, version.hash)[journey_file(name)]
