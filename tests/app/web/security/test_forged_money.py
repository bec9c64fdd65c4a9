"""Amounts are those of the books, days those of the envelope: no hidden field says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from starlette.testclient import TestClient

from tests.app.web.people import Payer, Stand, whole
from tests.app.web.security.forms import DREAMED, PLANNED, forms_in
from tests.app.web.security.neighbours import add_plan, form_on
from tests.app.web.test_acting import count

OPEN = 124_050
AMOUNTS = (
    "-5", "\u22125", "0", "0.00", "NaN", "Infinity", "-Infinity", "1e2", "0x10", "1240.51",
    "99999999999999999999", "5 EUR", "$5", "5;DROP TABLE invoice", "%(x)s", "{{5}}",
    "1/2", "\u00bd",
)  # fmt: skip
DAYS = (
    "0001-01-01", "2026-11-23", "2027-11-25", "9999-12-31", "10000-01-01", "NaN", "2026-02-30",
    "", "-2026-12-01", "2026-12-01T00:00:00Z",
)  # fmt: skip


def test_a_part_is_more_than_nothing_and_no_more_than_is_open(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = next(form for form in _pay_forms(client, dana) if form["share"] == "part")
    for amount in AMOUNTS:
        answer = client.post(f"{dana.path}/pay", data={**form, "amount": amount})
        assert answer.status_code == 422, amount
    assert count(stand, "checkout") == 0


BUTTONS = (
    {"shown": "1"}, {"shown": "-124050"}, {"shown": "124050.0"}, {"currency": "JPY"},
    {"currency": ""}, {"share": "offer", "shown": "1"}, {"share": "next", "shown": "1"},
    {"share": "charge", "charge": "1"}, {"share": "everything"}, {"charge": "1"},
)  # fmt: skip


def test_what_a_button_pays_is_what_its_page_said_and_the_books_say(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = next(form for form in _pay_forms(client, dana) if form["share"] == "all")
    for forged in BUTTONS:
        assert client.post(f"{dana.path}/pay", data={**form, **forged}).status_code == 409, forged
    assert count(stand, "checkout") == 0

    added = {**form, "amount": "1", "amount_minor": "1", "invoice_ids": "1", "discount": "124000"}
    assert client.post(f"{dana.path}/pay", data=added).status_code == 303
    assert count(stand, "checkout", f"amount_minor = {OPEN} AND currency = 'ILS'") == 1


def _pay_forms(client: TestClient, payer: Payer) -> Iterator[dict[str, str]]:
    for form in forms_in(client.get(f"{payer.path}?lang=en").text):
        if form.name == "pay":
            yield form.filled()


def test_a_promise_is_for_a_day_inside_the_envelope(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = form_on(client, dana, "/promise", "promise")
    for day in DAYS:
        for typed in ({"day": day}, {"day": "other", "other_day": day}):
            answer = client.post(form.action, data=form.filled(**typed))
            assert answer.status_code == 422, typed
    assert count(stand, "promise") == 0


def test_a_promise_is_of_the_amount_that_the_books_say(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = form_on(client, dana, "/promise", "promise")
    for currency in ("EUR", "ils", ""):
        assert client.post(form.action, data=form.filled(currency=currency)).status_code == 409
    forged = {"amount": "1", "amount_minor": "1", "made_by": "staff", "due_on": "2030-01-01"}

    assert client.post(form.action, data=form.filled(**forged)).status_code == 303
    assert count(stand, "promise", f"amount_minor = {OPEN} AND made_by = 'page'") == 1
    assert count(stand, "promise", "due_on < '2027-01-01'") == 1


TERMS = (
    {"parts": "1000"}, {"parts": "999"}, {"parts": "0"}, {"parts": "1"}, {"parts": "-3"},
    {"parts": "3.5"}, {"parts": "1e3"}, {"parts": "\u0663"}, {"parts": "\u00b2"}, {"parts": "NaN"},
    {"rhythm": "daily"}, {"rhythm": ""}, {"currency": "EUR"}, {"shown": "1"}, {"shown": "-124050"},
    *({"first": day} for day in DAYS), {"first": "9999-12-31", "rhythm": "weekly"},
    {"parts": "amount", "each": "0"}, {"parts": "amount", "each": "-1"},
    {"parts": "amount", "each": "NaN"}, {"parts": "amount", "each": "1240.51"},
    {"parts": "amount", "each": "0.01"}, {"parts": "amount", "each": "11"},
)  # fmt: skip


def test_a_plan_outside_the_envelope_cannot_be_agreed_by_any_form(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = form_on(client, dana, f"/{PLANNED}", "parts")
    before = whole(stand)
    for terms in TERMS:
        answer = client.post(form.action, data=form.filled(**terms))
        assert answer.status_code in (409, 422), terms
        seen = client.get(form.action, params=form.filled(**terms))
        assert seen.status_code in (200, 409, 422), terms
    assert whole(stand) == before

    forged = {"amount": "1", "total": "1", "agreed_by": "staff"}
    assert client.post(form.action, data=form.filled(**forged)).status_code == 303
    with stand.database.read() as session:
        parts = session.connection().execute(text("SELECT amount_minor FROM instalment")).scalars()
        assert sum(parts) == OPEN


def test_what_is_wished_for_is_never_agreed_by_wishing(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = form_on(client, dana, f"/{DREAMED}", "wish")
    for terms in TERMS:
        answer = client.post(form.action, data=form.filled(**terms))
        assert answer.status_code in (303, 409, 422), terms
    assert client.post(form.action, data=form.filled()).status_code == 303
    assert count(stand, "plan") == 0
    assert count(stand, "instalment") == 0
    assert count(stand, "task", "state = 'open'") <= 1


def test_a_part_of_a_plan_moves_to_no_day_outside_the_envelope(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    add_plan(stand, dana, OPEN)
    form = form_on(client, dana, "/plan", "plan")
    before = whole(stand)
    for day in DAYS:
        answer = client.post(form.action, data=form.filled(kind="move", other_day=day))
        assert answer.status_code == 422, day
    assert whole(stand) == before


TOLD = (
    {"paid_on": "2026-11-25"}, {"paid_on": "0001-01-01"}, {"paid_on": "9999-12-31"},
    {"amount": "-1", "currency": "ILS"}, {"amount": "NaN", "currency": "ILS"},
    {"amount": "9" * 30, "currency": "ILS"}, {"amount": "5", "currency": "XAU"},
    {"method": "barter"},
)  # fmt: skip


def test_a_payment_is_told_as_one_that_can_have_been(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    form = form_on(client, dana, "/paid", "paid")
    for forged in TOLD:
        assert client.post(form.action, data=form.filled(**forged)).status_code == 422, forged
    assert count(stand, "proof") == 0
    assert count(stand, "payment") == 0
