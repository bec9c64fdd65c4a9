"""A line of the audit trail as a sentence in the reader's language, linked to what it is about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from markupsafe import Markup
from sqlalchemy import Row
from sqlmodel import Session

from app.console.audit.names import Named, Ref, name_of, place_of, read_names
from app.console.audit.words import ACTS, CODES, SAID_IF
from app.console.calls.words import OUTCOMES
from app.console.inbox.words import ANSWERS, INTENTS
from app.console.queues.panels import HELPS
from app.console.queues.words import TEAMS
from app.console.sentences import Sentences
from app.console.users.words import NAMES
from campaigns.money import Money

_MADE: Final[Mapping[str, str]] = {
    "campaign": "campaign",
    "sender": "sender",
    "user": "user",
    "key": "api_key",
    "endpoint": "endpoint",
    "draft": "draft",
}
"""What an act made is what it was about, where the detail names it: the kind of row by the name."""
_TOLD: Final[Mapping[str, str]] = {"hold": "hold", "promise": "promise", "plan": "plan"}
"""Rows that a sentence tells of besides, by their name in the detail."""
_KNOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "answer": {str(code): words for code, words in ANSWERS.items()},
    "by": CODES,
    "help": {str(code): words for code, words in HELPS.items()},
    "intent": {str(code): words for code, words in INTENTS.items()},
    "outcome": {**CODES, **{str(code): words for code, words in OUTCOMES.items()}},
    "purpose": CODES,
    "team": {str(code): words for code, words in TEAMS.items()},
    "wrong": CODES,
}
_ROLES: Final[Mapping[str, str]] = {str(role): words for role, words in NAMES.items()}


class Telling:
    """Says lines. The names that they need are read when it is made, a statement a kind."""

    def __init__(
        self,
        session: Session,
        said: Sentences,
        lines: Iterable[Row[Any]],
        *,
        may: Callable[[Any], bool],
    ) -> None:
        self._said = said
        refs = {ref for line in lines for ref in _named_by(line)}
        self._named: Named = read_names(session, refs, may)

    def sentence(self, line: Row[Any]) -> Markup:
        """What was done, and what its detail tells of it. "" for an act that no version of ours
        does: its code stands beside."""
        texts = ACTS.get(line.act)
        if texts is None:
            return Markup()
        blanks = self._blanks(line)
        first, *clauses = texts
        told = [self._filled(first, {"about": _apart("…"), **blanks})]
        told += [
            self._filled(each, blanks) for each in clauses if self._is_said(each, line, blanks)
        ]
        return Markup(" ").join(told)

    def place(self, line: Row[Any]) -> str:
        """The page of what it was done to; "" without one."""
        return place_of(self._named, (line.about_kind, line.about_id)) if line.about_kind else ""

    def short(self, act: str) -> str:
        """An act where it stands for all of its kind: its sentence without names."""
        if act not in ACTS:
            return act
        return self._said.say(ACTS[act][0]) % {"who": "…", "about": "…"}

    def _filled(self, text: str, blanks: Mapping[str, Markup]) -> Markup:
        return Markup(self._said.say(text)) % blanks

    def _is_said(self, text: str, line: Row[Any], blanks: Mapping[str, Markup]) -> bool:
        if text in SAID_IF:
            return bool(line.detail.get(SAID_IF[text]))
        return all(f"%({name})s" not in text or name in blanks for name in _names_in(text))

    def _blanks(self, line: Row[Any]) -> dict[str, Markup]:
        told: dict[str, str | Markup] = {"who": line.name or line.by}
        about = self._about(line)
        if about is not None:
            told["about"] = about
        for name, value in line.detail.items():
            if value not in (None, "", []):
                told[name] = self._value(name, value)
        if line.act == "packs_signed":
            told["packs"] = ", ".join(line.detail)
        told |= self._rows_tell(line)
        return {name: _apart(value) for name, value in told.items()}

    def _about(self, line: Row[Any]) -> Markup | str | None:
        if "journey" in line.detail:
            journey = str(line.detail["journey"])
            return _linked(self._said.spelled(journey), f"/console/design/journeys/{journey}")
        ref = _about_of(line)
        if ref is None:
            return None
        return _linked(name_of(self._said, self._named, ref), place_of(self._named, ref))

    def _rows_tell(self, line: Row[Any]) -> dict[str, str]:
        """What stands on the rows that the act placed or took."""
        told: dict[str, str] = {}
        for name, kind in _TOLD.items():
            row = self._named.get((kind, line.detail.get(name) or 0))
            if row is None:
                continue
            if kind == "hold":
                told |= {"until": self._said.when(row.until)} if row.until else {}
                told |= {"why": row.why} if row.why and row.kind == "staff" else {}
                continue
            told["amount"] = self._said.money(Money(row.amount_minor, row.currency))
            if kind == "promise":
                told["day"] = self._said.day(row.due_on)
        return told

    def _day(self, value: str) -> str:
        try:
            return self._said.day(date.fromisoformat(value))
        except ValueError:  # a line stands as it was written, by whatever version
            return value

    def _value(self, name: str, value: Any) -> str:
        """A value of a detail in the reader's words; a code that is not known stands for itself."""
        said = self._said
        match name:
            case "medium":
                return said.medium(str(value))
            case "locale":
                return said.language_name(str(value))
            case "kind":
                return said.code("kind", str(value))
            case "country":
                return said.country_name(str(value))
            case "until" | "since":
                return self._day(str(value))
            case "creditor" if isinstance(value, int):
                return name_of(said, self._named, ("creditor", value))
            case "roles" | "before":
                return ", ".join(said.say(_ROLES.get(each, each)) for each in value)
            case _ if name in _KNOWN and str(value) in _KNOWN[name]:
                return said.say(_KNOWN[name][str(value)])
            case _:
                return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _names_in(text: str) -> Sequence[str]:
    return [part.split(")s")[0] for part in text.split("%(")[1:]]


def _about_of(line: Row[Any]) -> Ref | None:
    made = ((kind, line.detail.get(name)) for name, kind in _MADE.items())
    own = next(((kind, id_) for kind, id_ in made if isinstance(id_, int)), None)
    if own is not None and line.about_kind in (None, "creditor", own[0]):
        return own
    return (line.about_kind, line.about_id) if line.about_kind else None


def _named_by(line: Row[Any]) -> list[Ref]:
    about = _about_of(line)
    found = [] if about is None else [about]
    if line.about_kind:
        found.append((line.about_kind, line.about_id))
    for name, kind in {**_TOLD, "creditor": "creditor"}.items():
        if isinstance(line.detail.get(name), int):
            found.append((kind, line.detail[name]))
    return found


def _linked(name: str, place: str) -> Markup | str:
    return Markup('<a href="{}">{}</a>').format(place, name) if place else name


def _apart(value: str | Markup) -> Markup:
    """Set apart, so that it keeps its own direction."""
    return Markup("<bdi>{}</bdi>").format(value)
