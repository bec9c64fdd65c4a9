"""What becomes of a draft: submitted, approved by a second person, published, or put away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from app.console.door import Visit, acts
from app.console.drafts import REFUSALS
from app.console.office import Doing, Office
from app.console.words.pages import number
from app.console.words.show import PATH, Show
from app.console.words.trail import trace
from app.drafting import acts as drafting
from app.drafting.contents import Kind
from app.drafting.errors import DraftingError, NotMerged
from app.drafting.reading import Draft
from app.staff.roles import Right
from app.store.publishing import current_of
from app.web.catalogues import N_

Designs = Annotated[Visit, acts(Right.DESIGN)]
Approves = Annotated[Visit, acts(Right.APPROVE)]
TEMPLATE: Final = Kind.TEMPLATE

Step = Callable[[Doing, int, int], Draft]
"""An act on the draft of this id as it was seen."""


def add_deciding(routes: APIRouter, office: Office, show: Show) -> None:
    """The routes of a draft that is decided on."""

    def done(visit: Visit, name: str, act: str, step: Step, said: str) -> Response:
        """Does one step to the draft as its page showed it, or says why not on that page."""
        draft_id, seen = (number(visit.typed.get(field, "")) for field in ("draft", "seen"))
        try:
            with office.act(visit, f"template.{act}", about=("draft", draft_id)) as doing:
                moved = step(doing, draft_id, seen)
                if moved.kind is not TEMPLATE or moved.name != name:
                    raise HTTPException(400)
                doing.detail.update(trace(moved))
                stays = current_of(doing.session, TEMPLATE, name) is not None
        except NotMerged as problem:
            told = office.say(visit, REFUSALS[NotMerged])
            return show.draft(visit, name, problem=told, status=422, conflicts=problem.conflicts)
        except DraftingError as problem:
            told = office.say(visit, REFUSALS[type(problem)])
            return show.draft(visit, name, problem=told, status=422)
        if not moved.is_live:
            return office.back(f"{PATH}/{name}" if stays else PATH, said)
        return office.back(f"{PATH}/{name}/draft", said)

    @routes.post("/design/templates/{name}/submit")
    def submit(name: str, visit: Designs) -> Response:
        def step(doing: Doing, draft_id: int, seen: int) -> Draft:
            return drafting.submit(doing.session, draft_id, seen, by=doing.by, now=doing.now)

        said = N_("Submitted. Somebody who did not write it may approve it now.")
        return done(visit, name, "submitted", step, said)

    @routes.post("/design/templates/{name}/approve")
    def approve(name: str, visit: Approves) -> Response:
        note = visit.typed.get("note", "").strip()[:2000]

        def step(doing: Doing, draft_id: int, seen: int) -> Draft:
            return drafting.approve(
                doing.session, draft_id, seen, by=doing.by, now=doing.now, note=note
            )

        return done(visit, name, "approved", step, N_("Approved. It can be published now."))

    @routes.post("/design/templates/{name}/reject")
    def reject(name: str, visit: Approves) -> Response:
        note = visit.typed.get("note", "").strip()[:2000]
        if not note:
            told = office.say(visit, N_("Say what is to be done, so that its author knows."))
            return show.draft(visit, name, problem=told, status=422)

        def step(doing: Doing, draft_id: int, seen: int) -> Draft:
            return drafting.reject(
                doing.session, draft_id, seen, by=doing.by, now=doing.now, note=note
            )

        return done(visit, name, "rejected", step, N_("Given back to its author."))

    @routes.post("/design/templates/{name}/publish")
    def publish(name: str, visit: Designs) -> Response:
        def step(doing: Doing, draft_id: int, seen: int) -> Draft:
            return drafting.publish(doing.session, draft_id, seen, by=doing.by, now=doing.now)

        said = N_("Published. The next message says it; messages that were sent stay as they were.")
        return done(visit, name, "published", step, said)

    @routes.post("/design/templates/{name}/withdraw")
    def withdraw(name: str, visit: Designs) -> Response:
        def step(doing: Doing, draft_id: int, seen: int) -> Draft:
            return drafting.withdraw(doing.session, draft_id, seen, by=doing.by, now=doing.now)

        return done(visit, name, "withdrawn", step, N_("Put away. It stays on record."))

    @routes.post("/design/templates/{name}/take-in")
    def take_in(name: str, visit: Designs) -> Response:
        mine = "mine" in visit.typed

        def step(doing: Doing, draft_id: int, seen: int) -> Draft:
            act = drafting.keep_mine if mine else drafting.take_in
            return act(doing.session, draft_id, seen, by=doing.by, now=doing.now)

        said = N_("Taken in. Look at the difference before it is submitted.")
        return done(visit, name, "merged", step, said)
