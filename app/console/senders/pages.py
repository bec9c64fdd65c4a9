"""The list of senders, the form of one, the allow list, a test, and a look at everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Path
from sqlalchemy import Row
from sqlalchemy.exc import DBAPIError
from starlette.responses import Response

from app.book import allowed
from app.book.errors import AddressError
from app.book.senders import (
    FACTS,
    SenderRefused,
    add_sender,
    as_texts,
    change_sender,
    read_facts,
    senders,
)
from app.book.signoffs import wake_unsigned
from app.console.codes import MEDIA_ALONE
from app.console.creditors_known import creditors, number_in
from app.console.door import Visit, acts, looks
from app.console.office import Office
from app.console.senders.words import CHOICES, FACT_WORDS, FIRST, NEEDED, TEST_REMEDIES
from app.delivery.carriers import opened_channel
from app.delivery.trial import NotTried, letter, recipient_of, sender_for
from app.delivery.words import PublishedWords
from app.examine.looks import Subject, examined
from app.staff.roles import Right
from app.web.catalogues import N_, own_name
from app.wording.errors import WordingError
from app.wording.files import LOCALES
from app.wording.links import TOKEN_LENGTH
from campaigns.vocabulary import Medium
from campaigns.worded import worded
from channels.errors import UnknownChannel
from channels.registry import CHANNELS
from channels.seam import Accepted, Later, Outcome, Refused, Unclear
from channels.seam import Medium as Carried

SenderId = Annotated[int, Path(ge=1, lt=2**31)]
ROOM: Final = "senders"
NO_ADDRESS: Final = N_(
    "There is no such number or mailbox. Write a number with its country code, such as"
    " +44 20 7946 0018."
)


@dataclass(frozen=True, slots=True)
class _Tested:
    """What came of a test: in our words, what to do, and the provider's own code."""

    is_well: bool
    words: str
    remedy: str = ""
    code: str = ""


