"""The rows behind figures are read alike on both stores, whatever the URL asks for."""

from __future__ import annotations

from app.console.figures.behind import Days
from app.console.figures.happened import NAMES, happened
from app.console.lists import AFTER
from app.store.rows import Hold
from tests.app.figures.lives import Lives
from tests.databases import on_both_stores, opened
from tests.factories import NOON, add


@on_both_stores
def test_each_list_tells_what_happened_and_no_more(migrated_url: str) -> None:
    database = opened(migrated_url)
    lives = Lives(database)
    first, second = lives.customers
    lives.promise(first, NOON, 4_500)
    held = {"placed_at": NOON, "renewed_at": NOON, "kind": "hardship"}
    for whose in (first, first, second):
        add(database, Hold, person_id=whose, customer_id=whose, **held)
    days = Days(NOON.date(), NOON.date(), lives.zone)
    of_creditor = {"creditor": str(lives.creditor_id), "currency": "", AFTER: ""}
    odd = {"about": "x", "currency": "XXX", "due_from": "2026-01-01", "due_to": "2020-01-01"}
    with database.read() as session:
        found = {what: len(happened(what, days).read(session, of_creditor).rows) for what in NAMES}
        nothing = [happened(what, days).read(session, odd).rows for what in NAMES]
    database.dispose()

    told = {what: number for what, number in found.items() if number}
    assert told.pop("arms") == 2
    assert told == {"promises_made": 1, "promised": 1, "held": 2, "help_given": 3}
    assert not any(nothing)
