"""The routes of the inbox. Each act asks, in its own transaction, that nobody else is at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import Row
from starlette.responses import Response

from app.book.ledger import UnknownCustomer
from app.console.beside import HOLDS, found_by
from app.console.codes import MEDIA_ALONE
from app.console.colleagues import colleagues
from app.console.door import Visit, acts, looks
from app.console.inbox.listing import INBOX, NOBODYS
from app.console.inbox.shown import Opened, opened, words_of
from app.console.inbox.words import (
    ANSWERS,
    CLASSED_BY,
    INTENTS,
    KINDS,
    SPECIAL,
    SURE,
    URGENCIES,
    WHY_NOT,
)
from app.console.office import Doing, Office
from app.console.times import day_asked
from app.intake.leases import TakenByAnother, give_back, leases
from app.intake.replies.classing import NotClassed, class_by_person
from app.intake.replies.handling import (
    NoSuchItem,
    NotHandled,
    assign,
    item_of,
    keep_item,
    match_by_hand,
    note_in_confidence,
    read_and_done,
    set_deadline,
    still_theirs,
    take_item,
)
from app.intake.special import NoSuchNote, read_special
from app.intake.staff_answers import NotAnswered, answer_reply
from app.staff.roles import Right
from app.web.catalogues import N_

ROOM: Final = "inbox"
HOME: Final = "/console/inbox"
_LARGEST: Final = 2**31 - 1

Look = Annotated[Visit, looks(Right.LOOK)]
Act = Annotated[Visit, acts(Right.ACT)]
Number = Annotated[int, Path(ge=1, le=_LARGEST)]


class Refused(ValueError):
    """What was typed cannot be taken; the text is marked by `N_`."""


Deed = Callable[[Doing, Row[Any]], None]
Has = Callable[[Doing, int, int], Row[Any]]
"""How a text is had before something is done to it: by its number and the fence of the form."""

_ANOTHER: Final = N_(
    "Somebody else is working on it. You can read it, and answer once they have let go."
)
_SINCE: Final = N_(
    "Somebody else has worked on it since you opened it. Look again before you answer."
)


def router(office: Office) -> APIRouter:
    routes = APIRouter()
    _looking(routes, office)
    _taking(routes, office)
    _answering(routes, office)
    _handing(routes, office)
    _confiding(routes, office)
    return routes


def _looking(routes: APIRouter, office: Office) -> None:
    @routes.get("/inbox")
    def inbox(visit: Look) -> Response:
        asked = dict(visit.asked)
        if asked.get("owner") == "me":
            asked["owner"] = visit.by
        with office.database.read() as session:
            listed = INBOX.read(session, asked)
            at_work = leases(session, [row.key for row in listed.rows], office.clock.now())
            staff = colleagues(session)
        return office.page(
            visit,
            "console/inbox/list.html",
            room=ROOM,
            listed=listed,
            at_work=at_work,
            staff=staff,
            **_words(),
        )

    @routes.get("/inbox/{item_id}")
    def one(visit: Look, item_id: Number) -> Response:
        return _show(office, visit, item_id)


def _taking(routes: APIRouter, office: Office) -> None:
    @routes.post("/inbox/{item_id}/take")
    def take(visit: Act, item_id: Number) -> Response:
        with _known(), office.act(visit, "text_taken", about=("inbox_item", item_id)) as doing:
            try:
                take_item(doing.session, item_id, by=doing.by, now=doing.now)
            except TakenByAnother:
                doing.detail["refused"] = True
                return office.back(f"{HOME}/{item_id}", _ANOTHER, is_bad=True)
        return office.back(f"{HOME}/{item_id}")

    @routes.post("/inbox/{item_id}/give-back")
    def let_go(visit: Act, item_id: Number) -> Response:
        with _known(), office.act(visit, "text_given_back", about=("inbox_item", item_id)) as doing:
            item = item_of(doing.session, item_id)
            give_back(doing.session, item.key, by=doing.by, now=doing.now)
        return office.back(HOME, N_("Given back: others can take it."))


def _answering(routes: APIRouter, office: Office) -> None:
    @routes.post("/inbox/{item_id}/answer")
    def answer(visit: Act, item_id: Number) -> Response:
        typed = visit.typed

        def deed(doing: Doing, item: Row[Any]) -> None:
            words = typed.get("words", "")
            if typed.get("answer"):
                seen = opened(
                    doing.session, item.id, by=doing.by, language=visit.language, now=doing.now
                )
                words = words_of(seen, typed["answer"]) or ""
                doing.detail["answer"] = typed["answer"][:20]
            if item.reply_id is None:
                raise Refused(N_("Nobody known wrote it: match it to a customer first."))
            answer_reply(doing.session, item.reply_id, words, by=visit.name, now=doing.now)

        return _do(office, visit, item_id, "text_answered", "words", deed, N_("Answered."))

    @routes.post("/inbox/{item_id}/class")
    def class_it(visit: Act, item_id: Number) -> Response:
        typed = visit.typed

        def deed(doing: Doing, item: Row[Any]) -> None:
            intent = next((each for each in CLASSED_BY if each == typed.get("intent")), None)
            if intent is None or item.reply_id is None:
                raise Refused(N_("Choose what it means."))
            day = _day(typed.get("on", ""))
            doing.detail["intent"] = str(intent)
            class_by_person(
                doing.session, item.reply_id, intent, by=doing.by, now=doing.now, on=day
            )

        said = N_("The meaning is saved.")
        return _do(office, visit, item_id, "text_classed", "intent", deed, said)

    @routes.post("/inbox/{item_id}/done")
    def done(visit: Act, item_id: Number) -> Response:
        def deed(doing: Doing, item: Row[Any]) -> None:
            read_and_done(doing.session, item, by=doing.by, now=doing.now)

        return _do(
            office, visit, item_id, "text_done", "done", deed, N_("Done: it asks for nothing.")
        )

    @routes.post("/inbox/{item_id}/match")
    def match(visit: Act, item_id: Number) -> Response:
        typed = visit.typed

        def deed(doing: Doing, item: Row[Any]) -> None:
            number = typed.get("customer", "")
            if not number.isdecimal() or int(number) > _LARGEST:
                raise Refused(N_("Choose whose it is."))
            doing.detail["customer_id"] = int(number)
            match_by_hand(doing.session, item, int(number), by=doing.by, now=doing.now)

        return _do(office, visit, item_id, "text_matched", "customer", deed, N_("Matched."))


def _handing(routes: APIRouter, office: Office) -> None:
    @routes.post("/inbox/{item_id}/assign")
    def assign_it(visit: Act, item_id: Number) -> Response:
        owner = visit.typed.get("owner", "")

        def deed(doing: Doing, item: Row[Any]) -> None:
            whom = owner if owner in colleagues(doing.session) else None
            if owner and whom is None:
                raise Refused(N_("Choose whose it is."))
            assign(doing.session, item.id, whom, by=doing.by, now=doing.now)

        said = N_("Assigned.") if owner else N_("It is nobody's now.")
        return _do(
            office, visit, item_id, "text_assigned", "owner", deed, said,
            has=_to_hand_on, to=f"{HOME}/{item_id}",
        )  # fmt: skip

    @routes.post("/inbox/{item_id}/deadline")
    def deadline(visit: Act, item_id: Number) -> Response:
        def deed(doing: Doing, item: Row[Any]) -> None:
            due_at = _instant(visit.typed.get("due", ""), visit.zone)
            set_deadline(doing.session, item.id, due_at, now=doing.now)

        return _do(
            office, visit, item_id, "text_due", "due", deed, N_("The deadline is set."),
            has=_to_hand_on, to=f"{HOME}/{item_id}",
        )  # fmt: skip


def _confiding(routes: APIRouter, office: Office) -> None:
    @routes.post("/inbox/{item_id}/note")
    def note(visit: Act, item_id: Number) -> Response:
        def deed(doing: Doing, item: Row[Any]) -> None:
            if item.customer_id is None:
                raise Refused(N_("Nobody known wrote it: match it to a customer first."))
            words = visit.typed.get("note", "")
            doing.detail["note_id"] = note_in_confidence(
                doing.session, item.customer_id, words, doing.now
            )

        return _do(
            office, visit, item_id, "note_kept", "note", deed, N_("Kept in confidence."),
            has=_to_note, to=f"{HOME}/{item_id}",
        )  # fmt: skip

    @routes.post("/inbox/{item_id}/notes/{note_id}")
    def read_note(visit: Act, item_id: Number, note_id: Number) -> Response:
        """The words themselves, once; that they were read is on record."""
        with _known(), office.act(visit, "note_read", about=("special_note", note_id)) as doing:
            item = item_of(doing.session, item_id)
            try:
                told = read_special(doing.session, note_id, read_by=visit.by, now=doing.now)
            except NoSuchNote:
                raise HTTPException(404) from None
            if told.customer_id != item.customer_id:
                raise HTTPException(404)
        return _show(office, visit, item_id, status=200, confided=told)


def _do(
    office: Office,
    visit: Visit,
    item_id: int,
    act: str,
    name: str,
    deed: Deed,
    said: str,
    *,
    has: Has | None = None,
    to: str = HOME,
) -> Response:
    """One act on a text that is theirs; what is wrong stands at the field of that `name`."""
    typed = visit.typed.get("fence", "")
    fence = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    try:
        with _known(), office.act(visit, act, about=("inbox_item", item_id)) as doing:
            deed(doing, (has or _to_answer)(doing, item_id, fence))
    except TakenByAnother as refused:
        words = _ANOTHER if refused.until is not None else _SINCE
        return _show(office, visit, item_id, faults={"fence": office.say(visit, words)})
    except (NotHandled, Refused, NotAnswered, NotClassed, UnknownCustomer) as problem:
        return _show(office, visit, item_id, faults={name: _why(office, visit, problem)})
    return office.back(to, said)


def _to_answer(doing: Doing, item_id: int, fence: int) -> Row[Any]:
    """The text, which is theirs. What was pressed by a key before it was taken takes it."""
    held = fence or take_item(doing.session, item_id, by=doing.by, now=doing.now).fence
    return still_theirs(doing.session, item_id, held, by=doing.by, now=doing.now)


def _to_hand_on(doing: Doing, item_id: int, fence: int) -> Row[Any]:
    """The same; an alarm is not theirs by that."""
    held = fence or keep_item(doing.session, item_id, by=doing.by, now=doing.now).fence
    return still_theirs(doing.session, item_id, held, by=doing.by, now=doing.now)


def _to_note(doing: Doing, item_id: int, fence: int) -> Row[Any]:
    """What has been dealt with is noted on by anybody: a note is one more, and changes nothing."""
    item = item_of(doing.session, item_id)
    return item if item.done_at is not None else _to_hand_on(doing, item_id, fence)


def _why(office: Office, visit: Visit, problem: Exception) -> str:
    match problem:
        case NotHandled():
            words = WHY_NOT[problem.code]
        case Refused():
            words = str(problem)
        case NotAnswered():
            words = N_("Write what you answer, in at most 4,000 characters.")
        case NotClassed():
            words = N_("It is not known from which address it came: close the address by hand.")
        case _:
            words = N_("There is no such customer.")
    return office.say(visit, words)


def _show(
    office: Office, visit: Visit, item_id: int, *, status: int | None = None, **facts: Any
) -> Response:
    """The page of one text; with faults it is a form that was refused."""
    faults = facts.pop("faults", {})
    now = office.clock.now()
    with _known(), office.database.read() as session:
        shown: Opened = opened(session, item_id, by=visit.by, language=visit.language, now=now)
        wanted = visit.asked.get("who", "")
        found = found_by(session, wanted) if shown.item.customer_id is None else ()
    return office.page(
        visit,
        "console/inbox/item.html",
        room=ROOM,
        status=status or (422 if faults else 200),
        o=shown,
        found=found,
        wanted=wanted,
        faults=faults,
        typed=visit.typed,
        may_act=visit.may(Right.ACT),
        holds=HOLDS,
        **_words(),
        **facts,
    )


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except NoSuchItem:
        raise HTTPException(404) from None


def _words() -> dict[str, Any]:
    return {
        "urgencies": URGENCIES,
        "kinds": KINDS,
        "intents": {str(intent): words for intent, words in INTENTS.items()},
        "classes": [(str(intent), INTENTS[intent]) for intent in CLASSED_BY],
        "sure": SURE,
        "special": SPECIAL,
        "answers": ANSWERS,
        "media": MEDIA_ALONE,
        "nobodys": NOBODYS,
    }


def _day(typed: str) -> date | None:
    day = day_asked(typed)
    if typed and day is None:
        raise Refused(N_("Write the day as it stands in a calendar."))
    return day


def _instant(typed: str, zone: str) -> datetime:
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Refused(N_("Choose a day and a time.")) from None
