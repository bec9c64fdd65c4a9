"""Without a finger and without eyes: keys alone, the order of things, names and what is wrong."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.app.web.browsing.people import BROWSING, WALKED, Person, phone, visiting
from tests.app.web.people import Payer, Stand, add_plan, change, one_value

pytestmark = BROWSING

FOCUSED = """() => {
    const e = document.activeElement
    if (!e || e === document.body) return null
    const box = e.getBoundingClientRect(), style = getComputedStyle(e)
    return {
        what: e.tagName + (e.name || e.id || e.textContent.trim().slice(0, 40)),
        nth: [...document.querySelectorAll('*')].indexOf(e),
        top: box.top + scrollY,
        bottom: box.bottom + scrollY,
        outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight,
    }
}"""
REACHABLE = """() => [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(e => e.checkVisibility())
    .filter(e => e.type !== 'radio' || e === document.querySelector(`[name="${e.name}"]`))
    .map(e => [...document.querySelectorAll('*')].indexOf(e))"""


@dataclass(slots=True)
class Keys:
    """Somebody who has nothing but a keyboard."""

    page: Page

    def walk(self) -> list[dict[str, Any]]:
        """Everything that Tab stops at, from the beginning of the page to its end."""
        stops: list[dict[str, Any]] = []
        while True:
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(FOCUSED)
            if stop is None or (stops and stop["nth"] == stops[0]["nth"]):
                return stops
            if not stops or stop["nth"] != stops[-1]["nth"]:  # a day has three places of its own
                stops.append(stop)

    def tab_to(self, name: str) -> None:
        """Goes on to what a screen reader calls by this name."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            said = self.page.evaluate(
                "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
            )
            if name in " ".join(said.split()):
                return
        raise AssertionError(f"Tab never came to {name!r}")

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


def at_keys(person: Person, path: str) -> Keys:
    person.page.goto(path)
    return Keys(person.page)


@pytest.mark.parametrize("locale", WALKED)
def test_the_focus_goes_everywhere_in_the_order_of_reading_and_is_seen(
    browser: Browser, served: Stand, payer: Payer, locale: str
) -> None:
    with phone(browser, served) as context:
        person = Person(context.new_page(), locale)
        for below in ("", "/promise", "/parts", "/paid", "/help"):
            keys = at_keys(person, payer.path + below)
            reachable = person.page.evaluate(REACHABLE)
            stops = keys.walk()
            assert [stop["nth"] for stop in stops] == reachable, below
            assert [stop for stop in stops if not (stop["outlined"] and stop["seen"])] == [], below
            down = stops[1:]  # the first is the way past the head of the page, which lies above it
            for before, after in pairwise(down):
                assert after["bottom"] > before["top"], (below, before["what"], after["what"])


