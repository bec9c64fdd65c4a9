"""Drafts of journeys: edited beside their flow, checked as one writes, approved, published."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from sqlmodel import Session
from starlette.responses import Response

from app.console.door import Visit, acts, looks
from app.console.drafts import REFUSALS
from app.console.journeys.looking import list_page
from app.console.journeys.room import BASE, ROOM, JourneyRoom
from app.console.journeys.sayings import ACTS, FATES, STATES
from app.console.office import Doing
from app.drafting import acts as drafting
from app.drafting.contents import Kind, journey_file
from app.drafting.errors import DraftingError, NotMerged, StaleDraft, UnknownDraft
from app.drafting.reading import Draft, draft, history, live, writers
from app.drafting.standing import Flight, flights
from app.staff.roles import Right
from app.store.publishing import current_of
from app.web.catalogues import N_

Designs = Annotated[Visit, acts(Right.DESIGN)]
Approves = Annotated[Visit, acts(Right.APPROVE)]
NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
LONGEST: Final = 200_000
_LONGEST_NOTE: Final = 2000
_DIGITS: Final = 18
_NO_NAME: Final = N_("Write small letters, digits and _, the first of them a letter.")
_TAKEN: Final = N_("There is a journey of this name.")
_SKELETON: Final = """\
journey: {name}
title: {name}
subject: customer

steps:
  - id: reminder
    day: 3
    send: reminder_first
    fallback: {{on_no_delivery: 1d}}

  - id: over
    day: 30
    end: exhausted
"""
_SAID: Final = {
    "save": N_("The draft is saved."),
    "submit": N_("The draft waits for somebody else's approval."),
    "approve": N_("The draft is approved. It may be published."),
    "reject": N_("The draft is sent back to its author."),
    "publish": N_("The journey is published: it runs from now on."),
    "withdraw": N_("The draft is withdrawn. It stays on record."),
    "take-in": N_("What was published is taken in."),
    "keep-mine": N_("What was published is taken in; your lines stay where both had changed them."),
}
_DECIDES: Final = frozenset({"approve", "reject"})
_ACTS: Final[dict[str, Callable[..., Draft]]] = {
    "submit": drafting.submit,
    "approve": drafting.approve,
    "reject": drafting.reject,
    "publish": drafting.publish,
    "withdraw": drafting.withdraw,
    "take-in": drafting.take_in,
    "keep-mine": drafting.keep_mine,
}
"""What a form of the draft's page may do, by the end of its path."""
_TRACES: Final = {
    "submit": "submitted",
    "approve": "approved",
    "reject": "rejected",
    "publish": "published",
    "withdraw": "withdrawn",
    "take-in": "merged",
    "keep-mine": "merged",
}
"""What the trail calls it."""


def router(room: JourneyRoom) -> APIRouter:
    routes, office = APIRouter(), room.office

    @routes.post("")
    def begin_new(visit: Designs) -> Response:
        name = visit.typed.get("name", "").strip()
        fault = _fault_of(room, name)
        if fault:
            return list_page(room, visit, typed=name, fault=fault)
        with office.act(visit, "journey.begun", detail={"journey": name}) as doing:
            files = {journey_file(name): _SKELETON.format(name=name)}
            drafting.begin_new(doing.session, Kind.JOURNEY, name, files, by=doing.by, now=doing.now)
        return office.back(f"{BASE}/{name}/draft", N_("A new draft is begun."))

    @routes.post("/{name}/draft")
    def begin(visit: Designs, name: str) -> Response:
        try:
            with office.act(visit, "journey.begun", detail={"journey": name}) as doing:
                drafting.begin(doing.session, Kind.JOURNEY, name, by=doing.by, now=doing.now)
        except DraftingError:
            raise HTTPException(404) from None
        return office.back(f"{BASE}/{name}/draft")

    @routes.post("/{name}/versions/{sequence}/restore")
    def restore(visit: Designs, name: str, sequence: int) -> Response:
        detail = {"journey": name, "version": sequence}
        try:
            with office.act(visit, "journey.begun", detail=detail) as doing:
                drafting.roll_back(
                    doing.session, Kind.JOURNEY, name, sequence, by=doing.by, now=doing.now
                )
        except DraftingError as problem:
            return _draft_page(room, visit, name, problem=problem)
        said = N_("A draft is begun that says what that version said.")
        return office.back(f"{BASE}/{name}/draft", said)

    @routes.get("/{name}/draft")
    def shown(visit: Annotated[Visit, looks()], name: str) -> Response:
        return _draft_page(room, visit, name)

    @routes.post("/{name}/draft/check")
    def check(visit: Annotated[Visit, looks()], name: str) -> Response:
        """Says what is wrong with what is typed, and saves nothing."""
        return _draft_page(room, visit, name, typed=_typed(visit))

    @routes.post("/{name}/draft/save")
    def save(visit: Designs, name: str) -> Response:
        text = _typed(visit)
        try:
            with _acting(room, visit, name, "saved") as (doing, held):
                files, seen = {journey_file(name): text}, number(visit, "seen")
                drafting.save(doing.session, held.id, seen, files, by=doing.by, now=doing.now)
        except DraftingError as problem:
            return _draft_page(room, visit, name, typed=text, problem=problem)
        return office.back(f"{BASE}/{name}/draft", _SAID["save"])

    @routes.get("/{name}/draft/changes")
    def changed(visit: Annotated[Visit, looks()], name: str) -> Response:
        return _changes_page(room, visit, name)

    for act in _ACTS:
        if act in _DECIDES:
            _add_deciding(routes, room, act)
        else:
            _add_act(routes, room, act)
    return routes


