"""One step or one text, edited in a box: held against the real checkers, and published if it is
well. What was published before goes on while anything is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import takewhile
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from app.lab.stage.world import World
from app.loops.assembly import shipped_texts
from app.store.publishing import contents, current, publish
from app.wording.check import check_template
from app.wording.files import DraftFile, read_file, shipped_files
from app.wording.revisions import revision_of
from campaigns.language import check_journey

_NEXT_STEP: Final = re.compile(r"(?m)^(?=  - id: )")
_STEP_ID: Final = re.compile(r"  - id: (\w+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in a box: which box, which of its lines, what, and what to do."""

    box: str
    line: int
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a journey, as its file says it."""

    journey: str
    id: str
    text: str


def step_of_journey(world: World, journey: str, step_id: str) -> Step | None:
    text = _journey_text(world, journey)
    found = _cut(text, step_id)
    return Step(journey, step_id, text[slice(*found)]) if found is not None else None


def publish_step(world: World, step: Step) -> tuple[Finding, ...]:
    """Puts the step into its journey and publishes that. Answers what is wrong, if anything is."""
    text = _journey_text(world, step.journey)
    found = _cut(text, step.id)
    if found is None:
        return (Finding("step", 1, f"the journey has no step {step.id}", "Choose another one."),)
    begin, end = found
    new = text[:begin] + step.text.replace("\r\n", "\n").rstrip() + "\n" + text[end:]
    first = text.count("\n", 0, begin)
    with world.database.read() as session:
        templates = frozenset(current(session, "template"))
    journey, findings = check_journey(new, f"{step.journey}.yaml", templates=templates)
    if journey is None:
        return tuple(
            Finding("step", max(1, each.line - first), each.problem, each.remedy)
            for each in findings
        )
    with world.database.write() as session:
        publish(session, "journey", step.journey, new, now=world.now)
    return ()


def _cut(text: str, step_id: str) -> tuple[int, int] | None:
    """Where the step begins and ends in the file; comments after it belong to the next one."""
    at = 0
    for part in _NEXT_STEP.split(text):
        named = _STEP_ID.match(part)
        if named is not None and named[1] == step_id:
            return at, at + len(_step_alone(part))
        at += len(part)
    return None


def _step_alone(part: str) -> str:
    """Without what comes after the steps, and without the comment of the next step."""
    lines = part.splitlines(keepends=True)
    kept = list(takewhile(lambda line: line[:1] in (" ", "#", "\n"), lines))
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith("#")):
        kept.pop()
    return "".join(kept)


def _journey_text(world: World, name: str) -> str:
    with world.database.read() as session:
        digest = current(session, "journey")[name]
        return contents(session, [digest])[digest]


class Words:
    """The files of all templates as they are edited here, beginning with those that ship."""

    def __init__(self) -> None:
        self._files = {draft.path: draft.text for draft in shipped_files()}

    def texts(self, template: str, locale: str, medium: str) -> Mapping[str, str]:
        """What a template says on one medium in one language, by key."""
        words, _ = read_file(DraftFile("", self._files[_path(template, locale)]))
        if words is None:
            return {}
        return {
            key: text.source for key, text in words.texts.items() if key.split(".")[0] == medium
        }

    def known(self, template: str, locale: str) -> frozenset[str]:
        """The keys of all texts of a template in a language; none if there is no such thing."""
        words, _ = read_file(DraftFile("", self._files.get(_path(template, locale), "")))
        return frozenset(words.texts) if words is not None else frozenset()

    def publish(
        self, world: World, template: str, locale: str, changed: Mapping[str, str]
    ) -> tuple[Finding, ...]:
        """Publishes the template with these texts. Answers what is wrong, if anything is."""
        path = _path(template, locale)
        edited = {**self._files, path: _with(self._files[path], changed)}
        drafts = [
            DraftFile(name, text)
            for name, text in edited.items()
            if name.startswith(f"templates/messages/{template}/")
        ]
        findings = check_template(drafts)
        if findings:
            return tuple(_placed(each, edited[path]) for each in findings)
        read = [read_file(draft)[0] for draft in drafts]
        revision = revision_of(words for words in read if words is not None)
        with world.database.write() as session:
            publish(session, "template", revision.template, revision.content, now=world.now)
        self._files = edited
        return ()


def back_to_shipped(world: World) -> None:
    """Makes what ships the current versions again."""
    with world.database.write() as session:
        for kind, name, text in shipped_texts():
            publish(session, kind, name, text, now=world.now)


def _path(template: str, locale: str) -> str:
    return f"templates/messages/{template}/{locale}.yaml"


def _with(text: str, changed: Mapping[str, str]) -> str:
    """The file with these texts instead, everything else as it was written."""
    yaml = YAML()
    yaml.width = 10_000
    yaml.preserve_quotes = True
    content = yaml.load(text)
    for key, source in changed.items():
        _put(content, key.split("."), source.replace("\r\n", "\n").strip("\n"))
    written = StringIO()
    yaml.dump(content, written)
    return written.getvalue()


def _put(content: Any, path: Sequence[str], source: str) -> None:
    for name in path[:-1]:
        content = content[name]
    last: Any = int(path[-1]) if path[-1].isdecimal() else path[-1]
    if str(content[last]).strip("\n") != source:
        content[last] = LiteralScalarString(f"{source}\n") if "\n" in source else source


def _placed(found: Any, text: str) -> Finding:
    """A finding of the file, at the box and the line of the box where it is."""
    words, _ = read_file(DraftFile(found.file, text))
    texts = sorted(((t.line, key) for key, t in words.texts.items()), reverse=True) if words else []
    for line, key in texts:
        if line <= found.line:
            return Finding(key, found.line - line + 1, found.problem, found.remedy)
    return Finding("", found.line, found.problem, found.remedy)
