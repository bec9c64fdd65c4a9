"""Every shipped message in every form of address: to her, to him, to anybody, with tu or Jūs."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product

import pytest

from app.wording.address import form_for, manner_of
from app.wording.context import Formality, FormOfAddress, Gender, MessageContext
from app.wording.files import LOCALES
from app.wording.render import Rendered
from app.wording.samples import render_sample, sample_context, shipped
from app.wording.slips import slips_in

FOR_A_STRANGER = "address_closed"  # the answer to a wrong number
MEDIA = ("email", "sms", "whatsapp")
GENDERS: tuple[Gender | None, ...] = ("f", "m", None)
FORMALITIES: tuple[Formality | None, ...] = ("formal", "informal", None)
COUNTS = (1, 2, 3, 11, 21, 100)
TEMPLATES = shipped().templates()
EVERYWHERE = list(product(TEMPLATES, LOCALES))


def addressed(locale: str) -> Iterator[MessageContext]:
    """The sample customer, with everything that may be known of how to address them."""
    context = sample_context("one_invoice", locale)
    for gender, formality, vocative in product(GENDERS, FORMALITIES, (context.vocative, None)):
        yield replace(context, address=FormOfAddress(gender, formality), vocative=vocative)


def said(message: Rendered) -> str:
    return "\n".join(filter(None, (message.subject, message.preheader, message.text)))


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_it_speaks_to_everybody_without_a_slip(template: str, locale: str) -> None:
    for context in addressed(locale):
        form = form_for(locale, context.address)
        # A template without `tu` says Jūs to everybody, and so do the words around it.
        form = form if form in forms_of(template, locale) else manner_of(locale).anybody
        for medium in MEDIA:
            text = said(shipped().render(template, medium, locale, context))
            assert [slip.word for slip in slips_in(text, locale, forms=(form,))] == []


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_it_counts_right_in_every_form(template: str, locale: str) -> None:
    for form, count in product(forms_of(template, locale), COUNTS):
        context = sample_context("one_invoice", locale, form=form)
        context = replace(context, invoices=context.invoices * count, days_past_due=count)
        for medium in MEDIA:
            message = shipped().render(template, medium, locale, context)
            assert "{n}" not in said(message)
            if "invoice_count" in message.variables_used and count > 2:
                assert str(count) in message.text


@pytest.mark.parametrize(("template", "locale"), EVERYWHERE)
def test_a_subject_and_a_preview_are_for_anybody(template: str, locale: str) -> None:
    mails = [render_sample(template, "email", locale, form=form) for form in all_forms()]
    assert len({(mail.subject, mail.preheader) for mail in mails}) == 1


@pytest.mark.parametrize("locale", ["he", "ar"])
@pytest.mark.parametrize("template", [name for name in TEMPLATES if name != "opt_out_confirmed"])
def test_her_and_his_mail_differ_from_that_for_anybody(template: str, locale: str) -> None:
    mails = {form: render_sample(template, "email", locale, form=form).text for form in all_forms()}
    if len(forms_of(template, locale)) > 1:
        assert len({mails["f"], mails["m"], mails["neutral"]}) == 3
    assert mails["informal"] == mails["formal"] == mails["neutral"]


@pytest.mark.parametrize("template", TEMPLATES)
def test_lithuanian_bends_the_name_or_leaves_it_out(template: str) -> None:
    for medium in MEDIA:
        context = sample_context("one_invoice", "lt")
        bent = shipped().render(template, medium, "lt", context).text
        plain = shipped().render(template, medium, "lt", replace(context, vocative=None)).text
        assert "Jonas" not in bent + plain
        assert "Jonai" not in plain
        if medium == "email" and template != FOR_A_STRANGER:
            assert bent.startswith("Sveiki, Jonai,\n")
            assert plain.startswith("Sveiki,\n")


def test_whoever_has_a_wrong_number_reads_no_name() -> None:
    for locale in LOCALES:
        for medium in MEDIA:
            context = sample_context("one_invoice", locale)
            nameless = replace(context, customer=None, vocative=None)
            told = [
                shipped().render(FOR_A_STRANGER, medium, locale, c) for c in (context, nameless)
            ]
            assert told[0].text == told[1].text


def test_a_lithuanian_reads_english_under_the_plain_name() -> None:
    context = replace(sample_context("one_invoice", "en"), customer="Jonas", vocative="Jonai")
    assert "Hi Jonas," in shipped().render("reminder_first", "sms", "en", context).text


def test_who_is_tu_is_greeted_so() -> None:
    mail = render_sample("reminder_first", "email", "lt", form="informal").text
    assert mail.startswith("Labas, Jonai,\n")
    assert "Tiesiog atsakyk į šį laišką" in mail


def all_forms() -> tuple[str, ...]:
    return ("neutral", "f", "m", "formal", "informal")


@cache
def forms_of(template: str, locale: str) -> tuple[str, ...]:
    """The forms in which this template is written in this language."""
    texts = {form: render_sample(template, "email", locale, form=form).text for form in all_forms()}
    first = manner_of(locale).anybody
    return tuple(
        form for form in manner_of(locale).forms if form == first or texts[form] != texts[first]
    )
