"""A creditor's colour, made readable: ink on it, and shades of it for text on light and on dark."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from app.store.rows import Creditor

DEFAULT_COLOUR = "#1f5fbf"
PAPER, NIGHT = "#ffffff", "#1b2027"
READABLE = 4.5  # WCAG 2.2, 1.4.3: contrast of text
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_INKS = ("#ffffff", "#111111")


@dataclass(frozen=True, slots=True)
class Picture:
    """A logo: where it is fetched, and how large it is shown, in pixels of the page."""

    path: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Brand:
    """Who writes, as the page shows it."""

    creditor_id: int
    name: str
    colour: str
    person: str | None = None
    role: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    hours: str | None = None
    logo: Picture | None = None

    @property
    def initial(self) -> str:
        """The first letter, for the round mark where no logo is shown."""
        return next((letter.upper() for letter in self.name if letter.isalnum()), "•")


def brand_of(creditor: Row[Any] | Creditor) -> Brand:
    """The brand of a creditor; a colour that is not `#rrggbb` gives way to the default."""
    assert creditor.id is not None
    kept: Mapping[str, Any] = creditor.brand
    colour = str(kept.get("colour", ""))
    return Brand(
        creditor_id=creditor.id,
        name=str(kept.get("name") or creditor.name),
        colour=colour.lower() if _COLOUR.fullmatch(colour) else DEFAULT_COLOUR,
        person=_text(kept, "person", "sender", "named_person"),
        role=_text(kept, "person_role", "role"),
        phone=_text(kept, "phone"),
        email=_text(kept, "email"),
        address=_text(kept, "postal_address", "address"),
        hours=_text(kept, "hours"),
        logo=_picture(creditor.id, kept.get("logo")),
    )


def _picture(creditor_id: int, kept: object) -> Picture | None:
    if not isinstance(kept, Mapping):  # a feed may have told an address: nothing is fetched from it
        return None
    path = f"/brand/{creditor_id}/{kept['digest']}.png"
    return Picture(path, round(kept["width"] / 2), round(kept["height"] / 2))


def told_of_colour(colour: str) -> str | None:
    """What whoever chooses a colour has to know that cannot be read on white. None: it can be."""
    has, used = contrast(colour, PAPER), shade(colour, PAPER)
    if has >= READABLE:
        return None
    return (
        f"On white it has a contrast of {has:.1f} to 1, and text needs {READABLE:g} to 1: text in"
        f" this colour is written in {used}. Buttons and the stripe keep it."
    )


def style_sheet(colour: str) -> str:
    """The colour as CSS variables. Nothing of a customer is in it, so it may be cached."""
    light, dark = shade(colour, PAPER), shade(colour, NIGHT)
    ink = max(_INKS, key=lambda candidate: contrast(colour, candidate))
    return (
        f":root{{--brand:{colour};--brand-ink:{ink};--brand-text:{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{--brand-text:{dark}}}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours by WCAG 2, from 1 to 21."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def shade(colour: str, ground: str) -> str:
    """`colour`, moved away from `ground` in small steps until text in it can be read there."""
    goal = 0 if _luminance(ground) > 0.5 else 255
    channels = _channels(colour)
    for step in range(21):
        share = step / 20
        mixed = [round(channel + (goal - channel) * share) for channel in channels]
        found = "#" + "".join(f"{channel:02x}" for channel in mixed)
        if contrast(found, ground) >= READABLE:
            return found
    return "#000000" if goal == 0 else "#ffffff"


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _text(kept: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        value = kept.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None
