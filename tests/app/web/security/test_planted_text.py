"""Text from outside is shown as text, wherever it is shown: no markup, no template, no formula."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from app.book.subscriptions import SubscriptionIn, upsert_subscription
from app.intake.staff_answers import answer_reply
from app.store.bulk import update_rows
from app.store.rows import Creditor, Customer, Invoice
from campaigns.money import Money
from tests.app.web.people import NOW, Payer, Stand, add_attempt, add_interest
from tests.app.web.security.forms import PAGES, forms_of
from tests.app.web.security.neighbours import add_plan, leaving, press
from tests.app.web.security.test_two_on_one_phone import pages

MARK = "qqx"
EVIL = f'"><img src=x onerror={MARK}>{MARK}{{{{7*7}}}}{{% raw %}}%(x)s%s</title><script>{MARK}'
SINGLE = f"' onfocus={MARK} autofocus x='"
ADDRESS = f"javascript:{MARK}"
ALLOWED = frozenset({"a", "form", "svg", "path", "circle", "rect", "link", "meta"})
"""Whose attributes may lead somewhere, and how: see `Seen`."""


class Seen(HTMLParser):
    """Every element and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    handle_startendtag = handle_starttag


def is_inert(page: str) -> list[str]:
    """What of a page could run or lead astray; nothing, if all is well."""
    seen = Seen(page)
    found = sorted(seen.elements & {"img", "script", "iframe", "object", "embed", "base", "style"})
    for name, value in seen.attributes:
        if name.startswith("on") or name in ("autofocus", "srcdoc", "style"):
            found.append(name)
        elif name in ("href", "src", "action", "formaction") and not re.match(
            r"/|#|mailto:|tel:|https://|http://testserver/", value
        ):
            found.append(f"{name}={value[:30]}")
    found += [word for word in (f"{MARK}49", "7*749") if word in page]
    return found


@pytest.fixture
def planted(stand: Stand, client: TestClient, dana: Payer) -> Payer:
    """Dana, of whom each text says something evil: the books', the creditor's, staff's, her own."""
    accounts = {"ILS": {"holder": EVIL, "bank": EVIL, "number": EVIL}}
    for number, words in enumerate((EVIL, SINGLE)):
        press(client, dana, "/thread", "thread", words=words)
        with stand.database.write() as session:
            answer_reply(session, number + 1, words, by=EVIL, now=NOW)
    press(client, dana, "/dispute", "dispute", kind="other", words=EVIL)
    with stand.database.write() as session:
        told = SubscriptionIn(dana.customer_id, EVIL, EVIL, Money(100_000, "ILS"))
        upsert_subscription(session, told, now=NOW)
        brand = dict.fromkeys(
            ("name", "person", "person_role", "phone", "email", "postal_address", "hours"), EVIL
        )
        brand |= {"website": ADDRESS, "colour": EVIL, "logo": ADDRESS}
        update_rows(
            session,
            Creditor,
            [{"id": stand.creditor_id, "name": EVIL, "brand": brand, "accounts": accounts}],
        )
        names = {"name": EVIL, "given_name": EVIL, "vocative": EVIL, "external_id": EVIL}
        update_rows(session, Customer, [{"id": dana.customer_id, **names}])
        rows = [
            {"id": 1, "number": EVIL, "document": ADDRESS},
            {"id": 2, "number": f"={MARK}{SINGLE}", "document": f'https://x.example/"{SINGLE}'},
        ]
        update_rows(session, Invoice, rows)
    return dana


@pytest.mark.parametrize("language", ["en", "he", pytest.param("lt", marks=pytest.mark.slow)])
def test_no_page_lets_any_text_become_markup_or_a_template(
    stand: Stand, client: TestClient, planted: Payer, language: str
) -> None:
    add_attempt(stand, planted, text=EVIL, subject=EVIL)
    below = [f"{planted.path}{page}" for page in pages(stand)]
    others = ["/c/carmel", leaving(stand, planted), "/outbox", "/outbox/1", "/thanks/stop", "/"]
    marked = 0
    for each in (*below, *others):
        path = each.replace("{invoice}", "1")
        joined = f"{path}{'&' if '?' in path else '?'}lang={language}"
        answer = client.get(joined, follow_redirects=True)
        assert answer.status_code in (200, 404), path
        if answer.headers["content-type"].startswith("text/html"):
            assert is_inert(answer.text) == [], path
            marked += MARK in answer.text
    assert marked > 20


