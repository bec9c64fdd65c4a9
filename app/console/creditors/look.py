"""How a creditor's colour looks where customers meet it, drawn small; and what is to be said of it.

The picture is an SVG of its own, so that no page needs a style of its own.
"""

from __future__ import annotations

import re
from html import escape

from app.console.door import Visit
from app.console.office import Office
from app.web.brand import (
    DEFAULT_COLOUR,
    NIGHT,
    PAPER,
    READABLE,
    Brand,
    contrast,
    shade,
)
from app.web.catalogues import N_

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_INKS = ("#ffffff", "#111111")


def colour_words(office: Office, visit: Visit, colour: str) -> tuple[str, str]:
    """What is to be known of a colour: `good`, `wait` or `bad`, and a sentence."""
    if not _COLOUR.fullmatch(colour):
        return "bad", office.say(visit, N_("A colour is written #rrggbb, such as #0b6e8f."))
    has = contrast(colour, PAPER)
    facts = {"has": f"{has:.1f}", "needs": f"{READABLE:g}", "used": shade(colour, PAPER)}
    if has < READABLE:
        words = N_(
            "On white its contrast is %(has)s to 1, and text needs %(needs)s to 1: text in this"
            " colour is written in %(used)s. Buttons and the stripe keep it."
        )
        return "wait", office.say(visit, words, **facts)
    words = N_("It can be read on white: its contrast is %(has)s to 1, and text needs %(needs)s.")
    return "good", office.say(visit, words, has=facts["has"], needs=facts["needs"])


def drawn_look(brand: Brand, colour: str, words: tuple[str, str, str], *, rtl: bool) -> str:
    """The head of a page, light and dark, and of a mail. `words`: what the page and the mail say,
    and the button's."""
    shown = colour if _COLOUR.fullmatch(colour) else DEFAULT_COLOUR
    ink = max(_INKS, key=lambda each: contrast(shown, each))
    page, mail, button = (escape(each) for each in words)
    name, initial = escape(brand.name), escape(brand.initial)
    parts = [
        _head(0, PAPER, "#1b2329", shown, ink, (name, initial, page, button), rtl=rtl),
        _head(124, NIGHT, "#e6eaed", shown, ink, (name, initial, page, button), rtl=rtl),
        f'<g transform="translate(0 248)"><rect width="360" height="72" fill="{PAPER}"/>'
        f'<rect width="360" height="6" fill="{shown}"/>'
        f"{_text(name, 38, shade(shown, PAPER), 17, rtl=rtl, weight=700)}"
        f"{_text(mail, 60, '#55616b', 12, rtl=rtl)}</g>",
    ]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="360" height="320" viewBox="0 0 360 320"'
        f' font-family="system-ui, sans-serif">{"".join(parts)}</svg>'
    )


def _head(
    top: int,
    ground: str,
    text: str,
    colour: str,
    ink: str,
    words: tuple[str, str, str, str],
    *,
    rtl: bool,
) -> str:
    name, initial, page, button = words
    at = 330 if rtl else 30
    start = 16 if not rtl else 224
    return (
        f'<g transform="translate(0 {top})"><rect width="360" height="116" fill="{ground}"/>'
        f'<rect width="360" height="5" fill="{colour}"/>'
        f'<circle cx="{at}" cy="34" r="16" fill="{colour}"/>'
        f'<text x="{at}" y="40" text-anchor="middle" font-size="16" fill="{ink}">{initial}</text>'
        f"{_text(name, 40, text, 16, rtl=rtl, indent=56, weight=600)}"
        f"{_text(page, 68, shade(colour, ground), 12, rtl=rtl)}"
        f'<rect x="{start}" y="78" width="120" height="28" rx="6" fill="{colour}"/>'
        f'<text x="{start + 60}" y="97" text-anchor="middle" font-size="13" fill="{ink}">'
        f"{button}</text></g>"
    )


def _text(
    words: str, y: int, fill: str, size: int, *, rtl: bool, indent: int = 16, weight: int = 400
) -> str:
    x = 360 - indent if rtl else indent
    direction = ' direction="rtl"' if rtl else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{fill}"'
        f"{direction}>{words}</text>"
    )
