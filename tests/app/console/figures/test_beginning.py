"""A new house is told what it has yet to do, until it is done."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.console.figures.beginning import BOOK, CAMPAIGN, RULES, SENDER, first_steps
from app.store.given import table_of
from app.store.rows import Campaign, Sender, SignOff
from tests.app.console.team import Seat, Team
from tests.databases import on_both_stores
from tests.factories import add, add_customer

STEPS = [BOOK, SENDER, RULES, CAMPAIGN]


def _open(team: Team) -> list[str]:
    with team.database.read() as session:
        return [step.words for step in first_steps(session) if not step.is_done]


def _sender(team: Team, provider: str) -> None:
    told = {"medium": "sms", "address": "+972520000000", "display_name": "Alder"}
    add(team.database, Sender, creditor_id=team.creditor_id, provider=provider, **told)


def _signed(team: Team, **told: object) -> None:
    now = team.clock.now()
    add(team.database, SignOff, creditor_id=team.creditor_id, pack="il", version="v", revision="r",
        signed_at=now, signed_by="noa", note="read", **told)  # fmt: skip


def _switch_off_all(team: Team) -> None:
    """The house of the tests has a sender, which is a sandbox."""
    with team.database.write() as session:
        session.connection().execute(update(table_of(Sender)).values(active=False))


@on_both_stores
def test_each_step_is_told_until_it_is_done(team: Team) -> None:
    _switch_off_all(team)
    assert _open(team) == STEPS
    add_customer(team.database, team.creditor_id, "C1", person="p1")
    assert _open(team) == [SENDER, RULES, CAMPAIGN]
    _sender(team, "twilio")
    assert _open(team) == [RULES, CAMPAIGN]
    _signed(team, withdrawn_at=team.clock.now() + timedelta(hours=1))
    assert _open(team) == [RULES, CAMPAIGN]
    _signed(team)
    assert _open(team) == [CAMPAIGN]
    told = {"name": "overdue", "subject": "customer", "journey": "consumer_gentle"}
    paused = add(team.database, Campaign, creditor_id=team.creditor_id, active=False, **told)
    assert paused
    assert _open(team) == [CAMPAIGN]
    told["name"] = "again"
    add(team.database, Campaign, creditor_id=team.creditor_id, **told)
    with team.database.read() as session:
        assert first_steps(session) == ()


def test_a_sandbox_needs_nobody_to_sign(team: Team) -> None:
    _switch_off_all(team)
    _sender(team, "sandbox")
    assert RULES not in _open(team)


def test_today_leads_to_the_room_where_it_is_done(team: Team, viewer: Seat) -> None:
    page = viewer.opens("/console/")
    assert "First steps" in page
    for room in ("book/imports", "senders", "rules", "campaigns"):
        assert f'<a class="line" href="/console/{room}"' in page
