"""The hash of a journey's content: comments, spacing and the order of keys do not change it.

What has its default value is left out, so that a language that grows keeps old hashes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import MISSING, Field, fields
from datetime import timedelta
from hashlib import sha256

from campaigns.expressions import canonical
from campaigns.journey import (
    After,
    Branch,
    Day,
    End,
    GiveTask,
    Reaction,
    Send,
    SendPolicy,
    Step,
    WaitFor,
)
from campaigns.vocabulary import AnchorKind, SubjectKind

_Part = Step | Reaction | Day | After | SendPolicy
_WORDS: dict[type[_Part], str] = {
    Send: "send",
    GiveTask: "task",
    WaitFor: "wait_for",
    Branch: "branch",
    End: "end",
    Reaction: "reaction",
    Day: "day",
    After: "after",
    SendPolicy: "policy",
}


def fingerprint(
    name: str,
    title: str,
    subject: SubjectKind,
    steps: Iterable[Step],
    reactions: Iterable[Reaction],
    anchor: AnchorKind = AnchorKind.DUE_DATE,
) -> str:
    """The sha256, in hexadecimal, of the canonical content."""
    content = {
        "journey": name,
        "title": title,
        "subject": subject,
        "steps": [_written(step) for step in steps],
        "on": {reaction.signal: _written(reaction) for reaction in reactions},
    }
    if anchor is not AnchorKind.DUE_DATE:
        content["anchor"] = anchor
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _written(value: object) -> object:
    match value:
        case Send() | GiveTask() | WaitFor() | Branch() | End() | Reaction():
            return _record(value)
        case Day() | After() | SendPolicy():
            return _record(value)
        case timedelta():
            return int(value.total_seconds())
        case tuple():
            return [_written(item) for item in value]
        case None | str() | bool() | int():
            return value
        case _:
            return _condition(value)


def _condition(value: object) -> str:
    source = getattr(value, "source", None)
    if not isinstance(source, str):
        raise TypeError(f"{type(value).__name__} has no place in a journey")
    return canonical(source)


def _record(part: _Part) -> dict[str, object]:
    changed = {
        item.name: _written(getattr(part, item.name))
        for item in fields(part)
        if getattr(part, item.name) != _default(item)
    }
    return {"is": _WORDS[type(part)], **changed}


def _default(item: Field[object]) -> object:
    if item.default_factory is not MISSING:
        return item.default_factory()
    return item.default
