"""Makes the API: an app of its own, mounted at `/api/v1` beside the customers' pages."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, FastAPI

from app.api import listing, stream, timeline
from app.api.acts import ROUTERS
from app.api.bookings import booking
from app.api.desk import Desk
from app.api.door import Door
from app.api.nouns import NOUNS
from app.api.problems import ProblemBody, answer_problems
from app.api.webhooks import routes as webhooks

PATH: Final = "/api/v1"
TITLE: Final = "Duly"
DESCRIPTION: Final = (
    "Book in, campaigns on, events out. Amounts are whole numbers of the currency's smallest unit."
    " Instants carry their zone; days are those of the creditor. A list is read page by page by"
    " `next`; refusals are `application/problem+json`."
)


def create_api(desk: Desk) -> FastAPI:
    """The API over these parts."""
    app = FastAPI(
        title=TITLE,
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        servers=[{"url": PATH}],
        root_path_in_servers=False,
        redirect_slashes=False,
    )
    answer_problems(app)
    app.include_router(stream.router(desk))  # before `/events/{id}`
    routes = APIRouter()
    for noun in NOUNS:
        listing.serve(routes, desk, noun)
    app.include_router(routes)
    for router in (timeline.router, booking.router, *ROUTERS, webhooks.router):
        app.include_router(router(desk))
    app.add_middleware(Door, desk=desk)
    _describe_problems(app)
    return app


def _describe_problems(app: FastAPI) -> None:
    """Names the shape of refusals in the description, and leaves out FastAPI's own."""
    made = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = made()["components"]["schemas"]
            problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["ProblemBody"] = problem
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
        return made()

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way
