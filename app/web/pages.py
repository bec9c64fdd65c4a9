"""Renders the pages: one Jinja environment a language, words from its catalogue, facts isolated.

Values are escaped and set apart by `<bdi>`; a template never formats money or a date itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from babel.dates import format_date
from babel.numbers import format_percent
from jinja2 import Environment, FunctionLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from sqlalchemy import Row
from starlette.responses import HTMLResponse

from app.web.brand import Brand
from app.web.catalogues import DOMAIN, languages, own_name, translations
from app.web.spoken import Spoken
from app.web.worded import marked
from app.wording.bidi import cleaned, with_single_stops
from app.wording.dress import Dress, Flavour
from app.wording.formats import Formats, formats_for
from campaigns.money import Money
from campaigns.worded import as_written, from_record, spelled

STATIC_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_NOT_DIALLED = re.compile(r"[^0-9+]")


@dataclass(frozen=True, slots=True)
class Tongue:
    """One entry of the language switch."""

    code: str
    name: str
    href: str
    current: bool


class Writer:
    """How one locale writes facts in HTML. Templates know it as `w`."""

    def __init__(self, language: str, locale: str) -> None:
        self.formats: Formats = formats_for(locale)
        self.language = language
        self.direction = "rtl" if self.formats.rtl else "ltr"
        dress = Dress(self.formats, Flavour.HTML, {})
        self.name, self.code = dress.name, dress.identifier
        self.money, self.amounts = dress.money, dress.amounts

    def day(self, day: date) -> Markup:
        """A date in full, set apart so that its digits stay in their order."""
        return _apart(self.formats.date(day))

    def percent(self, share: Decimal) -> Markup:
        """A fraction as a percentage, exact."""
        written = format_percent(
            share, locale=self.formats.locale, decimal_quantization=False, numbering_system="latn"
        )
        return _apart(written)

    def weekday(self, day: date) -> Markup:
        """A date with its weekday, for choosing one."""
        weekday = format_date(day, "EEEE", locale=self.formats.locale)
        comma = "، " if self.language == "ar" else ", "
        return _apart(weekday + comma + self.formats.date(day))


class Pages:
    """All templates in all languages of a catalogue. Safe for threads; what was
    compiled is shared by the whole process. In a `rehearsal` every page says so."""

    def __init__(self, domain: str = DOMAIN, *, rehearsal: bool = False) -> None:
        self._domain = domain
        self._rehearsal = rehearsal
        self._environments = {
            language: _environment(language, domain) for language in languages(domain)
        }

    def html(
        self,
        name: str,
        *,
        language: str,
        locale: str | None = None,
        brand: Brand | None = None,
        tongues: Sequence[Tongue] = (),
        **facts: Any,
    ) -> str:
        """One page. `locale` says how to write money and dates; its language is `language`."""
        template: Template = self._environments[language].get_template(name)
        writer = writer_for(language, locale or language)
        written = template.render(
            w=writer, brand=brand, tongues=tongues, rehearsal=self._rehearsal, **facts
        )
        return with_single_stops(written)

    def answer(
        self,
        name: str,
        *,
        language: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **facts: Any,
    ) -> HTMLResponse:
        """The page as an answer, marked with its language."""
        html = self.html(name, language=language, **facts)
        return HTMLResponse(html, status, {"content-language": language, **(headers or {})})

    def words(self, language: str, text: str) -> str:
        """A text that was marked by `N_`, in this language."""
        return str(translations(language, self._domain).ugettext(text))


def tongues(path: str, current: str, **query: str) -> list[Tongue]:
    """The language switch of a page: a plain link each, which keeps `query`."""
    rest = "".join(f"&{name}={value}" for name, value in query.items() if value)
    return [
        Tongue(code, own_name(code), f"{path}?lang={code}{rest}", code == current)
        for code in languages()
    ]


@lru_cache(maxsize=128)
def writer_for(language: str, locale: str) -> Writer:
    return Writer(language, locale)


@lru_cache(maxsize=32)
def static_file(name: str) -> bytes | None:
    """One of our own static files, or None."""
    if not re.fullmatch(r"[a-z]+\.(css|js|svg)", name):
        return None
    source = files("templates").joinpath("static", name)
    return source.read_bytes() if source.is_file() else None


def static_url(name: str) -> str:
    """Where a static file is served; the address changes when its content does."""
    content = static_file(name)
    if content is None:
        raise LookupError(f"templates/static has no {name}; add it or mend the template")
    return f"/static/{name}?v={sha256(content).hexdigest()[:12]}"


@cache
def _environment(language: str, domain: str) -> Environment:
    words = translations(language, domain)
    made = Spoken(
        words,
        loader=FunctionLoader(_source),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.install_gettext_translations(words, newstyle=True)  # type: ignore[attr-defined]  # the i18n extension adds it
    made.globals["static"] = static_url
    made.filters["dialled"] = lambda phone: _NOT_DIALLED.sub("", phone)
    made.filters["set_apart"] = lambda text: _apart(str(text))
    made.filters["worded"] = lambda text: marked(text, words.ugettext)
    made.filters["authored"] = lambda text: marked(as_written(text), words.ugettext)
    made.filters["spelled"] = lambda name: marked(spelled(name), words.ugettext)
    made.filters["recorded"] = lambda record: marked(from_record(record), words.ugettext)
    made.filters["promised"] = _promised
    made.filters["instalment"] = _instalment
    return made


def _source(name: str) -> str | None:
    found = files("templates").joinpath(name)
    return found.read_text("utf-8") if found.is_file() else None


def _apart(text: str) -> Markup:
    return Markup(f"<bdi>{escape(cleaned(text, 100))}</bdi>")


def _promised(promise: Row[Any]) -> Money:
    return Money(promise.amount_minor, promise.currency)


def _instalment(part: Row[Any], plan: Row[Any]) -> Money:
    return Money(part.amount_minor, plan.currency)
