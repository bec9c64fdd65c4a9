"""A real browser says where a form was pressed, and runs nothing that was planted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.store.bulk import update_rows
from app.store.rows import Creditor, Customer, Invoice
from tests.app.web.people import Payer, Stand, add_payer, change, one_value
from tests.app.web.security.test_planted_text import EVIL, SINGLE
from tests.app.web.served import serving
from tests.browsers import with_chromium

pytestmark = [
    pytest.mark.browser,
    with_chromium,
    pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True),
]
EVIL_SITE = "http://evil.example/"


@pytest.fixture
def served(migrated_url: str, tmp_path: Path) -> Iterator[Stand]:
    with serving(migrated_url, documents=tmp_path / "documents") as stand:
        yield stand


@pytest.fixture
def page(browser: Browser, served: Stand) -> Iterator[Page]:
    context = browser.new_context(base_url=served.settings.base_url)
    yield context.new_page()
    context.close()


@pytest.fixture
def payer(served: Stand) -> Payer:
    return add_payer(served, birth_year=1984)


def test_a_form_that_another_site_has_its_visitor_press_is_refused(
    served: Stand, page: Page, payer: Payer
) -> None:
    change(served, """UPDATE creditor SET page_check = '["birth_year"]'""")
    form = (
        f'<form method="post" action="{served.settings.base_url}{payer.path}/prove">'
        '<input type="hidden" name="answer" value="1999"><button>Win</button></form>'
    )
    page.route(f"{EVIL_SITE}**", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto(EVIL_SITE)
    with page.expect_response("**/prove") as answered:
        page.click("button")

    assert answered.value.status == 403
    assert one_value(served, "SELECT max(tries) FROM link") == 0

    page.goto(payer.path)
    page.fill("input[name=answer]", "1999")
    with page.expect_response("**/prove") as own:
        page.click("form[action$=prove] button")
    assert own.value.status == 422, "the same answer, typed on the page itself, is a try"
    assert one_value(served, "SELECT max(tries) FROM link") == 1
    assert page.context.cookies() == []


def test_nothing_that_was_planted_runs_or_is_fetched(
    served: Stand, page: Page, payer: Payer
) -> None:
    with served.database.write() as session:
        update_rows(session, Customer, [{"id": payer.customer_id, "name": EVIL,
                                         "given_name": EVIL}])  # fmt: skip
        update_rows(session, Invoice, [{"id": 1, "number": EVIL}, {"id": 2, "number": SINGLE}])
        brand = {"name": EVIL, "person": EVIL, "phone": EVIL, "hours": SINGLE}
        update_rows(session, Creditor, [{"id": served.creditor_id, "brand": brand}])
    asked: list[str] = []
    faults: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))

    for way in ("", "/dispute", "/statement", "/timeline", "/thread"):
        page.goto(f"{payer.path}{way}")
        assert page.locator("img, script").count() == 0, way

    assert "<img src=x" in page.locator("body").inner_text()
    assert faults == []
    assert all(url.startswith(served.settings.base_url) for url in asked), asked
    assert not [url for url in asked if url.endswith("/x")]
