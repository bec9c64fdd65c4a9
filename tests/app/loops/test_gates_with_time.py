"""Gates with time, end to end: what the law dates is asked of staff in time, and the gate waits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.engine.catalogue import Catalogue
from app.intake.legal_holds import place_legal_hold
from app.loops.tidy import Tidy
from app.store.rows import Hold, Notice, Task
from campaigns.vocabulary import HoldKind
from tests.databases import on_both_stores
from tests.promises.stage import DUE, Stage, staging
from tests.world import SECRET

BRITISH = {"country": "GB", "zone": "Europe/London", "locale": "en"}
LITHUANIAN = {"country": "LT", "zone": "Europe/Vilnius", "locale": "lt"}


def live(stage: Stage, days: int) -> None:
    """Every loop, each day."""
    tidy = Tidy(stage.database, stage.loops.reconciliation, {}, secret=SECRET)
    for _ in range(days):
        tidy.tick(stage.now)
        stage.play(days=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "days"), [(HoldKind.BREATHING_SPACE, 60), (HoldKind.DEBT_ADVICE, 30)]
)
def test_a_hold_of_british_law_is_silence_to_its_last_day_and_ends_by_itself(
    migrated_url: str, kind: HoldKind, days: int
) -> None:
    with staging(migrated_url, creditor=BRITISH) as stage:
        ada = stage.owe("Ada", media=("email",), country="GB", zone="Europe/London")
        catalogue = Catalogue()
        with stage.database.write() as session:
            catalogue.refresh(session)
            place_legal_hold(session, catalogue, ada, kind, DUE, stage.now)

        live(stage, days - 1)
        assert stage.said(ada) == []
        (task,) = stage.get(Task, customer_id=ada, kind="hold")
        assert task.due_at == stage.one(Hold).until
        assert stage.case_of(ada).reason == "hold"

        live(stage, 14)
        assert stage.said(ada) != []
        assert stage.one(Hold).released_at is not None
        first = stage.sent(customer_id=ada)[0].at
        assert first.date() >= DUE + timedelta(days=days)


def test_a_lithuanian_debt_is_handed_over_thirty_days_after_its_notice(migrated_url: str) -> None:
    with staging(migrated_url, creditor=LITHUANIAN) as stage:
        due_on = DUE - timedelta(days=49)
        jonas = stage.owe(
            "Jonas", media=("email",), due_on=due_on, country="LT", zone="Europe/Vilnius"
        )
        live(stage, 28)

        (notice,) = stage.get(Notice, customer_id=jonas, act="pre_transfer_notice")
        waiting = stage.case_of(jonas)
        assert waiting.reason == "notice_running"
        assert waiting.look_at >= notice.at + timedelta(days=30)

        live(stage, 22)
        closed = stage.case_of(jonas)
        assert closed.outcome == "handed_over"
        assert closed.closed_at >= notice.at + timedelta(days=30)


@on_both_stores
def test_in_israel_the_written_notice_is_a_task_with_its_date(migrated_url: str) -> None:
    """Four months after the due date: asked for thirty days before."""
    with staging(migrated_url) as stage:
        dana = stage.owe("Dana", media=("email",), due_on=date(2026, 2, 20))
        live(stage, 1)

        (task,) = stage.get(Task, customer_id=dana, kind="notice")
        assert (task.state, task.due_at.date()) == ("open", date(2026, 6, 20))
        assert task.detail["rule"].startswith("IL-")
