"""Strange values: JSON of any shape, and known shapes with some of their places changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

from hypothesis import strategies as st

TEXTS: Final = st.one_of(
    st.text(st.characters(), max_size=30),  # NUL, lone surrogates, marks of direction among them
    st.sampled_from(["", "\0", "\ud800", "\u202estop", "1e999", "NaN", "-1", "9" * 400, "ILS"]),
)
NUMBERS: Final = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**400, 1e308, -1e308]),
)
SCALARS: Final = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSON: Final = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
BOMBS: Final = st.sampled_from(
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[" * 5000 + b"]" * 5000,
        b"\xff\xfe\x00",
        b"\0" * 1000,
        b"1" * 5000,
        b"",
        b"null",
        b"\x1f\x8b\x08\x00gzip",
        b"=&=&;;%%%zz" * 500,
        b'{"a":1,"a":2}',
    ]
)


def changed(template: Any) -> st.SearchStrategy[Any]:
    """The template with one to three of its places replaced or taken out."""
    places = list(_places(template))

    @st.composite
    def made(draw: Callable[[Any], Any]) -> Any:
        whole = copy.deepcopy(template)
        for path in draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
            _replace(whole, path, draw(st.one_of(JSON, st.just(_GONE))))
        return whole

    return made()


_GONE: Final = object()


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = dict(enumerate(value)) if isinstance(value, list) else value
    for key, each in inner.items() if isinstance(inner, dict) else ():
        yield (*path, key)
        yield from _places(each, (*path, key))


def _replace(whole: Any, path: tuple[Any, ...], value: Any) -> None:
    *above, last = path
    for key in above:
        try:
            whole = whole[key]
        except (KeyError, IndexError, TypeError):
            return
    if not isinstance(whole, (dict, list)) or (isinstance(whole, list) != isinstance(last, int)):
        return
    if value is not _GONE:
        if isinstance(whole, dict) or last < len(whole):
            whole[last] = value
    elif isinstance(whole, dict):
        whole.pop(last, None)
