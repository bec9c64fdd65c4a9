"""Examples of every body and answer, put together from those of their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = Mapping[str, Any]

_OF_TYPE: Final[Mapping[str, Any]] = {
    "string": "text",
    "integer": 1,
    "number": 0.5,
    "boolean": True,
    "null": None,
}
_OF_FORMAT: Final = {"date": "2026-03-05", "date-time": "2026-03-06T13:10:00+00:00"}


def add_examples(description: dict[str, Any]) -> None:
    """Gives each body and each answer of JSON in this description an `example`."""
    shapes = description["components"]["schemas"]
    for methods in description["paths"].values():
        for operation in methods.values():
            for content in _contents(operation.get("requestBody", {})):
                content["example"] = _example(content["schema"], shapes, only_told=True)
            for answer in operation["responses"].values():
                for content in _contents(answer):
                    content["example"] = _example(content["schema"], shapes, only_told=False)


def _contents(holder: Mapping[str, Any]) -> list[dict[str, Any]]:
    kinds: Mapping[str, dict[str, Any]] = holder.get("content", {})
    return [content for kind, content in kinds.items() if "json" in kind and "schema" in content]


def _example(schema: Schema, shapes: Schema, *, only_told: bool) -> Any:
    """`only_told` leaves out what need not be said and has no example of its own."""
    if "$ref" in schema:
        named = schema["$ref"].rsplit("/", 1)[-1]
        return _example(shapes[named], shapes, only_told=only_told)
    if "examples" in schema:
        return schema["examples"][0]
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    for choice in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        return _example(choice, shapes, only_told=only_told)
    match schema.get("type"):
        case "object":
            return _object(schema, shapes, only_told=only_told)
        case "array":
            return [_example(schema["items"], shapes, only_told=only_told)]
        case kind:
            return _OF_FORMAT.get(schema.get("format", ""), _OF_TYPE.get(str(kind)))


def _object(schema: Schema, shapes: Schema, *, only_told: bool) -> dict[str, Any]:
    needed = schema.get("required", ())
    return {
        name: _example(field, shapes, only_told=only_told)
        for name, field in schema.get("properties", {}).items()
        if not only_told or name in needed or "examples" in field
    }
