"""The outbox: newest first, as it was read, with links that work in the demo and no others."""

import pytest
from starlette.testclient import TestClient

from tests.app.web.people import Payer, Stand, add_attempt, add_payer, change, standing
from tests.databases import on_both_stores


def test_it_says_so_when_nothing_was_sent(client: TestClient) -> None:
    assert "Nothing has been sent yet" in client.get("/outbox").text
    assert "No customer has a page yet" in client.get("/").text


def test_a_text_is_shown_in_its_direction_with_a_link_that_works(
    stand: Stand, client: TestClient
) -> None:
    payer = add_payer(stand, "דנה כהן", locale="he")
    attempt = add_attempt(stand, payer, locale="he", text=f"שלום\n{{{{link:{payer.link_id}}}}}")

    page = client.get(f"/outbox/{attempt}").text

    assert '<div class="screen" dir="rtl" lang="he">' in page
    assert f'<a href="{payer.path}" dir="ltr">http://testserver{payer.path}</a>' in page


def test_a_mail_stands_in_a_frame_that_can_do_nothing(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    html = f'<html><head></head><body><a href="{{{{link:{dana.link_id}}}}}">Pay</a></body></html>'
    attempt = add_attempt(stand, dana, medium="email", subject="Your page", html=html)

    page, mail = client.get(f"/outbox/{attempt}").text, client.get(f"/outbox/{attempt}/mail")

    assert f'<iframe src="/outbox/{attempt}/mail"' in page
    assert "sandbox=" in page
    assert f'<base target="_blank"></head><body><a href="http://testserver{dana.path}"' in mail.text
    assert "sandbox allow-popups" in mail.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in mail.headers["content-security-policy"]


def test_links_are_masked_for_staff(migrated_url: str) -> None:
    with standing(migrated_url, outbox_links="masked") as stand, stand.client() as client:
        payer = add_payer(stand)
        html = f'<html><head></head><a href="{{{{link:{payer.link_id}}}}}">Pay</a></html>'
        attempt = add_attempt(stand, payer, html=html)

        for path in (f"/outbox/{attempt}", f"/outbox/{attempt}/mail"):
            page = client.get(path).text
            assert payer.token not in page
        assert f"[link {payer.link_id}]" in client.get(f"/outbox/{attempt}/mail").text


@on_both_stores
def test_it_can_be_narrowed_down(stand: Stand, client: TestClient) -> None:
    dana, noor = add_payer(stand, "Dana Cohen"), add_payer(stand, "نور", medium="whatsapp")
    add_attempt(stand, dana)
    add_attempt(stand, noor, locale="ar", text="مرحبًا")

    assert "Dana Cohen" in client.get("/outbox?medium=sms").text
    assert "نور" not in client.get("/outbox?medium=sms").text
    assert "Dana Cohen" not in client.get("/outbox?locale=ar").text
    assert "Dana Cohen" not in client.get(f"/outbox?customer={noor.customer_id}").text
    assert client.get("/outbox?medium=pigeon&locale=xx&customer=x&before=-1").status_code == 200


@on_both_stores
def test_pages_follow_one_another_and_lose_nothing(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    ids = [
        add_attempt(stand, dana, number=number, key=f"a{number}", text=f"text-{number}-")
        for number in range(1, 31)
    ]

    first, second = client.get("/outbox").text, client.get(f"/outbox?before={ids[5]}").text

    assert [n for n in range(1, 31) if f"text-{n}-" in first] == list(range(6, 31))
    assert f"?before={ids[5]}" in first
    assert [n for n in range(1, 31) if f"text-{n}-" in second] == list(range(1, 6))


def test_the_index_leads_to_pages_that_work(stand: Stand, client: TestClient) -> None:
    payers = [add_payer(stand, f"Payer {locale}", locale=locale) for locale in ("he", "ar", "lt")]

    page = client.get("/").text

    for payer in payers:
        assert f'href="{payer.path}"' in page
        assert client.get(payer.path).status_code == 200


@pytest.mark.parametrize("path", ["/outbox/99", "/outbox/99/mail", "/outbox/x"])
def test_an_unknown_message_is_not_there(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def test_why_a_mail_did_not_arrive_stands_beside_it(stand: Stand, client: TestClient) -> None:
    payer = add_payer(stand, medium="sms")
    error = '{"error": "address_invalid", "provider": "smtp", "code": "550-5.1.1"}'
    attempt_id = add_attempt(stand, payer)
    change(stand, f"UPDATE attempt SET error = '{error}'")

    page = client.get(f"/outbox/{attempt_id}").text

    assert "does not exist or cannot receive this kind of message. (smtp 550-5.1.1)" in page
