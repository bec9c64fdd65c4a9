"""The card that may be debited for the parts of a plan: agreed to by the very words, entered at the
gateway, shown, revoked with one press."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from app.payments.sandbox_cards import CardCourse
from tests.app.web.people import Payer, Stand, add_plan, change, one_value
from tests.app.web.test_acting import count, form_of


@pytest.fixture
def planned(stand: Stand, dana: Payer) -> Payer:
    add_plan(stand, dana)
    return dana


def _form(client: TestClient, payer: Payer, action: str = "card") -> dict[str, str]:
    return form_of(client, payer, action)


def _next_part(client: TestClient, payer: Payer) -> dict[str, str]:
    return _form(client, payer, "pay") | {"share": "next", "shown": "62025"}


def _kept(client: TestClient, payer: Payer) -> None:
    form = _form(client, payer) | {"agreed": "yes"}
    to = client.post(f"{payer.path}/card", data=form).headers["location"]
    client.post(urlsplit(to).path, data={"act": "keep"})


def test_a_card_is_kept_by_the_gateways_word_and_the_words_are_on_record(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    form = _form(client, planned) | {"agreed": "yes"}
    answer = client.post(f"{planned.path}/card", data=form)
    again = client.post(f"{planned.path}/card", data=form)
    assert answer.status_code == again.status_code == 303
    assert answer.headers["location"] == again.headers["location"], "one form, one page"
    clicked = f"SELECT clicked_at FROM message WHERE id = {planned.message_id}"
    assert one_value(stand, clicked) is not None, "who asks for that is a person"

    client.get(f"{planned.path}?done=card")
    assert one_value(stand, "SELECT kept_at FROM mandate") is None, "coming back says nothing"

    where = urlsplit(answer.headers["location"]).path
    client.post(where, data={"act": "keep"})
    client.post(where, data={"act": "keep"})

    assert count(stand, "mandate") == 1
    assert one_value(stand, "SELECT kept_at FROM mandate") is not None
    assert one_value(stand, "SELECT text_hash FROM mandate") == form["shown"]
    assert one_value(stand, "SELECT locale FROM mandate") == "en"
    assert one_value(stand, "SELECT last_four FROM mandate") in client.get(planned.path).text
    page = client.get(f"{planned.path}/card").text
    assert one_value(stand, "SELECT last_four FROM mandate") in page
    assert "Stop debiting my card" in page


def test_nothing_is_agreed_to_without_a_tick(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    page = client.get(f"{planned.path}/card").text
    assert "checked" not in page.partition('name="agreed"')[2].partition(">")[0]

    answer = client.post(f"{planned.path}/card", data=_form(client, planned))

    assert answer.status_code == 422
    assert "Please tick the box to agree." in answer.text
    assert count(stand, "mandate") == 0


@pytest.mark.parametrize("wrong", [{"shown": "other words"}, {"nonce": "of an older page"}])
def test_what_was_not_shown_as_it_stands_is_not_agreed_to(
    stand: Stand, client: TestClient, planned: Payer, wrong: dict[str, str]
) -> None:
    form = _form(client, planned) | {"agreed": "yes"} | wrong

    assert client.post(f"{planned.path}/card", data=form).status_code == 409
    assert count(stand, "mandate") == 0


def test_one_press_revokes_it_and_a_second_does_no_harm(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    _kept(client, planned)
    form = _form(client, planned, "card_stop")

    for _ in range(2):
        assert client.post(f"{planned.path}/card_stop", data=form).status_code == 303

    assert one_value(stand, "SELECT revoked_by FROM mandate") == "page"
    assert count(stand, "event", "kind = 'mandate_revoked'") == 1
    assert "Have the parts debited from my card" in client.get(f"{planned.path}/card").text


def test_a_payment_keeps_its_card_where_that_was_ticked(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    offer = _form(client, planned)["shown"]
    form = _next_part(client, planned) | {"keep": offer}
    to = client.post(f"{planned.path}/pay", data=form).headers["location"]

    client.post(urlsplit(to).path, data={"act": "pay"})

    assert count(stand, "payment") == 1
    assert one_value(stand, "SELECT kept_at FROM mandate") is not None


def test_a_payment_without_a_tick_keeps_no_card(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    to = client.post(f"{planned.path}/pay", data=_next_part(client, planned)).headers["location"]
    client.post(urlsplit(to).path, data={"act": "pay"})

    assert count(stand, "payment") == 1
    assert count(stand, "mandate") == 0


def test_while_a_kept_card_is_charged_no_page_takes_the_same_money(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    _kept(client, planned)
    form = _next_part(client, planned)
    change(
        stand,
        "INSERT INTO checkout (key, customer_id, currency, amount_minor, ledger_revision, gateway,"
        " state, invoice_ids, created_at, expires_at, mandate_id) SELECT 'charge', customer_id,"
        " currency, 62025, 0, gateway, 'open', '[]', given_at, given_at, id FROM mandate",
    )

    answer = client.post(f"{planned.path}/pay", data=form)

    assert answer.status_code == 409
    assert "A payment of yours is just arriving." in answer.text
    assert count(stand, "checkout", "mandate_id IS NULL") == 0


def test_who_has_no_plan_or_no_gateway_for_it_is_offered_nothing(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    change(stand, "UPDATE creditor SET gateway = 'external'")
    assert f"{planned.path}/card" not in client.get(planned.path).text
    change(stand, 'UPDATE creditor SET gateway = NULL, envelope = \'{"plan": {"debit_tries": 0}}\'')
    assert f"{planned.path}/card" not in client.get(planned.path).text
    change(stand, "UPDATE creditor SET envelope = '{}'")
    change(stand, "UPDATE plan SET state = 'completed'")
    assert f"{planned.path}/card" not in client.get(planned.path).text


def test_a_card_that_is_kept_can_always_be_revoked_here(
    stand: Stand, client: TestClient, planned: Payer
) -> None:
    _kept(client, planned)
    stand.gateway.cards.play(CardCourse.DOWN)
    change(stand, "UPDATE creditor SET gateway = 'external'")

    assert "Stop debiting my card" in client.get(f"{planned.path}/card").text
