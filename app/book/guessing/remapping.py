"""A mapping as a form shows it: which column is which field, and the facts around them.

It is changed in place: what a form does not show (word lists, consents, attributes of one's own)
stays as it was written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from app.book.mapping.keys import FIELDS
from campaigns.worded import worded

CONTACTS: Final = ("phone", "email")
CHOOSABLE: Final = (
    *(f"{section}.{name}" for section, fields in FIELDS.items() for name in fields),
    *CONTACTS,
)
CREDITOR_FACTS: Final = ("external_id", "name", "country", "zone", "locale", "currency")
READING_FACTS: Final = ("encoding", "sheet", "skip")
"""What decides which columns there are: once it changes, what they are is guessed anew."""
WRITING_FACTS: Final = (*READING_FACTS, "decimal", "thousands", "dates")


class Unshowable(ValueError):
    """A mapping that no form can show: it is of several files, or no mapping at all."""


class ChosenTwice(ValueError):
    """Two columns for one field."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


@dataclass(frozen=True, slots=True)
class MappingForm:
    """`fields` are the fields by their column, `constants` those that no column tells."""

    fields: Mapping[str, str]
    constants: frozenset[str]
    facts: Mapping[str, str]


def form_of(text: str) -> MappingForm:
    """What a form shows of a mapping. Raises `Unshowable`."""
    tree = _read(text)
    found: dict[str, str] = {}
    constants = set()
    for field, source in _sources(tree):
        column = _column_of(source)
        if column is None:
            constants.add(field)
        else:
            found.setdefault(column, field)
    return MappingForm(found, frozenset(constants), _facts(tree))


def rewritten(text: str, wanted: Mapping[str, str], facts: Mapping[str, str]) -> str:
    """The mapping with these fields by column, and these facts; empty ones are taken out.

    Raises `Unshowable`, and `ChosenTwice`.
    """
    tree = _read(text)
    columns: dict[str, str] = {}
    for column, field in wanted.items():
        if field and columns.setdefault(field, column) != column:
            raise ChosenTwice(field)
    for field, source in [*_sources(tree)]:
        if field not in columns and _column_of(source) is not None:
            _drop(tree, field)
    for field, column in columns.items():
        _set(tree, field, column)
    _set_facts(tree, facts)
    written = StringIO()
    _yaml().dump(tree, written)
    return written.getvalue()


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 10_000
    return yaml


def _read(text: str) -> CommentedMap:
    try:
        tree = _yaml().load(text)
    except YAMLError:
        raise Unshowable(worded("the mapping is not YAML; mend it as text")) from None
    if not isinstance(tree, CommentedMap) or "files" in tree:
        raise Unshowable(worded("a mapping of several files is edited as text"))
    return tree


def _sources(tree: CommentedMap) -> Iterator[tuple[str, Any]]:
    for section, names in FIELDS.items():
        told = tree.get(section)
        if isinstance(told, Mapping):
            yield from ((f"{section}.{name}", told[name]) for name in names if name in told)
    for entry in _contacts(tree):
        yield from ((name, entry[name]) for name in CONTACTS if name in entry)


def _contacts(tree: CommentedMap) -> list[Any]:
    told = tree.get("contacts")
    return [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []


def _column_of(source: Any) -> str | None:
    if isinstance(source, Mapping):
        column = source.get("column")
        return str(column) if column is not None else None
    return str(source) if source is not None else None


def _drop(tree: CommentedMap, field: str) -> None:
    section, _, name = field.rpartition(".")
    if not section:
        entry = next(each for each in _contacts(tree) if name in each)
        del entry[name]
        if not entry:
            tree["contacts"].remove(entry)
        if not tree["contacts"]:
            del tree["contacts"]
        return
    del tree[section][name]
    if not tree[section]:
        del tree[section]


def _set(tree: CommentedMap, field: str, column: str) -> None:
    """Keeps what else the source says, such as its list of words."""
    section, _, name = field.rpartition(".")
    if not section:
        place = next((each for each in _contacts(tree) if name in each), None)
        if place is None:
            place = CommentedMap()
            tree.setdefault("contacts", CommentedSeq()).append(place)
    else:
        if not isinstance(tree.get(section), CommentedMap):
            tree[section] = CommentedMap()
        place = tree[section]
    source = place.get(name)
    if isinstance(source, CommentedMap) and "column" in source:
        source["column"] = column
    elif _column_of(source) != column or isinstance(source, CommentedMap):
        place[name] = column


def _facts(tree: CommentedMap) -> Mapping[str, str]:
    creditor, form = tree.get("creditor") or {}, tree.get("file") or {}
    told = {f"creditor.{name}": str(creditor.get(name) or "") for name in CREDITOR_FACTS}
    for name in WRITING_FACTS:
        value = form.get(name) or ""
        told[f"file.{name}"] = ", ".join(value) if isinstance(value, list) else str(value)
    return told


def _set_facts(tree: CommentedMap, facts: Mapping[str, str]) -> None:
    before = _facts(tree)
    for told, value in facts.items():
        if before.get(told) == value:
            continue
        section, _, name = told.partition(".")
        if not isinstance(tree.get(section), CommentedMap):
            tree[section] = CommentedMap()
        if not value:
            tree[section].pop(name, None)
        elif name == "dates":
            tree[section][name] = [each.strip() for each in value.split(",") if each.strip()]
        else:
            tree[section][name] = int(value) if name == "skip" and value.isdecimal() else value
