"""Whatever a name, a number or an answer says, a message has it as text: no link or code of
somebody else, no markup, no second header."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

import pytest

from app.wording.context import MessageContext
from app.wording.errors import MissingVariable
from app.wording.links import expand
from app.wording.page_codes import with_code
from app.wording.render import Rendered
from app.wording.samples import sample_context, sample_urls, shipped

T = TypeVar("T")
SECRET = b"a secret of the tests that is long enough to be taken"
OURS = ("links", "page_code", "colour", "locale")
EVIL = '{{link:99}}{{code:99}}"><img src=x>\r\nBcc: a@b.c'
SHORT = "{{code:99}}"


def planted(facts: T, evil: str) -> T:
    """The same facts with `evil` in the place of every text that comes from outside."""
    assert is_dataclass(facts)
    assert not isinstance(facts, type)
    changed: dict[str, Any] = {}
    for each in fields(facts):
        value = getattr(facts, each.name)
        if each.name in OURS:
            continue
        if isinstance(value, str):
            changed[each.name] = evil
        elif is_dataclass(value) and type(value).__module__ == MessageContext.__module__:
            if type(value).__name__ != "FormOfAddress":
                changed[each.name] = planted(value, evil)
        elif isinstance(value, tuple) and value and hasattr(value[0], "due_on"):
            changed[each.name] = tuple(planted(one, evil) for one in value)
    return replace(facts, **changed)


def rendered(medium: str, locale: str, evil: str) -> list[Rendered]:
    """Every template, said with nothing but what was planted."""
    words, said = shipped(), []
    context = planted(sample_context("three_invoices", locale), evil)
    for template in words.templates():
        try:
            said.append(words.render(template, medium, locale, context))
        except MissingVariable:
            continue
    assert len(said) > 15
    return said


@pytest.mark.parametrize("locale", ["en", "he"])
def test_a_mail_has_it_as_text(locale: str) -> None:
    seen = 0
    for message in rendered("email", locale, EVIL):
        html, subject = message.html or "", message.subject or ""
        assert "<img" not in html
        assert not re.search(r"[\r\n]", subject)
        assert set(message.mail().headers) <= {"List-Unsubscribe", "List-Unsubscribe-Post"}
        for text in (html, message.text, subject):
            assert "link:99}" not in text
            assert "code:99}" not in text
            urls = {**sample_urls("https://pay.example"), 99: "https://evil.example"}
            assert "evil.example" not in with_code(expand(text, urls), SECRET)
        seen += "&lt;img" in html
    assert seen > 15


@pytest.mark.parametrize("medium", ["sms", "whatsapp"])
def test_a_short_text_holds_no_code_of_somebody_else(medium: str) -> None:
    for message in rendered(medium, "en", SHORT):
        assert "code:99}" not in message.text
        assert re.findall(r"\{\{code:(\d+)", message.text) in ([], ["11"])
