"""`duly plan wishes|agree|decline`: plans that customers ask for and cannot agree alone."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

if TYPE_CHECKING:
    from sqlalchemy import Row
    from sqlmodel import Session

plan = typer.Typer(
    help="Plans that customers ask for and cannot agree alone.", no_args_is_help=True
)
BY = typer.Option(None, "--by", metavar="NAME", help="Who decides; you, if left out.")
NUMBER = typer.Argument(..., help="As `duly plan wishes` names it.")


def register(app: typer.Typer) -> None:
    app.add_typer(plan, name="plan")


@plan.command("wishes")
def list_wishes(
    everything: bool = typer.Option(False, "--all", help="Those that were decided on as well."),
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """The plans that customers ask for and cannot agree alone, and by when each is answered."""
    from app.cli.databases import ready
    from app.intake.plan_wishes import wishes
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        rows = wishes(session, open_only=not everything)
    if as_json:
        emit({"wishes": [_told(row) for row in rows]})
        return
    for row in rows:
        show(_line(row))
    if not rows:
        note("Nobody asks for a plan.")


@plan.command("agree")
def agree(number: int = NUMBER, by: str | None = BY) -> None:
    """Agrees such a plan as it was asked for; the customer is told like of any plan."""
    from app.intake.plan_wishes import agree_wish

    plan_id = _decide(
        lambda session, who, now: agree_wish(session, number, decided_by=who, now=now), by
    )
    show(f"Plan {plan_id} is agreed, as wish {number} says.")


@plan.command("decline")
def decline(number: int = NUMBER, by: str | None = BY) -> None:
    """Decides against it; what is possible instead, you write to the customer."""
    from app.intake.plan_wishes import decline_wish

    _decide(lambda session, who, now: decline_wish(session, number, decided_by=who, now=now), by)
    show(f"Wish {number} is declined. Nobody was told: write to the customer with `duly reply`.")


def _decide(act: Callable[[Session, str, datetime], Any], by: str | None) -> Any:
    from app.book.envelope import EnvelopeError
    from app.cli.databases import ready
    from app.intake.plan_wishes import UnknownWish
    from app.intake.plans import PlanRefused
    from app.settings import read_settings

    who = by or getpass.getuser()
    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            return act(session, who, database.now())
        except UnknownWish as unknown:
            raise fail(str(unknown), code=WRONG_USE) from unknown
        except PlanRefused as refused:
            remedy = "Talk with the customer, then agree on something else."
            raise fail(f"No plan: {refused.sentence}. {remedy}") from refused
        except EnvelopeError as unreadable:
            raise fail(str(unreadable)) from unreadable


def _told(row: Row[Any]) -> dict[str, Any]:
    from campaigns.money import Money

    each = Money(row.part_minor, row.currency) if row.part_minor is not None else None
    return {
        "wish": row.id,
        "customer": row.customer,
        "amount": str(Money(row.amount_minor, row.currency)),
        "parts": row.parts,
        "each": str(each) if each else None,
        "rhythm": row.rhythm,
        "first_on": row.first_on.isoformat(),
        "answer_by": row.answer_by.isoformat(),
        "state": row.state,
        "decided_by": row.decided_by,
    }


def _line(row: Row[Any]) -> str:
    told = _told(row)
    each = f" of {told['each']}" if told["each"] else ""
    return (
        f"{told['wish']:>5}  answer by {told['answer_by']}  customer {told['customer']}"
        f"  {told['amount']} in {told['parts']} parts{each}, {told['rhythm']}"
        f" from {told['first_on']}  {told['state']}"
    )
