"""The form of a trial: read, found fault with, and filled in again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from app.book.finding.search import search
from app.console.inbox.words import CLASSED_BY
from app.console.times import day_asked
from app.drafting.checking import check
from app.drafting.contents import Kind
from app.drafting.reading import all_live
from app.loops.tryout.asked import MOST_DAYS, Happening, Trial, What
from app.loops.tryout.people import SAMPLES
from app.loops.tryout.stops import Note
from app.store.given import table_of
from app.store.rows import Creditor, Customer
from app.web.catalogues import N_
from app.wording.files import LOCALES
from campaigns.vocabulary import Medium

ROWS: Final = 4
USUAL_DAYS: Final = 60
_LONGEST_WORDS: Final = 500
_FOUND_MOST: Final = 8
_CREDITOR, _CUSTOMER = table_of(Creditor), table_of(Customer)
NOTES: Final[Mapping[Note, str]] = {
    Note.HALTED: N_("The stop button is pressed: what it stops is not said on these days either."),
    Note.STALE: N_("The book is too old to send on: nothing is said before a newer one is there."),
    Note.SENDER_WAITS: N_("A sender is paused or full: what it carries waits here too."),
    Note.ALONE: N_("This customer is on other journeys too; here only this one speaks."),
}
HAPPENINGS: Final[Mapping[What, str]] = {
    What.PAYS: N_("pays all"),
    What.PAYS_PART: N_("pays a third"),
    What.PROMISES: N_("promises all within a week"),
    What.PROMISES_PART: N_("promises a third within a week"),
    What.PLANS: N_("agrees to a plan in three parts"),
    What.DISPUTES: N_("disputes the oldest invoice"),
    What.IN_HARDSHIP: N_("says that money is short"),
    What.REPLIES: N_("writes back"),
    What.OPTS_OUT: N_("sends STOP"),
    What.OPENS: N_("opens their page"),
    What.HELD: N_("is put on hold for a week"),
    What.BOUNCES: N_("can no longer be reached"),
    What.NOT_APPROVED: N_("hears nothing that waits to be approved: nobody approves it"),
}
REASONS: Final[Mapping[str, str]] = {
    "no_customer": N_("There is no such customer."),
    "owes_nothing": N_("This customer owes nothing. Choose another, or a sample."),
    "no_creditor": N_("There is no creditor yet. Add one, then try a journey."),
    "no_day": N_("Choose the first day."),
    "too_many_days": N_("Choose between 1 and 120 days."),
}
_NOBODY: Final = N_("Nobody was found. Search by name, number, phone or invoice.")
_NO_SUCH_DAY: Final = N_("Write a day of the trial, counted from 0.")
_WORDS_NEEDED: Final = N_("Write what the customer says.")
_NO_DATE: Final = N_("Write a day as 2026-12-31.")


@dataclass(frozen=True, slots=True)
class Somebody:
    """A customer who was found."""

    id: int
    name: str
    number: str
    creditor: str


def found_by(session: Session, typed: Mapping[str, str]) -> list[Somebody]:
    """The customer who was chosen, or those whom the search finds."""
    if typed.get("whom") != "customer":
        return []
    chosen = _number(typed.get("customer", ""))
    ids = [chosen] if chosen else []
    if not ids and typed.get("q", "").strip():
        ids = [each.customer_id for each in search(session, typed["q"], limit=_FOUND_MOST).found]
    query = (
        select(_CUSTOMER.c.id, _CUSTOMER.c.name, _CUSTOMER.c.external_id,
               _CREDITOR.c.name.label("creditor"))
        .join(_CREDITOR, _CREDITOR.c.id == _CUSTOMER.c.creditor_id)
        .where(_CUSTOMER.c.id.in_(ids))
    )  # fmt: skip
    rows = {row.id: row for row in session.connection().execute(query)}
    known = [rows[id_] for id_ in ids if id_ in rows]
    return [Somebody(row.id, row.name or "", row.external_id, row.creditor) for row in known]


def faults_of(typed: Mapping[str, str], found: list[Somebody]) -> dict[str, str]:
    faults = {}
    if typed.get("whom") == "customer" and len(found) != 1:
        faults["q"] = _NOBODY if not found else N_("Several were found. Choose one.")
    if typed.get("starts_on") and _date(typed) is None:
        faults["starts_on"] = _NO_DATE
    days = _number(typed.get("days", "") or str(USUAL_DAYS))
    if days is None or not 1 <= days <= MOST_DAYS:
        faults["days"] = REASONS["too_many_days"]
        days = USUAL_DAYS
    for row in range(ROWS):
        what, day = typed.get(f"what{row}", ""), _number(typed.get(f"day{row}", ""))
        if what and (day is None or day >= days):
            faults[f"day{row}"] = _NO_SUCH_DAY
        if what == What.REPLIES and not typed.get(f"words{row}", "").strip():
            faults[f"words{row}"] = _WORDS_NEEDED
    return faults


def trial_from(
    session: Session,
    name: str,
    text: str,
    typed: Mapping[str, str],
    found: list[Somebody],
    now: datetime,
) -> Trial:
    """What was asked for, once there is no fault in it."""
    starts_on, customer_id = _date(typed), found[0].id if found else None
    if starts_on is None and customer_id is None:
        starts_on = now.date()
    locale = typed.get("locale", "")
    return Trial(
        name,
        text,
        _creditor(session, typed),
        customer_id,
        typed.get("sample", "") if typed.get("sample") in SAMPLES else "en",
        starts_on,
        _number(typed.get("days", "")) or USUAL_DAYS,
        now,
        locale if locale in LOCALES else None,
        tuple(_happenings(typed)),
        _words(session, now),
    )


def typed_of(trial: Trial) -> dict[str, str]:
    """What was typed for it, as the form shows it again."""
    typed = {
        "whom": "sample" if trial.customer_id is None else "customer",
        "sample": trial.sample,
        "customer": str(trial.customer_id or ""),
        "creditor": str(trial.creditor_id),
        "starts_on": trial.starts_on.isoformat() if trial.starts_on else "",
        "days": str(trial.days),
        "locale": trial.locale or "",
    }
    for row, each in enumerate(trial.happenings):
        told = {"day": each.day, "what": each.what, "medium": each.medium, "words": each.words}
        typed |= {f"{name}{row}": str(value) for name, value in told.items()}
        typed[f"intent{row}"] = str(each.intent or "")
    return typed


def _words(session: Session, now: datetime) -> Mapping[str, str]:
    """The drafts of templates that could be published, in place of what is."""
    found = {}
    for held in all_live(session, Kind.TEMPLATE):
        checked = check(session, held.kind, held.name, held.files, now=now)
        if checked.text is not None:
            found[held.name] = checked.text
    return found


def _happenings(typed: Mapping[str, str]) -> Iterator[Happening]:
    known, media = {str(what): what for what in What}, {str(each): each for each in Medium}
    intents = {str(each): each for each in CLASSED_BY}
    for row in range(ROWS):
        what, day = known.get(typed.get(f"what{row}", "")), _number(typed.get(f"day{row}", ""))
        if what is not None and day is not None:
            medium = media.get(typed.get(f"medium{row}", ""), Medium.SMS)
            words = typed.get(f"words{row}", "")[:_LONGEST_WORDS]
            read_as = intents.get(typed.get(f"intent{row}", ""))
            yield Happening(day, what, medium, words, read_as if what is What.REPLIES else None)


def _creditor(session: Session, typed: Mapping[str, str]) -> int:
    """The creditor that was chosen, else the first."""
    chosen = _number(typed.get("creditor", ""))
    first = select(_CREDITOR.c.id).order_by(_CREDITOR.c.id).limit(1)
    return chosen or session.connection().scalar(first) or 0


def _date(typed: Mapping[str, str]) -> date | None:
    return day_asked(typed.get("starts_on", ""))


def _number(told: str) -> int | None:
    told = told.strip()
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 18 else None
