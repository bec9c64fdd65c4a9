"""'What happens next' in the customer's words: never a reason of ours, never that we watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.engine.outlook import Kind, Outlook
from app.web.catalogues import N_, translations
from app.web.pages import writer_for

_ANY_TIME = N_("You can pay here or talk to us at any time.")
_HOURS = N_("We only write at usual hours, and not on days of rest.")


@dataclass(frozen=True, slots=True)
class _Said:
    """What is said with a day and without one, and what can change it."""

    dated: str
    undated: str
    change: str = _ANY_TIME


def _always(words: str, change: str = _ANY_TIME) -> _Said:
    return _Said(words, words, change)


_SAID: Mapping[Kind, _Said] = {
    Kind.MESSAGE: _always(
        N_("If nothing changes by then, we will write again on %(day)s."),
        N_("If you pay, choose another day, or tell us what is wrong, there will be no reminder."),
    ),
    Kind.PERSON: _always(N_("A person from our team will look at this on %(day)s.")),
    Kind.HANDOVER: _always(
        N_(
            "On %(day)s we plan to pass this on to a partner of ours, who will then be in touch"
            " instead of us."
        ),
        N_(
            "That will not happen if you pay, agree on another day or smaller parts, or tell us"
            " that something is not right."
        ),
    ),
    Kind.PROMISE: _always(
        N_(
            "We wait until %(day)s, as agreed, and send no reminder before then. Once the payment"
            " is here, nothing more happens."
        ),
        N_("To change the day, please talk to us. You can pay earlier at any time."),
    ),
    Kind.DISPUTE: _always(
        N_("We are checking what is wrong. Until we are done, there are no reminders about it."),
        N_("If you have anything that helps us to check it, please talk to us."),
    ),
    Kind.PLAN: _Said(
        N_("The payments continue in parts. The next part is due on %(day)s."),
        N_("The payments continue in parts, as agreed."),
        N_("If a part or its day does not suit you, look for another way below, or talk to us."),
    ),
    Kind.HELP: _always(
        N_("A person from our team will be in touch. There are no reminders until then.")
    ),
    Kind.ARRIVING: _always(
        N_("The bank is confirming a payment. There are no reminders until it has."),
        N_("You do not need to do anything. If this takes longer than a week, please talk to us."),
    ),
    Kind.READING: _Said(
        N_(
            "A person from our team is looking at what we were told. There are no reminders before"
            " %(day)s."
        ),
        N_(
            "A person from our team is looking at what we were told. There are no reminders until"
            " then."
        ),
    ),
    Kind.PAUSED: _always(N_("Reminders are paused.")),
    Kind.NOTHING: _always(N_("No message is planned at the moment.")),
}


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next, why on that day if that needs a word, and what can be done about it."""

    what: Markup
    why: str | None
    change: str


def in_words(found: Outlook, language: str, locale: str) -> Next:
    """What comes next as the page says it."""
    said, say = _SAID[found.kind], translations(language).ugettext
    if found.on is None:
        what = escape(say(said.undated))
    else:
        what = escape(say(said.dated)) % {"day": writer_for(language, locale).day(found.on)}
    return Next(what, say(_HOURS) if found.moved else None, say(said.change))
