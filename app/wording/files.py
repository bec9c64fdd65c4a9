"""Template files: authored words read with their line numbers and everything wrong with them.

One file holds all media of one template in one language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files as package_files

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.wording.address import manner_of
from app.wording.words import CALL, IN_LINES, PLAIN_SMS, LocalWords, Mark, Text
from campaigns.worded import Worded, worded

LOCALES = ("en", "he", "ar", "lt", "de")
CATEGORIES = ("reminder", "notice", "legal", "receipt", "offer")
BUTTON_LINKS = ("pay", "dispute", "help", "card")
EMAIL_TEXTS = ("subject", "preheader", "greeting", "button", "closing")
FOR_ANYBODY = ("email.subject", "email.preheader")
_KNOWN = ("template", "locale", "category", "marks", "email", "sms", PLAIN_SMS, "whatsapp", CALL)
_NEEDED = ("template", "locale", "category", "email", "sms", "whatsapp")
_NEEDED_EMAIL = ("subject", "preheader", "greeting", "body")
_BLOCK = ("|", ">")
_TRUE = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a draft: where, what, and what to do about it. A warning is told, and
    keeps nothing from being published."""

    file: str
    line: int
    problem: Worded
    remedy: Worded
    is_warning: bool = False

    def __str__(self) -> str:
        said = "warning: " if self.is_warning else ""
        return f"{self.file}:{self.line}: {said}{self.problem}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A file as its author left it. `path` is only for messages about it."""

    path: str
    text: str


def shipped_files() -> list[DraftFile]:
    """All message files that come with Duly, by template and locale."""
    root = package_files("templates").joinpath("messages")
    folders = sorted((entry for entry in root.iterdir() if entry.is_dir()), key=lambda e: e.name)
    return [
        DraftFile(f"templates/messages/{folder.name}/{entry.name}", entry.read_text("utf-8"))
        for folder in folders
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".yaml")
    ]


def by_template(drafts: Iterable[DraftFile]) -> list[list[DraftFile]]:
    """The files of each folder: one folder holds one template."""
    folders: dict[str, list[DraftFile]] = {}
    for draft in drafts:
        folders.setdefault(draft.path.rpartition("/")[0], []).append(draft)
    return list(folders.values())


def read_file(draft: DraftFile) -> tuple[LocalWords | None, list[Finding]]:
    """The words of one file with everything that is wrong with its shape."""
    words, findings = _read(draft)
    return (None if findings else words), list(findings)


def as_left(draft: DraftFile) -> LocalWords | None:
    """The words of a file as far as they can be read, for whoever goes on writing; None where it
    is no YAML. What is wrong with them `read_file` tells."""
    return _read(draft)[0]


@lru_cache(maxsize=1024)
def _read(draft: DraftFile) -> tuple[LocalWords | None, tuple[Finding, ...]]:
    """Editors ask for the same files again and again, and YAML is slow to read."""
    node, findings = _composed(draft)
    if findings:
        return None, tuple(findings)
    reader = _Reader(draft.path)
    return reader.words(node), tuple(reader.findings)


def read_layout(draft: DraftFile, locale: str) -> tuple[LocalWords, list[Finding]]:
    """The fixed words around every mail of a language, with what is wrong with their shape."""
    node, findings = _composed(draft)
    reader = _Reader(draft.path, locale)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            reader.text(value, key.value)
    words = LocalWords("layout", locale, "", reader.texts, file=draft.path)
    return words, [*findings, *reader.findings]


def _composed(draft: DraftFile) -> tuple[Node | None, list[Finding]]:
    try:
        return YAML(typ="safe", pure=True).compose(draft.text), []
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        remedy = worded("Put text that holds a colon, quote or brace in quotes or below `|`")
        return None, [
            Finding(
                draft.path, line, worded("not YAML: %(problem)s", problem=error.problem), remedy
            )
        ]


