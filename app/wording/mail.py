"""The mail: authored words set into the layout once a template, and the parts of one message.

The layout's CSS is inlined when the words are compiled, not when a message is rendered. While
the inliner reads the page, Jinja code is hidden behind tokens that HTML leaves alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files as package_files
from types import MappingProxyType

import css_inline
from markupsafe import escape
from ruamel.yaml import YAML

from app.wording.address import manner_of
from app.wording.errors import WordingError
from app.wording.formats import formats_for
from app.wording.language import code_or_data
from app.wording.links import link_ids
from app.wording.words import LocalWords
from campaigns.worded import worded

LAYOUT_WORDS = (
    "invoice", "due", "open", "total", "coming", "row", "more", "questions", "questions_one_way",
    "dispute", "help", "why", "unsubscribe", "stop_two_way", "stop_one_way",
    "collector_disclosure", "initial_disclosure",
)  # fmt: skip
LAYOUT_VARIABLES = frozenset(
    {
        "subject", "preheader", "rows", "coming_rows", "sums", "totals", "more_count",
        "brand", "brand_ink",
    }
)  # fmt: skip
_MARKS = {"var(--brand)": "qzbrandqz", "var(--brand-ink)": "qzinkqz"}
_SLOT = re.compile(r"<!-- slot:([a-z_]+) -->")
_TOKEN = re.compile(r"<!--qz(\d{1,4})-->|qz(\d{1,4})qz")
_PREHEADER_PAD = "&#847;&zwnj;&nbsp;" * 40


@dataclass(frozen=True, slots=True)
class MailParts:
    """One mail, ready for an adapter. Links are still placeholders, also in the headers."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]


def mail_parts(subject: str, text: str, html: str, unsubscribe: str | None) -> MailParts:
    """The parts of a mail with one-click headers (RFC 8058) when there is a link to opt out.

    `unsubscribe` is a placeholder; its address must answer a POST without a login.
    """
    if re.search(r"[\r\n]", subject):
        raise WordingError(
            worded("the subject has a line break"), worded("Write the subject on one line")
        )
    headers: dict[str, str] = {}
    if unsubscribe is not None:
        if len(link_ids(unsubscribe)) != 1:
            raise WordingError(
                worded("'%(text)s' is not one link", text=unsubscribe),
                worded("Pass the placeholder"),
            )
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return MailParts(subject, text, html, MappingProxyType(headers))


@lru_cache(maxsize=64)
def layout_words(locale: str, form: str) -> Mapping[str, str]:
    """The fixed words around every mail and below every SMS, in one language and form of address.

    Raises `WordingError` for a text that is missing, also in the form that is right for anybody.
    """
    words = YAML(typ="safe", pure=True).load(_mail_file(f"{locale}.yaml"))
    anybody = manner_of(locale).anybody
    said = {key: _said_in(words.get(key), form, anybody) for key in LAYOUT_WORDS}
    missing = [key for key, text in said.items() if text is None]
    if missing:
        raise WordingError(
            worded(
                "templates/mail/%(locale)s.yaml lacks %(missing)s",
                locale=locale,
                missing=", ".join(missing),
            ),
            worded("Add them"),
        )
    return MappingProxyType({key: str(text).strip() for key, text in said.items()})


