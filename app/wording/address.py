"""How a language addresses a person: its forms, its greeting, the words of one form alone.

The rules are data, one file a language in `templates/address`. Nothing is guessed: who is not
known gets the first form, which is right for anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files as package_files
from typing import Any

from ruamel.yaml import YAML

from app.wording.context import FormOfAddress
from app.wording.tags import language_of
from campaigns.worded import Worded, as_written

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class SlipRule:
    """Words that are right in the form `only` and in no other; `None` is in none at all.

    `words` count anywhere, `openings` where a sentence starts, `endings` at a word's end with
    its marks, `exactly` in just these letters, small or capital.
    """

    only: str | None
    why: Worded
    remedy: Worded
    words: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()
    exactly: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manner:
    """One language's way: its forms, the one for anybody first."""

    forms: tuple[str, ...] = (NEUTRAL,)
    vocative: bool = False
    prefixes: tuple[str, ...] = ()
    slips: tuple[SlipRule, ...] = ()

    @property
    def anybody(self) -> str:
        """The form that is right for somebody who is not known."""
        return self.forms[0]


@lru_cache(maxsize=64)
def manner_of(locale: str) -> Manner:
    """The manner of a language; of one without a file, a single form and no rules."""
    entry = package_files("templates").joinpath("address", f"{language_of(locale)}.yaml")
    if not entry.is_file():
        return Manner()
    row = YAML(typ="safe", pure=True).load(entry.read_text("utf-8"))
    return Manner(
        forms=tuple(row["forms"]),
        vocative=row["vocative"],
        prefixes=tuple(row.get("prefixes", ())),
        slips=tuple(_rule(slip) for slip in row.get("slips", ())),
    )


def form_for(locale: str, address: FormOfAddress) -> str:
    """The form in which this language addresses this person."""
    manner = manner_of(locale)
    known = (wish for wish in (address.formality, address.gender) if wish in manner.forms)
    return next(known, None) or manner.anybody


def address_in(form: str) -> FormOfAddress:
    """An address that asks for this form, for samples and previews."""
    match form:
        case "f" | "m":
            return FormOfAddress(gender=form)
        case "formal" | "informal":
            return FormOfAddress(formality=form)
        case _:
            return FormOfAddress()


def called(locale: str, *, name: str | None, vocative: str | None) -> str | None:
    """What a greeting calls this person; `None` greets without a name.

    A language that bends names in a greeting uses the vocative or nothing: "Sveiki, Jonas"
    would be wrong. Any other uses the plain name, for the vocative is of another language.
    """
    return (vocative if manner_of(locale).vocative else name or vocative) or None


def _rule(row: Mapping[str, Any]) -> SlipRule:
    lists = ("words", "openings", "endings", "exactly")
    only = None if row["only"] == "none" else row["only"]
    return SlipRule(
        only=only, why=as_written(row["why"]), remedy=as_written(row["remedy"]),
        **{name: tuple(row.get(name, ())) for name in lists},
    )  # fmt: skip
