"""The short explainer of the front page: what, why, what now, in plain order and from the books."""

import gzip
import re

import pytest
from starlette.testclient import TestClient

from app.web.catalogues import languages
from app.web.pages import static_file
from tests.app.web.people import Payer, Stand, add_interest, add_payer, add_plan, change

STORY = re.compile(r'<details class="story" open>.*?</details>', re.DOTALL)


def scenes(client: TestClient, payer: Payer, lang: str = "en") -> list[str]:
    found = STORY.search(client.get(f"{payer.path}?lang={lang}").text)
    assert found
    return [re.sub(r"<[^>]+>", "", scene) for scene in re.findall(r"<p>(.*?)</p>", found[0])]


def test_it_says_what_why_and_what_now(client: TestClient, dana: Payer) -> None:
    what, why, now = scenes(client, dana)

    assert what == "You have 2 open invoices with Carmel Water: ₪1,240.50."
    assert why.startswith("Payment was due on 12 November 2026, and we have not seen it yet.")
    assert now.startswith("Now you choose")


def test_the_reason_is_that_of_this_customer(stand: Stand, client: TestClient) -> None:
    early, planned = add_payer(stand), add_payer(stand)
    change(
        stand, f"UPDATE invoice SET due_on = '2026-12-24' WHERE customer_id = {early.customer_id}"
    )
    add_plan(stand, planned)

    assert scenes(client, early)[1].startswith("Payment is due on 24 December 2026. We are writing")
    assert scenes(client, planned)[1].startswith("You are paying in parts, as we agreed.")


def test_a_charge_is_no_invoice_to_it(stand: Stand, client: TestClient, dana: Payer) -> None:
    add_interest(stand, dana)

    assert scenes(client, dana)[0].startswith("You have 3 open invoices")  # and the interest on one


@pytest.mark.parametrize("language", languages())
def test_it_is_whole_in_every_language(client: TestClient, dana: Payer, language: str) -> None:
    assert len([scene for scene in scenes(client, dana, language) if "%(" not in scene]) == 3


def test_it_is_gone_where_nothing_is_asked_for(
    stand: Stand, client: TestClient, dana: Payer
) -> None:
    change(stand, "UPDATE invoice SET open_minor = 0")

    assert "story" not in client.get(f"{dana.path}?lang=en").text


def test_it_costs_little_and_moves_for_few_seconds_where_motion_is_welcome(
    client: TestClient, dana: Payer
) -> None:
    page, css = client.get(f"{dana.path}?lang=he").text, (static_file("pages.css") or b"").decode()
    about = [line for line in css.splitlines() if ".story" in line or "@keyframes" in line]

    def sent(text: str) -> int:
        return len(gzip.compress(text.encode()))

    added = sent(page) - sent(STORY.sub("", page)) + sent(css)
    assert added - sent("\n".join(line for line in css.splitlines() if line not in about)) < 2048
    moving = css[css.index("@media (prefers-reduced-motion: no-preference)") :]
    outside = css.replace(moving, "")
    assert "animation" not in outside
    ends = [
        float(delay) + 1.2 for delay in re.findall(r"path \{ animation-delay: ([\d.]+)s", moving)
    ]
    assert max(ends) < 5  # WCAG 2.2, 2.2.2: what ends within five seconds needs no control