class _Reader:
    """Walks one file's nodes and collects findings instead of stopping at the first."""

    def __init__(self, path: str, locale: str = "") -> None:
        self.path = path
        self.locale = locale
        self.findings: list[Finding] = []
        self.texts: dict[str, Text] = {}

    def words(self, node: Node | None) -> LocalWords:
        rows = self._mapping(node, worded("the file"), _KNOWN, _NEEDED)
        head = {key: self._scalar(rows.get(key), key) for key in ("template", "locale", "category")}
        self._one_of(rows.get("category"), head["category"], CATEGORIES)
        self.locale = head["locale"]
        approved = self._whatsapp(rows.get("whatsapp"))
        link, lists = self._email(rows.get("email"))
        self.text(rows.get("sms"), "sms")
        self.text(rows.get(PLAIN_SMS), PLAIN_SMS)
        self.text(rows.get(CALL), CALL)
        return LocalWords(
            **head, texts=self.texts, button_link=link, lists_invoices=lists,
            whatsapp_approved=approved, file=self.path, marks=self._marks(rows.get("marks")),
        )  # fmt: skip

    def text(self, node: Node | None, key: str) -> None:
        """Takes in one text: plain, in its forms of address, or line by line."""
        if node is None:
            return
        if isinstance(node, SequenceNode) and key in IN_LINES:
            self._numbered(node, key)
        elif isinstance(node, MappingNode):
            self._forms(node, key)
        else:
            self._words(node, key)

    def _email(self, node: Node | None) -> tuple[str, bool]:
        if node is None:
            return "pay", False
        known = (*EMAIL_TEXTS, "body", "button_link", "invoices")
        rows = self._mapping(node, "`email`", known, _NEEDED_EMAIL)
        for key in EMAIL_TEXTS:
            self.text(rows.get(key), f"email.{key}")
        body = rows.get("body")
        if isinstance(body, SequenceNode):
            self._numbered(body, "email.body")
        elif body is not None:
            self._add(
                body,
                worded("`body` is not a list"),
                worded("Write one `- ` line for each paragraph"),
            )
        link = self._scalar(rows.get("button_link"), "button_link") or "pay"
        self._one_of(rows.get("button_link"), link, BUTTON_LINKS)
        return link, self._flag(rows.get("invoices"), "invoices")

    def _whatsapp(self, node: Node | None) -> bool:
        if node is None:
            return False
        rows = self._mapping(node, "`whatsapp`", ("text", "approved"), ("text", "approved"))
        self.text(rows.get("text"), "whatsapp.text")
        return self._flag(rows.get("approved"), "approved")

    def _marks(self, node: Node | None) -> frozenset[Mark]:
        if node is None:
            return frozenset()
        if not isinstance(node, SequenceNode):
            self._add(
                node, worded("`marks` is not a list"), worded("Write `marks: [first_message]`")
            )
            return frozenset()
        known = tuple(map(str, Mark))
        for each in node.value:
            self._one_of(each, self._scalar(each, "marks"), known)
        return frozenset(Mark(each.value) for each in node.value if each.value in known)

    def _mapping(
        self, node: Node | None, name: str, known: Iterable[str], needed: Iterable[str]
    ) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self._add(
                node,
                worded("%(name)s is not a list of `key: value` lines", name=name),
                worded("See docs/messages.md"),
            )
            return {}
        rows: dict[str, Node] = {}
        for key, value in node.value:
            if key.value not in known:
                self._add(
                    key,
                    worded("unknown key `%(key)s`", key=key.value),
                    worded("Known are %(known)s", known=", ".join(known)),
                )
            elif key.value in rows:
                self._add(
                    key,
                    worded("`%(key)s` stands twice", key=key.value),
                    worded("Keep one of them"),
                )
            rows.setdefault(key.value, value)
        for key in needed:
            if key not in rows:
                self._add(
                    node,
                    worded("%(name)s has no `%(key)s`", name=name, key=key),
                    worded("Add `%(key)s`", key=key),
                )
        return rows

    def _numbered(self, node: SequenceNode, key: str) -> None:
        for index, each in enumerate(node.value):
            self.text(each, f"{key}.{index}")

    def _forms(self, node: MappingNode, key: str) -> None:
        """One text in every form of address: `neutral`, `f` and `m`, say."""
        forms = manner_of(self.locale).forms
        if len(forms) == 1 or key in FOR_ANYBODY:
            problem = worded("`%(key)s` is written in several forms of address", key=key)
            self._add(node, problem, worded("Write one text that is right for anybody"))
            return
        rows = self._mapping(node, f"`{key}`", forms, ())
        for form in forms:
            if form in rows:
                self._words(rows[form], key if form == forms[0] else f"{key}@{form}")
                continue
            why = (
                worded("who is not known gets it")
                if form == forms[0]
                else worded("or write one text for anybody")
            )
            self._add(
                node,
                worded("`%(key)s` has no form `%(form)s`", key=key, form=form),
                worded("Add `%(form)s`: %(why)s", form=form, why=why),
            )

    def _words(self, node: Node, key: str) -> None:
        source = self._scalar(node, key)
        if not source.strip():
            self._add(
                node,
                worded("`%(key)s` is empty", key=key),
                worded("Write the words, or take the key away"),
            )
        shift = 2 if isinstance(node, ScalarNode) and node.style in _BLOCK else 1
        self.texts[key] = Text(source.strip("\n"), node.start_mark.line + shift)

    def _scalar(self, node: Node | None, key: str) -> str:
        if isinstance(node, ScalarNode):
            return str(node.value)
        if node is not None:
            self._add(node, worded("`%(key)s` is not a text", key=key), worded("Write one text"))
        return ""

    def _flag(self, node: Node | None, key: str) -> bool:
        value = self._scalar(node, key) if node is not None else "false"
        if value not in _TRUE:
            self._add(
                node,
                worded("`%(key)s` is '%(value)s'", key=key, value=value),
                worded("Write true or false"),
            )
        return _TRUE.get(value, False)

    def _one_of(self, node: Node | None, value: str, known: tuple[str, ...]) -> None:
        if node is not None and value not in known:
            self._add(
                node,
                worded("unknown value `%(value)s`", value=value),
                worded("Known are %(known)s", known=", ".join(known)),
            )

    def _add(self, node: Node | None, problem: Worded, remedy: Worded) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        self.findings.append(Finding(self.path, line, problem, remedy))
