"""Decisions on what customers asked for: plans, disputes, complaints, help; each of them once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException
from sqlalchemy import Row, select
from starlette.responses import FileResponse, Response

from app.book.envelope import EnvelopeError
from app.console.door import Visit, acts
from app.console.office import Doing, Office
from app.console.queues.lines import Id
from app.console.queues.lists import HOME
from app.console.queues.tasks import CHANGED, task_page
from app.delivery.withdrawal import withdraw
from app.intake.complaints import ComplaintAnswered, answer_complaint, complaint_of_reply
from app.intake.disputes import NotPart, credit_note_booked, resolve_dispute
from app.intake.help import HardshipOver, Help, end_hardship, give_help
from app.intake.means import read_means
from app.intake.plan_offers import Rhythm, Terms
from app.intake.plan_wishes import UnknownWish, agree_wish, counter_wish, decline_wish, wish_of
from app.intake.plans import PlanRefused
from app.intake.proofs.kept import note_handed_out, proofs_of
from app.intake.special import NoSuchNote, read_special
from app.intake.staff_answers import NotAnswered, answer_reply, write_to_customer
from app.intake.teamwork import UnknownTask, task_of
from app.staff.roles import Right
from app.store.given import table_of
from app.store.rows import Invoice
from app.web.amounts import AmountRefused, read_amount
from app.web.catalogues import N_
from campaigns.money import Money

_INVOICE = table_of(Invoice)

_NO_PLAN: Final = N_("These terms are no plan of what is open now. Check parts and days.")
_NO_AMOUNT: Final = N_("Write an amount that is more than nothing and less than what is open.")
_NO_WORDS: Final = N_("Write what the customer is to read.")
_NO_DAYS: Final = N_("A pause has a number of days, 180 at most.")
_UNREADABLE: Final = N_("Something in this form is missing. Check it again.")


class _Over(Exception):
    """Somebody else was quicker."""


def add_routes(routes: APIRouter, office: Office) -> None:
    _add_plans(routes, office)
    _add_disputes(routes, office)
    _add_help(routes, office)
    _add_files(routes, office)

    @routes.post("/tasks/{id_}/complaint")
    def complaint(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Answers it in writing, or says that it was answered in a talk or by letter."""
        return _decide(office, v, id_, "complaint.answered", N_("Answered."), _answer_complaint)


