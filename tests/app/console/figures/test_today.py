"""Today: each figure is right, and opens the list that it counts."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from app.console.figures.health import senders
from app.figures.ticking import Figures
from app.staff.roles import Role
from app.store.bulk import update_rows
from app.store.rows import Case, Creditor, DailyFigure, Hold, ImportRun, Refused, Sender, Task
from tests.app.console.figures.busy import TODAY, fill
from tests.app.console.team import Seat, Team
from tests.app.figures.lives import Lives
from tests.app.web.people import NOW
from tests.databases import on_both_stores
from tests.factories import add

HOUR = timedelta(hours=1)


@pytest.fixture
def lives(team: Team) -> Lives:
    """A second creditor, to whose customers something happened this morning."""
    made = Lives(team.database, name="everest", created_at=NOW - timedelta(days=3))
    first, second = made.customers
    for number in range(3):
        made.send(first, NOW - number * HOUR)
    visited = made.send(second, NOW - 26 * HOUR, medium="email")
    made.change(visited, clicked_at=NOW)
    made.send(second, NOW, state="expired")
    refused = {"case_id": 1, "at": NOW, "asked_by": "decide", "rule": "il", "medium": "sms"}
    add(team.database, Refused, **refused, reason="rest_day")
    made.pay(first, NOW, 12_300)
    made.promise(first, NOW, 4_500)
    made.invoice(first, 70_000)
    held = {"placed_at": NOW, "renewed_at": NOW, "kind": "hardship"}
    add(team.database, Hold, person_id=second, customer_id=second, **held)
    task = {"kind": "reply", "title": "Read", "created_at": NOW, "team": "service"}
    add(team.database, Task, key="t", customer_id=first, due_at=NOW - HOUR, **task)
    made.send(first, NOW + 3 * HOUR, state="waiting")
    stands = {"reason": "no_address", "look_at": NOW + 2 * HOUR}
    with team.database.write() as session:
        update_rows(session, Case, [{"id": 1, **stands}, {"id": 2, **stands}])
    while Figures(team.database).tick(NOW):
        continue
    return made


def links(page: str) -> dict[str, int]:
    """The figures of a page by what they open."""
    figure = r'<a class="(?:line|figure)[^"]*" href="([^"]+)".*?<b[^>]*>(.*?)</b>'
    found = re.findall(figure, page, re.DOTALL)
    return {
        href.replace("&amp;", "&"): int(digits[0])
        for href, told in found
        if len(digits := re.findall(r"<bdi>(\d+)</bdi>", told)) == 1
    }


def rows(page: str) -> int:
    return page.count("<tr data-line")


def bars(page: str) -> dict[str, int]:
    """The bars of the next 24 hours by what they open."""
    found = re.findall(r'<a href="([^"]+)" aria-label="[^"]*?(\d+)(?:</bdi>)?">', page)
    return {href.replace("&amp;", "&"): int(number) for href, number in found}


@on_both_stores
def test_every_figure_opens_as_many_lines(team: Team, lives: Lives, viewer: Seat) -> None:
    page = viewer.opens(f"/console/?creditor={lives.creditor_id}")
    found = {href: n for href, n in links(page).items() if "/reports" not in href}
    kinds = Counter(href.partition("?")[0] for href in found)
    assert kinds["/console/messages"] == 3
    assert kinds["/console/happened"] >= 10
    assert (kinds["/console/customers"], kinds["/console/queues"]) == (1, 1)
    assert sum(found.values()) >= 12
    for href, number in found.items():
        assert rows(viewer.opens(href)) == number, href


def test_days_at_the_ends_of_the_calendar_are_as_good_as_none(viewer: Seat) -> None:
    for day in ("0001-01-01", "9999-12-31", "2026-02-31"):
        for place in ("/console/messages", "/console/payments", "/console/invoices"):
            usual = rows(viewer.opens(place))
            strange = f"{place}?from={day}&to={day}&as_of={day}"
            assert rows(viewer.opens(strange)) == usual, (place, day)


@on_both_stores
def test_each_bar_of_the_next_hours_opens_what_it_counts(
    team: Team, lives: Lives, viewer: Seat
) -> None:
    found = bars(viewer.opens(f"/console/?creditor={lives.creditor_id}"))
    assert sorted(found.values()) == [1, 2]  # a message that waits, two cases
    for href, number in found.items():
        assert rows(viewer.opens(href)) == number, href
    (first,) = (href for href, number in found.items() if number == 2)
    later = first.partition("looks=")[0] + "looks=2026-11-25T03"
    assert rows(viewer.opens(later)) == 0


def test_what_stands_leads_to_the_rooms_of_those_who_mend_it(lives: Lives, viewer: Seat) -> None:
    of = f"creditor={lives.creditor_id}"
    found = links(viewer.opens(f"/console/?{of}"))
    assert found[f"/console/happened?{of}&what=held&about=hardship"] == 1
    assert found[f"/console/queues?{of}&team=service"] == 1
    assert found[f"/console/happened?{of}&what=promised"] == 1
    assert found[f"/console/payments?{of}&from={TODAY}&to={TODAY}"] == 1


def test_another_creditor_is_told_of_alone(team: Team, lives: Lives, viewer: Seat) -> None:
    page = viewer.opens(f"/console/?creditor={team.creditor_id}")
    assert sum(links(page).values()) == 0
    assert "everest" not in page.partition("</form>")[2].partition("<table")[2]


def test_money_is_told_by_currency_and_never_added_across(
    team: Team, lives: Lives, viewer: Seat
) -> None:
    came = {"figure": "collected", "number": 1, "amount_minor": 5_000, "currency": "EUR"}
    add(team.database, DailyFigure, creditor_id=team.creditor_id, day=TODAY, **came)
    page = viewer.opens("/console/")
    assert "₪123.00" in page
    assert "€50.00" in page


def test_a_house_that_just_began_is_told_what_will_stand_here(team: Team, viewer: Seat) -> None:
    page = viewer.opens("/console/")
    assert "Not counted yet" in page
    assert "Nothing waits for a person." in page
    assert "Nothing is due in the next 24 hours." in page


def test_figures_that_nobody_counts_any_more_are_called_old(team: Team, viewer: Seat) -> None:
    fill(team.database, team.creditor_id)
    assert "nobody counts them" not in viewer.opens("/console/")
    team.clock.move_to(NOW + timedelta(minutes=31))
    assert "nobody counts them" in viewer.opens("/console/")


def test_only_who_may_act_is_led_to_the_stop(team: Team, viewer: Seat, agent: Seat) -> None:
    main = "<main"
    assert "/console/stop" in agent.opens("/console/").partition(main)[2]
    assert "/console/stop" not in viewer.opens("/console/").partition(main)[2]


def test_health_tells_the_worst_first(team: Team, viewer: Seat) -> None:
    fill(team.database, team.creditor_id)
    with team.database.write() as session:
        update_rows(
            session,
            Sender,
            [
                {"id": 2, "paused_until": NOW + HOUR},
                {"id": 3, "quality": "red", "paused_until": None},
            ],
        )
        stale = {"ledger_as_of": NOW - 30 * HOUR, "ledger_max_age_s": 26 * 3600}
        update_rows(session, Creditor, [{"id": team.creditor_id, **stale}])
    with team.database.read() as session:
        found = senders(session, None, TODAY, NOW)
    assert [each.state for each in found] == ["red", "paused", "well"]
    assert (found[-1].failed.part, found[-1].sent) == (7, 42)
    page = viewer.opens("/console/")
    for told in ("rated red by its provider", "paused", "too old: nothing is sent"):
        assert told in page
    assert "rejected" not in page
    run = {"file_name": "a.csv", "content_hash": "", "mapping_hash": "", "as_of": NOW}
    add(team.database, ImportRun, creditor_id=1, started_at=NOW, **run)  # it has not ended
    ended = {"started_at": NOW - HOUR, "finished_at": NOW - HOUR, "rejected": 17}
    add(team.database, ImportRun, creditor_id=1, **ended, **run)
    assert re.search(r"rejected</span> <bdi>17</bdi>", viewer.opens("/console/"))


def test_many_dead_addresses_are_told_of_only_where_there_were_enough_messages(team: Team) -> None:
    _failed(team, sender_id=1, sent=40, failed=3)
    _failed(team, sender_id=2, sent=20, failed=9)
    with team.database.read() as session:
        found = {each.row.id: each.state for each in senders(session, None, TODAY, NOW)}
    assert found == {1: "bouncing", 2: "well", 3: "well"}


def _failed(team: Team, *, sender_id: int, **numbers: int) -> None:
    for name, number in numbers.items():
        figure: dict[str, Any] = {"figure": f"sender_{name}", "about": str(sender_id)}
        add(team.database, DailyFigure, creditor_id=1, day=TODAY, number=number, **figure)


@pytest.mark.parametrize("language", ["he", "ar", "lt"])
def test_it_speaks_the_language_of_its_reader(team: Team, language: str) -> None:
    fill(team.database, team.creditor_id)
    page = team.seat(Role.VIEWER, language=language).opens("/console/")
    assert {"he": "מה חזר", "ar": "ما ورد", "lt": "Kas grįžo"}[language] in page
    assert "What came back" not in page
