"""Takes the forms of the customer's page: each acts once, and a refused one is shown again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import BinaryIO, Final, TypeAlias

from fastapi import HTTPException, Request
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.delivery.withdrawal import withdraw
from app.intake.clicks import note_click
from app.store.guard import lock_persons
from app.web.catalogues import N_
from app.web.forms import Purpose, Verdict
from app.web.site import Site
from app.web.tickets import Ticket
from app.web.visits import Visit, behind, unsubscribing, visit
from app.web.ways.page import way_page
from app.web.ways.way import STALE, Fault, Filled, Moment, Way

GATEWAY_DOWN: Final = N_(
    "Our payment provider is not answering at the moment. Nothing was taken. Please try again soon."
)
_LONGEST: Final = 2000
_FIELDS: Final = 1000  # somebody may choose among hundreds of invoices
_LONGEST_PART: Final = 64 * 1024
_UNWRITABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""What no page would send and PostgreSQL can keep in no text."""
File: TypeAlias = BinaryIO | None

# A page that is out of date must never stand between a customer and help, or a stop.
_EVEN_LATE = frozenset({Purpose.HELP})
# Nor these, which may be said twice as they are. Noting the form would lock this customer's person
# before intake locks all that share the address, which must happen in one go.
_UNNOTED = frozenset({Purpose.WRONG_PERSON, Purpose.STOP})


async def filled(request: Request) -> Filled:
    """The fields of a form. What no form of ours would send is refused without being repeated."""
    return _typed(await request.form(max_files=0, max_fields=_FIELDS))


@asynccontextmanager
async def filled_with_file(request: Request, name: str) -> AsyncIterator[tuple[Filled, File]]:
    """The same of a form that may bring one file, which lies on the disk if it is large. It is
    gone when the block ends."""
    async with request.form(max_files=1, max_fields=_FIELDS, max_part_size=_LONGEST_PART) as form:
        file = form.get(name)
        is_file = isinstance(file, UploadFile) and (file.filename or file.size)
        yield _typed(form), file.file if isinstance(file, UploadFile) and is_file else None


def _typed(form: FormData) -> Filled:
    typed = Filled({name: value for name, value in form.multi_items() if isinstance(value, str)})
    if len(typed) > _FIELDS or any(map(_is_unfit, typed.values())):
        raise HTTPException(400)
    return typed


def _is_unfit(value: str) -> bool:
    return len(value) > _LONGEST or bool(_UNWRITABLE.search(value))


def submit(site: Site, ticket: Ticket, way: Way, typed: Filled) -> Response:
    """Takes a way's form once and leads on; shows its page again when it cannot be taken."""
    now, purpose, act = site.clock.now(), way.purpose, way.act
    if purpose is None or act is None:
        raise LookupError(f"the way {way.slug} has no form; give it a purpose and an act")
    fault: Fault | None = None
    with suppress(_Refused), site.database.write() as session:
        found = _sender(site, session, ticket, purpose, now)
        verdict: Verdict = "fresh"
        if purpose not in _UNNOTED:
            key = found.form_key(site.settings.secret)
            verdict = key.take(session, purpose, typed, now, even_late=purpose in _EVEN_LATE)
        moment = Moment.of(site, session, found, now, typed["lang"])
        if verdict == "stale":
            fault = Fault(STALE, 409)
        elif verdict == "fresh":
            fault = act(moment, typed)
        if fault:
            raise _Refused  # nothing stays of a refused form, its nonce included
        note_act(session, found, now)
        withdraw(session, now=now)
    if fault:
        return again(site, ticket, way, typed, fault)
    if purpose in _UNNOTED:  # thanked where nothing is shown of anybody
        return RedirectResponse(f"/thanks/{purpose}?lang={moment.language}", 303)
    return RedirectResponse(f"{ticket.path}?lang={moment.language}&done={purpose}", 303)


def again(site: Site, ticket: Ticket, way: Way, typed: Filled, fault: Fault) -> HTMLResponse:
    """The page of a way with what was typed, and why it was not taken."""
    now = site.clock.now()
    with site.database.read() as session:
        found = visit(site, session, ticket, now)
        moment = Moment.of(site, session, found, now, typed["lang"])
        return way_page(moment, way, typed, fault=fault)


def note_act(session: Session, found: Visit, now: datetime) -> None:
    """Has the message count as clicked: only a person presses a form."""
    lock_persons(session, [found.customer.person_id])
    assert found.link.id is not None
    note_click(session, found.link.id, now)


def _sender(site: Site, session: Session, ticket: Ticket, purpose: Purpose, now: datetime) -> Visit:
    """Who says it. What stops us needs no proof: whoever says that they are somebody else can give
    none."""
    match purpose:
        case Purpose.STOP:
            return unsubscribing(session, ticket.token)  # an old page still says stop
        case Purpose.WRONG_PERSON:
            return behind(session, ticket.token, now)
        case _:
            return visit(site, session, ticket, now)


class _Refused(Exception):
    """Rolls the transaction of a refused form back."""
