"""Words and parts that are put into a template say what Jinja would say of them."""

from collections.abc import Mapping

import pytest
from jinja2 import DictLoader, Environment
from markupsafe import Markup

from app.web.catalogues import translations
from app.web.spoken import Spoken

_MACROS = """
{% macro bare(text) %}<b>{{ text }}</b>{% endmacro %}
{% macro framed(text) %}[{{ bare(text) }}{{ whose }}]{% endmacro %}
"""
TEMPLATES: Mapping[str, str] = {
    "macros": _MACROS,
    "part": "{% set whose = 'its own' %}{{ whose }} {{ line }}",
    "base": "<{% block main %}{% endblock %}>",
    "words": "{{ _('Hello %(name)s', name=whose) }} {{ _('Hello') }} {{ _('100%% of it') }}",
    "condition": "{{ _('Hello') if line else _('Hello %(name)s', name=whose) }}",
    "parts": "{% for line in lines %}{% include 'part' %}{% endfor %}{{ whose }}",
    "taken": "{% from 'macros' import framed with context %}{{ framed(line) }}",
    "page": (
        "{% extends 'base' %}{% from 'macros' import framed with context %}"
        "{% block main %}{{ framed(line) }}{% include 'part' %}{{ whose }}{% endblock %}"
    ),
    "plural": "{{ ngettext('%(num)s day ago', '%(num)s days ago', lines|length) }}",
    "escaped": '{{ line }}{{ safe }}{{ none }}{{ 7 }}{{ "\'" }}{{ w.said(line) }}',
}


class _Writer:
    def said(self, text: str) -> Markup:
        return Markup("<i>{}</i>").format(text)


FACTS = {
    "whose": "<Dana> & 'co' %(name)s %%",
    "line": 'a "line" < & >',
    "lines": ["<1>", "2"],
    "safe": Markup("<u>safe</u>"),
    "none": None,
    "w": _Writer(),
}


def _rendered(environment: Environment, name: str) -> str:
    return environment.get_template(name).render(**FACTS)


@pytest.mark.parametrize("language", ["en", "he", "ar", "lt"])
@pytest.mark.parametrize("name", sorted(TEMPLATES.keys() - {"macros", "part", "base"}))
def test_a_template_renders_as_it_would_without_us(language: str, name: str) -> None:
    words = translations(language)
    loader, extensions = DictLoader(TEMPLATES), ["jinja2.ext.i18n"]
    plain = Environment(loader=loader, autoescape=True, extensions=extensions)
    ours = Spoken(words, loader=loader, autoescape=True, extensions=extensions)
    for made in (plain, ours):
        made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it

    assert _rendered(ours, name) == _rendered(plain, name)
