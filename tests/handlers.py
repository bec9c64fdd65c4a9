"""What FastAPI finds out about a handler, kept between tests.

It looks at a handler's signature, makes validators and patterns of what it takes and gives, and
does so anew whenever an app is made. Tests make thousands of apps of the same handlers: that took
a third of their time.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Iterator, Mapping
from copy import copy
from types import SimpleNamespace
from typing import Any, Final, TypeVar

from fastapi import routing
from fastapi._compat import v2
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant
from pydantic import TypeAdapter

T = TypeVar("T")

LISTS: Final = (
    "path_params",
    "query_params",
    "header_params",
    "cookie_params",
    "body_params",
    "dependencies",
)
OF_THE_APP: Final = ("dependencies", "dependency_overrides_provider")


def keep_what_is_found() -> None:
    """From here on the same handler is looked at once."""
    fill, look = routing._populate_api_route_state, utils.get_dependant
    routes: dict[Hashable, Mapping[str, Any]] = {}
    dependants: dict[Hashable, Dependant] = {}
    validators: dict[Hashable, TypeAdapter[Any]] = {}

    def filled(route: Any, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
        if not _is_alike_everywhere(endpoint):
            fill(route, path, endpoint, **told)
            return

        def found() -> Mapping[str, Any]:
            blank = SimpleNamespace()
            fill(blank, path, endpoint, **told)
            return vars(blank)

        key = (*_shape(endpoint), path, *_shapes(told))
        for name, value in _kept(routes, key, found).items():
            setattr(route, name, copy(value) if isinstance(value, list | set | dict) else value)
        route.endpoint = endpoint
        route.dependencies = list(told.get("dependencies") or ())
        route.dependency_overrides_provider = told.get("dependency_overrides_provider")
        route.dependant, *_ = routing._build_dependant_with_parameterless_dependencies(
            path=route.path_format, call=endpoint, dependencies=route.dependencies
        )

    def dependant(*, call: Callable[..., Any], **told: Any) -> Dependant:
        if not _is_alike_everywhere(call):
            return look(call=call, **told)
        key = (*_shape(call), *_shapes(told))
        return _of(_kept(dependants, key, lambda: look(call=call, **told)), call)

    def validator(kind: Any, *, config: Any = None) -> TypeAdapter[Any]:
        key = (getattr(kind, "__origin__", kind), repr(kind), repr(config))
        return _kept(validators, key, lambda: TypeAdapter(kind, config=config))

    routing._populate_api_route_state = filled
    utils.get_dependant = routing.get_dependant = dependant  # type: ignore[attr-defined]
    v2.TypeAdapter = validator  # type: ignore[assignment,attr-defined]


def _is_alike_everywhere(call: Callable[..., Any]) -> bool:
    """Whether what it takes is told by its module: what stands there as an object may be of one
    app alone."""
    if not inspect.isfunction(call):
        return False
    return all(isinstance(each, str) for each in call.__annotations__.values())


def _shape(call: Any) -> tuple[Hashable, ...]:
    return (call.__code__, call.__defaults__, *(call.__kwdefaults__ or {}).items())


def _shapes(told: Mapping[str, Any]) -> Iterator[Hashable]:
    """What was told, as a key. A type says less in words than it is, all else says enough."""
    for name, value in told.items():
        if name not in OF_THE_APP:
            yield name, value if isinstance(value, type) else repr(value)


def _of(kept: Dependant, call: Callable[..., Any]) -> Dependant:
    """The same of another app's handler."""
    other = copy(kept)
    other.call = call
    for name in LISTS:
        setattr(other, name, [*getattr(kept, name)])
    return other


def _kept(found: dict[Hashable, T], key: Hashable, find: Callable[[], T]) -> T:
    try:
        if key not in found:
            found[key] = find()
        return found[key]
    except TypeError:  # something in it that no dictionary takes as a key
        return find()
