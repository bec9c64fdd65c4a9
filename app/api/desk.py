"""What every route of the API is given, and who stands before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.api.keys import Caller
from app.api.problems import Problem
from app.api.scopes import Scope
from app.clock import Clock
from app.store.engines import Database

# Only for the description of the API: the door has read the header by then.
_BEARER = HTTPBearer(scheme_name="key", description="A key of `duly key create`.", auto_error=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of one running API. `secret` signs cursors; streams end once `stopping` is set."""

    database: Database
    clock: Clock
    secret: bytes
    calls_per_minute: int
    is_local: bool = False
    stopping: Event = field(default_factory=Event)


def needs(scope: Scope) -> Any:
    """A parameter that is the caller, who may do this: `Annotated[Caller, needs(Scope.…)]`."""

    def caller(
        request: Request,
        _: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    ) -> Caller:
        found: Caller = request.state.caller
        if not found.may(scope):
            raise Problem(
                403,
                "forbidden",
                f"The key may not do this: it lacks `{scope}`",
                "Make a key with that scope: `duly key create`.",
            )
        return found

    return Depends(caller)
