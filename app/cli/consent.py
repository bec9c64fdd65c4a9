"""`duly consent give|withdraw|show|reach`: who agreed to what, and how far a stop reaches."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show
from campaigns.reach import Creditors, Kinds, StopAct, Whom, row_of
from campaigns.vocabulary import Basis, Medium, Purpose

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from campaigns.reach import Reach

consent = typer.Typer(help="Who agreed to what, and how far a stop reaches.", no_args_is_help=True)

CUSTOMER = typer.Argument(..., metavar="CUSTOMER", help="The customer, by the ERP's own number.")
CREDITOR = typer.Option(
    None, "--creditor", help="Whose customer, where two creditors have the same number."
)
EVIDENCE = typer.Option(..., "--evidence", help="Where it can be seen: a form, a letter, a call.")
BY = typer.Option(None, "--by", help="Who puts it on record; whoever is logged in, unless told.")
PURPOSE = typer.Option(None, "--purpose", help="reminders or offers alone; all, unless told.")
_AT = {Creditors.ALL: "at all creditors", Creditors.THIS: "at this creditor"}
JSON = typer.Option(False, "--json", help="Print the result as JSON.")


def register(app: typer.Typer) -> None:
    app.add_typer(consent, name="consent")


@consent.command()
def give(
    customer: str = CUSTOMER,
    medium: Medium = typer.Option(..., "--medium", help="sms, email or whatsapp."),
    basis: Basis = typer.Option(
        ..., "--basis", help="consent, contract, legal_obligation or legitimate_interest."
    ),
    evidence: str = EVIDENCE,
    how: str = typer.Option("written", "--how", help="written, ticked or spoken."),
    purpose: Purpose | None = PURPOSE,
    by: str | None = BY,
    creditor: str | None = CREDITOR,
) -> None:
    """Puts a consent on record, and opens what an opt-out had closed. What bounced, was complained
    about, belongs to somebody else or was erased stays closed."""
    from app.intake.opt_ins import Agreement, NoEvidence, give_consent

    agreed = Agreement(medium, basis, evidence, _who(by), method=how, purpose=purpose)
    with _customer(customer, creditor) as (session, customer_id, now):
        try:
            still = give_consent(session, customer_id, agreed, now=now)
        except NoEvidence as problem:
            raise fail(problem, code=WRONG_USE) from None
    note("On record.")
    if still:
        note(f"An address stays closed all the same: {', '.join(still)}.")


@consent.command()
def withdraw(
    customer: str = CUSTOMER,
    medium: Medium | None = typer.Option(
        None, "--medium", help="sms, email or whatsapp; all, unless told."
    ),
    evidence: str = EVIDENCE,
    act: StopAct = typer.Option(
        StopAct.STAFF, "--act", help="staff, written_reply or cease: how it was said."
    ),
    purpose: Purpose | None = PURPOSE,
    by: str | None = BY,
    creditor: str | None = CREDITOR,
) -> None:
    """Stops at once what somebody asked to stop: by phone, by letter, in their own words. It holds
    for the person, on every address that they have or will have."""
    from app.intake.opt_outs import StopSaid, opt_out_person

    if row_of(act).whom is not Whom.PERSON:
        known = ", ".join(act for act in StopAct if row_of(act).whom is Whom.PERSON)
        raise fail(f"{act} is not told to staff; --act knows {known}.", code=WRONG_USE)
    said = StopSaid(act, medium, evidence, by=_who(by))
    with _customer(customer, creditor) as (session, customer_id, now):
        is_new = opt_out_person(session, said, customer_id=customer_id, purpose=purpose, now=now)
    note("Stopped, at once." if is_new else "It was stopped already.")


@consent.command("show")
def show_history(
    customer: str = CUSTOMER, creditor: str | None = CREDITOR, as_json: bool = JSON
) -> None:
    """What stands today, and everything that was given, withdrawn, closed and lifted."""
    from app.book.consent_history import consent_history

    with _customer(customer, creditor) as (session, customer_id, _):
        history = consent_history(session, customer_id)
    if as_json:
        emit(
            {
                "today": history.today,
                "consents": history.consents,
                "closings": history.closings,
            }
        )
        return
    for medium, word in history.today.items():
        show(f"{medium}: {word}")
    told = [(row["at"], _said(row)) for row in history.consents]
    told += [(row["at"], _closed(row)) for row in history.closings]
    for _, line in sorted(told):
        show(line)


@consent.command("reach")
def show_reach(as_json: bool = JSON) -> None:
    """How far each stop reaches: which act, said on which medium, stops what, for whom."""
    from campaigns.reach import spoken

    if as_json:
        emit({"reach": [_plain(medium, reach) for medium, reach in spoken()]})
        return
    for medium, reach in spoken():
        show(_sentence(_plain(medium, reach)))
    note("`duly policy list` shows the rules that widen this; none narrows it.")


def _plain(medium: Medium | None, reach: Reach) -> dict[str, Any]:
    row = reach.row
    return {
        "act": str(row.act),
        "said_on": str(medium) if medium else None,
        "stops": [str(each) for each in reach.closes if each] or ["all"],
        "for": str(row.whom),
        "creditors": str(row.creditors),
        "messages": str(row.kinds),
        "lifted_by": sorted(map(str, row.lifted_by)),
        "confirmed": row.confirmed,
    }


def _sentence(row: dict[str, Any]) -> str:
    said = f" by {row['said_on']}" if row["said_on"] else ""
    offers = " (after an offer: offers, and what a rule widens that to)"
    return "".join(
        [
            f"{row['act']}{said}: stops {', '.join(row['stops'])}",
            offers if row["messages"] == Kinds.AS_ANSWERED else "",
            f" for the {row['for']}, {_AT[row['creditors']]}, ",
            f"until lifted by {' or '.join(row['lifted_by'])}" if row["lifted_by"] else "for ever",
            "; confirmed once" if row["confirmed"] else "",
        ]
    )


def _said(row: dict[str, Any]) -> str:
    what = "given" if row["given"] else "withdrawn"
    of = f" of {row['purpose']}" if row["purpose"] else ""
    return _line(row["at"], f"{row['medium']}: consent{of} {what}", row["source"], row)


def _closed(row: dict[str, Any]) -> str:
    what = f"{row['medium'] or 'all media'}: address {row['address_id']} closed ({row['reason']})"
    lifted = row["lifted_at"]
    ended = f"; lifted {lifted:%Y-%m-%d %H:%M} by {row['lifted_by'] or '?'}" if lifted else ""
    return _line(row["at"], what, row["act"] or row["reason"], row) + ended


def _line(at: datetime, what: str, how: str, row: dict[str, Any]) -> str:
    who = f", by {row['recorded_by']}" if row["recorded_by"] else ""
    basis = f", basis {row['basis']}" if row.get("basis") else ""
    evidence = f", evidence {row['evidence']}" if row["evidence"] else ""
    return f"{at:%Y-%m-%d %H:%M} UTC  {what}  {how}{basis}{evidence}{who}"


@contextmanager
def _customer(number: str, creditor: str | None) -> Iterator[tuple[Session, int, datetime]]:
    from app.book.lookup import NumberUnclear, customer_by_number
    from app.cli.databases import ready
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            customer_id = customer_by_number(session, number, creditor)
        except NumberUnclear as problem:
            raise fail(problem, code=WRONG_USE) from None
        yield session, customer_id, database.now()


def _who(by: str | None) -> str:
    return by or getpass.getuser()
