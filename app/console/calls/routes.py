"""The routes of the call desk. What a call ends in is noted while nobody else is at it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path
from sqlmodel import Session
from starlette.responses import Response

from app.book.envelope import EnvelopeError
from app.console.beside import HOLDS
from app.console.calls.shown import dialled, slot_name, slots_of
from app.console.calls.words import (
    ABOUT,
    FOLLOWS,
    HARD,
    LACKING,
    LINES,
    OF_AMOUNT,
    OUTCOMES,
    REFUSED,
    why_not,
)
from app.console.codes import MEDIA_ALONE
from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.console.times import day_asked
from app.engine.catalogue import NotPublished
from app.intake.disputes import DisputeKind, UnknownInvoice
from app.intake.leases import CALLING_FOR, TakenByAnother, ensure, give_back, take
from app.intake.phone.call_list import Call, call_list, call_of
from app.intake.phone.numbers import RulesOf
from app.intake.phone.outcomes import CallOutcome, Noted, NotNoted, note_call
from app.intake.promises import PromiseProblem, PromiseRefused
from app.staff.roles import Right
from app.web.amounts import AmountRefused, read_any_amount
from app.web.catalogues import N_
from app.wording.formats import parsed_locale
from app.wording.staff_words import SPOKEN, spoken_in
from campaigns.calendar import BusinessCalendar
from campaigns.money import Money
from campaigns.ruleset import RuleSet
from campaigns.windows import Opening

ROOM: Final = "calls"
HOME: Final = "/console/calls"
_LARGEST: Final = 2**31 - 1
_LONGEST: Final = 4_000

Look = Annotated[Visit, looks(Right.LOOK)]
Act = Annotated[Visit, acts(Right.ACT)]
Number = Annotated[int, Path(ge=1, le=_LARGEST)]

_NO_RULES: Final = RuleSet((), BusinessCalendar("", None))

_ANOTHER: Final = N_("Somebody else has taken this call.")
_SINCE: Final = N_("Somebody else has taken this call since you opened it. Look again.")
_OVER: Final = N_("This call is no longer to be made.")


class _Wrong(ValueError):
    """What was typed cannot be taken, and at which field."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.field = name


def router(office: Office) -> APIRouter:
    routes = APIRouter()

    @routes.get("/calls")
    def calls(visit: Look) -> Response:
        spoken = next((each for each in SPOKEN if each == visit.asked.get("language")), None)
        with office.database.read() as session:
            office.catalogue.refresh(session)
            found = call_list(session, _rules(office), office.clock.now(), language=spoken)
        return office.page(
            visit,
            "console/calls/list.html",
            room=ROOM,
            found=found,
            languages={
                each: parsed_locale(each).get_display_name(visit.language) or each
                for each in SPOKEN
            },
            spoken=spoken or "",
            spoken_in=spoken_in,
            why_not=why_not,
        )

    @routes.get("/calls/{task_id}")
    def one(visit: Look, task_id: Number) -> Response:
        return _show(office, visit, task_id)

    _acting(routes, office)
    return routes


def _acting(routes: APIRouter, office: Office) -> None:
    @routes.post("/calls/{task_id}/take")
    def take_call(visit: Act, task_id: Number) -> Response:
        try:
            with office.act(visit, "call_taken", about=("task", task_id)) as doing:
                call = _call(office, doing.session, task_id, doing.now)
                if call is None:
                    raise _Wrong("fence", _OVER)
                take(doing.session, call.key, by=doing.by, lasts=CALLING_FOR, now=doing.now)
        except _Wrong as wrong:
            return _show(office, visit, task_id, faults={wrong.field: str(wrong)})
        except TakenByAnother:
            return _show(office, visit, task_id, faults={"fence": _ANOTHER})
        return office.back(f"{HOME}/{task_id}")

    @routes.post("/calls/{task_id}/give-back")
    def let_go(visit: Act, task_id: Number) -> Response:
        with office.act(visit, "call_given_back", about=("task", task_id)) as doing:
            call = _call(office, doing.session, task_id, doing.now)
            if call is not None:
                give_back(doing.session, call.key, by=doing.by, now=doing.now)
        return office.back(HOME, N_("Given back: others can take it."))

    @routes.post("/calls/{task_id}/ended")
    def ended(visit: Act, task_id: Number) -> Response:
        outcome = next((each for each in CallOutcome if each == visit.typed.get("outcome")), None)
        if outcome is None:
            faults = {"outcome": N_("Choose how the call ended.")}
            return _show(office, visit, task_id, faults=faults)
        try:
            _note(office, visit, task_id, outcome)
        except TakenByAnother as refused:
            faults = {"fence": _ANOTHER if refused.until is not None else _SINCE}
        except _Wrong as wrong:
            faults = {wrong.field: str(wrong)}
        except NotNoted as lacking:
            faults = {lacking.field: LACKING[lacking.field]}
        except PromiseRefused as problem:
            name = "amount" if problem.code in OF_AMOUNT else "on"
            faults = {name: REFUSED[problem.code]}
        except (EnvelopeError, UnknownInvoice):
            faults = {"outcome": REFUSED[PromiseProblem.NOT_OFFERED]}
        else:
            said = office.say(visit, OUTCOMES[outcome])
            return office.back(HOME, N_("Noted: %(outcome)s."), outcome=said)
        return _show(office, visit, task_id, faults=faults)


