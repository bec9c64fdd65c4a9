"""`docs/api.md` names every scope, problem and call; each call refuses a key without its scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from app.api.app import create_api
from app.api.desk import Desk
from app.api.scopes import Scope
from app.intake.plans import PlanProblem
from app.intake.promises import PromiseProblem
from tests.app.api.conftest import Api

ROOT = Path(__file__).parents[3]
DOCS = (ROOT / "docs" / "api.md").read_text("utf-8")
SCOPES: dict[str, tuple[str, ...]] = {
    "book:read": (
        "GET creditors", "GET customers", "GET contacts", "GET contact-points", "GET consents",
        "GET invoices", "GET payments", "GET reversals", "GET offers",
    ),
    "book:write": (
        "POST creditors", "POST customers", "POST invoices", "POST payments",
        "POST credit-notes", "POST reversals", "POST consents", "POST consents/withdrawals",
    ),
    "cases:read": ("GET campaigns", "GET cases", "GET cases/{id}/timeline", "GET refusals"),
    "cases:write": ("POST campaigns", "PATCH campaigns/{id}"),
    "messages:read": (
        "GET messages", "GET attempts", "GET approvals", "GET approvals/{id}/message",
    ),
    "approvals:write": ("POST approvals/{id}/decision",),
    "arrangements:read": (
        "GET promises", "GET plans", "GET instalments", "GET disputes", "GET holds",
        "GET plan-wishes", "GET call-wishes", "GET proofs", "GET feedback",
    ),
    "arrangements:write": (
        "POST promises", "POST plans", "POST disputes", "POST disputes/{id}/resolution",
        "POST holds", "POST holds/ends", "POST plan-wishes/{id}/decision",
    ),
    "tasks:read": ("GET tasks",),
    "tasks:write": ("PATCH tasks/{id}",),
    "events:read": ("GET events", "GET events/stream"),
    "events:write": ("POST events",),
    "page-codes": ("POST page-codes/checks",),
    "webhooks": (
        "GET webhook-endpoints", "GET webhook-calls", "POST webhook-endpoints",
        "PATCH webhook-endpoints/{id}", "POST webhook-endpoints/{id}/secret",
        "POST webhook-endpoints/{id}/replay",
    ),
}  # fmt: skip
"""Who may what: written by hand, so that a slip in the code cannot hide in it."""


def described(api: Api) -> dict[str, Any]:
    desk = Desk(api.stand.database, api.stand.clock, b"secret", 100)
    return create_api(desk).openapi()


def operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """`GET customers`, and what is said of it."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path.removeprefix('/')}", operation


def scope_of(operation: str) -> str:
    listed = operation.removesuffix("/{id}") if operation.startswith("GET ") else operation
    (scope,) = [scope for scope, known in SCOPES.items() if listed in known]
    return scope


def test_each_call_refuses_a_key_that_may_do_everything_but_it(api: Api) -> None:
    assert set(SCOPES) == set(Scope)
    keys = {scope: api.key(*(set(Scope) - {Scope(scope)})) for scope in SCOPES}
    clients: dict[str, TestClient] = {scope: api.client(keys[scope]) for scope in SCOPES}
    for told, _ in operations(described(api)):
        method, path = told.split(" ")
        scope = scope_of(told)
        answer = clients[scope].request(method, "/" + path.replace("{id}", "1"), json={})
        assert answer.status_code == 403, told
        assert scope in answer.json()["title"], told


def test_every_scope_problem_and_act_is_documented(api: Api) -> None:
    for scope in Scope:
        assert f"| `{scope}` |" in DOCS
    told = set(re.findall(r"^\| `([a-z_]+)` \| \d{3} \|", DOCS, re.M))
    assert told == set(codes())
    for operation, _ in operations(described(api)):
        method, path = operation.split(" ")
        if method != "GET":
            assert path.split("/")[0] in DOCS, operation


MOVING = {PlanProblem.NO_PLAN, PlanProblem.TOO_MANY_MOVES, PlanProblem.NOTHING_FOLLOWS}
"""What is wrong with moving a part of a plan, which only the customer's page does."""


def test_every_limit_is_documented() -> None:
    limits = DOCS.partition("### Limits")[2].partition("\n\nEach answer")[0]
    told = {
        code
        for row in re.findall(r"^\| (`[a-z_`, ]+`) \|", limits, re.M)
        for code in re.findall("[a-z_]+", row)
    }

    assert told == {*PromiseProblem, *PlanProblem} - MOVING


def codes() -> Iterator[str]:
    """The codes of refusals that the API's own code makes."""
    made = re.compile(r'(?:Problem\(\s*\d{3},\s*|^    \d{3}: \(|_UNREADABLE[^"]*)"([a-z_]+)"', re.M)
    for file in sorted((ROOT / "app" / "api").rglob("*.py")):
        yield from made.findall(file.read_text("utf-8"))
