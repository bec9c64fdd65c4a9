"""Makes the API: an app of its own, mounted at `/api/v1` beside the customers' pages."""

from __future__ import annotations

import json
from threading import Lock
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from app.api import listing, stream, timeline
from app.api.acts import ROUTERS
from app.api.bookings import booking
from app.api.desk import Desk
from app.api.door import Door
from app.api.examples import add_examples
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

TAGS: Final = {
    "book": "Creditors, customers and their contact points, consents, and the money: in and out.",
    "cases": "Campaigns, the cases that they open, and why each stands where it stands.",
    "messages": "What was said, and every try of it.",
    "arrangements": "Promises, plans, disputes and holds.",
    "tasks": "Work for people.",
    "events": "What happened: to be read, listened to, and told.",
    "webhooks": "Who is told of events, and the log of it.",
}


def create_api(desk: Desk) -> FastAPI:
    """The API over these parts."""
    app = FastAPI(
        title=TITLE,
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        servers=[{"url": PATH}],
        openapi_tags=[{"name": name, "description": told} for name, told in TAGS.items()],
        root_path_in_servers=False,
        redirect_slashes=False,
    )
    answer_problems(app)
    app.include_router(stream.router(desk))  # before `/events/{id}`
    for noun in NOUNS:
        routes = APIRouter(tags=[noun.scope.partition(":")[0]])
        listing.serve(routes, desk, noun)
        app.include_router(routes)
    for router in (timeline.router, booking.router, *ROUTERS, webhooks.router):
        app.include_router(router(desk))
    app.add_middleware(Door, desk=desk)
    _complete(app)
    _serve_description(app)
    return app


def _serve_description(app: FastAPI) -> None:
    """Answers the description to everybody. It is made once, on a thread beside the loop that
    serves all: making it takes a second."""
    one_at_a_time = Lock()
    made: list[bytes] = []

    @app.head("/openapi.json", include_in_schema=False)
    @app.get("/openapi.json", include_in_schema=False)
    def description(if_none_match: listing.IfNoneMatch = None) -> Response:
        with one_at_a_time:
            if not made:
                made.append(json.dumps(app.openapi(), ensure_ascii=False).encode())
        return listing.answer(made[0], if_none_match)


def _complete(app: FastAPI) -> None:
    """Adds the shape of refusals and examples to the description; leaves out FastAPI's own."""
    made = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schemas = made()["components"]["schemas"]
            problem = ProblemBody.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(problem.pop("$defs", {}))
            schemas["ProblemBody"] = problem
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            add_examples(made())
        return made()

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way