def _note(office: Office, visit: Visit, task_id: int, outcome: CallOutcome) -> None:
    typed = visit.typed
    with office.act(visit, "call_ended", about=("task", task_id)) as doing:
        call = _call(office, doing.session, task_id, doing.now)
        if call is None:
            raise _Wrong("fence", _OVER)
        fence = typed.get("fence", "")
        held = int(fence) if fence.isdecimal() and len(fence) < 10 else 0
        ensure(doing.session, call.key, held, by=doing.by, now=doing.now)
        slots = {
            slot_name(each): each
            for each in slots_of(doing.session, _rules(office), call, doing.now)
        }
        noted = _noted(outcome, typed, call, slots, visit.language)
        doing.detail["outcome"] = str(outcome)
        doing.detail["phone_call"] = note_call(
            doing.session, call, noted, by=doing.by, now=doing.now
        )
        give_back(doing.session, call.key, by=doing.by, now=doing.now)


def _noted(
    outcome: CallOutcome,
    typed: Mapping[str, str],
    call: Call,
    slots: Mapping[str, Opening],
    language: str,
) -> Noted:
    """What was typed, as far as this outcome asks for it. Raises `_Wrong`."""
    words = typed.get("words", "").strip()
    if len(words) > _LONGEST:
        raise _Wrong("words", N_("Write at most 4,000 characters."))
    chosen = [name.removeprefix("invoice-") for name in typed if name.startswith("invoice-")]
    about = next((kind for kind in DisputeKind if kind == typed.get("about")), DisputeKind.OTHER)
    return Noted(
        outcome,
        amount=_amount(typed.get("amount", ""), call, language),
        on=_day(typed.get("on", "")),
        invoice_ids=[int(each) for each in chosen if each.isdecimal() and len(each) < 10],
        about=about,
        words=words or None,
        slot=slots.get(typed.get("slot", "")),
    )


def _amount(typed: str, call: Call, language: str) -> Money | None:
    if not typed.strip() or call.worth.open is None:
        return None
    try:
        return read_any_amount(typed, currency=call.worth.open.currency, locale=language)
    except AmountRefused:
        raise _Wrong("amount", N_("Write the amount in figures, such as 120.50.")) from None


def _day(typed: str) -> date | None:
    day = day_asked(typed)
    if typed and day is None:
        raise _Wrong("on", N_("Write the day as it stands in a calendar."))
    return day


def _rules(office: Office) -> RulesOf:
    """The rules of a creditor; of one whose rules cannot be read none, and so its own hours."""

    def of(creditor_id: int) -> RuleSet:
        try:
            return office.catalogue.policy(creditor_id).rules
        except NotPublished:
            return _NO_RULES

    return of


def _call(office: Office, session: Session, task_id: int, now: datetime) -> Call | None:
    office.catalogue.refresh(session)
    return call_of(session, _rules(office), task_id, now)


def _show(
    office: Office, visit: Visit, task_id: int, *, faults: Mapping[str, str] | None = None
) -> Response:
    """The page of one call; with faults it is a form that was refused."""
    wrong = {name: office.say(visit, words) for name, words in (faults or {}).items()}
    now = office.clock.now()
    with office.database.read() as session:
        office.catalogue.refresh(session)
        shown = dialled(
            session,
            _rules(office),
            task_id,
            by=visit.by,
            caller=visit.name,
            language=visit.language,
            now=now,
        )
    if shown is None:
        if wrong:
            return office.page(
                visit,
                "console/calls/over.html",
                room=ROOM,
                status=422,
                why=next(iter(wrong.values())),
            )
        raise HTTPException(404)
    return office.page(
        visit,
        "console/calls/call.html",
        room=ROOM,
        status=422 if wrong else 200,
        o=shown,
        faults=wrong,
        typed=visit.typed,
        may_act=visit.may(Right.ACT),
        outcomes=OUTCOMES,
        n={str(each): each for each in OUTCOMES},
        follows=FOLLOWS,
        abouts=ABOUT,
        lines=LINES,
        hard=HARD,
        holds=HOLDS,
        media=MEDIA_ALONE,
        why_not=why_not,
    )
