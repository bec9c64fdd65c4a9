"""Every shipped message, in every language, on every medium, for every sample customer."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from app.wording.address import manner_of
from app.wording.bidi import balanced
from app.wording.check import MOST_SEGMENTS, TYPICAL
from app.wording.files import LOCALES
from app.wording.language import compiled
from app.wording.links import link_ids
from app.wording.samples import SAMPLES, render_sample, sample_context, shipped
from app.wording.tone import telling_words, threatening_words
from app.wording.variables import VARIABLES
from campaigns.money import Money

TEMPLATES = {
    "due_soon": "reminder", "due_today": "reminder", "reminder_first": "reminder",
    "reminder_second": "reminder", "reminder_third": "reminder", "offer_help": "reminder",
    "notice_handover": "notice", "promise_confirmed": "receipt", "promise_broken": "reminder",
    "plan_agreed": "receipt",
    "payment_received": "receipt", "payment_failed": "receipt", "payment_returned": "receipt",
    "checkout_abandoned": "reminder", "dispute_received": "receipt",
    "hardship_received": "receipt", "opt_out_confirmed": "receipt", "thank_you": "receipt",
    "statement": "reminder", "statement_second": "reminder", "statement_manager": "reminder",
    "card_failed": "reminder", "card_failed_again": "reminder", "small_balance": "reminder",
    "instalment_soon": "reminder", "instalment_missed": "reminder", "plan_rescue": "reminder",
    "debit_soon": "reminder", "card_retry": "reminder", "card_replace": "reminder",
    "card_confirm": "reminder", "details_check": "reminder", "who_writes": "receipt",
    "address_closed": "receipt", "call_promised": "receipt", "choose_a_day": "receipt",
    "choose_parts": "receipt", "crisis_line": "receipt", "invoice_link": "receipt",
    "payment_looked_for": "receipt", "plain_words": "receipt", "preference_noted": "receipt",
    "request_received": "receipt", "plan_changed": "receipt", "details_noted": "receipt",
    "call_arranged": "receipt", "call_cancelled": "receipt", "answer_written": "receipt",
}  # fmt: skip
MEDIA = ("email", "sms", "whatsapp")
COUNTS = (1, 2, 3, 5, 11, 21, 22, 100, 101)
DOCS = Path(__file__).parents[2] / "docs" / "messages.md"
EVERYWHERE = list(product(TEMPLATES, LOCALES))


def test_all_templates_are_there_in_all_languages_and_media() -> None:
    words = shipped()
    assert {name: words.category_of(name) for name in words.templates()} == TEMPLATES
    assert {words.locales_of(name) for name in TEMPLATES} == {tuple(sorted(LOCALES))}


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_it_renders(template: str, locale: str) -> None:
    for sample, medium in product(SAMPLES, MEDIA):
        message = render_sample(template, medium, locale, sample)
        for part in (message.subject, message.preheader, message.text):
            if part is None:
                continue
            assert part.strip(), (sample, medium)
            assert balanced(part), (sample, medium)
            assert not re.search(r"\.\.|  |,\s*,| [,.!?،](?!\d)|None|\{%|\{n\}", part), part
        assert not re.search(r"(?<!\n)\{\{link|\{\{link:\d+\}\}(?!\n|$)", message.text)
        assert message.locale == locale


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_a_bystander_learns_nothing(template: str, locale: str) -> None:
    mail = render_sample(template, "email", locale)
    sms = render_sample(template, "sms", locale)
    for text in (mail.subject, mail.preheader, sms.text):
        assert telling_words(text or "", locale) == ()
    for text in (mail.text, sms.text, render_sample(template, "whatsapp", locale).text):
        assert threatening_words(text, locale) == ()


# Segments at usual values, by language: 160 plain Latin characters or 70 others, then 153 or 67.
SEGMENTS = {
    "checkout_abandoned": (2, 2, 3, 3, 2), "dispute_received": (1, 2, 2, 3, 1),
    "due_soon": (2, 2, 3, 3, 2), "due_today": (1, 2, 3, 3, 2), "hardship_received": (1, 2, 2, 2, 1),
    "notice_handover": (2, 2, 3, 3, 2), "offer_help": (2, 2, 3, 3, 2),
    "opt_out_confirmed": (1, 2, 2, 2, 1), "payment_failed": (2, 2, 3, 3, 2),
    "payment_received": (2, 2, 3, 3, 2), "payment_returned": (2, 2, 3, 3, 2),
    "promise_broken": (2, 2, 3, 3, 2), "promise_confirmed": (2, 2, 3, 3, 1),
    "plan_agreed": (2, 2, 3, 3, 2),
    "reminder_first": (2, 2, 3, 3, 2), "reminder_second": (2, 2, 3, 3, 2),
    "reminder_third": (2, 2, 3, 3, 2),
    "thank_you": (2, 2, 3, 3, 2),
    "statement": (2, 2, 3, 3, 2),
    "statement_second": (2, 2, 3, 3, 2),
    "statement_manager": (2, 2, 3, 3, 2),
    "card_failed": (2, 2, 3, 3, 2),
    "card_failed_again": (2, 2, 3, 3, 2),
    "small_balance": (2, 2, 3, 3, 2),
    "instalment_soon": (2, 2, 3, 3, 2),
    "debit_soon": (2, 2, 3, 3, 2),
    "card_retry": (2, 2, 3, 3, 2),
    "card_replace": (2, 2, 3, 3, 2),
    "card_confirm": (2, 2, 3, 3, 2),
    "instalment_missed": (2, 2, 3, 3, 2),
    "plan_rescue": (2, 2, 3, 3, 2),
    "details_check": (2, 2, 3, 3, 2),
    "who_writes": (2, 2, 3, 3, 1),
    "address_closed": (1, 2, 2, 2, 1),
    "call_promised": (1, 2, 2, 2, 1),
    "choose_a_day": (1, 2, 2, 3, 1),
    "choose_parts": (1, 2, 2, 3, 1),
    "crisis_line": (2, 2, 3, 3, 2),
    "invoice_link": (1, 2, 2, 3, 1),
    "payment_looked_for": (2, 2, 2, 3, 2),
    "plain_words": (2, 2, 3, 3, 2),
    "preference_noted": (2, 2, 3, 3, 2),
    "request_received": (1, 2, 2, 2, 1),
    "plan_changed": (2, 2, 3, 3, 2),
    "details_noted": (1, 2, 2, 2, 1),
    "call_arranged": (2, 2, 3, 3, 2),
    "call_cancelled": (2, 2, 3, 3, 2),
    "answer_written": (1, 2, 3, 3, 2),
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_an_sms_costs_what_is_written_here(template: str) -> None:
    for locale, most in zip(("en", "lt", "he", "ar", "de"), SEGMENTS[template], strict=True):
        for sample, form in product(TYPICAL, manner_of(locale).forms):
            assert render_sample(template, "sms", locale, sample, form=form).segments <= most


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_an_sms_keeps_its_price(template: str, locale: str) -> None:
    for sample in SAMPLES:
        most = MOST_SEGMENTS[locale] + (sample not in TYPICAL)
        assert render_sample(template, "sms", locale, sample).segments <= most


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", [t for t, kind in TEMPLATES.items() if kind != "receipt"])
def test_who_writes_and_how_to_stop_are_always_said(template: str, locale: str) -> None:
    context = sample_context("one_invoice", locale)
    for medium, sample in product(MEDIA, ("one_invoice", "one_way")):
        text = render_sample(template, medium, locale, sample).text
        assert context.brand.name in text
        assert context.brand.sender in text
        assert link_ids(text) & {11, 15}  # the page, or where a new card is entered
        assert ("STOP" in text or "הסר" in text) or 12 in link_ids(text)
        if medium == "sms":
            assert text.startswith(context.brand.name)
            assert (12 in link_ids(text)) == (sample == "one_way")


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_every_count_reads_right(template: str, locale: str) -> None:
    sample = sample_context("one_invoice", locale)
    for count, medium in product(COUNTS, MEDIA):
        context = replace(sample, invoices=sample.invoices * count, days_past_due=count)
        message = shipped().render(template, medium, locale, context)
        if "invoice_count" in message.variables_used and count > 2:
            assert str(count) in message.text, (count, medium)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("medium", MEDIA)
def test_a_card_is_never_spoken_of_as_a_debt(locale: str, medium: str) -> None:
    for template in ("card_failed", "card_failed_again"):
        message = render_sample(template, medium, locale)
        words = (message.subject or "") + message.text.partition("\n--\n")[0]
        assert telling_words(words, locale) == ()


@pytest.mark.parametrize("locale", LOCALES)
def test_what_came_in_beyond_the_open_amount_is_named_by_currency(locale: str) -> None:
    context = replace(sample_context("one_invoice", locale), left=())
    beyond = replace(context, credit=(Money(1_234, "EUR"), Money(500, "JPY")))
    plain = shipped().render("thank_you", "email", locale, context).text
    told = shipped().render("thank_you", "email", locale, beyond).text
    for amount in ("12", "500"):
        assert amount in told.replace(plain, "")
    assert told != plain


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", ["invoice 1042", "your 2 invoices", "your 21 invoices"]),
        ("he", ["חשבונית \u20661042\u2069", "שתי חשבוניות", "21 חשבוניות"]),
        ("ar", ["الفاتورة رقم \u20661042\u2069", "فاتورتين", "21 فاتورة"]),
        ("lt", ["sąskaitą 1042", "2 sąskaitas", "21 sąskaitą"]),
        ("de", ["Rechnung 1042", "Ihren 2 Rechnungen", "Ihren 21 Rechnungen"]),
    ],
)
def test_invoices_are_counted_as_the_language_counts(locale: str, expected: list[str]) -> None:
    context = sample_context("one_invoice", locale)
    for count, words in zip((1, 2, 21), expected, strict=True):
        several = replace(context, invoices=context.invoices * count)
        assert words in shipped().render("reminder_first", "sms", locale, several).text


def test_lithuanian_days_take_all_their_forms() -> None:
    source = '{{ plural(c, one="{n} diena", few="{n} dienos", many="m", other="{n} dienų") }}'
    days = compiled("lt", source, "text")
    written = [days.render(c=count) for count in (0, 1, 2, 11, 21, 22, 101)]
    assert written == ["0 dienų", "1 diena", "2 dienos", "11 dienų", "21 diena", "22 dienos",
                       "101 diena"]  # fmt: skip


def test_each_variable_is_documented() -> None:
    text = DOCS.read_text("utf-8")
    assert [name for name in VARIABLES if f"| `{name}` |" not in text] == []
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) >= set(VARIABLES)


def test_each_template_is_documented() -> None:
    text = DOCS.read_text("utf-8")
    assert [name for name in TEMPLATES if f"`{name}`" not in text] == []