@lru_cache(maxsize=256)
def ink_on(colour: str) -> str:
    """Black or white: whichever reads better on `colour` (WCAG 2 contrast)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#ffffff" if 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 else "#111111"


def html_source(words: LocalWords, form: str) -> str:
    """The Jinja source of the html part: layout, words as `form` says them, and inlined CSS."""
    fixed = _around(words, form)
    slots = {
        "greeting": _escaped(words.texts["email.greeting"].source),
        "body": "\n".join(_paragraph(text.source) for text in words.body()),
        "invoices": _mail_file("invoices.html") if words.lists_invoices else "",
        "button": _button(words) if "email.button" in words.texts else "",
        "closing": _paragraph(_source(words, "email.closing")),
        "unsubscribe": _unsubscribe(words),
        "ways": _mail_file("ways.html") if _offers_ways(words) else "",
        "preheader_pad": _PREHEADER_PAD,
    }
    page = _SLOT.sub(lambda match: slots[match[1]], _mail_file("layout.html"))
    for key, text in fixed.items():
        page = page.replace(f"[[{key}]]", _escaped(text))
    direction = "rtl" if formats_for(words.locale).rtl else "ltr"
    page = page.replace("[[lang]]", words.locale).replace("[[dir]]", direction)
    start, end = ("right", "left") if direction == "rtl" else ("left", "right")
    return _inlined(page.replace("[[start]]", start).replace("[[end]]", end))


def text_source(words: LocalWords, form: str) -> str:
    """The Jinja source of the plain-text part, from the same words."""
    fixed = _around(words, form)
    parts = [words.texts["email.greeting"].source, *(text.source for text in words.body())]
    if words.lists_invoices:
        parts.append(_text_table(fixed))
    if "email.button" in words.texts:
        link = f"{{{{ {words.button_link}_link }}}}"
        parts.append(f"{_source(words, 'email.button')}:\n{link}")
    parts.append(_source(words, "email.closing"))
    parts.append("{{ sender }}\n{{ creditor }}")
    if _offers_ways(words):
        parts.append(
            f"{{% if dispute_link %}}{fixed['dispute']}\n{{{{ dispute_link }}}}{{% endif %}}"
        )
        parts.append(f"{{% if help_link %}}{fixed['help']}\n{{{{ help_link }}}}{{% endif %}}")
    parts.append(_questions(fixed))
    why = f"\n{fixed['why']}" if fixed["why"] else ""
    parts.append(f"--{why}" + "{% if postal_address %}\n{{ postal_address }}{% endif %}")
    if not _is_last(words):
        line = f"{fixed['unsubscribe']}:\n{{{{ stop_link }}}}"
        parts.append(line if _offers_ways(words) else f"{{% if stop_link %}}{line}{{% endif %}}")
    return "\n\n".join(part for part in parts if part)


def layout_source() -> str:
    """All that shapes a mail besides its words, as one text; its hash names the layout."""
    names = ("layout", "invoices", "button", "ways", "unsubscribe")
    return "\n".join((*(_mail_file(f"{name}.html") for name in names), _mail_file("layout.css")))


def _questions(fixed: Mapping[str, str]) -> str:
    two_way, one_way = fixed["questions"], fixed["questions_one_way"]
    return f"{{% if two_way %}}{two_way}{{% else %}}{one_way}{{% endif %}}"


def _unsubscribe(words: LocalWords) -> str:
    if _is_last(words):
        return ""
    line = _mail_file("unsubscribe.html")
    return line if _offers_ways(words) else f"{{% if stop_href %}}{line}{{% endif %}}"


def _text_table(fixed: Mapping[str, str]) -> str:
    row = f"* {fixed['row']}\n"
    return (
        f"{{% for number, day, amount in rows %}}{row}{{% endfor %}}"
        f"{{% if more_count %}}{fixed['more']}\n{{% endif %}}"
        f"{fixed['total']}: {{{{ totals }}}}"
        f"{{% if coming_rows %}}\n\n{fixed['coming']}:\n{{% endif %}}"
        f"{{% for number, day, amount in coming_rows %}}{row}{{% endfor %}}"
    )


def _offers_ways(words: LocalWords) -> bool:
    return words.category != "receipt"


def is_goodbye(words: LocalWords) -> bool:
    """Whether it says that nothing is written there any more, so that no more need be said of how
    to stop it."""
    return words.template in ("opt_out_confirmed", "address_closed")


def is_service_answer(words: LocalWords) -> bool:
    """Whether it says that nothing more is written, who writes, or who listens to somebody in
    danger, and so speaks of no debt."""
    return _is_last(words) or words.template == "who_writes"


def _around(words: LocalWords, form: str) -> Mapping[str, str]:
    """The fixed words of the layout. Whoever is somebody else, or in danger, is no customer now."""
    fixed = layout_words(words.locale, form)
    return {**fixed, "why": ""} if words.template in ("address_closed", "crisis_line") else fixed


def _is_last(words: LocalWords) -> bool:
    """Whether it asks for nothing and leads nowhere: a goodbye, or a word to somebody in danger."""
    return is_goodbye(words) or words.template == "crisis_line"


def _said_in(text: object, form: str, anybody: str) -> object:
    return text.get(form, text.get(anybody)) if isinstance(text, dict) else text


def _source(words: LocalWords, key: str) -> str:
    text = words.texts.get(key)
    return text.source if text else ""


def _paragraph(source: str) -> str:
    if not source:
        return ""
    inner = _escaped(source)
    if not source.startswith("{%"):
        return f'<p class="words">{inner}</p>'
    held = f"{{% set part %}}{inner}{{% endset %}}"
    return f'{held}{{% if part %}}<p class="words">{{{{ part }}}}</p>{{% endif %}}'


def _button(words: LocalWords) -> str:
    label = _escaped(_source(words, "email.button"))
    href = f"{{{{ {words.button_link}_href }}}}"
    return _mail_file("button.html").replace("[[label]]", label).replace("[[href]]", href)


def _escaped(source: str) -> str:
    pieces = code_or_data(source)
    return "".join(text if code else str(escape(text)) for code, text in pieces)


def _inlined(page: str) -> str:
    """The page with its CSS in style attributes; Jinja code comes through untouched."""
    css = _mail_file("layout.css")
    for mark, word in _MARKS.items():
        css = css.replace(mark, word)
    hidden: list[str] = []

    def hide(code: str) -> str:
        hidden.append(code)
        at = len(hidden) - 1
        return f"qz{at}qz" if code.startswith("{{") else f"<!--qz{at}-->"

    def shown(match: re.Match[str]) -> str:
        at = int(match[1] or match[2])
        return hidden[at] if at < len(hidden) else match[0]  # an author's own letters

    pieces = code_or_data(page.replace("/* layout.css */", css))
    safe = "".join(hide(text) if code else text for code, text in pieces)
    inliner = css_inline.CSSInliner(
        keep_at_rules=True, load_remote_stylesheets=False, apply_width_attributes=True
    )
    made = inliner.inline(safe)
    made = _TOKEN.sub(shown, made)
    return made.replace("qzbrandqz", "{{ brand }}").replace("qzinkqz", "{{ brand_ink }}")


@lru_cache(maxsize=32)
def _mail_file(name: str) -> str:
    return package_files("templates").joinpath("mail", name).read_text("utf-8")
