"""Paying on the page through a local Stripe, over real sockets: there, back, and only then paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser

from app.lab.faults import Fate
from app.lab.stripe import LOCAL_KEY, LocalStripe
from tests.app.payments.stripes import Pair, stripe_pair
from tests.app.web.people import NOW, Payer, Stand, add_payer, one_value
from tests.app.web.served import serving
from tests.app.web.test_acting import filled
from tests.browsers import with_chromium
from tests.databases import on_both_stores


@dataclass(frozen=True)
class Shop:
    stand: Stand
    stripe: Pair
    payer: Payer

    @property
    def local(self) -> LocalStripe:
        return self.stripe.local

    def open_minor(self) -> int:
        return int(one_value(self.stand, "SELECT sum(open_minor) FROM invoice"))


@pytest.fixture(params=[()])
def shop(request: pytest.FixtureRequest, migrated_url: str) -> Iterator[Shop]:
    """A creditor that Stripe serves; the parameter is what befalls the first requests."""
    with (
        stripe_pair(*request.param) as stripe,
        serving(migrated_url, stripe=stripe.gateway, origins=[stripe.address]) as stand,
    ):
        stripe.local.clock = lambda: NOW
        stripe.local.webhook = f"{stand.settings.base_url}/webhooks/stripe"
        yield Shop(stand, stripe, add_payer(stand))


def _press(shop: Shop) -> str:
    """Where the press of "pay" leads."""
    with shop.stand.client() as client:
        data = filled(client, shop.payer, "pay", share="all", shown="124050")
        answer = client.post(f"{shop.payer.path}/pay", data=data)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_a_look_at_the_page_opens_no_session_and_a_press_opens_one(shop: Shop) -> None:
    with shop.stand.client() as client:
        client.get(shop.payer.path)
        client.get(f"{shop.payer.path}/pay")
    assert shop.local.asked == []

    assert _press(shop) == _press(shop)
    assert len(shop.local.book.sessions) == 1


def test_coming_back_moves_no_money_and_the_event_does(shop: Shop) -> None:
    to = _press(shop)
    webhook, shop.local.webhook = shop.local.webhook, None  # Stripe's call is late
    back = httpx2.post(to).headers["location"]
    with shop.stand.client() as client:
        assert "We are waiting for confirmation" in client.get(back).text
        assert shop.open_minor() == 124_050

        shop.local.webhook = webhook
        for told in shop.local.book.undelivered(NOW):
            client.post("/webhooks/stripe", content=told.body, headers=dict(told.headers))

        assert shop.open_minor() == 0
        assert "Your payment has arrived" in client.get(back).text


def test_a_forged_call_is_refused(shop: Shop) -> None:
    to = _press(shop)
    shop.local.webhook = None
    httpx2.post(to)
    (told,) = shop.local.book.undelivered(NOW)
    with shop.stand.client() as client:
        forged = dict(told.headers) | {"Stripe-Signature": "t=1,v1=00"}
        assert client.post("/webhooks/stripe", content=told.body, headers=forged).status_code == 403
        assert client.post("/webhooks/stripe", content=told.body).status_code == 403

    assert shop.open_minor() == 124_050


@pytest.mark.parametrize("shop", [(Fate.SILENT_AFTER,)], indirect=True)
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_a_gateway_that_falls_silent_is_said_kindly_and_the_next_press_goes_on(shop: Shop) -> None:
    with shop.stand.client() as client:
        data = filled(client, shop.payer, "pay", share="all", shown="124050")
        answer = client.post(f"{shop.payer.path}/pay", data=data)
        assert (answer.status_code, "is not answering" in answer.text) == (503, True)

    httpx2.post(_press(shop))

    assert shop.open_minor() == 0
    assert len(shop.local.book.payments) == 1


@on_both_stores
def test_the_key_is_told_to_nobody_but_stripe(shop: Shop) -> None:
    to = _press(shop)
    with shop.stand.client() as client:
        assert LOCAL_KEY not in client.get(shop.payer.path).text + to


@pytest.mark.browser
@with_chromium
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("locale", "width"),
    [
        ("en", 1280),
        ("he", 360),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in (("en", 360), ("he", 1280))),
    ],
)
def test_a_browser_pays_at_stripe_and_comes_back(
    shop: Shop, browser: Browser, tmp_path: Path, locale: str, width: int
) -> None:
    payer = add_payer(shop.stand, locale=locale)
    context = browser.new_context(
        base_url=shop.stand.settings.base_url, viewport={"width": width, "height": 740}
    )
    page = context.new_page()
    page.goto(payer.path)
    page.locator("form[action$='/pay'] button").first.click()
    page.wait_for_url(f"{shop.stripe.address}/c/pay/*")
    page.get_by_role("button", name="Pay").click()
    page.wait_for_url("**/receipt*")

    assert page.locator("html").get_attribute("lang") == locale
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=str(tmp_path / f"receipt-{locale}-{width}.png"), full_page=True)
    assert shop.open_minor() == 124_050, "the other customer's"
    context.close()
