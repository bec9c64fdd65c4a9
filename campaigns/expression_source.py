"""The text of a condition: what may stand in it before it is parsed, and where its faults are.

Everything that would make Python's parser warn, or that reads differently than it looks, is
refused here: comments, escapes, odd numbers, invisible characters, texts side by side.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from campaigns.worded import Worded, worded

LONGEST = 500
DEEPEST = 30

_BLANK = re.compile(r"[\t\n\r\f\v]")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_TOKEN = re.compile(
    r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*|\d+(?:\.\d*)?|\.\d+|[<>=!]=|\S",
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a condition, at `column` (from 1), and what to write instead."""

    column: int
    problem: Worded
    remedy: Worded

    def __str__(self) -> str:
        return worded(
            "column %(column)s: %(problem)s. %(remedy)s",
            column=self.column,
            problem=self.problem,
            remedy=self.remedy,
        )


_HINTS = (
    (re.compile(r"&&?"), worded("Write `and`.")),
    (re.compile(r"\|\|?"), worded("Write `or`.")),
    (re.compile(r"<>"), worded("Write `!=` for is not.")),
    (re.compile(r"=>"), worded("Write `>=` for at least.")),
    (re.compile(r"=<"), worded("Write `<=` for at most.")),
    (re.compile(r"(?<![<>=!:])=(?!=)"), worded("Write `==` to compare.")),
    (re.compile(r"!(?!=)"), worded("Write `not`.")),
)
_REFUSED = (
    (
        re.compile(r"\\"),
        worded("a backslash has no meaning here"),
        worded("Write the text without it."),
    ),
    (
        re.compile(r"#"),
        worded("a condition holds no comment"),
        worded("Put the comment on a line of its own."),
    ),
    (
        re.compile(r"(?<![\w.])(?:\d[\w.]*[A-Za-z_]\w*|\.\d[\w.]*[A-Za-z_]\w*)"),
        worded("not a plain number"),
        worded("Write digits with at most one point, and a space before the next word."),
    ),
    (
        re.compile(r"[\d.]{16,}"),
        worded("the number is too long"),
        worded("Write at most 15 digits."),
    ),
    (
        re.compile(r"\x03 *\x01"),
        worded("two texts stand side by side"),
        worded("Put a comma between them, or write one text."),
    ),
    (
        re.compile(r"[^\x01-\x7f]"),
        worded("a character that has no meaning outside a text"),
        worded("Use plain letters, straight quotes and the signs of your keyboard."),
    ),
)


def plain(source: str) -> str:
    """The source on one line; every character keeps its place."""
    return _BLANK.sub(" ", source)


def canonical(source: str) -> str:
    """One spelling of all sources that differ only in spacing."""
    return " ".join(_TOKEN.findall(plain(source)))


def column_of(source: str, node: ast.expr) -> int:
    """The column (from 1) of a node; Python's parser counts bytes, from the first word on."""
    line = plain(source)
    body = line.strip()
    lead = len(line) - len(line.lstrip())
    return lead + len(body.encode()[: node.col_offset].decode()) + 1


def parse(source: str) -> ast.expr | Fault:
    """The tree of a source, of bounded size; nothing in it is checked yet."""
    line = plain(source)
    fault = _refused(line)
    if fault is not None:
        return fault
    try:
        tree = ast.parse(line.strip(), mode="eval").body
    except SyntaxError as error:
        lead = len(line) - len(line.lstrip())
        return _unreadable(line, lead + max(error.offset or 1, 1))
    except (ValueError, RecursionError, MemoryError):
        return _unreadable(line, 1)
    if _depth(tree) > DEEPEST:
        return Fault(
            1, worded("the condition is nested too deeply"), worded("Split it over several steps.")
        )
    return tree


def _refused(line: str) -> Fault | None:
    if not line.strip():
        return Fault(
            1, worded("the condition is empty"), worded("Write one, such as `balance >= 5`.")
        )
    if len(line) > LONGEST:
        remedy = worded(
            "Keep it within %(longest)s characters, or split it over several steps.",
            longest=LONGEST,
        )
        return Fault(LONGEST + 1, worded("the condition is too long"), remedy)
    for index, character in enumerate(line):
        if not character.isprintable():
            return Fault(
                index + 1, worded("an invisible character"), worded("Delete it and type it anew.")
            )
    masked = _mask(line)
    for pattern, problem, remedy in _REFUSED:
        found = pattern.search(line if pattern.pattern == r"\\" else masked)
        if found:
            return Fault(found.start() + 1, problem, remedy)
    return None


def _mask(line: str) -> str:
    """The line with each text blanked between two marks, so that only grammar is left."""
    return _QUOTED.sub(lambda text: "\x01" + "\x02" * (len(text[0]) - 2) + "\x03", line)


def _unreadable(line: str, column: int) -> Fault:
    masked = _mask(line)
    for pattern, remedy in _HINTS:
        found = pattern.search(masked)
        if found:
            return Fault(
                found.start() + 1,
                worded("`%(found)s` is not part of a condition", found=found[0]),
                remedy,
            )
    column = min(column, len(line))
    return Fault(
        column, worded("this is not a condition"), worded("Write one, such as `balance >= 5`.")
    )


def _depth(tree: ast.expr) -> int:
    deepest = 0
    level: list[ast.AST] = [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return deepest
