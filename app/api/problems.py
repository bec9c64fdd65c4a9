"""Refusals as `application/problem+json` (RFC 9457): a stable code, what is wrong, what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Match

MEDIA_TYPE: Final = "application/problem+json"
_URN: Final = "urn:duly:problem:"


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    pointer: str = Field(description="Where it stands, as a JSON pointer.", examples=["/rows/3"])
    reason: str = Field(description="What is wrong there. It never repeats what was sent.")


class ProblemBody(BaseModel):
    """What every refusal looks like."""

    type: str = Field(
        description="`urn:duly:problem:` and a stable code; docs/api.md lists every code.",
        examples=["urn:duly:problem:not_found"],
    )
    title: str = Field(examples=["There is no such thing here"])
    status: int = Field(examples=[404])
    detail: str | None = Field(default=None, description="What to do about it.")
    errors: list[Fault] = Field(default_factory=list)


class Problem(Exception):
    """A refusal. `code` is stable; `title` says what is wrong and `detail` what helps."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str | None = None,
        *,
        errors: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.body = ProblemBody(
            type=f"{_URN}{code}", title=title, status=status, detail=detail, errors=list(errors)
        )
        self.headers = dict(headers or {})

    def answer(self) -> JSONResponse:
        return JSONResponse(
            self.body.model_dump(exclude_none=True),
            self.status,
            headers=self.headers,
            media_type=MEDIA_TYPE,
        )


class Stopped(HTTPException):
    """A problem that was found while the body was read: FastAPI hands on no other exception."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.status)
        self.problem = problem


def not_found() -> Problem:
    """Also for what belongs to another creditor: whether it is there is nobody's affair."""
    return Problem(
        404,
        "not_found",
        "There is no such thing here",
        "Look at the address, the name or number, and the key: it sees its own creditor alone.",
    )


def invalid(faults: Sequence[Fault]) -> Problem:
    return Problem(
        422,
        "invalid",
        "What was sent cannot be read",
        "Mend what `errors` names; nothing was taken in.",
        errors=faults,
    )


def unreadable() -> Problem:
    return Problem(
        400,
        "unreadable",
        "The body cannot be read",
        "Send JSON in UTF-8, nested no deeper than its shape, with numbers that fit.",
    )


def pointer_to(location: Sequence[str | int]) -> str:
    """RFC 6901."""
    escaped = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}" for part in escaped)


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Pydantic's errors without what they quote: an input may be a customer's."""
    return [Fault(pointer=pointer_to(e["loc"]), reason=_reason(e)) for e in errors]


def _reason(error: Mapping[str, Any]) -> str:
    if error["type"] in {"value_error", "assertion_error"}:
        return str(error["ctx"]["error"])  # ours: it says nothing of the value
    return str(error["msg"])


def answer_problems(app: FastAPI) -> None:
    """Has every refusal of the app answered as a problem."""

    @app.exception_handler(Problem)
    def told(_: Request, problem: Problem) -> JSONResponse:
        return problem.answer()

    @app.exception_handler(RequestValidationError)
    def misread(_: Request, error: RequestValidationError) -> JSONResponse:
        return invalid(faults_of(error.errors())).answer()

    @app.exception_handler(HTTPException)
    def refused(request: Request, refusal: HTTPException) -> JSONResponse:
        match refusal:
            case Stopped(problem=problem):
                return problem.answer()
            case HTTPException(status_code=404):
                return not_found().answer()
            case HTTPException(status_code=405):
                return _no_such_call(_methods_at(app, request)).answer()
            case _:
                return unreadable().answer()


def _no_such_call(methods: Sequence[str]) -> Problem:
    return Problem(
        405,
        "method_not_allowed",
        "There is no such call at this address",
        "`Allow` names the methods of this address, `/api/v1/openapi.json` all calls.",
        headers={"allow": ", ".join(methods)},
    )


def _methods_at(app: FastAPI, request: Request) -> list[str]:
    """All of them: Starlette names those of the first route that has this path, and of no other."""
    scopes = {method: {**request.scope, "method": method} for method in _METHODS}
    return [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in app.routes)
    ]


_METHODS: Final = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def as_problem(why: str) -> dict[str, Any]:
    """How a refusal is described."""
    schema = {"$ref": "#/components/schemas/ProblemBody"}
    return {"description": why, "content": {MEDIA_TYPE: {"schema": schema}}}


PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    401: as_problem("No key, or one that is not good any more."),
    403: as_problem("The key may not do this."),
    404: as_problem("There is no such thing, or it is another creditor's."),
    422: as_problem("What was sent cannot be read; `errors` says where."),
    429: as_problem("Too many calls; `Retry-After` says when to come again."),
    500: as_problem("Something broke here."),
}
"""What any route may answer."""

ACT_PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    **PROBLEMS,
    400: as_problem("The body cannot be read."),
    409: as_problem("It clashes with what is there, or the `Idempotency-Key` had another call."),
    412: as_problem("It has changed since you read it."),
    413: as_problem("The body is too large."),
    415: as_problem("The body is no JSON."),
}
"""What any call may answer that changes something."""