def _add_plans(routes: APIRouter, office: Office) -> None:
    @routes.post("/tasks/{id_}/plan/agree")
    def agree(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        said = N_("The plan is agreed. The customer is told.")
        return _decide(office, v, id_, "plan.agreed", said, _agree)

    @routes.post("/tasks/{id_}/plan/decline")
    def decline(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        said = N_("Declined. The customer reads your words.")
        return _decide(office, v, id_, "plan.declined", said, _decline)

    @routes.post("/tasks/{id_}/plan/counter")
    def counter(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        said = N_("Offered. The customer may agree to it on their page.")
        return _decide(office, v, id_, "plan.countered", said, _counter)


def _add_disputes(routes: APIRouter, office: Office) -> None:
    @routes.post("/tasks/{id_}/dispute/{end}")
    def dispute(id_: Id, end: str, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        said = _DISPUTED.get(end)
        if said is None:
            raise HTTPException(404)

        def work(doing: Doing, task: Row[Any], v: Visit) -> None:
            _resolve(doing, task, v, end)

        return _decide(office, v, id_, f"dispute.{end}", said, work)

    @routes.post("/tasks/{id_}/credit-note")
    def credit_note(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        return _decide(office, v, id_, "credit_note.booked", N_("Done."), _credit_note)


def _add_help(routes: APIRouter, office: Office) -> None:
    @routes.post("/tasks/{id_}/help")
    def help_(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        return _decide(office, v, id_, "help.given", N_("Put on record."), _help)

    @routes.post("/tasks/{id_}/hardship/end")
    def end(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        said = N_("Ended. The journeys go on.")
        return _decide(office, v, id_, "hardship.ended", said, _end)

    @routes.post("/tasks/{id_}/note")
    def note(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Shows what was told in confidence. That it was read, and by whom, is put on record."""
        with office.act(v, "note.read", about=("task", id_)) as doing:
            task = _task(doing, id_)
            note_id = task.detail.get("note_id", 0)
            try:
                note = read_special(doing.session, note_id, read_by=v.by, now=doing.now)
            except NoSuchNote:
                note = None
        return task_page(office, v, id_, told={"note": note, "asked": "note"})

    @routes.post("/tasks/{id_}/means")
    def means(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """The same of what they told of their means."""
        with office.act(v, "means.read", about=("task", id_)) as doing:
            whose = _task(doing, id_).customer_id
            told = read_means(doing.session, whose or 0, read_by=v.by, now=doing.now)
        return task_page(office, v, id_, told={"means": told, "asked": "means"})


def _add_files(routes: APIRouter, office: Office) -> None:
    @routes.post("/tasks/{id_}/proof")
    def proof(id_: Id, v: Annotated[Visit, acts(Right.ACT)]) -> Response:
        """Hands out the file of a payment that a customer tells of; who took it is on record."""
        with office.act(v, "proof.read", about=("task", id_)) as doing:
            number = _task(doing, id_).detail.get("proof_id", 0)
            rows = proofs_of(doing.session, proof_id=number)
            found = office.documents.find(rows[0].document) if rows and rows[0].document else None
            if found is None:
                raise HTTPException(404)
            note_handed_out(doing.session, rows[0], to=v.by, now=doing.now)
        headers = {"content-security-policy": "sandbox", "x-content-type-options": "nosniff"}
        return FileResponse(
            found.path, media_type=found.media_type, filename=found.name, headers=headers
        )


_DISPUTED: Final[Mapping[str, str]] = {
    "uphold": N_("Upheld. Finance has the task of the credit note."),
    "part": N_("Upheld in part. Finance has the task; the rest is asked for after it."),
    "reject": N_("Rejected. The invoice is asked for again."),
}


def _decide(
    office: Office,
    v: Visit,
    id_: int,
    act: str,
    said: str,
    work: Callable[[Doing, Row[Any], Visit], None],
) -> Response:
    """One decision in one transaction; what is wrong is said on the task's page, nothing typed is
    lost, and whoever comes second sees how it stands."""
    try:
        with office.act(v, act, about=("task", id_)) as doing:
            work(doing, _task(doing, id_), v)
            withdraw(doing.session, now=doing.now)
    except (UnknownWish, ComplaintAnswered, HardshipOver, _Over):
        return task_page(office, v, id_, CHANGED)
    except (PlanRefused, EnvelopeError):
        return task_page(office, v, id_, _NO_PLAN)
    except (NotPart, AmountRefused):
        return task_page(office, v, id_, _NO_AMOUNT)
    except NotAnswered:
        return task_page(office, v, id_, _NO_WORDS)
    except (KeyError, ValueError):
        return task_page(office, v, id_, _NO_DAYS if act == "help.given" else _UNREADABLE)
    return office.back(f"{HOME}/tasks/{id_}", said)


def _task(doing: Doing, id_: int) -> Row[Any]:
    try:
        return task_of(doing.session, id_)
    except UnknownTask:
        raise HTTPException(404) from None


def _agree(doing: Doing, task: Row[Any], v: Visit) -> None:
    wish_id = task.detail["plan_wish_id"]
    doing.detail["plan"] = agree_wish(doing.session, wish_id, decided_by=v.by, now=doing.now)


def _decline(doing: Doing, task: Row[Any], v: Visit) -> None:
    wish_id = task.detail["plan_wish_id"]
    decline_wish(doing.session, wish_id, decided_by=v.by, now=doing.now)
    _tell(doing, task, wish_id, v)


def _counter(doing: Doing, task: Row[Any], v: Visit) -> None:
    typed, wish_id = v.typed, task.detail["plan_wish_id"]
    first_on, until = date.fromisoformat(typed["first_on"]), date.fromisoformat(typed["until"])
    terms = Terms(int(typed["parts"]), Rhythm(typed["rhythm"]), first_on)
    counter_wish(doing.session, wish_id, terms, until=until, decided_by=v.by, now=doing.now)
    doing.detail.update({"parts": terms.count, "until": until.isoformat()})
    _tell(doing, task, wish_id, v)


def _tell(doing: Doing, task: Row[Any], wish_id: int, v: Visit) -> None:
    """The customer reads the words on their page, and is told that they are there."""
    words, wish = v.typed.get("words", ""), wish_of(doing.session, wish_id)
    if wish is not None and wish.reply_id is not None:
        answer_reply(doing.session, wish.reply_id, words, by=v.name, now=doing.now)
    else:
        write_to_customer(doing.session, task.customer_id, words, by=v.name, now=doing.now)


def _resolve(doing: Doing, task: Row[Any], v: Visit, end: str) -> None:
    credited = None
    if end == "part":
        query = select(_INVOICE.c.open_minor, _INVOICE.c.currency)
        invoice_id = task.detail["invoice_id"]
        row = doing.session.connection().execute(query.where(_INVOICE.c.id == invoice_id)).one()
        whole = Money(row.open_minor, row.currency)
        credited = read_amount(v.typed.get("amount", ""), at_most=whole, locale=v.language)
        doing.detail["credited"] = credited.minor
    still_open = resolve_dispute(
        doing.session,
        dispute_id=task.detail["dispute_id"],
        upheld=end != "reject",
        credited=credited,
        by=v.by,
        now=doing.now,
    )
    if not still_open:
        raise _Over


def _credit_note(doing: Doing, task: Row[Any], v: Visit) -> None:
    dispute_id = task.detail["dispute_id"]
    if not credit_note_booked(doing.session, dispute_id=dispute_id, by=v.by, now=doing.now):
        raise _Over


def _answer_complaint(doing: Doing, task: Row[Any], v: Visit) -> None:
    reply_id = task.detail["reply_id"]
    found = complaint_of_reply(doing.session, reply_id, task.kind)
    if found is None:
        raise _Over
    in_writing = v.typed.get("how") != "otherwise"
    words = v.typed.get("words", "") if in_writing else None
    if in_writing and not (words or "").strip():
        raise NotAnswered(_NO_WORDS)
    # The customer reads the colleague's name; who signed in is in the trail of acts.
    answer_complaint(
        doing.session, found.id, reply_id=reply_id, words=words, by=v.name, now=doing.now
    )


def _help(doing: Doing, task: Row[Any], v: Visit) -> None:
    help_ = Help(v.typed.get("help", ""))
    days = int(v.typed.get("days") or 0)
    pause = timedelta(days=min(days, 10_000)) if help_ is Help.PAUSE else None
    hardship_id = task.detail["hardship_id"]
    give_help(doing.session, hardship_id, help_, by=v.by, now=doing.now, pause=pause)
    doing.detail.update({"help": str(help_), "days": days if pause else 0})


def _end(doing: Doing, task: Row[Any], v: Visit) -> None:
    end_hardship(doing.session, task.detail["hardship_id"], by=v.by, now=doing.now)
