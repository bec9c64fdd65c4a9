"""Stripe's published contract: whether a request keeps to it, parameter by parameter.

openapi-core reads no nested brackets (`a[0][b]=c`) in a form, so the form is read here and each
value is given to the schema's own validator.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from openapi_schema_validator import OAS30Validator

from app.lab.stripe import Asked

_FORM = "application/x-www-form-urlencoded"
_INTEGER = re.compile(r"-?[0-9]+")


class Published:
    """The cut of the official description that the vectors hold."""

    def __init__(self, vectors: Path) -> None:
        text = (vectors / "stripe/openapi_stripe_checkout_events_refunds.json").read_text("utf-8")
        self._paths: Mapping[str, Any] = json.loads(text)["paths"]

    def faults(self, asked: Asked) -> list[str]:
        """What the contract says against the request; nothing if it keeps to it."""
        operation = self._operation(asked)
        if operation is None:
            return [f"there is no {asked.method} {asked.path}"]
        schema = operation.get("requestBody", {}).get("content", {}).get(_FORM, {}).get("schema")
        form = _form(asked.body)
        if not schema:
            return [f"{name} is no parameter" for name in form]
        told = _typed(form, schema)
        strange = _strange(told, schema, "")
        return [*strange, *(each.message for each in OAS30Validator(schema).iter_errors(told))]

    def _operation(self, asked: Asked) -> Any:
        for path, operations in self._paths.items():
            if re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)), asked.path):
                found = operations.get(asked.method.lower())
                if found:
                    return found
        return None


def _form(body: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True, strict_parsing=bool(body)):
        *steps, last = name.replace("]", "").split("[")
        inner = made
        for step in steps:
            inner = inner.setdefault(step, {})
        inner[last] = value
    return made


def _typed(value: Any, schema: Mapping[str, Any]) -> Any:
    """Text of a form as what the schema says that it is; as it came where it fits nothing."""
    for one in schema.get("anyOf", ()):
        made = _typed(value, one)
        if not list(OAS30Validator(one).iter_errors(made)):
            return made
    match schema.get("type"), value:
        case "integer", str() if _INTEGER.fullmatch(value):
            return int(value)
        case "boolean", "true" | "false":
            return value == "true"
        case "array", dict():
            return [_typed(each, schema["items"]) for each in value.values()]
        case "object", dict():
            known = schema.get("properties", {})
            return {name: _typed(each, known.get(name, {})) for name, each in value.items()}
        case _:
            return value


def _strange(value: Any, schema: Mapping[str, Any], place: str) -> list[str]:
    """Parameters that the contract does not know: Stripe refuses them."""
    if isinstance(value, list):
        return [each for one in value for each in _strange(one, schema["items"], place)]
    known = schema.get("properties")
    if not isinstance(value, dict) or known is None:
        return []
    found = [f"{place}{name} is unknown" for name in value if name not in known]
    for name in set(value) & set(known):
        found += _strange(value[name], known[name], f"{place}{name}.")
    return found
