"""The stage's own routes. A GET changes nothing; every press is a form, and works without a script.

It listens on this machine alone: a request under another host's name, or a form from another site,
is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.lab.stage import drafts, heroine
from app.lab.stage.framing import answer, framed_mail
from app.lab.stage.look import Look, look_of
from app.lab.stage.phone import mail_page
from app.lab.stage.story import Story
from app.lab.stage.view import view
from app.lab.stage.voice import Voice
from app.lab.stage.world import MEDIA
from app.web.pages import Pages
from app.web.shield import Shield, page_policy
from campaigns.vocabulary import Medium

POLICY = page_policy() + "; script-src 'self'; connect-src 'self'"
LONGEST_TEXT = 1000


def stage_app(story: Story, pages: Pages, *others: APIRouter) -> FastAPI:
    """The first tab and whatever stands beside it."""
    app = FastAPI(title="Duly, the stage", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(_shown(story, pages))
    app.include_router(_pressed(story))
    for other in others:
        app.include_router(other)
    app.add_middleware(Shield, policy=POLICY, encrypted=False)
    return app


def _shown(story: Story, pages: Pages) -> APIRouter:
    routes = APIRouter()

    @routes.api_route("/", methods=["GET", "HEAD"])
    def stage(request: Request) -> HTMLResponse:
        look = look_of(request)
        voice = Voice(look.lang, heroine.ZONE)
        return answer(
            pages,
            "story",
            look,
            view=view(story, look, voice),
            voice=voice,
            tab="story",
            writes=True,
        )

    @routes.api_route("/stage/mail/{attempt_id}", methods=["GET", "HEAD"])
    def mail(request: Request, attempt_id: int) -> HTMLResponse:
        return framed_mail(mail_page(story, attempt_id, look_of(request)))

    return routes


def _pressed(story: Story) -> APIRouter:
    routes = APIRouter(prefix="/stage")
    simple: dict[str, Callable[[], None]] = {
        "next-day": story.next_day,
        "next-thing": story.next_thing,
        "pay-while-leaving": story.pay_while_leaving,
        "read-answers": story.read_answers,
        "as-shipped": story.back_to_shipped,
        "start-over": story.start_over,
    }

    @routes.post("/press/{what}")
    def press(request: Request, what: str) -> Response:
        if what not in simple:
            raise HTTPException(404)
        simple[what]()
        look = look_of(request)
        return _back(Look(look.lang) if what == "start-over" else look)

    @routes.post("/write")
    def write(
        request: Request, medium: Annotated[Medium, Form()], text: Annotated[str, Form()] = ""
    ) -> Response:
        said = text.strip()[:LONGEST_TEXT]
        if said:
            story.write(medium, said)
        return _back(look_of(request))

    @routes.post("/language")
    def speak(request: Request, locale: Annotated[str, Form()]) -> Response:
        if locale in heroine.NAMES:
            story.speak(locale)
        return _back(look_of(request))

    @routes.post("/medium")
    def prefer(request: Request, medium: Annotated[str, Form()] = "") -> Response:
        story.prefer(Medium(medium) if medium in MEDIA else None)
        return _back(look_of(request))

    @routes.post("/providers")
    def providers(request: Request, down: Annotated[str, Form()] = "") -> Response:
        story.break_providers(frozenset(down.split(",")) & frozenset(MEDIA))
        return _back(look_of(request))

    @routes.post("/step")
    def step(
        request: Request,
        journey: Annotated[str, Form()],
        step_id: Annotated[str, Form()],
        text: Annotated[str, Form()] = "",
    ) -> Response:
        if drafts.step_of_journey(story.world, journey, step_id) is None:
            raise HTTPException(404)
        story.publish_step(drafts.Step(journey, step_id, text.replace("\r\n", "\n")))
        return _back(look_of(request), "edit")

    @routes.post("/words/{template}/{locale}")
    async def words(request: Request, template: str, locale: str) -> Response:
        form = await request.form()
        known = story.words.known(template, locale)
        texts = {key: str(form[key]).replace("\r\n", "\n") for key in form if key in known}
        if texts:
            await run_in_threadpool(story.publish_words, template, locale, texts)
        return _back(look_of(request), "edit")

    return routes


def _back(look: Look, place: str = "now") -> RedirectResponse:
    return RedirectResponse(f"/{look.to()}#{place}", 303)
