"""Takes the forms of the customer's page: each acts once, and a refused one is shown again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import Form
from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.delivery.withdrawal import withdraw
from app.intake.clicks import note_click
from app.store.guard import lock_persons
from app.web.catalogues import N_
from app.web.customer_page import Fault, Typed, customer_page
from app.web.forms import Purpose, Verdict
from app.web.site import Site
from app.web.visits import Visit, spoken, unsubscribing, visit

Text = Annotated[str, Form(max_length=2000)]
Act = Callable[[Session, Visit, datetime], Fault | None]

STALE: Final = N_(
    "Something has changed since you opened this page. Please look again and press once more."
)
CHOOSE: Final = N_("Please choose one of the options.")

# A page that is out of date must never stand between a customer and a stop.
_NEVER_STALE = frozenset({Purpose.WRONG_PERSON, Purpose.STOP, Purpose.HELP})
# These may be said twice as they are. Noting the form would lock this customer's person before
# intake locks all that share the address, which must happen in one go.
_UNNOTED = frozenset({Purpose.WRONG_PERSON, Purpose.STOP})


def submit(
    site: Site, token: str, purpose: Purpose, nonce: str, lang: str, typed: Typed, act: Act
) -> Response:
    """Takes a form once and leads on; shows the page again when it cannot be taken."""
    now = site.clock.now()
    fault: Fault | None = None
    with suppress(_Refused), site.database.write() as session:
        found = _sender(session, token, purpose, now)
        language, _ = spoken(found, lang)
        verdict: Verdict = "fresh"
        if purpose not in _UNNOTED:
            verdict = found.form_key(site.settings.secret).take(session, purpose, nonce, now)
        if verdict == "stale" and purpose not in _NEVER_STALE:
            fault = Fault(purpose, STALE, 409)
        elif verdict != "again":
            fault = act(session, found, now)
        if fault:
            raise _Refused  # nothing stays of a refused form, its nonce included
        note_act(session, found, now)
        withdraw(session, now=now)
    if fault:
        return again(site, token, now, lang, fault, typed)
    if purpose in _UNNOTED:  # thanked where nothing is shown of anybody
        return RedirectResponse(f"/thanks/{purpose}?lang={language}", 303)
    return RedirectResponse(f"/p/{token}?lang={language}&done={purpose}", 303)


def note_act(session: Session, found: Visit, now: datetime) -> None:
    """Has the message count as clicked: only a person presses a form."""
    lock_persons(session, [found.customer.person_id])
    assert found.link.id is not None
    note_click(session, found.link.id, now)


def again(
    site: Site, token: str, now: datetime, lang: str, fault: Fault, typed: Typed
) -> HTMLResponse:
    """The page with what was typed, and why it was not taken."""
    with site.database.read() as session:
        found = visit(session, token, now)
        return customer_page(site, session, found, now, wished=lang, fault=fault, typed=typed)


def day_of(text: str) -> date | None:
    """A day as a form sends it."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _sender(session: Session, token: str, purpose: Purpose, now: datetime) -> Visit:
    if purpose is Purpose.STOP:
        return unsubscribing(session, token)  # an old page still says stop
    return visit(session, token, now)


class _Refused(Exception):
    """Rolls the transaction of a refused form back."""
