"""The mail: layout, headers, the plain-text part."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.wording.errors import UnknownMedium, WordingError
from app.wording.files import LOCALES
from app.wording.mail import ink_on, mail_parts
from app.wording.render import layout_hash
from app.wording.samples import render_sample, sample_context, shipped

VOID = {"meta", "br", "img", "hr", "link", "input"}


class Nesting(HTMLParser):
    """Checks that every tag is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.cells: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"td", "html"}:
            self.cells.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_is_whole_and_each_cell_knows_its_direction(locale: str) -> None:
    html = render_sample("reminder_first", "email", locale, "three_invoices").html or ""
    page = Nesting()
    page.feed(html)
    direction = "rtl" if locale in {"he", "ar"} else "ltr"
    assert page.open == []
    assert page.cells[0]["lang"] == locale
    assert {cell.get("dir", direction) for cell in page.cells} == {direction}
    assert sum(cell.get("dir") == direction for cell in page.cells) >= 10
    assert "{%" not in html
    assert "qz" not in html
    assert "[[" not in html


def test_css_is_inlined_and_dark_mode_stays() -> None:
    html = render_sample("reminder_first", "email", "en").html or ""
    assert html.count("style=") > 20
    assert "@media (prefers-color-scheme: dark)" in html
    assert 'href="{{link:11}}"' in html
    assert "#1f6f5c" in html
    assert "display: none" in html[html.index('class="preheader"') :][:120]


def test_a_mail_can_be_stopped_with_one_click() -> None:
    mail = render_sample("reminder_first", "email", "en").mail()
    assert dict(mail.headers) == {
        "List-Unsubscribe": "<{{link:12}}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def test_the_headers_are_those_of_rfc_8058(vectors: Path) -> None:
    path = vectors / "email" / "list_unsubscribe_rfc8058.json"
    cases = json.loads(path.read_text("utf-8"))["cases"]
    (simple,) = [case for case in cases if case["id"] == "rfc8058-8.1-simple"]
    headers = dict(mail_parts("s", "t", "h", "{{link:5}}").headers)
    url = simple["message_headers"]["List-Unsubscribe"].strip("<>")
    headers = {name: value.replace("{{link:5}}", url) for name, value in headers.items()}
    assert headers == simple["message_headers"]


def test_a_subject_with_a_line_break_is_refused() -> None:
    with pytest.raises(WordingError, match="line break"):
        mail_parts("a\r\nBcc: b@c.example", "t", "h", None)
    with pytest.raises(WordingError, match="is not one link"):
        mail_parts("a", "t", "h", "https://example.com")


def test_an_sms_is_no_mail() -> None:
    with pytest.raises(UnknownMedium):
        render_sample("reminder_first", "sms", "en").mail()


@pytest.mark.parametrize("locale", LOCALES)
def test_the_text_part_says_what_the_page_says(locale: str) -> None:
    message = render_sample("reminder_first", "email", locale, "three_invoices")
    for number in ("1042", "INV-2026/17", "1051"):
        assert number in message.text
        assert number in (message.html or "")
    assert not re.search(r"\n{3}|[ \t]\n", message.text)
    assert "<" not in message.text
    for link in ("{{link:11}}", "{{link:12}}", "{{link:13}}", "{{link:14}}"):
        assert f"\n{link}\n" in message.text
        assert link in (message.html or "")


def test_many_invoices_are_cut_and_the_rest_is_counted() -> None:
    context = sample_context("one_invoice", "lt")
    context = replace(context, invoices=context.invoices * 51)
    message = shipped().render("reminder_first", "email", "lt", context)
    assert "ir dar 21 sąskaita" in message.text
    assert "ir dar 21 sąskaita" in (message.html or "")


@pytest.mark.parametrize(
    ("colour", "ink"), [("#1f5fbf", "#ffffff"), ("#ffd400", "#111111"), ("#000000", "#ffffff")]
)
def test_the_button_is_readable_on_any_brand(colour: str, ink: str) -> None:
    assert ink_on(colour) == ink


def test_the_layout_has_a_name() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", layout_hash())
