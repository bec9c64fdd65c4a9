"""Two customers on one telephone, of whom one has all that a page can show."""

from __future__ import annotations

import io
from datetime import date, timedelta
from urllib.parse import urlsplit

from starlette.testclient import TestClient

from app.intake.plans import Part, agree_plan
from app.intake.promises import MadeBy
from app.intake.staff_answers import answer_reply
from app.store.documents import Documents
from campaigns.money import Money
from tests.app.intake.proofs.make import photo
from tests.app.web.people import NOW, Payer, Stand, add_link, add_payer, change, one_value
from tests.app.web.security.forms import Form, forms_in
from tests.factories import add_invoice

INVOICES, AMOUNT = 6, 777_700
SECRETS = ("Zimri", "Z-77", "7,777", "Zebulon", "zinnia", "Zohar")
"""Words that stand on the neighbour's pages alone: name, numbers, amounts, messages, answers."""


def add_neighbour(stand: Stand, client: TestClient, payer: Payer) -> Payer:
    """Somebody else on this payer's own telephone, who has used every way that the page has."""
    theirs = add_payer(stand, "Zimri Zohar", given_name="Zimri", birth_year=1990, invoices=False)
    share_number(stand, payer, theirs)
    kept = Documents(stand.settings.documents).keep(b"%PDF-1.7\nZohar\n%%EOF\n", "Zohar.pdf")
    for number in range(INVOICES):
        add_invoice(
            stand.database,
            theirs.customer_id,
            f"Z-77{number}",
            amount=AMOUNT,
            due_on=date(2026, 11, 12),
            document=kept,
        )
    add_plan(stand, theirs, INVOICES * AMOUNT)
    press(client, theirs, "/card", "card", agreed="yes")
    act_at_gateway(client, stand, "keep")
    press(client, theirs, "?lang=en", "pay")
    press(client, theirs, "/dispute", "dispute", kind="other", words="Zebulon did it")
    press(client, theirs, "/thread", "thread", words="A zinnia, please")
    with stand.database.write() as session:
        reply = one_value(stand, "SELECT max(id) FROM reply")
        answer_reply(session, int(reply), "Zebulon has it", by="Noa Levi", now=NOW)
    told = {"paid_on": "2026-11-20", "words": "zinnia"}
    press(client, theirs, "/paid", "paid", file=photo(), **told)
    press(client, theirs, "/help", "help", kind="more_time", words="zinnia")
    press(client, theirs, "/call", "call")
    return theirs


def add_plan(stand: Stand, payer: Payer, total: int) -> None:
    """What is owed in two halves."""
    half = Money(total // 2, "ILS")
    days = (NOW.date() + timedelta(days=12), NOW.date() + timedelta(days=45))
    with stand.database.write() as session:
        agree_plan(
            session,
            customer_id=payer.customer_id,
            parts=[Part(half, day) for day in days],
            agreed_by=MadeBy.PAGE,
            now=NOW,
        )


def share_number(stand: Stand, payer: Payer, theirs: Payer) -> None:
    """Both are written to on the first one's telephone, and both were."""
    change(
        stand,
        f"UPDATE contact_point SET address_id = {payer.address_id}"
        f" WHERE customer_id = {theirs.customer_id}",
    )
    change(
        stand,
        f"UPDATE message SET address_id = {payer.address_id}"
        f" WHERE customer_id = {theirs.customer_id}",
    )


def press(
    client: TestClient, payer: Payer, page: str, name: str, *, file: bytes = b"", **typed: str
) -> str:
    """Sends the first form of this name on a page, as it is; answers where that leads."""
    form = form_on(client, payer, page, name)
    files = {"file": ("a.jpg", io.BytesIO(file))} if file else None
    answer = client.post(form.action, data=form.filled(**typed), files=files)
    assert answer.status_code == 303, (name, answer.status_code)
    return answer.headers["location"]


def form_on(client: TestClient, payer: Payer, page: str, name: str) -> Form:
    """The first form of this name on a page."""
    text = client.get(payer.path + page).text
    return next(form for form in forms_in(text) if form.name == name)


def act_at_gateway(client: TestClient, stand: Stand, act: str) -> None:
    """Plays the payer at the newest card page of the sandbox."""
    session = one_value(stand, "SELECT session_id FROM mandate ORDER BY id DESC LIMIT 1")
    path = urlsplit(f"/sandbox/card/{session}").path
    client.post(path, data={"act": act})


def give_way(stand: Stand, payer: Payer) -> None:
    """The payer's pages have every form: a plan with a card, a call, the yearly question."""
    change(
        stand,
        f"UPDATE dunning_case SET anchor = 'anniversary' WHERE customer_id = {payer.customer_id}",
    )


def leaving(stand: Stand, payer: Payer) -> str:
    """The address in the header of a mail."""
    _, made = add_link(stand, payer.customer_id, payer.message_id, purpose="unsubscribe")
    return f"/u/{made}"


def later(stand: Stand, **ahead: float) -> None:
    stand.clock.move_to(stand.clock.now() + timedelta(**ahead))
