"""One message that waits for somebody's word: seen as it would go now, approved or not; and those
alike together, each with facts of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, select
from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from app.console.codes import CHANGED
from app.console.door import Visit, acts, looks
from app.console.office import Doing, Office
from app.console.queues.lines import Id
from app.console.queues.lists import HOME, PICK, ROOM
from app.console.queues.words import TEAMS
from app.console.sentences import sentences_for
from app.delivery.approving import Approver, Asked, NotWaiting, SaysOtherwise, alike_ids
from app.delivery.prepare import Draft, Unwritten
from app.drafting.errors import SamePerson
from app.drafting.reading import ensure_not_own
from app.intake.queues import shown_task
from app.intake.tasks import APPROVAL, team_named
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Message, MessageApproval
from app.web.catalogues import N_
from app.web.shield import MAIL_POLICY
from app.wording.formats import formats_for
from app.wording.links import mask

_MESSAGE, _DECISION = table_of(Message), table_of(MessageApproval)
LONGEST_NOTE: Final = 1_000
TALL: Final = 720

_SAYS_OTHERWISE: Final = N_(
    "What the message says has changed while you looked at it. This is what it says now."
)
_OWN: Final = N_("You wrote these words: somebody else has to approve what they say.")
_NO_NOTE: Final = N_("Write why it may not go: your colleagues read it.")


def add_routes(routes: APIRouter, office: Office) -> None:
    desk = _Desk(office, Approver(office.catalogue, office.settings.base_url))

    @routes.get("/approvals/{id_}")
    def one(id_: Id, v: Annotated[Visit, looks()]) -> Response:
        return desk.page(v, id_)

    @routes.get("/approvals/{id_}/mail")
    def mail(id_: Id, _: Annotated[Visit, looks()]) -> HTMLResponse:
        return desk.mail(id_)

    @routes.post("/approvals/{id_}/approve")
    def approve(id_: Id, v: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        def work(doing: Doing, message_id: int) -> None:
            desk.approve(doing, message_id, v.typed.get("seen", ""))

        said = N_("Approved: it goes as soon as hours and rules allow.")
        return desk.decide(v, id_, "message_approved", said, work)

    @routes.post("/approvals/{id_}/refuse")
    def refuse(id_: Id, v: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        note = v.typed.get("note", "").strip()[:LONGEST_NOTE]
        if not note:
            return desk.page(v, id_, _NO_NOTE)

        def work(doing: Doing, message_id: int) -> None:
            desk.approver.refuse(doing.session, message_id, note=note, by=doing.by, now=doing.now)

        said = N_("It is not sent. The journey goes on, and collections knows why.")
        return desk.decide(v, id_, "message_refused", said, work)

    @routes.get("/approvals/{id_}/alike")
    def alike(id_: Id, v: Annotated[Visit, looks()]) -> Response:
        return desk.alike(v, id_)

    @routes.post("/approvals/{id_}/alike")
    def approve_alike(id_: Id, v: Annotated[Visit, acts(Right.APPROVE)]) -> Response:
        return desk.approve_alike(v, id_)


@dataclass(frozen=True, slots=True)
class _Desk:
    office: Office
    approver: Approver

    def page(self, v: Visit, task_id: int, problem: str = "") -> Response:
        now = self.office.clock.now()
        with self.office.database.read() as session:
            task, row = _asked_for(session, task_id)
            facts: dict[str, Any] = {
                "task": task,
                "row": row,
                "decisions": _decisions(session, row.id),
                "team": TEAMS[team_named(task.team)],
            }
            try:
                asked = self.approver.asked(session, row.id, now)
                has_alike = len(alike_ids(session, row.id, 2)) > 1
                facts |= {"asked": asked, "has_alike": has_alike, **_seen(asked)}
            except NotWaiting:
                facts |= {"asked": None, "why": None}
        said = sentences_for(self.office, v)
        return self.office.page(
            v,
            "console/queues/approval.html",
            room=ROOM,
            status=422 if problem else 200,
            problem=problem,
            said=said,
            changed_words=CHANGED,
            tall=TALL,
            **facts,
        )

    def mail(self, task_id: int) -> HTMLResponse:
        with self.office.database.read() as session:
            _, row = _asked_for(session, task_id)
            try:
                asked = self.approver.asked(session, row.id, self.office.clock.now())
            except NotWaiting:
                raise HTTPException(404) from None
        if not isinstance(asked.message, Draft) or asked.message.rendered.html is None:
            raise HTTPException(404)
        headers = {"content-security-policy": MAIL_POLICY, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(mask(asked.message.rendered.html), headers=headers)

    def approve(self, doing: Doing, message_id: int, seen: str) -> None:
        template = self.approver.approve(
            doing.session, message_id, seen=seen, by=doing.by, now=doing.now
        )
        ensure_not_own(doing.session, template, doing.by)

    def decide(
        self, v: Visit, task_id: int, act: str, said: str, work: Callable[[Doing, int], None]
    ) -> Response:
        """Whoever comes second sees what was decided."""
        with self.office.database.read() as session:
            _, row = _asked_for(session, task_id)
        try:
            with self.office.act(v, act, about=("message", row.id)) as doing:
                work(doing, row.id)
        except SaysOtherwise:
            return self.page(v, task_id, _SAYS_OTHERWISE)
        except SamePerson:
            return self.page(v, task_id, _OWN)
        except NotWaiting:
            return self.page(v, task_id, N_("Somebody has decided this already, or it is over."))
        return self.office.back(f"{HOME}?queue=approvals", said)

    def alike(self, v: Visit, task_id: int, problem: str = "") -> Response:
        with self.office.database.read() as session:
            _, row = _asked_for(session, task_id)
            found = self.approver.alike(session, row.id, self.office.clock.now())
        lines = [_seen(one) | {"asked": one} for one in found if isinstance(one.message, Draft)]
        return self.office.page(
            v,
            "console/queues/alike.html",
            room=ROOM,
            status=422 if problem else 200,
            problem=problem,
            row=row,
            task_id=task_id,
            lines=lines,
        )

    def approve_alike(self, v: Visit, task_id: int) -> Response:
        """Each of those that were picked, as it was seen; what says otherwise by now stays."""
        picked = {
            int(name.removeprefix(PICK)): seen
            for name, seen in v.typed.items()
            if name.startswith(PICK) and name.removeprefix(PICK).isdecimal() and len(name) < 24
        }
        if not picked:
            return self.alike(v, task_id, N_("Pick a line first."))
        done, late = [], []
        with self.office.database.read() as session:
            _, row = _asked_for(session, task_id)
        try:
            with self.office.act(v, "messages_approved", about=("message", row.id)) as doing:
                for message_id, seen in sorted(picked.items()):
                    try:
                        self.approve(doing, message_id, seen)
                        done.append(message_id)
                    except (NotWaiting, SaysOtherwise):
                        late.append(message_id)
                doing.detail.update({"messages": done, "late": len(late)})
        except SamePerson:
            return self.alike(v, task_id, _OWN)
        said = N_("Approved: %(done)s. Changed or decided meanwhile: %(late)s.")
        to = f"{HOME}?queue=approvals"
        return self.office.back(to, said, is_bad=bool(late), done=len(done), late=len(late))


def _asked_for(session: Session, task_id: int) -> tuple[Row[Any], Row[Any]]:
    """The task and its message."""
    task = shown_task(session, task_id)
    if task is None or task.kind != APPROVAL:
        raise HTTPException(404)
    query = select(_MESSAGE).where(_MESSAGE.c.key == task.detail["message_key"])
    return task, session.connection().execute(query).one()


def _decisions(session: Session, message_id: int) -> list[Row[Any]]:
    query = select(_DECISION).where(_DECISION.c.message_id == message_id)
    return list(session.connection().execute(query.order_by(_DECISION.c.id)))


def _seen(asked: Asked) -> dict[str, Any]:
    """What a page shows of a message, or why it cannot be put into words."""
    message = asked.message
    if isinstance(message, Unwritten):
        return {"why": (message.reason, message.params)}
    rendered, found = message.rendered, message.material
    context = found.context
    return {
        "why": None,
        "rendered": rendered,
        "direction": "rtl" if formats_for(rendered.locale).rtl else "ltr",
        "text": mask(rendered.text),
        "recipient": ", ".join((found.recipient, *found.copied_to)),
        "customer": context.customer,
        "totals": context.totals,
        "invoices": (*context.invoices, *context.coming),
        "dates": list(_dates(message)),
    }


def _dates(message: Draft) -> Iterator[tuple[str, date]]:
    context = message.material.context
    named = {
        N_("Handed over on"): context.handover_on,
        N_("Promised for"): context.promise_on,
        N_("Debited on"): context.debit_on,
        N_("Answer by"): context.answer_by,
    }
    yield from ((words, day) for words, day in named.items() if day is not None)