def test_a_planted_text_is_found_where_it_would_run() -> None:
    """Else the test above could not fail."""
    for page in (f'<p title="{EVIL}">', f"<p>{EVIL}", f"<p x='{SINGLE}'>", f'<a href="{ADDRESS}">'):
        assert is_inert(page) != []
    assert is_inert(f"<p>{MARK}49") != []
    assert is_inert('<a href="/p/x">&lt;img onerror=1></a>') == []


def test_what_is_typed_comes_back_as_text(stand: Stand, client: TestClient, dana: Payer) -> None:
    add_plan(stand, dana, 124_050)
    forms = [
        form for _, form in forms_of(client, dana) if form.name not in ("stop", "wrong-person")
    ]
    repeated = 0
    for form in forms:
        for evil in (EVIL, SINGLE):
            changed = {name: evil for name in form.fields if name != "nonce"}
            answer = client.post(form.action, data={**changed, "nonce": evil, "other_day": evil})
            if answer.status_code == 303:
                assert MARK not in answer.headers["location"]
                continue
            assert is_inert(answer.text) == [], form.name
            repeated += MARK in answer.text
    assert repeated >= 4
    for path in ("/c", "/c/carmel"):
        answer = client.post(path, data={"code": EVIL, "answer": SINGLE})
        assert MARK in answer.text
        assert is_inert(answer.text) == []


def test_what_an_address_says_comes_back_as_text(client: TestClient, dana: Payer) -> None:
    names = (
        "lang", "done", "c", "look", "period", "currency", "parts", "each", "rhythm", "first",
        "other_day", "words", "kind", "invoice", "paid_on", "amount", "code", "to", "income",
    )  # fmt: skip
    for page in (*PAGES, "/receipt", "/statement", "/timeline", "/transfer", "/check", "/answer"):
        path = (dana.path + page).partition("?")[0]
        for evil in (EVIL, SINGLE, ADDRESS):
            answer = client.get(path, params=dict.fromkeys(names, evil))
            if answer.status_code == 303:
                assert MARK not in answer.headers["location"]
            else:
                assert is_inert(answer.text) == [], page
    for path in (f"/p/{EVIL}", f"/u/{SINGLE}", f"/thanks/{EVIL}", f"/c/{EVIL}", f"/{EVIL}"):
        for answer in (client.get(path), client.post(path)):
            assert is_inert(answer.text) == [], path


def test_the_paper_holds_text_alone(client: TestClient, planted: Payer) -> None:
    answer = client.get(f"{planted.path}/statement.pdf")

    assert answer.headers["content-disposition"].startswith('attachment; filename="statement-')
    reader = PdfReader(io.BytesIO(answer.content))
    said = re.sub(r"\s", "", "".join(page.extract_text() for page in reader.pages))
    assert f"<imgsrc=xonerror={MARK}>" in said
    assert f"{MARK}49" not in said
    assert all("/Annots" not in page for page in reader.pages)
    assert all(word not in answer.content for word in (b"/JavaScript", b"/URI", b"/Launch"))


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "\uff1d1",
    "'=1",
    "'+1",
    "A;=1+1;B",
)


def test_no_cell_of_the_table_runs(stand: Stand, client: TestClient, dana: Payer) -> None:
    add_interest(stand, dana)
    for number in FORMULAS:
        _runs_nowhere(stand, client, dana, number)


def _runs_nowhere(stand: Stand, client: TestClient, dana: Payer, number: str) -> None:
    with stand.database.write() as session:
        rows: list[dict[str, Any]] = [{"id": 1, "number": f"{number}{MARK}"}]
        rows.append({"id": 3, "number": f"{number}{MARK}late"})
        update_rows(session, Invoice, rows)

    told = client.get(f"{dana.path}/statement.csv").content.decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(told)) for cell in row]
    planted = [cell for cell in cells if MARK in cell]
    assert len(planted) >= 2
    for shown in (part for cell in cells for part in cell.split(";")):
        is_amount = re.fullmatch(r"-?[0-9]+\.[0-9]{2}", shown)
        assert is_amount or not re.match("[=+\\-@\t\r\n\uff1d]", shown), shown
