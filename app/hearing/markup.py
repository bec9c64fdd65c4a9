"""The words of an HTML mail, without the mail that it quotes. Nothing is fetched."""

from __future__ import annotations

import re
from typing import Any, Final

from inscriptis import Inscriptis
from lxml import etree
from lxml import html as markup

_MOST: Final = 1_000_000  # characters
# How mail programs mark what they quote: Apple and Thunderbird; Gmail; Yahoo; Proton; the new
# Outlook; Thunderbird's "On … wrote:".
_QUOTED: Final = (
    "//blockquote[@type='cite'] | //*[contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    " | //*[contains(concat(' ', @class, ' '), ' gmail_quote_container ')]"
    " | //*[contains(@class, 'yahoo_quoted')] | //*[contains(@class, 'protonmail_quote')]"
    " | //*[contains(@class, 'moz-cite-prefix')] | //head | //style | //script | //title"
    " | //*[@id='mail-editor-reference-message-container']"
)
# Outlook on the web puts a mark before the quote, which ends with the mail.
_FROM_HERE: Final = "//*[@id='appendonsend' or @id='divRplyFwdMsg' or @id='stopSpelling']"
_BREAKS: Final = re.compile(r"\n{3,}")
_CHARSET: Final = re.compile(r"^\s*<\?xml[^>]*\?>")


def text_of(html: str) -> str:
    """The text of an HTML mail; without its quotes, unless nothing is left then."""
    tree = _tree(html)
    if tree is None:
        return ""
    whole = _words(tree)
    _cut(tree)
    return _words(tree) or whole


def _tree(html: str) -> Any:
    source = _CHARSET.sub("", html.replace("\0", ""))[:_MOST]
    if not source.strip():
        return None
    try:
        parser = markup.HTMLParser(encoding="utf-8")
        return markup.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None


def _cut(tree: Any) -> None:
    for found in tree.xpath(_FROM_HERE):
        for later in list(found.itersiblings()):
            _drop(later)
        _drop(found)
    for found in tree.xpath(_QUOTED):
        _drop(found)


def _drop(element: Any) -> None:
    """Takes the element out; what stands after it stays."""
    if element.getparent() is not None:
        element.drop_tree()


def _words(tree: Any) -> str:
    try:
        text = Inscriptis(tree).get_text()
    except RecursionError:
        text = str(tree.text_content())
    lines = (line.strip() for line in text.splitlines())
    return _BREAKS.sub("\n\n", "\n".join(lines)).strip()
