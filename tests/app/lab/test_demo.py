"""The demo: one walk, the same on both stores, with a summary that any terminal can show."""

from collections.abc import Callable, Iterator
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlmodel import col, select

from app.lab.demo import REJECTED, run_demo
from app.lab.result import DemoResult
from app.lab.showcase import showcase
from app.lab.summary import RESPONSES, render_summary
from app.settings import Settings
from app.store.engines import Database
from app.store.migrate import upgrade
from app.store.rows import Attempt, Link, Message
from app.web.visits import token_hash
from app.wording.links import token
from campaigns.vocabulary import Signal

TODAY = date(2026, 6, 30)


def _walk(url: str, **changed: Any) -> tuple[DemoResult, Database]:
    database = Database(url)
    options = {"customers": 60, "days": 20, "seed": 11, "today": TODAY, **changed}
    return run_demo(database, progress=lambda done, total: None, **options), database


def _figures(result: DemoResult) -> dict[str, Any]:
    return {name: value for name, value in result.as_json().items() if name != "seconds"}


@pytest.fixture(scope="module")
def walked(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[DemoResult, Database]]:
    """One walk on SQLite that several tests look at."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'duly.sqlite3'}"
    upgrade(url)
    result, database = _walk(url)
    yield result, database
    database.dispose()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_walk_is_the_same_on_both_stores(
    walked: tuple[DemoResult, Database], migrated_url: str
) -> None:
    there, database = _walk(migrated_url)
    database.dispose()

    assert _figures(there) == _figures(walked[0])


@pytest.mark.slow
def test_another_seed_walks_another_way(
    walked: tuple[DemoResult, Database], sqlite_url: Callable[[], str]
) -> None:
    other, database = _walk(sqlite_url(), seed=8, days=6)
    again, same = _walk(sqlite_url(), seed=8, days=6)
    for opened in (database, same):
        opened.dispose()

    assert _figures(other) == _figures(again)
    assert _figures(other) != _figures(walked[0])


def test_no_promise_is_broken(walked: tuple[DemoResult, Database]) -> None:
    result, _ = walked

    assert [p.number for p in result.promises] == list(range(1, 11))
    assert [p.name for p in (*result.promises, result.ledger) if p.violations] == []
    assert not result.broken
    assert len(result.as_json()["promises"]) == 10


def test_something_of_everything_happens(walked: tuple[DemoResult, Database]) -> None:
    figures = walked[0].as_json()

    assert set(figures["messages"]["by_medium"]) == {"email", "sms", "whatsapp"}
    assert set(figures["messages"]["by_locale"]) == {"he", "ar", "lt", "en"}
    assert {"link_clicked", "payment_received"} <= set(figures["responses"])
    assert set(figures["money"]) == {"ILS", "EUR"}
    assert all(0 < money["collected"] < money["owed"] for money in figures["money"].values())
    assert {"settled", "open"} <= set(figures["cases"])


def test_whatsapp_refuses_the_templates_that_it_has_not_approved_and_no_other(
    walked: tuple[DemoResult, Database],
) -> None:
    of_attempt = col(Attempt.message_id) == col(Message.id)
    query = select(Message.template, Attempt.locale, Attempt.error).join(Attempt, of_attempt)
    with walked[1].read() as session:
        tried = session.exec(query.where(Attempt.state == "refused")).all()
    refused = {(t, locale) for t, locale, why in tried if why["error"] == "template_not_approved"}

    assert refused
    assert refused <= REJECTED


def test_each_language_has_somebody_whose_link_works(
    walked: tuple[DemoResult, Database],
) -> None:
    _, database = walked
    found = showcase(database)

    assert [shown.locale for shown in found] == ["he", "ar", "lt", "en"]
    with database.read() as session:
        for shown in found:
            link = session.get(Link, shown.link_id)
            assert link is not None
            assert link.customer_id == shown.customer_id
            assert link.token_hash == token_hash(token(Settings().secret, shown.link_id))


def test_whatever_came_back_has_words() -> None:
    assert RESPONSES.keys() == set(Signal)


def test_the_summary_is_plain_and_fits_eighty_columns(
    walked: tuple[DemoResult, Database],
) -> None:
    paper = StringIO()
    render_summary(walked[0], Console(file=paper, width=80, color_system=None))
    lines = paper.getvalue().splitlines()

    assert max(len(line) for line in lines) <= 80
    assert [line for line in lines if not line.isascii()] == []
    assert "simulated" in paper.getvalue()
    assert "«" not in paper.getvalue()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> Callable[[], str]:
    """Addresses of new, migrated SQLite files."""
    made = iter(range(100))

    def new() -> str:
        path = tmp_path / f"{next(made)}.sqlite3"
        path.write_bytes(sqlite_template.read_bytes())
        return f"sqlite:///{path}"

    return new