def _fault_of(room: JourneyRoom, name: str) -> str:
    if not NAME.fullmatch(name):
        return _NO_NAME
    with room.office.database.read() as session:
        taken = current_of(session, Kind.JOURNEY, name) or live(session, Kind.JOURNEY, name)
    return _TAKEN if taken else ""


def _add_act(routes: APIRouter, room: JourneyRoom, act: str) -> None:
    @routes.post(f"/{{name}}/draft/{act}", name=f"journey_{act}")
    def done(visit: Designs, name: str) -> Response:
        return _done(room, visit, name, act)


def _add_deciding(routes: APIRouter, room: JourneyRoom, act: str) -> None:
    @routes.post(f"/{{name}}/draft/{act}", name=f"journey_{act}")
    def decided(visit: Approves, name: str) -> Response:
        return _done(
            room, visit, name, act, note=visit.typed.get("note", "").strip()[:_LONGEST_NOTE]
        )


def _done(room: JourneyRoom, visit: Visit, name: str, act: str, **told: str) -> Response:
    try:
        with _acting(room, visit, name, _TRACES[act]) as (doing, held):
            seen = number(visit, "seen")
            _ACTS[act](doing.session, held.id, seen, by=doing.by, now=doing.now, **told)
    except DraftingError as problem:
        return _changes_page(room, visit, name, problem=problem)
    page = f"{BASE}/{name}"
    is_over = act in {"publish", "withdraw"}
    return room.office.back(page if is_over else f"{page}/draft/changes", _SAID[act])


@contextmanager
def _acting(room: JourneyRoom, visit: Visit, name: str, act: str) -> Iterator[tuple[Doing, Draft]]:
    """An act on the draft that the form was made for."""
    draft_id = number(visit, "draft")
    with room.office.act(visit, f"journey.{act}", about=("draft", draft_id)) as doing:
        held = draft(doing.session, draft_id)
        if held.kind is not Kind.JOURNEY or held.name != name:
            raise UnknownDraft(draft_id)
        doing.detail.update(journey=name, seen=number(visit, "seen"))
        yield doing, held


def _draft_page(
    room: JourneyRoom,
    visit: Visit,
    name: str,
    *,
    typed: str | None = None,
    problem: DraftingError | None = None,
) -> Response:
    """The draft beside its flow. `typed` is shown instead of what is saved."""
    office = room.office
    with office.database.read() as session:
        held = _live(session, name)
        text = held.files[journey_file(name)] if typed is None else typed
        checked = room.checked(session, name, text)
        facts = room.drawn(session, visit, checked.journey)
    theirs = None
    if isinstance(problem, StaleDraft):
        theirs = room.differing(name, held.files[journey_file(name)], text)
    return office.page(
        visit, "console/journeys/draft.html", room=ROOM, status=422 if problem else 200,
        called=name, held=held, text=text, checked=checked, states=STATES, theirs=theirs,
        problem=office.say(visit, REFUSALS[type(problem)]) if problem else "",
        is_typed=typed is not None and typed != held.files[journey_file(name)], **facts,
    )  # fmt: skip


def _changes_page(
    room: JourneyRoom, visit: Visit, name: str, *, problem: DraftingError | None = None
) -> Response:
    """What the draft changes, whom it concerns, and what may be done with it now."""
    office, file = room.office, journey_file(name)
    with office.database.read() as session:
        held = _live(session, name)
        base, text = held.base.get(file, ""), held.files[file]
        checked = room.checked(session, name, text)
        before = room.checked(session, name, base).journey if base else None
        done, wrote = history(session, held.id), writers(session, held.id)
        is_behind = drafting.is_behind(session, held)
    counted = room.standing.of(name)
    moved: Sequence[Flight] = ()
    if counted is not None and checked.journey is not None:
        moved = flights(counted.value, before, checked.journey)
    return office.page(
        visit, "console/journeys/changes.html", room=ROOM, status=422 if problem else 200,
        called=name, held=held, checked=checked, states=STATES, said=ACTS, fates=FATES,
        changed=room.changed(visit, before, checked.journey),
        differing=room.differing(name, base, text), flights=moved, counted=counted,
        done=done, wrote=wrote, is_behind=is_behind,
        conflicts=problem.conflicts if isinstance(problem, NotMerged) else (),
        problem=office.say(visit, REFUSALS[type(problem)]) if problem else "",
    )  # fmt: skip


def _live(session: Session, name: str) -> Draft:
    held = live(session, Kind.JOURNEY, name)
    if held is None:
        raise HTTPException(404)
    return held


def _typed(visit: Visit) -> str:
    """The text as it was typed, with plain line ends."""
    text = visit.typed.get("text", "").replace("\r\n", "\n")
    if len(text) > LONGEST:
        raise HTTPException(413)
    return text


def number(visit: Visit, field: str) -> int:
    """A number that a form of ours carries; 0 for what no form of ours would."""
    told = visit.typed.get(field, "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < _DIGITS else 0