def router(office: Office) -> APIRouter:
    routes = APIRouter(prefix="/senders")

    @routes.get("")
    def listed(visit: Annotated[Visit, looks()]) -> Response:
        return _list(office, visit)

    @routes.get("/check")
    def checked(visit: Annotated[Visit, looks(Right.RUN)]) -> Response:
        subject = Subject(office.settings, office.database, office.gateways, _explained)
        return office.page(
            visit, "console/senders/check.html", room=ROOM, found=list(examined(subject))
        )

    @routes.post("/test")
    def tested(visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        try:
            outcome, sender_id = _test(office, visit)
        except AddressError:
            return _list(office, visit, faults={"test": office.say(visit, NO_ADDRESS)}, status=422)
        except (NotTried, WordingError, UnknownChannel, ValueError) as problem:
            return _list(office, visit, faults={"test": str(problem)}, status=422)
        with office.act(visit, "sender_tested", about=("sender", sender_id)) as doing:
            doing.detail["outcome"] = type(outcome).__name__.lower()
        return _list(office, visit, tested=_said(office, visit, outcome))

    @routes.post("/allow")
    def allow(visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        try:
            address = allowed.canonical(visit.typed.get("address", "").strip())
        except AddressError:
            return _list(office, visit, faults={"allow": office.say(visit, NO_ADDRESS)}, status=422)
        with office.act(visit, "address_allowed") as doing:
            note = visit.typed.get("note", "").strip()
            allowed.allow(doing.session, address, by=visit.by, note=note, now=doing.now)
            wake_unsigned(doing.session, doing.now)
        return office.back("/console/senders", N_("Real providers may carry to it."))

    @routes.post("/allow/remove")
    def disallow(visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        with office.act(visit, "address_disallowed") as doing:
            allowed.disallow(doing.session, visit.typed.get("address", ""))
        return office.back("/console/senders", N_("It is off the list."))

    @routes.get("/new")
    def new(visit: Annotated[Visit, looks(Right.RUN)]) -> Response:
        return _one(office, visit, None)

    @routes.get("/{id_}")
    def shown(id_: SenderId, visit: Annotated[Visit, looks()]) -> Response:
        return _one(office, visit, _row(office, id_))

    @routes.post("")
    def added(visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        try:
            creditor_id, medium, facts = _wanted(office, visit)
            with office.act(visit, "sender_added", about=("creditor", creditor_id)) as doing:
                number = add_sender(doing.session, creditor_id, medium, facts)
                doing.detail["sender"] = number
        except SenderRefused as problem:
            return _one(office, visit, None, problem=problem)
        return office.back(f"/console/senders/{number}", N_("The sender is made."))

    @routes.post("/{id_}")
    def changed(id_: SenderId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        row = _row(office, id_)
        before = as_texts(row)
        told = {name: text for name, text in _typed(visit).items() if text != before[name]}
        try:
            _change(office, visit, "sender_changed", id_, told)
        except SenderRefused as problem:
            return _one(office, visit, row, problem=problem)
        return office.back(f"/console/senders/{id_}", N_("Changed."))

    @routes.post("/{id_}/pause")
    def paused(id_: SenderId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        _row(office, id_)
        _change(office, visit, "sender_paused", id_, {"active": "no"})
        said = N_("It sends nothing until it goes on.")
        return office.back("/console/senders", said, undo=f"/console/senders/{id_}/resume")

    @routes.post("/{id_}/resume")
    def resumed(id_: SenderId, visit: Annotated[Visit, acts(Right.RUN)]) -> Response:
        _row(office, id_)
        _change(office, visit, "sender_resumed", id_, {"active": "yes"})
        said = N_("It sends again; what its provider had refused is tried carefully.")
        return office.back("/console/senders", said, undo=f"/console/senders/{id_}/pause")

    return routes


def _explained(problem: DBAPIError) -> str:
    return worded("the database did not answer (%(why)s)", why=type(problem).__name__)


def _wanted(office: Office, visit: Visit) -> tuple[int, Medium, Mapping[str, Any]]:
    """Whose sender is to be made, of which channel, and what of it. Raises `SenderRefused`."""
    creditor_id = number_in(visit.typed.get("creditor", ""))
    medium = visit.typed.get("medium", "")
    if creditor_id is None or medium not in set(Medium):
        raise SenderRefused(office.say(visit, N_("Choose a creditor and a channel.")))
    known = _providers(medium)
    if visit.typed.get("provider") not in known:
        told = office.say(visit, N_("By this channel there is: %(known)s."), known=", ".join(known))
        raise SenderRefused(told, fact="provider", remedy=told)
    facts = read_facts({name: text for name, text in _typed(visit).items() if text})
    return creditor_id, Medium(medium), facts


def _typed(visit: Visit) -> Mapping[str, str]:
    return {name: visit.typed[name].strip() for name in FACTS if name in visit.typed}


def _change(office: Office, visit: Visit, act: str, id_: int, told: Mapping[str, str]) -> None:
    """Raises `SenderRefused`."""
    facts = read_facts(told)
    with office.act(visit, act, about=("sender", id_)) as doing:
        change_sender(doing.session, id_, facts, doing.now)


def _row(office: Office, id_: int) -> Row[Any]:
    with office.database.read() as session:
        found = [row for row in senders(session) if row.id == id_]
    if not found:
        raise HTTPException(404)
    return found[0]


def _test(office: Office, visit: Visit) -> tuple[Outcome, int]:
    """As `duly send-test`: to an address of our own, about nobody."""
    typed = visit.typed
    medium = Medium(typed.get("medium", ""))
    base_url = office.settings.base_url
    words = PublishedWords(len(f"{base_url}/p/") + TOKEN_LENGTH)
    with office.database.read() as session:
        sender = sender_for(session, medium, number_in(typed.get("creditor", "")))
        recipient = recipient_of(session, typed.get("to", "").strip())
        envelope = letter(
            words.current(session),
            sender,
            recipient,
            template="reminder_first",
            locale=typed.get("locale", "en"),
            base_url=base_url,
            now=office.clock.now(),
        )
    with opened_channel(office.settings, Carried(medium), sender.provider) as (channel, run):
        return run(channel.send(envelope)), sender.id


def _said(office: Office, visit: Visit, outcome: Outcome) -> _Tested:
    match outcome:
        case Accepted(provider_id, _):
            words = N_("The provider took it; its number there is %(number)s.")
            return _Tested(True, office.say(visit, words, number=provider_id))
        case Refused(error) | Later(error) | Unclear(error):
            why = office.say(visit, N_("The provider did not take it: %(why)s"))
            return _Tested(
                False,
                why % {"why": office.say(visit, error.sentence)},
                office.say(visit, TEST_REMEDIES[error.fault]),
                error.code,
            )


def _list(
    office: Office,
    visit: Visit,
    *,
    faults: Mapping[str, str] | None = None,
    tested: _Tested | None = None,
    status: int = 200,
) -> Response:
    with office.database.read() as session:
        rows, listed = senders(session), allowed.allow_list(session)
        named = creditors(session)
    return office.page(
        visit,
        "console/senders/list.html",
        room=ROOM,
        status=status,
        senders=rows,
        allowed=listed,
        creditors=[("", "–"), *named],
        media=_media(office, visit),
        locales=[(each, own_name(each)) for each in LOCALES],
        sends_nothing=office.settings.sends_nothing,
        faults=faults or {},
        tested=tested,
    )


def _media(office: Office, visit: Visit) -> list[tuple[str, str]]:
    return [(str(each), office.say(visit, MEDIA_ALONE[each])) for each in Medium]


def _providers(medium: str | None = None) -> list[str]:
    """Who carries a channel, or any; the sandbox last."""
    found = {name for kind, name in CHANNELS if medium is None or kind.value == medium}
    return sorted(found, key=lambda name: (name == "sandbox", name))


def _one(
    office: Office, visit: Visit, row: Row[Any] | None, *, problem: SenderRefused | None = None
) -> Response:
    with office.database.read() as session:
        named = creditors(session)
    usual = {"two_way": "yes", "answers_keywords": "no", "per_second": "10"}
    kept = as_texts(row) if row else usual
    faults = {problem.fact: problem.remedy} if problem and problem.fact else {}
    return office.page(
        visit,
        "console/senders/one.html",
        room=ROOM,
        status=422 if problem else 200,
        sender=row,
        first=[_asked(office, visit, name, row) for name in FIRST],
        rest=[
            _asked(office, visit, name, row)
            for name in FACTS
            if name not in FIRST and name != "active"
        ],
        needed=NEEDED,
        kept={name: visit.typed.get(name, kept.get(name, "")) for name in FACTS},
        creditors=[("", "–"), *named],
        media=_media(office, visit),
        fault=str(problem) if problem and not faults else "",
        faults=faults,
    )


def _asked(
    office: Office, visit: Visit, name: str, row: Row[Any] | None
) -> tuple[str, str, list[tuple[str, str]]]:
    """A fact, its words, and what is chosen from; nothing where it is written."""
    options = [(value, office.say(visit, words)) for value, words in CHOICES.get(name, ())]
    if name == "provider":
        known = _providers(row.medium) if row else _providers()
        kept = [row.provider] if row and row.provider not in known else []
        options = [(each, each) for each in (*known, *kept)]
        options = options if row else [("", "–"), *options]
    return name, office.say(visit, FACT_WORDS[name]), options
