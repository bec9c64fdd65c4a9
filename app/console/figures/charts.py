"""Charts as shapes: where each bar, line and word of a chart stands. Templates only write them out.

A chart never says anything by colour alone: each series has a pattern or a mark of its own, and the
table behind it is always there. In a language that runs from right to left, so does the time axis.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 240
_START, _END, _TOP, _FOOT = 64, 12, 12, 30
_TICKS: Final = 4
_LINE: Final = 15
"""How much lower the second line of a label stands."""
SERIES: Final = 7
"""How many series a chart can tell apart."""


@dataclass(frozen=True, slots=True)
class Series:
    """`values` stand one for each label; None is a gap. `hrefs` are the lists behind them."""

    name: str
    values: Sequence[float | None]
    hrefs: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """One bar or mark of the series `of`. `told` is what it says when it is pointed at."""

    kind: str
    of: int
    x: float
    y: float
    width: float
    height: float
    told: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """`title` names it, `told` says in a sentence what can be seen. `paths` are lines by series."""

    title: str
    told: str
    names: Sequence[str]
    across: Sequence[Word]
    up: Sequence[Word]
    shapes: Sequence[Shape]
    is_rtl: bool
    kind: str = "bars"
    paths: Sequence[tuple[int, str]] = ()
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def opens(self) -> bool:
        """Whether its bars lead to lists."""
        return any(shape.href for shape in self.shapes)

    @property
    def start(self) -> float:
        """From where the lines of the ground run, `end` to where."""
        return _END if self.is_rtl else _START

    @property
    def end(self) -> float:
        return WIDTH - (_START if self.is_rtl else _END)


@dataclass(frozen=True, slots=True)
class Writing:
    """How a chart writes its numbers, and whether it runs from right to left."""

    number: Callable[[float], str]
    is_rtl: bool


@dataclass(frozen=True, slots=True)
class _Plane:
    """The field that a chart is drawn into."""

    most: float
    slots: int
    is_rtl: bool
    foot: int

    def x(self, at: float) -> float:
        """The place of a point by its slot (half is the middle of the first)."""
        wide = WIDTH - _START - _END
        from_start = _START + wide * at / max(self.slots, 1)
        return round(WIDTH - from_start if self.is_rtl else from_start, 1)

    def y(self, value: float) -> float:
        high = HEIGHT - _TOP - self.foot
        return round(_TOP + high * (1 - value / self.most), 1)

    @property
    def slot(self) -> float:
        return (WIDTH - _START - _END) / max(self.slots, 1)


def bars(
    title: str,
    told: str,
    labels: Sequence[str],
    series: Sequence[Series],
    writing: Writing,
    *,
    stacked: bool = False,
) -> Chart:
    """Bars by label: the series beside each other, or on top of each other."""
    heights = _stacks(series) if stacked else [v for each in series for v in each.values]
    plane = _plane(heights, labels, writing)
    wide = min(plane.slot * 0.72 / (1 if stacked else max(len(series), 1)), 48)
    shapes = []
    for at, label in enumerate(labels):
        below = 0.0
        for of, each in enumerate(series):
            value = each.values[at]
            if value is None or value <= 0:
                continue
            beside = 0 if stacked else (of - (len(series) - 1) / 2) * wide
            middle = plane.x(at + 0.5) + (-beside if writing.is_rtl else beside)
            top, bottom = plane.y(below + value), plane.y(below)
            said = f"{label} · {each.name}: {writing.number(value)}"
            shape = Shape("bar", of, round(middle - wide / 2, 1), top, round(wide, 1),
                          round(bottom - top, 1), said,
                          each.hrefs[at] if each.hrefs else "")  # fmt: skip
            shapes.append(shape)
            below += value if stacked else 0
    return Chart(title, told, [each.name for each in series], _across(labels, plane),
                 _up(plane, writing), shapes, writing.is_rtl)  # fmt: skip


def lines(
    title: str,
    told: str,
    labels: Sequence[str],
    series: Sequence[Series],
    writing: Writing,
    *,
    steps: bool = False,
    most: float | None = None,
) -> Chart:
    """A line for each series, with a mark of its own at each value; with `steps` the value holds
    until the next one. `most` is the top of the axis, where that is known."""
    values = [value for each in series for value in each.values]
    plane = _plane([most] if most else values, labels, writing)
    shapes = [
        Shape("mark", of, plane.x(at + 0.5), plane.y(value), 0, 0,
              f"{label} · {each.name}: {writing.number(value)}",
              each.hrefs[at] if each.hrefs else "")
        for of, each in enumerate(series)
        for at, label in enumerate(labels)
        if (value := each.values[at]) is not None
    ]  # fmt: skip
    paths = [(of, _path(each.values, plane, steps)) for of, each in enumerate(series)]
    return Chart(title, told, [each.name for each in series], _across(labels, plane),
                 _up(plane, writing), shapes, writing.is_rtl, "lines", paths)  # fmt: skip


def _path(values: Sequence[float | None], plane: _Plane, steps: bool) -> str:
    """The path of a line, which is broken where a value is missing."""
    parts, drawing = [], False
    for at, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        x, y = plane.x(at + 0.5), plane.y(value)
        if not drawing:
            parts.append(f"M{x} {y}")
        elif steps:
            parts.append(f"H{x}V{y}")
        else:
            parts.append(f"L{x} {y}")
        drawing = True
    return "".join(parts)


def _stacks(series: Sequence[Series]) -> list[float | None]:
    return [
        sum(value or 0 for value in column)
        for column in zip(*(s.values for s in series), strict=True)
    ]


def _plane(values: Sequence[float | None], labels: Sequence[str], writing: Writing) -> _Plane:
    told = [value for value in values if value is not None]
    step = _step(max(told, default=0), whole=all(isinstance(value, int) for value in told))
    lines = max(map(len, map(_broken, labels)), default=1) if _is_tight(labels) else 1
    return _Plane(step * _TICKS, len(labels), writing.is_rtl, _FOOT + _LINE * (lines - 1))


def _step(highest: float, *, whole: bool) -> float:
    """A round step, of which `_TICKS` reach the highest value; `whole`, one without a fraction, for
    there is no half of what is counted."""
    if highest <= 0:
        return 1.0
    least = max(highest / _TICKS, 1) if whole else highest / _TICKS
    power: float = 10.0 ** floor(log10(least))
    steps = (factor * power for factor in (1, 2, 2.5, 5, 10, 20))
    return next(step for step in steps if step >= least and (not whole or step.is_integer()))


def _across(labels: Sequence[str], plane: _Plane) -> list[Word]:
    """The labels below, in two lines where they are long; every second or third where there are too
    many to be read."""
    rows = [_broken(label) if plane.foot > _FOOT else (label,) for label in labels]
    every = -(-len(labels) // _room([row for each in rows for row in each]))
    return [
        Word(plane.x(at + 0.5), HEIGHT - plane.foot + 18 + _LINE * down, row)
        for at, each in enumerate(rows)
        if at % every == 0
        for down, row in enumerate(each)
    ]


def _is_tight(labels: Sequence[str]) -> bool:
    return len(labels) > _room(labels)


def _room(labels: Sequence[str]) -> int:
    """How many of such labels stand beside each other."""
    longest = max(map(len, labels), default=1)
    return max(int((WIDTH - _START - _END) / (longest * 7.5 + 12)), 1)


def _broken(label: str) -> tuple[str, ...]:
    """A label in two lines as equal as can be, if it has two words."""
    spaces = [at for at, letter in enumerate(label) if letter == " "]
    if not spaces:
        return (label,)
    middle = min(spaces, key=lambda at: max(at, len(label) - at))
    return label[:middle], label[middle + 1 :]


def _up(plane: _Plane, writing: Writing) -> list[Word]:
    x = WIDTH - _START + 8 if plane.is_rtl else _START - 8
    ticks = [plane.most * n / _TICKS for n in range(_TICKS + 1)]
    return [Word(x, plane.y(value), writing.number(value)) for value in ticks]
