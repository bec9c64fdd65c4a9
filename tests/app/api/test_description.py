"""The description of the API: valid OpenAPI 3.1, open to all, and true of what routes answer."""

from __future__ import annotations

from openapi_spec_validator import validate
from starlette.testclient import TestClient

from tests.app.api.conftest import Api


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


def test_what_is_nowhere_is_a_problem_too(erp: TestClient) -> None:
    for answer in (erp.get("/nothing"), erp.get("/"), erp.get("/customers/not-a-number")):
        assert answer.headers["content-type"] == "application/problem+json"
    assert erp.get("/nothing").status_code == 404
    assert erp.delete("/customers").status_code == 405