def test_the_first_key_leads_past_the_head_of_the_page(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        keys = Keys(person.page)
        person.page.keyboard.press("Tab")
        skip = person.page.locator(".skip")
        expect(skip).to_be_focused()
        assert skip.evaluate("e => e.getBoundingClientRect().top") > 0
        person.page.keyboard.press("Enter")
        assert person.page.evaluate("document.activeElement.id") == "main"
        person.page.keyboard.press("Tab")
        assert person.page.evaluate("document.activeElement.closest('main') !== null")
        keys.tab_to("Pay ₪1,240.50")
        keys.enter()
        keys.tab_to("Pay")
        keys.enter()
        person.stands_under("Your payment has arrived. Thank you!")


def test_a_day_is_chosen_and_an_invoice_disputed_by_keys_alone(
    browser: Browser, served: Stand, dana: Payer
) -> None:
    with visiting(browser, served, dana) as person:
        keys = Keys(person.page)
        keys.tab_to("Something is wrong with an invoice")
        keys.enter()
        keys.tab_to("Invoice A-11")
        person.page.keyboard.press("ArrowDown")
        keys.tab_to("The amount is not right")
        person.page.keyboard.press("Space")
        keys.tab_to("Send")
        keys.enter()
        person.reads("We are checking the invoice.")
        keys.tab_to("I would like to pay on another day")
        keys.enter()
        keys.tab_to("Friday, 27 November 2026")
        person.page.keyboard.press("ArrowDown")
        keys.enter()
        person.reads("You will pay ₪1,000.00 by 1 December 2026.")
    assert one_value(served, "SELECT invoice_id FROM dispute") == 2
    assert one_value(served, "SELECT amount_minor FROM promise") == 100_000


# What a screen reader says.


def spoken(page: Page) -> list[dict[str, Any]]:
    """The nodes of the accessibility tree as they are read: role, name, description, properties."""
    wire = page.context.new_cdp_session(page)
    nodes = wire.send("Accessibility.getFullAXTree")["nodes"]
    wire.detach()
    return [
        {
            "role": node["role"]["value"],
            "name": node.get("name", {}).get("value", ""),
            "description": node.get("description", {}).get("value", ""),
            **{one["name"]: one["value"].get("value") for one in node.get("properties", ())},
        }
        for node in nodes
        if not node["ignored"]
    ]


FIELDS = frozenset({"textbox", "combobox", "Date", "radio", "checkbox", "button", "link"})


@pytest.mark.parametrize("locale", WALKED)
def test_every_field_has_a_name_and_headings_go_down_step_by_step(
    browser: Browser, served: Stand, payer: Payer, locale: str
) -> None:
    with visiting(browser, served, payer, locale) as person:
        ways = person.page.eval_on_selector_all(
            ".ways a, .links a:not([href*='.csv'])", "all => all.map(a => a.pathname)"
        )
        assert len(ways) >= 10
        for path in (payer.path, *ways):
            person.page.goto(path)
            for closed in person.page.query_selector_all("details:not([open]) > summary"):
                closed.click()
            said = spoken(person.page)
            levels = [node["level"] for node in said if node["role"] == "heading"]
            assert levels[0] == 1, path
            assert all(below - above <= 1 for above, below in pairwise(levels)), path
            nameless = [n for n in said if n["role"] in FIELDS and not n["name"].strip()]
            assert nameless == [], path


@pytest.mark.parametrize(
    ("way", "tells", "field", "wrong"),
    [
        ("", {"Pay a part of it": None, "How much do you want to pay now?": "lots",
              "Continue to payment": None},
         "How much do you want to pay now?", "Please write the amount in figures only"),
        ("/promise", {"Another day, written below": None, "Save this day": None},
         "Another day", "Please choose a day within the next weeks."),
        ("/plan", {"Another day, written below": None, "Change my plan": None},
         "Another day", "Please choose a day within the next weeks."),
        ("/paid", {"How much was it?": "lots", "Please check": None},
         "How much was it?", "Please write the amount in figures only"),
        ("/help", {"More time": None, "What could you manage each month? (only if you like)": None,
                   "Money that comes in each month, in ILS": "lots", "Send": None},
         "Money that comes in each month, in ILS", "Please write the amount in figures only"),
        ("/thread", {"Your message": " ", "Send": None}, "Your message", "Please write"),
        ("/prove", {"Your answer": "no", "Continue": None}, "Your answer", "That did not match."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_field_and_at_once(
    browser: Browser, served: Stand, dana: Payer, way: str, tells: dict[str, str | None],
    field: str, wrong: str,
) -> None:  # fmt: skip
    if way == "/plan":
        add_plan(served, dana)
    if way == "/prove":
        change(served, "UPDATE customer SET birth_year = 1984")
        change(served, """UPDATE creditor SET page_check = '["birth_year"]'""")
    with visiting(browser, served, dana) as person:
        person.page.goto(dana.path + way)
        *steps, send = tells.items()
        for name, typed in steps:
            if typed is not None:
                person.fill(name, typed)
            elif person.finds("radio", name).count():
                person.choose(name)
            else:
                person.open(name)
        person.press(send[0])
        said = spoken(person.page)
        (faulty,) = (n for n in said if n.get("invalid") not in (None, "false"))
        assert field in faulty["name"]
        assert wrong in faulty["description"]
        assert any(node["role"] == "alert" for node in said), "it is read out when the page opens"
