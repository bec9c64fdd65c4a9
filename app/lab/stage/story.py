"""The story that a newcomer plays: her world, what she typed, what was just pressed, and tomorrow.

Tomorrow is seen in a copy of the world, by the same loops: pressing "next day" does the same again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import select
from starlette.types import ASGIApp, Receive, Scope, Send

from app.intake.replies import ReplyTaken
from app.lab.stage import acts, drafts, heroine
from app.lab.stage.ahead import Ahead, Marks, Tomorrow, history_of, is_later, is_open, marks
from app.lab.stage.line import Line
from app.lab.stage.look import Look
from app.lab.stage.phone import TALKS, Typed
from app.lab.stage.voice import Voice
from app.lab.stage.world import World
from app.loops.assembly import publish_shipped
from app.payments.choice import Gateways
from app.records.history import History
from app.settings import Settings
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Customer
from app.web.app import create_app
from app.wording import links
from campaigns.vocabulary import Medium

_CUSTOMER = table_of(Customer)


@dataclass(frozen=True, slots=True)
class Notice:
    """What came of the last press. `kind` says which; the rest is what it came to."""

    kind: str
    crossed: acts.Crossed | None = None
    taken: ReplyTaken | None = None
    findings: tuple[drafts.Finding, ...] = ()
    boxes: Mapping[str, str] = field(default_factory=dict)


class Story:
    """One play of the story. Presses are taken one after the other."""

    def __init__(self, folder: Path, today: date, settings: Settings) -> None:
        day = heroine.first_day(today)
        live, ahead, first = (folder / name for name in ("live", "ahead", "first"))
        for each in (live, ahead, first):
            each.mkdir(parents=True)
        begins = datetime.combine(day, heroine.MORNING, heroine.ZONE)
        self.world = World(live, begins, heroine.ZONE, settings)
        publish_shipped(self.world.database, self.world.now)
        with self.world.database.write() as session:
            self.customer_id = heroine.move_in(session, day, self.world.now)
        self.world.live(self.world.at(day, heroine.NOON))
        self._first = self.world.keep(first)
        self._ahead = Ahead(self.world, ahead, self.customer_id)
        self._web = self._her_pages()
        self.words = drafts.Words()
        self.typed: list[Typed] = []
        self.notice: Notice | None = None
        self._seen = self._on_record = marks(self.world)
        self._tomorrow: tuple[object, Tomorrow] | None = None
        self._lock = RLock()

    def close(self) -> None:
        self.world.close()
        self._ahead.close()

    async def web(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Her pages, as a server serves them."""
        await self._web(scope, receive, send)

    def _her_pages(self) -> ASGIApp:
        world = self.world
        return create_app(world.settings, world.database, world.clock, Gateways.of(world.gateway))

    # Reading

    def history(self) -> History:
        return history_of(self.world, self.customer_id)

    def is_fresh(self, line: Line) -> bool:
        """Whether the line came with the last press."""
        return is_later(line, self._seen)

    def try_at(self, hour: time) -> tuple[acts.Asked, ...]:
        return acts.try_at(self.world, self.customer_id, hour)

    # Her phone

    path, mails = "/", "/stage/mail"

    @property
    def database(self) -> Database:
        return self.world.database

    def tabs(self) -> tuple[str, ...]:
        return (*TALKS, "page")

    def link(self, link_id: int, look: Look) -> tuple[str, str]:
        """Links of messages open her page on the phone."""
        written = f"{self.world.settings.base_url}{self._page(link_id)}"
        return f"/{look.to(on='page', link=str(link_id), letter='')}#phone", written

    def page(self, look: Look) -> str | None:
        """The page of the link that was followed, else that of her newest one."""
        if look.link.isdecimal():
            return self._page(int(look.link))
        token = acts.newest_page(self.world, self.customer_id)
        return f"/p/{token}" if token else None

    def _page(self, link_id: int) -> str:
        return f"/p/{links.token(self.world.settings.secret, link_id)}"

    # Tomorrow

    def tomorrow(self, voice: Voice) -> Tomorrow:
        """Looks ahead in the copy. The same again while nothing has changed."""
        with self._lock:
            key = self._key(voice)
            if self._tomorrow is None or self._tomorrow[0] != key:
                self._tomorrow = key, self._ahead.look(voice)
            return self._tomorrow[1]

    def _key(self, voice: Voice) -> object:
        query = select(_CUSTOMER.c.locale, _CUSTOMER.c.preferred_medium)
        with self.world.database.read() as session:
            hers = session.connection().execute(query).one()
        return voice.language, self.world.now, self.world.down, acts.mark(self.world), tuple(hers)

    # Pressing

    def next_day(self) -> None:
        self._press(lambda: acts.next_day(self.world), Notice("next_day"))

    def next_thing(self) -> None:
        with self._lock:
            self._begin()
            happened = is_open(self.world) and acts.next_thing(self.world)
            if not happened:
                self._ahead.give_back()
            self._end(Notice("next_thing" if happened else "nothing_comes"))

    def pay_while_leaving(self) -> None:
        with self._lock:
            self._begin()
            crossed = acts.pay_while_leaving(self.world, self.customer_id)
            if crossed is None:
                self._ahead.give_back()
            self._end(Notice("crossed" if crossed else "nothing_leaves", crossed=crossed))

    def write(self, medium: Medium, text: str) -> None:
        with self._lock:
            self._begin()
            self.typed.append(Typed(str(medium), text, self.world.now))
            taken = acts.write(self.world, self.customer_id, medium, text)
            acts.moment(self.world)
            self._end(Notice("wrote", taken=taken))

    def read_answers(self) -> None:
        def read() -> None:
            acts.read_answers(self.world, self.customer_id)
            acts.moment(self.world)

        self._press(read, Notice("read"))

    def speak(self, language: str) -> None:
        self._tell("speaks", **heroine.spoken_in(language))

    def prefer(self, medium: Medium | None) -> None:
        self._tell("prefers", preferred_medium=medium)

    def break_providers(self, down: frozenset[str]) -> None:
        self._press(lambda: self.world.set_weather(down), Notice("down" if down else "up"))

    def publish_step(self, step: drafts.Step) -> None:
        with self._lock:
            self._begin()
            found = drafts.publish_step(self.world, step)
            kind = "refused_draft" if found else "published"
            self._end(Notice(kind, findings=found, boxes={"step": step.text} if found else {}))

    def publish_words(self, template: str, locale: str, texts: Mapping[str, str]) -> None:
        with self._lock:
            self._begin()
            found = self.words.publish(self.world, template, locale, texts)
            kind = "refused_draft" if found else "published"
            self._end(Notice(kind, findings=found, boxes=texts if found else {}))

    def back_to_shipped(self) -> None:
        self.words = drafts.Words()
        self._press(lambda: drafts.back_to_shipped(self.world), Notice("shipped"))

    def start_over(self) -> None:
        """Everything is as it was in the beginning."""
        with self._lock:
            self.words, self.typed = drafts.Words(), []
            self.world.become(self._first)
            self.world.start_loops()
            self._ahead.start_loops()
            self._web = self._her_pages()
            self._begin()
            self.notice, self._tomorrow = None, None

    def heard(self) -> None:
        """She sent a form of her page: the loops take up at once what came of it."""
        with self._lock:
            seen = self._seen
            self._seen = self._on_record
            acts.moment(self.world)
            if self._note() == self._seen:
                self._seen = seen
            else:
                self.notice = Notice("on_page")

    def _tell(self, kind: str, **values: Any) -> None:
        def tell() -> None:
            with self.world.database.write() as session:
                heroine.tell(session, self.world.now, **values)
            acts.moment(self.world)

        self._press(tell, Notice(kind))

    def _press(self, act: Callable[[], None], notice: Notice) -> None:
        with self._lock:
            self._begin()
            act()
            self._end(notice)

    def _begin(self) -> None:
        """Notes how things stand, and keeps a copy to go back to if nothing comes of the press."""
        self._seen = self._note()
        self._ahead.keep()

    def _end(self, notice: Notice) -> None:
        self._note()
        self.notice = notice

    def _note(self) -> Marks:
        """Remembers what is on record: what a page of hers adds to it is new."""
        self._on_record = marks(self.world)
        return self._on_record
