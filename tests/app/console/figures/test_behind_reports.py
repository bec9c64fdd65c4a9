"""Every figure of the reports opens a list that holds just what it counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from app.console.figures.reports import REPORTS
from app.figures.ticking import Figures
from app.store.bulk import update_rows
from app.store.rows import (
    Allocation,
    Case,
    Complaint,
    Dispute,
    Event,
    Hardship,
    Hold,
    Instalment,
    Payment,
    Plan,
    Refused,
    Reversal,
    Suppression,
)
from tests.app.console.team import Seat, Team
from tests.app.figures.lives import Lives
from tests.app.web.people import NOW
from tests.databases import on_both_stores
from tests.factories import add, add_invoice

DAY = timedelta(days=1)
OF_SHARES = {"outcomes": 1, "recovered": 1, "arms": None}
"""Reports whose shares are of a column, by its place; None: of the one before."""


DIFFERENCES, SEGMENTS = 4, 4
"""Columns of figures that are not a number of rows."""


@dataclass(frozen=True)
class Figure:
    """A cell that opens a list. `of` is what its share is a share of."""

    href: str
    value: Decimal
    kind: str
    of: Decimal


def _number(told: str) -> Decimal:
    found = re.search(r"\d[\d,]*(\.\d+)?", re.sub("<[^>]*>", "", unescape(told)))
    return Decimal(found[0].replace(",", "")) if found else Decimal()


def _lines(page: str) -> Iterator[list[str]]:
    for line in re.findall(r"<tr[^>]*data-line>(.*?)</tr>", page, re.DOTALL):
        yield re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.DOTALL)


def figures(slug: str, page: str) -> Iterator[Figure]:
    """The cells of a report that say something."""
    for cells in _lines(page):
        for at, cell in enumerate(cells[1:], 1):
            told = re.sub("<[^>]*>", "", cell)
            if not re.search("[1-9]", told):
                continue
            link = re.search('href="([^"]+)"', cell)
            assert link, (slug, cells[0], at, told)
            base = OF_SHARES.get(slug)
            of = _number(cells[at - 1 if base is None else base])
            yield Figure(unescape(link[1]), _number(cell), _kind(slug, at, told), of)


def _kind(slug: str, at: int, told: str) -> str:
    if "₪" in told:
        return "money"
    if slug == "dso" or (slug == "arms" and at > DIFFERENCES):
        return "of several lists"
    if "%" in told:
        return "share"
    return "segments" if slug == "cost" and at == SEGMENTS else "number"


def bars(page: str) -> list[tuple[str, Decimal]]:
    """The bars and marks of the charts, with what they say."""
    found = re.findall(r'<a href="([^"]+)" aria-label="([^"]*)">', page)
    shapes = len(re.findall("<g><title>", page))
    assert shapes == len(found)
    return [(unescape(href), _number(told.rpartition(":")[2])) for href, told in found]


def _amounts(page: str) -> Decimal:
    said = [[cell for cell in cells if "₪" in cell] for cells in _lines(page)]
    return sum((_number(cells[-1]) for cells in said if cells), Decimal())


@pytest.fixture
def lives(team: Team) -> Lives:
    made = Lives(team.database, name="everest", created_at=NOW - 40 * DAY)
    _talk(made)
    _book(made)
    _arrange(made)
    _care(made)
    opened = NOW - 40 * DAY
    with team.database.write() as session:
        settled = {"phase": "closed", "outcome": "settled", "closed_at": opened + 9 * DAY}
        update_rows(session, Case, [{"id": 1, **settled}])
        update_rows(session, Case, [{"id": 2, "arm": "control"}])
    while Figures(team.database).tick(NOW):
        continue
    return made


def _talk(lives: Lives) -> None:
    first, second = lives.customers
    for days in (1, 2, 30):
        lives.send(first, NOW - days * DAY)
    came = lives.send(second, NOW - 20 * DAY, medium="email")
    there = NOW - 19 * DAY
    lives.change(came, delivery="read", delivered_at=there, clicked_at=there, answered_at=there)
    late = lives.send(second, NOW - 25 * DAY)
    lives.change(late, delivery="delivered", delivered_at=NOW - DAY, clicked_at=NOW - DAY)
    failed = lives.send(first, NOW - 3 * DAY)
    lives.change(failed, delivery="bounced")
    for days, reason in ((1, "rest_day"), (2, "rest_day"), (33, "no_sender"), (4, "hold"),
                         (5, "expired"), (6, "opted_out"), (7, None)):  # fmt: skip
        unsent = lives.send(first, NOW - days * DAY, state="expired")
        lives.change(unsent, reason=reason)
    refused = {"case_id": 1, "at": NOW, "asked_by": "decide", "rule": "il", "medium": "sms"}
    add(lives.database, Refused, **refused, reason="rest_day")


def _book(lives: Lives) -> None:
    first, second = lives.customers
    database = lives.database
    paid = {"creditor_id": lives.creditor_id, "currency": "ILS", "received_at": NOW - 2 * DAY}
    for number, (due_on, amount, paid_on, part) in enumerate((
        (date(2026, 7, 10), 40_000, date(2026, 7, 30), 30_000),
        (date(2026, 8, 31), 20_000, date(2026, 10, 2), 20_000),
        (date(2026, 9, 5), 9_000, date(2026, 9, 1), 4_000),  # before it was due
        (date(2026, 9, 20), 7_000, date(2026, 11, 3), 7_000),
        (date(2026, 11, 5), 5_000, date(2026, 11, 20), 1_000),
        (date(2026, 12, 9), 6_000, None, 0),
    )):  # fmt: skip
        issued: dict[str, Any] = {"due_on": due_on, "issued_on": due_on - 30 * DAY}
        whose, left = (first, second)[number % 2], amount - part
        invoice_id = add_invoice(
            database, whose, f"e{number}", amount=amount, open_minor=left, **issued
        )
        if paid_on is None:
            continue
        told = {"customer_id": whose, "paid_on": paid_on, "amount_minor": part, **paid}
        payment_id = add(database, Payment, key=f"e{number}", **told)
        settled = {"invoice_id": invoice_id, "amount_minor": part, "at": NOW}
        add(database, Allocation, payment_id=payment_id, **settled)
    noted = {"currency": "ILS", "received_at": NOW, "reversed_on": date(2026, 9, 2)}
    note = {"key": "n", "kind": "credit_note", "customer_id": first, "amount_minor": 2_500, **noted}
    note_id = add(database, Reversal, **note)
    add(database, Allocation, invoice_id=1, reversal_id=note_id, amount_minor=2_500, at=NOW)
    lives.pay(first, NOW - 35 * DAY, 1_200)  # nothing was said before it


def _arrange(lives: Lives) -> None:
    first, second = lives.customers
    for state, days in (("kept", 3), ("kept", 36), ("broken", 2), ("open", 1)):
        ended = {"state": state, "ended_at": NOW - days * DAY} if state != "open" else {}
        lives.promise(first, NOW - 38 * DAY, 4_500, **ended)
    agreed = {"currency": "ILS", "amount_minor": 9_000, "agreed_by": "page"}
    for state, parts in (("broken", 0), ("broken", 1), ("completed", 3), ("running", 2),
                         ("offered", 0)):  # fmt: skip
        plan = {"customer_id": second, "state": state, "agreed_at": NOW - 9 * DAY, **agreed}
        plan_id = add(lives.database, Plan, **plan)
        for number in range(3):
            part = {"number": number, "amount_minor": 3_000, "due_on": NOW.date()}
            paid = {"state": "paid" if number < parts else "due", "grace_until": NOW}
            add(lives.database, Instalment, plan_id=plan_id, **part, **paid)


def _care(lives: Lives) -> None:
    first, second = lives.customers
    database = lives.database
    for kind in ("complaint", "data_request"):
        told = {
            "customer_id": first,
            "kind": kind,
            "received_at": NOW - DAY,
            "answer_by": NOW.date(),
        }
        add(database, Complaint, **told)
    add(database, Dispute, customer_id=first, invoice_id=1, opened_at=NOW - 33 * DAY)
    add(database, Hardship, customer_id=second, reported_at=NOW - DAY)
    placed = {"person_id": second, "placed_at": NOW, "renewed_at": NOW, "kind": "hardship"}
    add(database, Hold, **placed)
    helped = {"kind": "help_given", "at": NOW - DAY, "customer_id": second}
    add(database, Event, **helped, payload={"hardship_id": 1, "help": "referral"})
    add(database, Suppression, address_id=1, medium="sms", reason="opted_out", at=NOW - DAY)


@on_both_stores
def test_every_cell_and_every_bar_opens_just_what_it_counts(
    team: Team, lives: Lives, viewer: Seat
) -> None:
    seen: dict[str, str] = {}

    def opened(href: str) -> str:
        if href not in seen:
            seen[href] = viewer.opens(href)
        return seen[href]

    cells = dict.fromkeys(REPORTS, 0)
    for slug in REPORTS:
        page = viewer.opens(f"/console/reports/{slug}?creditor={lives.creditor_id}&from=2026-07-01")
        for figure in figures(slug, page):
            listed = opened(figure.href)
            rows, cells[slug] = listed.count("<tr data-line>"), cells[slug] + 1
            where = (slug, figure, rows)
            match figure.kind:
                case "money":
                    assert _amounts(listed) == figure.value, where
                case "number":
                    assert rows == figure.value, where
                case "segments":
                    assert 2 * rows == figure.value, where
                case "share" if slug in OF_SHARES:
                    part = _amounts(listed) if slug == "recovered" else Decimal(rows)
                    assert abs(part * 100 / figure.of - figure.value) < Decimal("0.06"), where
                case _:
                    assert rows, where
        for href, told in bars(page):
            rows = opened(href).count("<tr data-line>")
            if slug in ("ageing", "collected", "dso", "plans", "recovered"):
                assert rows or not told, (slug, href)
            else:
                assert rows == told, (slug, href)

    assert {slug for slug, number in cells.items() if not number} == set()
