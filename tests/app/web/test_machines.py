"""A click is a person's act on the page. Machines read, and press nothing but what stops us."""

from __future__ import annotations

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from app.web.machines import BURST, WITHIN, Bursts, is_machine
from tests.app.web.people import NOW, Payer, Stand, one_value
from tests.app.web.test_acting import filled

SQLITE = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
WHATSAPP = {"user-agent": "WhatsApp/2.23.20.0 A"}


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"},
        {"user-agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"},
        {"user-agent": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5"},
        {"user-agent": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) (via ggpht.com GoogleImageProxy)"},
        {"user-agent": "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/131.0 Safari/537.36"},
        {"user-agent": "curl/8.5.0"},
        {"user-agent": "Mozilla/5.0 (iPhone)", "sec-purpose": "prefetch;prerender"},
        {"user-agent": "Mozilla/5.0", "purpose": "prefetch"},
        {"user-agent": "Mozilla/5.0", "x-purpose": "preview"},
        WHATSAPP,
    ],
)  # fmt: skip
def test_what_fetches_links_is_a_machine(headers: dict[str, str]) -> None:
    assert is_machine(headers)


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
        "Mozilla/5.0 (iPhone) Mobile/15E148 [FBAN/FBIOS;FBAV/440.0.0.0;FBDV/iPhone14,5]",
        "Mozilla/5.0 (Linux; Android 14) Chrome/131.0.0.0 Mobile Safari/537.36 Instagram 300.0",
        "Mozilla/5.0 (Linux; Android 14; wv) Version/4.0 Chrome/131.0 Safari/537.36 Line/13.0",
        "",
    ],
)
def test_a_browser_also_inside_of_an_app_is_a_person(agent: str) -> None:
    assert not is_machine({"user-agent": agent})


def test_many_forms_at_a_time_by_one_program_at_one_address_are_a_burst_that_passes() -> None:
    bursts = Bursts()
    for number in range(BURST - 1):
        assert not bursts.is_burst("192.0.2.1", "one", f"link-{number}", NOW)
        assert not bursts.is_burst("192.0.2.1", "one", f"link-{number}", NOW)

    assert not bursts.is_burst("192.0.2.2", "one", "one more", NOW)
    assert not bursts.is_burst("192.0.2.1", "another", "one more", NOW)
    assert bursts.is_burst("192.0.2.1", "one", "one more", NOW)
    assert not bursts.is_burst("192.0.2.1", "one", "later", NOW + WITHIN + timedelta(seconds=1))


def _clicks(stand: Stand) -> int:
    return int(one_value(stand, "SELECT count(*) FROM message WHERE clicked_at IS NOT NULL"))


def _press(client: TestClient, payer: Payer, action: str, **headers: str) -> int:
    form = filled(client, payer, action)
    return client.post(f"{payer.path}/{action}", data=form, headers=headers).status_code


@SQLITE
def test_opening_the_page_is_no_click_and_acting_on_it_is_one(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for headers in ({}, WHATSAPP):
        assert client.get(dana.path, headers=headers).status_code == 200
        assert client.head(dana.path, headers=headers).status_code == 200
    assert _clicks(stand) == 0

    assert _press(client, dana, "paid") == 303
    assert _press(client, dana, "dispute") == 303

    assert _clicks(stand) == 1
    assert one_value(stand, "SELECT count(*) FROM event WHERE kind = 'link_clicked'") == 1
    assert one_value(stand, "SELECT answered FROM contact_point WHERE medium = 'sms'") == 1


@SQLITE
def test_a_machine_presses_no_form_but_may_always_stop(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    assert _press(client, dana, "promise", **WHATSAPP) == 403
    assert one_value(stand, "SELECT count(*) FROM event") == 0

    assert _press(client, dana, "stop", **WHATSAPP) == 303

    assert one_value(stand, "SELECT count(*) FROM suppression") > 0


@SQLITE
def test_customers_behind_one_address_open_their_pages_at_once_and_press(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for number in range(BURST * 2):
        client.get(f"/p/{number:022}")
    assert _press(client, dana, "paid") == 303
    assert _clicks(stand) == 1


@SQLITE
def test_who_presses_many_customers_forms_presses_no_more(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    for number in range(BURST):
        client.post(f"/p/{number:022}/paid")
    assert _press(client, dana, "paid") == 403

    stand.clock.move_to(NOW + timedelta(minutes=1))
    assert _press(client, dana, "paid") == 303


@SQLITE
def test_paying_is_a_click(stand: Stand, client: TestClient, dana: Payer) -> None:
    assert _press(client, dana, "pay") == 303
    assert _clicks(stand) == 1
