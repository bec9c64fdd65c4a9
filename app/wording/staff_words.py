"""What staff say in a customer's language: answers by one key, and the script of a call.

One file a language in `templates/answers` and `templates/calls`, in every language of the pages.
The words are ours, so nothing in them is typed by anybody but their few blanks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Final

from ruamel.yaml import YAML

SPOKEN: Final = ("ar", "de", "en", "es", "fr", "he", "it", "lt", "pl", "ru")
FALLBACK: Final = "en"


class Answer(StrEnum):
    """What can be answered by one key."""

    LOOKING = "looking"
    RECEIVED = "received"
    CHOOSE_DAY = "choose_day"
    PLAN = "plan"
    SEARCHING = "searching"
    FOUND = "found"
    CHECKING = "checking"
    WHICH_INVOICE = "which_invoice"
    CARE = "care"
    CONDOLENCE = "condolence"
    COPY = "copy"
    WILL_CALL = "will_call"
    EXPLAIN = "explain"
    COMPLAINT = "complaint"


class Line(StrEnum):
    """What is said in a call, in its order; the last two when nobody may hear of it."""

    OPEN = "open"
    VERIFY = "verify"
    PURPOSE = "purpose"
    OPTIONS = "options"
    AGREE = "agree"
    CLOSE = "close"
    VOICEMAIL = "voicemail"
    BYSTANDER = "bystander"


_OTHER: Final = (Answer.LOOKING, Answer.RECEIVED, Answer.WHICH_INVOICE, Answer.WILL_CALL)
_FOR: Final[Mapping[str, tuple[Answer, ...]]] = MappingProxyType(
    {
        "bereavement": (Answer.CONDOLENCE,),
        "illness": (Answer.CARE, Answer.PLAN, Answer.LOOKING),
        "hardship": (Answer.CARE, Answer.PLAN, Answer.LOOKING),
        "special": (Answer.CARE, Answer.LOOKING),
        "complaint": (Answer.COMPLAINT, Answer.LOOKING, Answer.WILL_CALL),
        "abuse": (Answer.LOOKING, Answer.WILL_CALL),
        "dispute": (Answer.CHECKING, Answer.WHICH_INVOICE, Answer.EXPLAIN),
        "paid_already": (Answer.SEARCHING, Answer.FOUND, Answer.LOOKING),
        "not_understood": (Answer.EXPLAIN, Answer.WILL_CALL, Answer.LOOKING),
        "part_payment": (Answer.PLAN, Answer.LOOKING, Answer.WILL_CALL),
        "plan_request": (Answer.PLAN, Answer.LOOKING, Answer.WILL_CALL),
        "promise": (Answer.CHOOSE_DAY, Answer.RECEIVED, Answer.PLAN),
        "invoice_copy": (Answer.COPY, Answer.LOOKING),
        "call_me": (Answer.WILL_CALL, Answer.LOOKING),
        **dict.fromkeys(
            (
                *("self_harm", "opt_out", "wrong_person", "minor", "lawyer", "insolvency"),
                "breathing_space",
            ),
            (),
        ),
    }
)
"""By intent, the likeliest first. Where the law wants silence, where an address is closed, and
where somebody may be in danger, nothing is answered by one key."""


def answers_for(intent: str | None) -> Sequence[Answer]:
    """Which answers fit what was read; what is not understood has the ones for anything."""
    return _FOR.get(intent or "", _OTHER)


def answer_words(answer: Answer, locale: str, *, day: str) -> str:
    """The answer in this language; in English where it has none."""
    return _words("answers", locale)[answer].format(day=day)


def call_line(line: Line, locale: str, facts: Mapping[str, str]) -> str:
    """A line of the call; a blank that is not known stays to be seen."""
    return _words("calls", locale)[line].format_map(_Known(facts))


def spoken_in(locale: str) -> str:
    """The language that the words will be in."""
    language = locale.replace("_", "-").partition("-")[0].lower()
    return language if language in SPOKEN else FALLBACK


def blanks_of(folder: str, locale: str) -> Mapping[str, frozenset[str]]:
    """The blanks of each text of a file."""
    return {
        name: frozenset(blank for _, blank, _, _ in Formatter().parse(text) if blank is not None)
        for name, text in _words(folder, locale).items()
    }


def _words(folder: str, locale: str) -> Mapping[str, str]:
    return _read(folder, spoken_in(locale))


@lru_cache(maxsize=64)
def _read(folder: str, language: str) -> Mapping[str, str]:
    text = files("templates").joinpath(folder, f"{language}.yaml").read_text("utf-8")
    loaded: Mapping[str, str] = YAML(typ="safe", pure=True).load(text)
    return MappingProxyType(dict(loaded))


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"
