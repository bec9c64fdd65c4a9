"""Guessing costs the one who guesses, and never the customer: tokens, codes, answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from app.intake.page_links import end_links
from app.store.rows import Creditor
from app.web.closed import IN_S, MISSES
from app.web.door import TRIES
from app.wording.links import token
from tests.app.web.people import (
    NOW,
    Payer,
    Stand,
    add_link,
    add_message,
    add_payer,
    change,
    one_value,
)
from tests.app.web.security.neighbours import leaving
from tests.app.web.test_trust import coded
from tests.databases import on_both_stores
from tests.factories import add, add_customer, add_invoice

PATHS = ("", "/promise", "/statement.csv", "/documents/1", "/receipt", "/check")


def guess(client: TestClient, number: int) -> int:
    """Asks for a page that never was."""
    path = PATHS[number % len(PATHS)]
    return int(client.get(f"/p/{number:022}{path}").status_code)


def elsewhere(stand: Stand, address: str) -> TestClient:
    return TestClient(stand.app, client=(address, 1), follow_redirects=False)


def test_guesses_at_links_are_limited_by_network_and_no_link_that_works_is_touched(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert {guess(client, number) for number in range(MISSES)} == {404}
    assert {guess(client, number) for number in range(MISSES, MISSES + 20)} == {429}

    for page in ("?lang=en", "/promise", "/statement.csv"):
        assert client.get(dana.path + page).status_code == 200, "the customer is not locked out"
    assert client.post(f"{dana.path}/stop").status_code == 303
    assert client.post("/c", data={"code": "x"}).status_code == 422
    with elsewhere(stand, "203.0.113.9") as other:
        assert guess(other, 1) == 404
    stand.clock.move_to(NOW + timedelta(seconds=IN_S // MISSES + 1))
    assert guess(client, 1) == 404, "they come back one by one"
    assert guess(client, 2) == 429


def test_a_link_that_was_one_counts_and_looks_like_one_that_never_was(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE link SET expires_at = '2026-11-01 00:00:00+00:00'")
    for _ in range(MISSES // 2):
        ended, unknown = client.get(dana.path), client.get(f"/p/{'x' * 22}")
        assert ended.status_code == unknown.status_code == 404
    ended, unknown = client.get(dana.path), client.get(f"/p/{'x' * 22}")
    assert ended.status_code == unknown.status_code == 429
    assert ended.text.replace(dana.token, "") == unknown.text.replace("x" * 22, "")


def test_a_token_is_of_its_link_whole_and_exact(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    made = dana.token
    unsubscribe = leaving(stand, dana).rpartition("/")[2]
    near = [
        made[:-1], made + "A", made.swapcase(), f"{made}=", f"{made}%00", f"%20{made}", f"{made}.",
        token(b"another secret that is long enough to be taken", dana.link_id),
        token(stand.settings.secret, dana.link_id + 1000), str(dana.link_id), unsubscribe,
        str(one_value(stand, f"SELECT token_hash FROM link WHERE id = {dana.link_id}")),
    ]  # fmt: skip
    assert {client.get(f"/p/{each}").status_code for each in near} == {404}
    assert client.get(dana.path).status_code == 200
    assert one_value(stand, f"SELECT count(*) FROM link WHERE token_hash = '{made}'") == 0


def test_a_link_opens_one_customers_account_with_one_creditor(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    """Also where the same person owes to another creditor of the house."""
    galil = add(
        stand.database, Creditor, external_id="galil", name="Galil Power", country="IL",
        zone="Asia/Jerusalem", locale="en", currency="ILS", created_at=NOW,
    )  # fmt: skip
    key = str(one_value(stand, "SELECT key FROM person"))
    there = add_customer(stand.database, galil, "G-1", person=key)
    add_invoice(stand.database, there, "G-2026", amount=7_700)

    for page in ("?lang=en", "/statement?period=all", "/dispute", "/timeline", "/thread"):
        text = client.get(dana.path + page).text
        assert "Galil" not in text, page
        assert "G-2026" not in text, page
    assert "One question first" in client.get(f"{dana.path}/accounts").text


@pytest.mark.parametrize("column", ["revoked_at", "expires_at"])
def test_a_link_that_is_ended_ends_at_once_on_every_page_and_its_proof_with_it(
    stand: Stand, client: TestClient, dana: Payer, column: str
) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    change(stand, """UPDATE creditor SET page_check = '["birth_year"]'""")
    assert client.post(f"{dana.path}/prove", data={"answer": "1984"}).status_code == 303
    assert client.get(dana.path).status_code == 200
    typed = coded(stand, dana)
    at = f"{NOW:%Y-%m-%d %H:%M:%S}+00:00"
    change(stand, f"UPDATE link SET {column} = '{at}' WHERE id = {dana.link_id}")

    for page in (*PATHS, "/accounts", "/thread", "/statement", "/prove"):
        assert client.get(dana.path + page, follow_redirects=True).status_code == 404, page
    for form in ("pay", "promise", "dispute", "help", "paid", "thread", "prove", "accounts"):
        assert client.post(f"{dana.path}/{form}", data={"answer": "1984"}).status_code == 404, form
    assert client.post("/c", data={"code": typed, "answer": "1984"}).status_code == 422


@on_both_stores
def test_staff_end_what_is_in_other_hands_and_nothing_that_is_not_out_yet(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    stops = leaving(stand, dana)
    waiting, _ = add_message(stand, dana.customer_id)
    change(stand, f"UPDATE message SET state = 'waiting' WHERE id = {waiting}")
    _, coming = add_link(stand, dana.customer_id, waiting)
    _, led = add_link(stand, dana.customer_id)
    rina = add_payer(stand, "Rina Katz", given_name="Rina")

    with stand.database.write() as session:
        assert end_links(session, dana.customer_id, why="staff", now=NOW) == 2
    with stand.database.write() as session:
        assert end_links(session, dana.customer_id, why="staff", now=NOW) == 0

    shown = {path: client.get(path).status_code for path in (dana.path, f"/p/{led}")}
    assert set(shown.values()) == {404}
    for path in (f"/p/{coming}", stops, rina.path):
        assert client.get(path).status_code == 200, path
    assert one_value(stand, "SELECT count(*) FROM event WHERE kind = 'page_link_ended'") == 2


def test_a_dispute_of_one_invoice_does_not_close_the_page_and_another_link_lives_on(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    long_ago = f"{NOW - timedelta(days=90):%Y-%m-%d %H:%M:%S}+00:00"
    change(stand, f"UPDATE customer SET ledger_changed_at = '{long_ago}'")
    change(stand, "UPDATE invoice SET open_minor = 0 WHERE id = 1")
    disputed = {"invoice": "2", "kind": "other"}
    nonce = client.get(f"{dana.path}/dispute").text.partition('name="nonce" value="')[2][:32]
    done = client.post(f"{dana.path}/dispute", data={**disputed, "nonce": nonce})
    assert done.status_code == 303
    stand.clock.move_to(NOW + timedelta(days=10))
    assert client.get(dana.path).status_code == 200, "what is disputed is not settled"

    _, newer = add_link(stand, dana.customer_id, dana.message_id)
    change(stand, f"UPDATE link SET revoked_at = expires_at WHERE id = {dana.link_id}")
    assert client.get(dana.path).status_code == 404
    assert client.get(f"/p/{newer}").status_code == 200


def test_five_wrong_answers_end_one_link_and_not_the_customers_next_one(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    change(stand, """UPDATE creditor SET page_check = '["birth_year"]'""")
    said = [client.post(f"{dana.path}/prove", data={"answer": f"19{n}"}) for n in range(10, 15)]
    assert [answer.status_code for answer in said] == [422, 422, 422, 422, 410]
    right = client.post(f"{dana.path}/prove", data={"answer": "1984"})
    assert right.status_code == 404, "also for the right answer"

    assert one_value(stand, "SELECT count(*) FROM event WHERE kind = 'page_link_ended'") == 1
    assert one_value(stand, "SELECT count(*) FROM event WHERE kind = 'invoice_asked'") == 1
    _, newer = add_link(stand, dana.customer_id, dana.message_id)
    led = client.post(f"/p/{newer}/prove", data={"answer": "1984"})
    assert (led.status_code, client.get(f"/p/{newer}").status_code) == (303, 200)


def test_tries_count_at_the_door_and_on_the_page_together_and_from_every_network(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    typed = coded(stand, dana)
    for number in range(5):
        with elsewhere(stand, f"203.0.113.{number}") as network:
            answer = network.post("/c", data={"code": typed, "answer": f"195{number}"})
            assert answer.status_code == 422
    assert client.post("/c", data={"code": typed, "answer": "1984"}).status_code == 422
    assert client.get(dana.path).status_code == 404


def test_a_network_that_tries_codes_opens_no_page_even_with_the_right_one(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE customer SET birth_year = 1984")
    right = {"code": coded(stand, dana), "answer": "1984"}
    for number in range(TRIES):  # what a caller says of itself does not make it another network
        said = dict.fromkeys(("x-forwarded-for", "x-real-ip", "forwarded"), f"10.0.0.{number}")
        data = {"code": f"22222-222{number + 10}", "answer": "1984"}
        assert client.post("/c", data=data, headers=said).status_code == 422
    refused = client.post("/c", data=right)
    assert (refused.status_code, "set-cookie" in refused.headers) == (429, False)
    assert one_value(stand, f"SELECT tries FROM link WHERE id = {dana.link_id}") == 0
    with elsewhere(stand, "203.0.113.9") as other:
        assert other.post("/c", data=right).status_code == 303, "nobody else is locked out"
