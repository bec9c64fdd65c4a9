"""The description of the API: valid OpenAPI 3.1, open to all, and true of what routes answer."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from app.loops.assembly import publish_shipped
from tests.app.api.conftest import Api
from tests.app.web.people import NOW


def test_the_description_is_valid_and_needs_no_key(api: Api) -> None:
    with TestClient(api.stand.app, base_url="http://testserver/api/v1") as stranger:
        described = stranger.get("/openapi.json").json()

    validate(described)
    assert described["openapi"].startswith("3.1")
    assert described["servers"] == [{"url": "/api/v1"}]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["security"] == [{"key": []}], (method, path)
            assert operation["summary"], (method, path)
            assert len(operation["tags"]) == 1, (method, path)
    tags = {tag["name"]: tag["description"] for tag in described["tags"]}
    assert all(told in tags for path in described["paths"].values() for told in _tags(path))


def _tags(path: dict[str, Any]) -> list[str]:
    return [tag for operation in path.values() for tag in operation["tags"]]


def test_every_example_is_one(api: Api, erp: TestClient) -> None:
    """Of what it stands for, and of a body that the API can read."""
    publish_shipped(api.stand.database, NOW)
    described = erp.get("/openapi.json").json()
    shapes = {"components": described["components"]}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            parts = [*operation["responses"].values(), operation.get("requestBody", {})]
            for content in (c for part in parts for c in part.get("content", {}).values()):
                if "schema" in content:
                    schema = {**shapes, **content["schema"]}
                    OAS31Validator(schema).validate(content["example"])
            for content in operation.get("requestBody", {}).get("content", {}).values():
                answer = erp.request(method, path.replace("{id}", "9"), json=content["example"])
                assert answer.status_code not in {400, 422, 500}, (path, answer.text)


def test_it_is_the_same_for_everybody_until_it_changes(api: Api) -> None:
    with TestClient(api.stand.app, base_url="http://testserver/api/v1") as stranger:
        version = stranger.get("/openapi.json").headers["etag"]
        known = stranger.get("/openapi.json", headers={"if-none-match": version})
        head = stranger.head("/openapi.json")

    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.headers["etag"], head.content) == (200, version, b"")


def test_no_shape_has_the_name_of_one_of_its_own_fields(erp: TestClient) -> None:
    """Generators name what holds a shape by the shape, beside what holds each field."""
    shapes = erp.get("/openapi.json").json()["components"]["schemas"]
    for name, shape in shapes.items():
        held = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        assert held not in shape.get("properties", {}), name


def test_the_log_names_a_call_by_its_pattern(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "app.web.shield"), api.client(api.key()) as client:
        client.get("/openapi.json")
        client.get("/customers/7")
        client.get("/nothing")

    calls = [message.rpartition(" ")[0].rpartition(" ")[0] for message in caplog.messages]
    assert calls == [
        "GET /api/v1/openapi.json 200",
        "GET /api/v1/customers/{id} 404",
        "GET - 404",
    ]


def test_what_is_nowhere_is_a_problem_too(erp: TestClient) -> None:
    for answer in (erp.get("/nothing"), erp.get("/"), erp.get("/customers/not-a-number")):
        assert answer.headers["content-type"] == "application/problem+json"
    assert erp.get("/nothing").status_code == 404
    assert erp.delete("/customers").status_code == 405
