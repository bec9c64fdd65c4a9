"""The stage's routes: what a GET may not change, who may not press, and her real page in it."""

import re
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from app.lab.stage.front import Front
from app.lab.stage.look import DOMAIN, Look
from app.lab.stage.story import Story
from app.lab.stage.web import stage_app
from app.web.pages import Pages
from tests.app.lab.stage.conftest import news

OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def browser(story: Story) -> Iterator[TestClient]:
    front = Front(stage_app(story, Pages(DOMAIN)), story.web, story.heard, {})
    with TestClient(front, base_url="http://127.0.0.1", headers=OWN) as client:
        yield client


def submit(browser: TestClient, story: Story, act: str, **fields: str) -> str:
    """Fills in a form of her real page, and sends it."""
    path = story.page(Look())
    assert path is not None
    html = browser.get(path if act == "pay" else f"{path}/{act}").text
    form = re.search(rf'<form[^>]*action="[^"]*/{act}".*?</form>', html, re.DOTALL)
    assert form, f"the page has no form for {act}"
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[0]))
    answer = browser.post(f"{path}/{act}", data={**hidden, **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("language", ["en", "he"])
def test_the_stage_shows_her_phone_and_her_timeline(browser: TestClient, language: str) -> None:
    html = browser.get(f"/?lang={language}").text

    assert f'lang="{language}" dir="{"rtl" if language == "he" else "ltr"}"' in html
    assert "1,240.50" in html
    assert "/stage/mail/1" in html
    assert "style=" not in html  # the content policy would drop it


def test_what_her_two_invoices_wait_for_is_told_once(browser: TestClient) -> None:
    html = browser.get("/?lang=en").text

    (waiting,) = re.findall(r'<ul class="waiting">.*?</ul>', html, re.DOTALL)
    assert waiting.count("<li>") == 1


def test_the_language_of_the_browser_is_taken_where_the_address_says_none(
    browser: TestClient,
) -> None:
    answer = browser.get("/", headers={"accept-language": "fr, he-IL;q=0.8"})

    assert answer.headers["content-language"] == "he"


def test_a_get_changes_nothing(browser: TestClient, story: Story) -> None:
    before = (story.world.now, story.history())
    for path in ("/", "/?hour=22:10", "/?on=page", "/?on=email&letter=1", "/stage/mail/1"):
        assert browser.get(path).status_code == 200
    for path in ("/stage/press/next-day", "/stage/write", "/stage/providers"):
        assert browser.get(path).status_code == 405

    assert (story.world.now, story.history()) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "null"},
        {"host": "duly.example"},
    ],
    ids=["another site", "another port", "a frame without origin", "another name for this machine"],
)
def test_a_press_from_elsewhere_is_refused(
    browser: TestClient, story: Story, headers: dict[str, str]
) -> None:
    before = story.world.now
    answer = browser.post("/stage/press/next-day", headers=headers)

    assert answer.status_code == 403
    assert story.world.now == before


def test_a_press_answers_with_the_page_that_was_looked_at(browser: TestClient) -> None:
    answer = browser.post("/stage/press/next-day?lang=he&on=email", follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/?lang=he&on=email#now")


@pytest.mark.parametrize(
    ("path", "status"),
    [("press/nothing", 404), ("language", 422), ("step", 422), ("words/no/en", 303)],
)
def test_a_press_that_does_not_exist_changes_nothing(
    browser: TestClient, story: Story, path: str, status: int
) -> None:
    before = story.world.now

    assert browser.post(f"/stage/{path}", follow_redirects=False).status_code == status
    assert story.world.now == before


def test_an_hour_that_is_none_is_not_asked_about(browser: TestClient) -> None:
    assert browser.get("/?hour=25:99").status_code == 200
    assert "Rules:" not in browser.get("/?hour=25:99&lang=en").text
    assert "Rules:" in browser.get("/?hour=9:05&lang=en").text


def test_her_page_is_the_real_one_and_may_stand_in_the_phone(
    browser: TestClient, story: Story
) -> None:
    answer = browser.get(story.page(Look()) or "")

    assert "1,240.50" in answer.text
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


def test_a_promise_on_her_page_is_answered_at_once(browser: TestClient, story: Story) -> None:
    story.next_thing()
    submit(browser, story, "promise", day="other", other_day="2026-12-20")

    assert "A promise: ₪1,240.50 by Sun 20 Dec" in news(story)
    assert "A confirmation of the promise, by WhatsApp" in news(story)
    assert "On her page" in browser.get("/?lang=en").text


def test_a_dispute_on_her_page_carves_the_invoice_out(browser: TestClient, story: Story) -> None:
    (first, _) = story.history().invoices
    submit(browser, story, "dispute", invoice=str(first), kind="wrong_amount", words="זיכוי")

    assert "Invoice M1007-1 is disputed" in news(story)
    assert "A task for collections: Look into the dispute" in news(story)


def test_a_payment_on_her_page_goes_through_the_gateway(browser: TestClient, story: Story) -> None:
    page = submit(browser, story, "pay", share="all")
    session = re.search(r'action="(/sandbox/pay/[^"]+)"', page)
    assert session
    browser.post(session[1], data={"act": "pay"})

    assert "A payment: ₪1,240.50" in news(story)
    assert {row["open_minor"] for row in story.history().invoices.values()} == {0}


def test_looking_at_her_page_is_no_news(browser: TestClient, story: Story) -> None:
    story.next_thing()
    before = news(story)
    browser.post("/p/nobody/promise")

    assert news(story) == before


def test_what_is_wrong_in_a_box_is_told_beside_it(browser: TestClient, story: Story) -> None:
    data = {"journey": "consumer_gentle", "step_id": "due_today", "text": "  - id: due_today\n"}
    html = browser.post("/stage/step?lang=en", data=data).text

    assert "Not published" in html
    assert 'role="alert"' in html
    assert "  - id: due_today\n</textarea>" in html  # what was typed is still there


def test_what_is_typed_stays_text_on_the_stage(browser: TestClient, story: Story) -> None:
    evil = '"></textarea><img src=x onerror=alert(1)>{{7*7}}'
    submit(browser, story, "thread", words=evil)
    step = {"journey": "consumer_gentle", "step_id": "due_today", "text": evil}
    pages = [
        browser.get("/?lang=en").text,
        browser.post("/stage/step?lang=en", data=step).text,
        browser.get(f"/?lang={evil}&on={evil}").text,
        browser.get(f"{story.page(Look())}/thread").text,
    ]
    for page in pages:
        assert "<img" not in page
    assert "&lt;img" in pages[1]
    assert "{{7*7}}" in pages[3]
