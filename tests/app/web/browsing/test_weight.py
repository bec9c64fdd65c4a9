"""What the first view weighs on its way: everything that the browser fetched, headers and all."""

import pytest
from playwright.sync_api import Browser

from tests.app.web.browsing.people import BROWSING, phone
from tests.app.web.people import Payer, Stand, add_plan
from tests.factories import add_invoice

pytestmark = BROWSING

MOST = 30_000


def fetched(browser: Browser, stand: Stand, payer: Payer) -> dict[str, float]:
    """The bytes on the wire of each address that the first view of a page asks for."""
    with phone(browser, stand) as context:
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        named: dict[str, str] = {}
        bytes_: dict[str, float] = {}
        wire.on(
            "Network.responseReceived",
            lambda told: named.update({told["requestId"]: told["response"]["url"]}),
        )
        wire.on(
            "Network.loadingFinished",
            lambda told: bytes_.update({told["requestId"]: told["encodedDataLength"]}),
        )
        page.goto(payer.path, wait_until="networkidle")
        return {named[request]: size for request, size in bytes_.items()}


@pytest.mark.parametrize("locale", ["en", "he", "ar", "ru"])
def test_the_first_view_is_light(browser: Browser, served: Stand, payer: Payer) -> None:
    sizes = fetched(browser, served, payer)

    kinds = sorted(address.rpartition("/")[2].partition("?")[0] for address in sizes)
    assert {"pages.css", f"{served.creditor_id}.css", payer.token} <= set(kinds)
    assert sum(sizes.values()) < MOST, sizes


@pytest.mark.parametrize("locale", ["ru"])
def test_the_first_view_of_a_plan_for_many_invoices_is_light(
    browser: Browser, served: Stand, payer: Payer
) -> None:
    add_plan(served, payer)
    for number in range(6):
        add_invoice(served.database, payer.customer_id, f"M-{number}", amount=5_000)

    sizes = fetched(browser, served, payer)

    assert sum(sizes.values()) < MOST, sizes
