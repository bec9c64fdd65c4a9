"""The description of the API: valid OpenAPI 3.1, open to all, and true of what routes answer."""

from __future__ import annotations

from typing import Any

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


def test_what_is_nowhere_is_a_problem_too(erp: TestClient) -> None:
    for answer in (erp.get("/nothing"), erp.get("/"), erp.get("/customers/not-a-number")):
        assert answer.headers["content-type"] == "application/problem+json"
    assert erp.get("/nothing").status_code == 404
    assert erp.delete("/customers").status_code == 405
