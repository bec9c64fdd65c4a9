"""What every room of the console is given, how it answers, and how it acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session
from starlette.responses import HTMLResponse, RedirectResponse, Response

from app.clock import Clock
from app.console import notices
from app.console.colleagues import Names
from app.console.door import Visit, note
from app.console.notices import Notice
from app.console.times import times_for
from app.delivery.halts import standing_stops
from app.engine.catalogue import Catalogue
from app.payments.choice import Gateways
from app.settings import Settings
from app.staff.acts import note_act
from app.store.documents import Documents
from app.store.engines import Database
from app.web.pages import Pages

if TYPE_CHECKING:
    from app.console.rooms import Room

DOMAIN = "console"


@dataclass(frozen=True, slots=True)
class Doing:
    """An act that is under way: its one transaction, its instant, and whose it is."""

    session: Session
    now: datetime
    by: str
    detail: dict[str, Any]
    """What the audit trail keeps beside the act: ids, codes and counts, never anybody's data."""


@dataclass(frozen=True, slots=True)
class Office:
    """The parts of one running console."""

    settings: Settings
    database: Database
    clock: Clock
    gateways: Gateways
    documents: Documents
    catalogue: Catalogue
    pages: Pages
    rooms: Sequence[Room] = field(default=())

    @property
    def secret(self) -> bytes:
        return self.settings.secret

    @property
    def encrypted(self) -> bool:
        """Whether browsers come by https alone."""
        return self.settings.console_origin.startswith("https://")

    def page(
        self, visit: Visit, template: str, *, room: str, status: int = 200, **facts: Any
    ) -> HTMLResponse:
        """A page of a room. Templates know the visit as `v`, times as `t`, whoever did something by
        name as `colleague(by)`, and what else is told.

        A form that was refused is shown again with `status` 422.
        """
        now = self.clock.now()
        once = None if visit.is_partial else notices.said(visit.request, self.secret)
        answer = self.pages.answer(
            template,
            language=visit.language,
            status=status,
            v=visit,
            t=times_for(visit.language, visit.zone),
            now=now,
            room=room,
            doors=self._doors(visit),
            stops=self._is_stopped(),
            colleague=Names(self.database),
            once=once,
            once_said=self.say(visit, once.words, **once.facts) if once else "",
            **facts,
        )
        if once is not None:
            notices.forget(answer)
        return answer

    def _is_stopped(self) -> bool:
        """Whether anything is: every page says so."""
        with self.database.glance() as session:
            return bool(standing_stops(session))

    def _doors(self, visit: Visit) -> list[dict[str, Any]]:
        """The menu: the rooms that this visitor may look into, group by group."""
        open_to = [room for room in self.rooms if room.group and visit.may(room.right)]
        groups = list(dict.fromkeys(room.group for room in open_to))
        return [
            {
                "title": self.say(visit, group),
                "rooms": [
                    {"name": room.name, "path": room.path, "shown": self.say(visit, room.title)}
                    for room in open_to
                    if room.group == group
                ],
            }
            for group in groups
        ]

    @contextmanager
    def act(
        self,
        visit: Visit,
        act: str,
        *,
        about: tuple[str, int] | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> Iterator[Doing]:
        """One transaction that does something and puts it on record; all of it or nothing.

        What the block raises undoes both. `about` is what it is done to: a kind of row and its id.
        """
        now = self.clock.now()
        with self.database.write() as session:
            doing = Doing(session, now, visit.by, dict(detail or {}))
            yield doing
            note_act(session, visit, act, about=about, detail=doing.detail, now=now)
        note(act)

    def back(
        self,
        to: str,
        said: str = "",
        *,
        undo: str = "",
        is_bad: bool = False,
        **facts: str | int,
    ) -> Response:
        """Leads on after an act; the next page says `said` once (a text marked by `N_`), and
        offers the form at `undo` to take it back."""
        answer = RedirectResponse(to, 303)
        if said:
            notice = Notice(said, facts, undo, is_bad)
            notices.say(answer, notice, self.secret, encrypted=self.encrypted)
        return answer

    def say(self, visit: Visit, text: str, **facts: Any) -> str:
        """A text that was marked by `N_`, in the visitor's language."""
        said = self.pages.words(visit.language, text)
        return said % facts if facts else said
