"""Says in the language of a page what was worded where no language is known.

A value that fills a blank keeps its own direction; what stands between backticks becomes code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from markupsafe import Markup

from app.wording.bidi import FSI, PDI, cleaned
from campaigns.worded import Worded

Say = Callable[[str], str]
_CODE: Final = re.compile("`([^`]*)`")
_LONGEST: Final = 2_000


def said(text: str, say: Say) -> str:
    """The text as `say` has its templates; one that is not `Worded` as it is."""
    if not isinstance(text, Worded):
        return text
    if not text.template:
        return ""
    told = {name: _value(value, say) for name, value in text.values.items()}
    return say(text.template) % told


def marked(text: str, say: Say) -> Markup:
    """The same for a page."""
    code = Markup('<code dir="auto">{}</code>')
    parts = _CODE.split(said(text, say))
    return Markup("").join(
        code.format(part.replace(FSI, "").replace(PDI, "")) if number % 2 else part
        for number, part in enumerate(parts)
    )


def _value(value: object, say: Say) -> str:
    told = value if isinstance(value, str) else str(value)
    if isinstance(told, Worded):
        return said(told, say)
    return told if "`" in told else f"{FSI}{cleaned(told, _LONGEST)}{PDI}"
