"""What FastAPI finds out about a handler, kept between tests.

It looks at each handler's signature and makes a validator of each of its values whenever an app is
made. Tests make thousands of apps of the same handlers: that took a third of their time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from fastapi._compat import v2
from fastapi.dependencies import utils
from pydantic import TypeAdapter

T = TypeVar("T")


def keep_what_is_found() -> None:
    """From here on the same handler is looked at once."""
    look = utils._get_signature
    signatures: dict[Hashable, inspect.Signature] = {}
    validators: dict[Hashable, TypeAdapter[Any]] = {}

    def signature(call: Callable[..., Any]) -> inspect.Signature:
        told = getattr(call, "__annotations__", {}).values()
        if not inspect.isfunction(call) or not all(isinstance(each, str) for each in told):
            return look(call)  # what it says may be of this app alone
        usual = (call.__defaults__, *(call.__kwdefaults__ or {}).items())
        return _kept(signatures, (call.__code__, usual), lambda: look(call))

    def validator(kind: Any, *, config: Any = None) -> TypeAdapter[Any]:
        key = (kind, repr(kind), repr(config))
        return _kept(validators, key, lambda: TypeAdapter(kind, config=config))

    utils._get_signature = signature
    v2.TypeAdapter = validator  # type: ignore[assignment,attr-defined]


def _kept(found: dict[Hashable, T], key: Hashable, find: Callable[[], T]) -> T:
    try:
        if key not in found:
            found[key] = find()
        return found[key]
    except TypeError:  # something in it that no dictionary takes as a key
        return find()
