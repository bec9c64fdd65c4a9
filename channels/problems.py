"""What is amiss at a provider or in DNS, for whoever sets Duly up: a sentence and its template.

No language is known here. The sentence is English and keeps its template and what fills it, so that
whoever shows it can say it in another language. It holds no customer's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


class Problem(str):
    """A sentence with its `template`, whose blanks are `%(name)s`, and the `facts` in them."""

    __slots__ = ("facts", "template")

    template: str
    facts: Mapping[str, object]


def problem(template: str, /, **facts: object) -> Problem:
    """The sentence of a template with its blanks filled."""
    told = Problem(template % facts)
    told.template, told.facts = template, facts
    return told


UNREACHED: Final[Mapping[str, Problem]] = MappingProxyType(
    {
        "connect": problem("nobody listens there"),
        "connect-timeout": problem("it does not answer"),
        "timeout": problem("it does not answer"),
        "dns": problem("its name is not known"),
        "tls": problem("its certificate cannot be trusted"),
        "certificate": problem("its certificate cannot be trusted"),
    }
)
"""Why nobody was reached, by the code that a channel has for it."""
