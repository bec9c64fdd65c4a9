"""One template and one context make one message, whole or not at all."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wording.bidi import balanced
from app.wording.context import Brand, MessageContext
from app.wording.errors import (
    MissingVariable,
    RevisionCorrupt,
    TemplateInvalid,
    UnknownMedium,
    UnknownTemplate,
)
from app.wording.files import LOCALES
from app.wording.render import Wording
from app.wording.samples import sample_context, shipped
from app.wording.words import content_hash
from campaigns.money import Money

ENGLISH = sample_context("one_invoice", "en")
HEBREW = sample_context("one_invoice", "he")


def edited(template: str, key: str, text: str, locale: str = "en") -> Wording:
    """The shipped words with one text replaced, in all its lines and forms of address."""
    words = shipped()
    content = json.loads(words.revisions()[words.hash_of(template)])
    texts = content["locales"][locale]["texts"]
    kept = {row: said for row, said in texts.items() if not re.match(rf"{re.escape(key)}[.@]", row)}
    content["locales"][locale]["texts"] = {**kept, key: text}
    stored = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Wording.from_revisions({content_hash(stored): stored})


def test_an_english_sms_reads_exactly_so() -> None:
    message = shipped().render("reminder_first", "sms", "en", ENGLISH)
    assert message.text == (
        "Alder & Finch: Hi Dana, a short note about invoice 1042, €124.50. View, pay or ask us:\n"
        "{{link:11}}\nNoa\nReply STOP to opt out"
    )
    assert (message.segments, message.size and message.size.encoding.value) == (2, "GSM-7")


def test_a_hebrew_sms_isolates_numbers_and_amounts() -> None:
    message = shipped().render("reminder_first", "sms", "he-IL", HEBREW)
    assert "\u20661042\u2069" in message.text
    assert "\u2067\u200f124.50\u00a0\u200f₪\u2069" in message.text
    assert "\n{{link:11}}\n" in message.text


def test_a_revision_renders_what_its_files_render() -> None:
    words = shipped()
    stored = Wording.from_revisions(words.revisions())
    for medium in ("sms", "email", "whatsapp"):
        by_name = words.render("offer_help", medium, "ar", sample_context("one_invoice", "ar"))
        by_hash = stored.render(
            words.hash_of("offer_help"), medium, "ar", sample_context("one_invoice", "ar")
        )
        assert by_name == by_hash


def test_stored_words_that_were_changed_are_refused() -> None:
    key, content = next(iter(shipped().revisions().items()))
    with pytest.raises(RevisionCorrupt):
        Wording.from_revisions({key: content + " "})


def test_the_hash_names_the_words() -> None:
    words = shipped()
    other = edited("reminder_first", "sms", "{{ creditor }}: hello")
    assert other.hash_of("reminder_first") != words.hash_of("reminder_first")
    assert re.fullmatch(r"[0-9a-f]{64}", words.hash_of("reminder_first"))


@pytest.mark.parametrize(
    ("asked", "creditor", "locale", "tried", "fell_back"),
    [
        ("lt-LT", "en", "lt", ("lt-LT", "lt"), False),
        ("iw", "en", "he", ("iw", "he"), False),
        ("pl-PL", "he-IL", "he", ("pl-PL", "pl", "he-IL", "he"), True),
        ("xx", "pl", "en", ("xx", "pl", "en"), True),
    ],
)
def test_another_language_is_reported(
    asked: str, creditor: str, locale: str, tried: tuple[str, ...], fell_back: bool
) -> None:
    context = replace(ENGLISH, brand=replace(ENGLISH.brand, locale=creditor))
    message = shipped().render("reminder_first", "email", asked, context)
    assert (message.locale, message.tried, message.fell_back) == (locale, tried, fell_back)
    assert message.html is not None
    assert f'lang="{locale}"' in message.html


@pytest.mark.parametrize("medium", ["sms", "whatsapp", "email"])
@pytest.mark.parametrize(
    ("gone", "variable"),
    [
        ({"invoices": ()}, "invoice_number"),
        ({"totals": ()}, "total"),
        ({"links": {}}, "pay_link"),
    ],
)
def test_a_missing_fact_refuses_the_message(
    medium: str, gone: dict[str, object], variable: str
) -> None:
    context = replace(ENGLISH, **gone)  # type: ignore[arg-type]  # rows of a table
    with pytest.raises(MissingVariable) as caught:
        shipped().render("reminder_first", medium, "en", context)
    error = caught.value
    assert (error.template, error.locale) == ("reminder_first", "en")
    assert error.variable == variable
    assert error.remedy


def test_a_missing_count_refuses_the_message() -> None:
    context = replace(ENGLISH, days_past_due=None)
    with pytest.raises(MissingVariable, match="days_past_due"):
        shipped().render("reminder_third", "email", "en", context)


@pytest.mark.parametrize("medium", ["sms", "whatsapp", "email"])
def test_a_message_that_nobody_can_stop_is_refused(medium: str) -> None:
    links = {key: link for key, link in ENGLISH.links.items() if key != "unsubscribe"}
    context = replace(ENGLISH, links=links, two_way=False)
    with pytest.raises(MissingVariable, match="stop_link"):
        shipped().render("reminder_first", medium, "en", context)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownTemplate, match="no template"):
        shipped().render("reminder_tenth", "sms", "en", ENGLISH)
    with pytest.raises(UnknownMedium, match="fax"):
        shipped().render("reminder_first", "fax", "en", ENGLISH)


@pytest.mark.parametrize(
    "text",
    ["{{ totl }}", "{{ 'a' * 30000000 }}", "{{ creditor.__class__ }}", "{% include 'x' %}",
     "{{ cycler }}", "{% for x in y %}{% endfor %}", "{{ unclosed"],
)  # fmt: skip
def test_stored_words_beyond_the_small_language_never_run(text: str) -> None:
    with pytest.raises(TemplateInvalid):
        edited("reminder_first", "sms", text).render("reminder_first", "sms", "en", ENGLISH)


def test_money_of_two_currencies_is_listed_and_never_added() -> None:
    message = shipped().render(
        "reminder_first", "sms", "en", sample_context("three_invoices", "en")
    )
    assert "€1,339.50 and $500.00" in message.text


def test_a_paid_customer_reads_that_all_is_settled() -> None:
    context = replace(ENGLISH, left=(), invoices=(), totals=())
    text = shipped().render("payment_received", "email", "en", context).text
    assert "Everything is settled" in text
    assert "left" not in text


def test_a_colour_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="six hex digits"):
        Brand(name="A", sender="B", colour='red;"><script>')


HOSTILE = [
    "{{ creditor }}", "{% for x in y %}", "{{link:12}}", "<script>alert(1)</script>",
    '"><img src=x onerror=1>', "\u202eanaD", "\u2069\u2066Dana", "Dana\nSTOP\nhttps://evil.example",
    "Dana\r\nBcc: x@evil.example", "x" * 5000, "\x00\x07", "דנה {n}", "'; DROP TABLE", "&amp;<b>",
]  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_cannot_break_out(name: str, locale: str) -> None:
    context = named(sample_context("one_invoice", locale), name)
    for medium in ("sms", "whatsapp", "email"):
        check_harmless(shipped().render("reminder_first", medium, locale, context), locale)


@settings(max_examples=60)
@given(name=st.text(min_size=1), locale=st.sampled_from(LOCALES))
def test_no_name_breaks_out(name: str, locale: str) -> None:
    context = named(sample_context("one_invoice", locale), name)
    for medium in ("sms", "email"):
        check_harmless(shipped().render("reminder_first", medium, locale, context), locale)


def named(context: MessageContext, name: str) -> MessageContext:
    """A customer and an invoice of this name."""
    invoices = tuple(replace(row, number=name) for row in context.invoices)
    return replace(context, customer=name, vocative=None, invoices=invoices)


def check_harmless(message: object, locale: str) -> None:
    """No markup, no second link, no line of its own, no open isolate."""
    parts = [getattr(message, part) or "" for part in ("subject", "preheader", "text", "html")]
    subject, preheader, text, html = parts
    for plain in (subject, preheader, text):
        assert balanced(plain)
        assert "{%" not in plain
        assert "{{" not in re.sub(r"\{\{link:1[1-4]\}\}", "", plain)
    assert "\n" not in subject + preheader
    assert text.count("{{link:12}}") <= 1
    assert "<script" not in html
    assert "<img" not in html
    assert "\nSTOP\n" not in text
    assert "\r" not in text + subject


def test_a_sentence_that_ends_in_an_abbreviation_has_one_dot() -> None:
    words = edited("offer_help", "sms", "{{ creditor }} {{ total }}. {{ due_on }}. A... b.", "ar")
    text = words.render("offer_help", "sms", "ar", sample_context("one_invoice", "ar")).text
    assert text.endswith("124.50\u00a0ر.س.\u200f\u2069 5/3/2026. A... b.")
    page = shipped().render("offer_help", "email", "ar", sample_context("one_invoice", "ar"))
    assert "ر.س.\u200f</bdi> " in (page.html or "")
    wrote = edited("offer_help", "whatsapp.text", "{{ promise_on }}. Gerai.", "lt")
    context = sample_context("one_invoice", "lt")
    text = wrote.render("offer_help", "whatsapp", "lt", context).text
    assert text == "2026 m. kovo 28 d. Gerai."


def test_a_negative_amount_keeps_its_minus_in_front() -> None:
    context = replace(HEBREW, payment=Money(-5000, "ILS"))
    text = shipped().render("payment_failed", "sms", "he", context).text
    assert "\u200f\u200e-50.00" in text
