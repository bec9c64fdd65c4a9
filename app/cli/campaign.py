"""`duly campaign add|set|list`: who is written to, about what, by which journey."""

from __future__ import annotations

from typing import Any

import typer

from app.cli.output import WRONG_USE, emit, fail, note, show

campaign = typer.Typer(help="Campaigns: an audience and a journey.", no_args_is_help=True)
_AUDIENCE = typer.Option(
    None, "--audience", help="A condition, such as `locale == 'he'`; everybody unless told."
)
_CONTROL = typer.Option(
    None, "--control", min=0, max=1, help="The share of cases that nobody is written to for."
)
_PRIORITY = typer.Option(None, "--priority", help="Which of several speaks: the higher one.")


def register(app: typer.Typer) -> None:
    app.add_typer(campaign, name="campaign")


@campaign.command()
def add(
    name: str = typer.Argument(..., help="How you call it."),
    creditor: str = typer.Option(..., "--creditor", help="Its external id."),
    journey: str = typer.Option(..., "--journey", help="A journey that is published."),
    audience: str | None = _AUDIENCE,
    control: float | None = _CONTROL,
    priority: int | None = _PRIORITY,
    paused: bool = typer.Option(False, "--paused", help="Opens no cases before it is set active."),
) -> None:
    """Adds a campaign. Its cases open with the next enrolment."""
    from app.book.errors import FeedError
    from app.book.owners import find_owner
    from app.cli.databases import ready
    from app.engine.campaigns import CampaignRefused, CampaignTold, add_campaign
    from app.engine.catalogue import Catalogue
    from app.settings import read_settings

    told = CampaignTold(name, journey, audience, control or 0.0, priority or 0, active=not paused)
    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            owner = find_owner(session, creditor)
            number = add_campaign(session, Catalogue(), owner.id, told)
        except (CampaignRefused, FeedError) as problem:
            raise fail(problem, code=WRONG_USE) from None
    note(f"Campaign {number}. Its cases open with the next enrolment.")


@campaign.command("set")
def set_facts(
    number: int = typer.Argument(..., metavar="ID", help="Its number, as the list tells it."),
    audience: str | None = _AUDIENCE,
    everybody: bool = typer.Option(False, "--everybody", help="Takes the condition away."),
    control: float | None = _CONTROL,
    priority: int | None = _PRIORITY,
    active: bool | None = typer.Option(
        None, "--active/--paused", help="Whether it opens cases; those that run go on."
    ),
) -> None:
    """Changes a campaign, or pauses it."""
    from app.cli.databases import ready
    from app.engine.campaigns import CampaignRefused, change_campaign
    from app.settings import read_settings

    told = {"audience": audience, "control_share": control, "priority": priority, "active": active}
    facts: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
    if everybody:
        facts["audience"] = None
    if not facts:
        raise fail("Say what is to change; `--help` lists it.", code=WRONG_USE)
    with ready(read_settings().database_url) as database, database.write() as session:
        try:
            change_campaign(session, number, facts)
        except (CampaignRefused, LookupError) as problem:
            raise fail(problem, code=WRONG_USE) from None
    note("Changed.")


@campaign.command("list")
def list_campaigns(
    as_json: bool = typer.Option(False, "--json", help="Print the result as JSON."),
) -> None:
    """The campaigns, with how many cases are open."""
    from app.cli.databases import ready
    from app.engine.campaigns import all_campaigns
    from app.settings import read_settings

    with ready(read_settings().database_url) as database, database.read() as session:
        rows = all_campaigns(session)
    if as_json:
        emit({"campaigns": [dict(row._mapping) for row in rows]})
        return
    for row in rows:
        state = "active" if row.active else "paused"
        whom = row.audience or "everybody"
        show(
            f"{row.id}: {row.creditor}, {row.name} ({row.journey}, by {row.subject}), {state},"
            f" {row.open_cases} open cases: {whom}"
        )
    if not rows:
        note("There is none. `duly campaign add` makes one.")
