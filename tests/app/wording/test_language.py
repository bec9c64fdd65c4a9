"""What a designer writes can neither reach out nor run long, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from time import process_time

import pytest

from app.wording.errors import TemplateInvalid
from app.wording.language import parse
from app.wording.render import Rendered, Wording
from app.wording.revisions import revision_of
from app.wording.samples import render_sample, shipped
from app.wording.words import Text

ATTACKS = {
    "an attribute": "{{ creditor.__class__.__mro__ }}",
    "a subscript": "{{ creditor[0] }}",
    "a filter": "{{ creditor | upper }}",
    "a loop": "{% for a in creditor %}x{% endfor %}",
    "a file": "{% include '/etc/passwd' %}",
    "an import": "{% import 'os' as os %}",
    "a macro": "{% macro a() %}{{ a() }}{% endmacro %}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a product": "{{ 'a' * 999999999 }}",
    "a format": "{{ '%999999999d' % 1 }}",
    "a call": "{{ range(999999999) }}",
    "a call of a call": "{{ plural(invoice_count, one='a', other='b')() }}",
    "code that only the parser leaves alone": "{% raw %}{{ 9 ** 9 ** 9 }}{% endraw %}",
    "an end that only the parser leaves alone": "{% raw %}{% endif %}{% endraw %}",
    "a comment": "{# {{ creditor }} #}",
    "a setting": "{% set creditor = 'other' %}",
    "escaping turned off": "{% autoescape false %}{{ creditor }}{% endautoescape %}",
    "brackets": "{{ " + "(" * 3000 + "total" + ")" * 3000 + " }}",
    "negations": "{{ " + "not " * 1500 + "total }}",
    "nested ifs": "{% if total %}" * 200 + "x" + "{% endif %}" * 200,
    "a long text": "x" * 8_001,
    "a long number": "{{ " + "9" * 5_000 + " }}",
}


def said(source: str, key: str = "email.body.0") -> Rendered:
    """The first reminder with this text in it, as a mail or an SMS."""
    words = shipped().words_of("reminder_first", "en")
    edited = replace(words, texts={**words.texts, key: Text(source)})
    medium = key.partition(".")[0]
    wording = Wording([revision_of([edited])])
    return render_sample("reminder_first", medium, "en", wording=wording)


@pytest.mark.parametrize("source", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("key", ["email.body.0", "email.subject", "sms"])
def test_what_is_beyond_the_language_is_refused_at_once(source: str, key: str) -> None:
    shipped()
    began = process_time()
    faults = parse(source, "en").faults
    assert faults
    assert all(fault.line >= 1 and fault.remedy for fault in faults)
    with pytest.raises(TemplateInvalid):
        said(source, key)
    assert process_time() - began < 1


@pytest.mark.parametrize(
    "source",
    ["<script>alert(1)</script>", "{{ '<img src=x>' }}", "{{ '<b>' ~ creditor ~ '</b>' }}"],
)
def test_markup_stands_in_a_mail_as_text(source: str) -> None:
    html = said(source).html or ""
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html


@pytest.mark.parametrize(
    "letters", ["qz99999999qz", "qz9999qz", "<!--qz0-->", "qz" + "5" * 5_000 + "qz"]
)
def test_letters_that_the_layout_uses_inside_stay_an_authors_own(letters: str) -> None:
    assert letters in said(letters).text
