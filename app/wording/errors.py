"""What can go wrong between authored words and a message.

    WordingError
    ├── UnknownTemplate      no such template or revision here
    ├── UnknownMedium        the template has no words for this medium
    ├── TemplateInvalid      a draft or a revision that cannot be compiled
    ├── RevisionCorrupt      stored words that do not match their content hash
    ├── MissingVariable      a message needs a fact that its context does not hold
    ├── TooLong              a message beyond what its medium may carry
    └── UnknownLink          a link placeholder without an address

Each names the thing, the cause and the remedy. None is caught here: the message is not sent.
"""

from __future__ import annotations

from campaigns.worded import Worded, worded


class WordingError(Exception):
    """A message that cannot be worded. `remedy` is a sentence that staff can act on."""

    def __init__(self, problem: Worded, remedy: Worded) -> None:
        super().__init__(worded("%(problem)s. %(remedy)s", problem=problem, remedy=remedy))
        self.problem = problem
        self.remedy = remedy


class UnknownTemplate(WordingError):
    """No template or revision of this name."""


class UnknownMedium(WordingError):
    """The template says nothing on this medium."""


class TemplateInvalid(WordingError):
    """Words that cannot be read or compiled."""


class RevisionCorrupt(WordingError):
    """Stored words whose hash is another."""


class TooLong(WordingError):
    """The rendered message is longer than its medium may carry."""


class UnknownLink(WordingError):
    """A placeholder names a link that has no address."""


class MissingVariable(WordingError):
    """The words use a fact that the context does not hold; nothing is sent half empty."""

    def __init__(self, template: str, locale: str, variable: str, remedy: Worded) -> None:
        problem = worded(
            "%(template)s (%(locale)s) needs `%(variable)s`, which is missing",
            template=template,
            locale=locale,
            variable=variable,
        )
        super().__init__(problem, remedy)
        self.template = template
        self.locale = locale
        self.variable = variable
