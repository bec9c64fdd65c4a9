"""Who has paid already: when, how, how much, and a file that shows it; reminders stop meanwhile."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from hashlib import sha256
from typing import BinaryIO, Final

from starlette.responses import Response

from app.intake.proofs.apart import cleaned_apart
from app.intake.proofs.kinds import MOST_BYTES, FileProblem, FileRefused
from app.intake.proofs.telling import EARLIEST, Method, PaymentTold
from app.web import acts
from app.web.amounts import AMOUNT_FAULTS, AmountRefused, read_any_amount
from app.web.catalogues import N_
from app.web.forms import Purpose
from app.web.site import Site
from app.web.submission import again, submit
from app.web.tickets import Ticket
from app.web.visits import visit
from app.web.ways.way import CHOOSE, Fault, Filled, Moment, Shown, Way, owes

FILE: Final = "file"
LARGEST_BODY: Final = 4 * MOST_BYTES
"""A file that is somewhat too large is refused in words, beside its field; it waits on the disk."""

METHODS: Mapping[str, str] = {
    Method.BANK: N_("By bank transfer"),
    Method.CARD: N_("By card"),
    Method.CASH: N_("In cash"),
    Method.CHEQUE: N_("By cheque"),
    Method.OTHER: N_("In another way"),
}
FILE_FAULTS: Final[Mapping[FileProblem, str]] = {
    FileProblem.EMPTY: N_("This file is empty. Please choose another one."),
    FileProblem.TOO_LARGE: N_(
        "This file is too large. The limit is 10 MB. A screenshot of it is enough."
    ),
    FileProblem.UNKNOWN: N_(
        "We cannot open this kind of file. Please choose a photo (JPEG, PNG or WebP) or a PDF."
    ),
    FileProblem.HEIC: N_(
        "We cannot open HEIC photos. Please choose a JPEG photo, or a screenshot."
    ),
    FileProblem.LOCKED: N_(
        "This PDF asks for a password. Please choose one without, or a screenshot of it."
    ),
    FileProblem.BROKEN: N_(
        "This file cannot be opened: it seems damaged. Please choose another one."
    ),
    FileProblem.BUSY: N_("Many files are coming in right now. Please try again in a minute."),
}
NOT_THEN: Final = N_("Please choose the day on which you paid: today or earlier.")


@dataclass(frozen=True, slots=True)
class PaidForm:
    """What the form offers. `again` says that a file was chosen, and must be once more."""

    methods: tuple[tuple[str, str], ...]
    currencies: tuple[str, ...]
    earliest: date
    latest: date
    again: bool


def know(site: Site, ticket: Ticket) -> None:
    """Raises `LinkClosed` for a link that opens no page, `ProofWanted` for one that asks first."""
    with site.database.read() as session:
        visit(site, session, ticket, site.clock.now())


def enter(site: Site, ticket: Ticket, typed: Filled, file: BinaryIO | None) -> Response:
    """Takes the form. The file is made anew before anything is locked: that takes a second."""
    now = site.clock.now()
    with site.database.read() as session:
        found = visit(site, session, ticket, now)
        nonce = found.form_key(site.settings.secret).nonce(session, Purpose.PAID)
        told = _told(Moment.of(site, session, found, now, typed["lang"]), typed)
    is_current = hmac.compare_digest(typed["nonce"].encode(), nonce.encode())
    fault = told if isinstance(told, Fault) else None
    clean = None
    if file is not None:
        typed[FILE] = sha256(file.read(MOST_BYTES)).hexdigest()  # what is said names its file
        file.seek(0)
        if fault is None and is_current:  # else nothing is taken, and no work is done for it
            try:
                clean = cleaned_apart(file)
            except FileRefused as refused:
                fault = Fault(FILE_FAULTS[refused.problem], field=FILE)
    if fault is not None:
        return again(site, ticket, WAY, typed, fault)
    return submit(site, ticket, replace(WAY, act=partial(_say, file=clean)), typed)


def _show(moment: Moment, typed: Filled) -> Shown:
    form = PaidForm(
        moment.said(METHODS),
        _currencies(moment),
        moment.account.today - EARLIEST,
        moment.account.today,
        bool(typed[FILE]),
    )
    return Shown(form)


def _say(moment: Moment, typed: Filled, *, file: bytes | None) -> Fault | None:
    told = _told(moment, typed)
    if isinstance(told, Fault):
        return told
    documents, told = moment.site.documents, replace(told, file=file)
    acts.already_paid(moment.session, moment.found, documents, told, moment.now)
    return None


def _told(moment: Moment, typed: Filled) -> PaymentTold | Fault:
    """What the form says, or the first thing about it that cannot be."""
    day, method, today = typed.as_day("paid_on"), typed["method"], moment.account.today
    if typed["paid_on"].strip() and (day is None or not today - EARLIEST <= day <= today):
        return Fault(NOT_THEN, field="paid_on")
    if method and method not in METHODS:
        return Fault(CHOOSE, field="method")
    currency = typed["currency"] if typed["currency"] in _currencies(moment) else None
    amount = None
    if typed["amount"].strip():
        if currency is None:
            return Fault(CHOOSE, field="amount")
        try:
            amount = read_any_amount(typed["amount"], currency=currency, locale=moment.locale)
        except AmountRefused as refused:
            return Fault(AMOUNT_FAULTS[refused.fault], field="amount")
    return PaymentTold(day, Method(method) if method else None, amount, typed["words"])


def _currencies(moment: Moment) -> tuple[str, ...]:
    """In which something is asked for; the creditor's own, where nothing is any more."""
    owed = tuple(money.currency for money in moment.account.owed)
    return owed or (moment.found.creditor.currency,)


WAY: Final = Way(
    "paid",
    Purpose.PAID,
    N_("I have already paid"),
    owes,
    _show,
    done=N_("Reminders have stopped while we look for your payment."),
)
