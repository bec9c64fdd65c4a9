"""What goes on around the processes while they die, and how the field settles when all are dead.

New people come, some of those before say stop, write back or pay, and providers call. Whatever is a
stop is noted once it is committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from app.clock import SystemClock, VirtualClock
from app.delivery.dispatch import Addresses
from app.intake.inbox import intake_tick
from app.intake.promises import PromiseRefused
from app.lab import drill_compare as compare
from app.lab.drill_carriers import Carrier
from app.lab.drill_door import Door, Inside
from app.lab.drill_field import BASE_URL, SECRET, Fighter, call_up, lay_out
from app.lab.drill_heard import TEXTS, Wrote, heard
from app.lab.drill_lines import opened, sources
from app.lab.drill_payers import Payers
from app.lab.drill_post import Post
from app.lab.drill_stops import Stop, StopKind, stop, stopped
from app.lab.drill_words import Desk
from app.loops.assembly import Loops, assemble, publish_shipped
from app.loops.tidy import Tidy
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Attempt, Creditor, Message
from campaigns.keys import draw

T = TypeVar("T")
WAVE: Final = 16  # people called up before each death
NEW: Final = 3  # waves
ANSWERED: Final = 9  # waves: mails are answered by those whom some have reached
STOPS: Final = 4  # tried in each wave
PRESSES: Final = 3  # of "pay", in each wave
REPLIES: Final = 4  # by text or mail, in each wave
ROUND: Final = tuple(timedelta(seconds=s) for s in (5, 60, 60, 300, 1800, 7200, 90_000))
ROUNDS: Final = 12  # four messages, each of which may stay unclear for a day, and room to spare
_ATTEMPT, _MESSAGE = table_of(Attempt), table_of(Message)
_CREDITOR = table_of(Creditor)


class Field:
    """The database, the carrier, and what this process itself committed."""

    def __init__(
        self, database: Database, seed: int, carrier: Carrier, payers: Payers | None
    ) -> None:
        self.seed = seed
        self.database = database
        self.carrier = carrier
        self.payers = payers
        self.people: list[Fighter] = []
        self.stops: list[Stop] = []
        self.wrote: list[Wrote] = []
        self.orders = {
            "database": database.url.render_as_string(hide_password=False),
            "seed": str(seed),
            **carrier.orders,
        }
        if payers is not None:
            self.orders |= payers.orders
        self.post = Post(seed)
        self._desk = Desk(database, seed)
        self._gateways = {} if payers is None else {payers.gateway.name: payers.gateway}
        self._sources = sources(self.orders, self._gateways.values())
        self._inside = Inside(database, self._sources)
        self._clock = SystemClock()
        self._silent: set[int] = set()  # people who said stop, or are about to
        self.ended_at = now = self._read_clock()
        publish_shipped(database, now, kinds=("journey", "template"))
        carrier.prepare(database, now)
        with database.write() as session:
            self._grounds = lay_out(session, carrier.routes, now)

    def wave(self) -> None:
        """What happens before each death."""
        self._call_up(self._read_clock())
        for turn in range(STOPS):
            self._stop(self._somebody("who", turn))
        for turn in range(PRESSES if self.payers is not None else 0):
            self._press(self._somebody("payer", turn))
        for turn in range(REPLIES):
            self._reply(self._somebody("writer", turn, of_last=ANSWERED))
        self._desk.decide(self._clock.now)

    def report(self, door: Door | None) -> None:
        """What happens while somebody dies: payers act, and providers call, through `door`;
        without one our intake itself."""
        self._report(door or self._inside, self._read_clock())

    def _call_up(self, now: datetime) -> None:
        each = WAVE // len(self._grounds)
        turn = len(self.people) // WAVE % len(self._grounds)  # everybody comes first in turn
        with self.database.write() as session:
            new: list[Fighter] = []
            for ground in self._grounds[turn:] + self._grounds[:turn]:
                first = len(self.people) + len(new)
                numbers = range(first, first + each)
                new += call_up(session, ground, numbers, today=now.date(), now=now)
        self.people += new

    def _somebody(self, why: str, turn: int, *, of_last: int = NEW) -> Fighter:
        """Of the last waves."""
        point = draw(self.seed, why, len(self.people), turn)
        return self.people[-1 - int(point * min(of_last * WAVE, len(self.people)))]

    def _stop(self, someone: Fighter) -> None:
        if not self._is_first(someone):
            return
        kinds = tuple(StopKind)
        kind = kinds[int(draw(self.seed, "stop", someone.customer_id) * len(kinds))]
        try:
            with self.database.write() as session:
                now = self._read_clock()  # under the lock, where there is one: it may have waited
                told = stop(session, kind, someone, today=now.date(), now=now)
        except PromiseRefused:
            return
        self.stops.append(told)

    def _press(self, someone: Fighter) -> None:
        if self.payers is not None and self._is_first(someone):
            self.payers.press(someone)

    def _reply(self, someone: Fighter) -> None:
        if someone.person_id in self._silent:
            return
        texts = tuple(TEXTS)
        text = texts[int(draw(self.seed, "text", someone.customer_id) * len(texts))]
        make = self.carrier.reply(someone, text, self._read_clock())
        if make is not None and self._is_first(someone):
            heard = partial(self._heard, Wrote(someone, text))
            self.post.put(f"reply:{someone.customer_id}", make, heard)

    def _is_first(self, someone: Fighter) -> bool:
        """Whether this is the first that they say: of two stops the second proves nothing."""
        is_first = someone.person_id not in self._silent
        self._silent.add(someone.person_id)
        return is_first

    def _heard(self, wrote: Wrote) -> None:
        self.wrote.append(wrote)
        told = self._asked(partial(heard, wrote=wrote))
        if told is not None:
            self.stops.append(told)

    def _paid(self, someone: Fighter) -> None:
        self.stops.append(self._asked(partial(stopped, kind=StopKind.PAYMENT, of=someone)))

    def _asked(self, ask: Callable[[Session], T]) -> T:
        """Connections of this process are cut as well; then it asks again."""
        while True:
            with suppress(DBAPIError), self.database.read() as session:
                return ask(session)

    def _report(self, door: Door, now: datetime) -> None:
        self.carrier.report(self.post, now)
        if self.payers is not None:
            self.payers.act(now)
            self.payers.report(self.post, self._paid)
        self.post.deliver(door, now)

    def fought(self) -> Mapping[str, Counter[str]]:
        """By route: what was accepted so far, and the attempts that have no answer on record."""
        query = (
            select(_CREDITOR.c.external_id, func.count().label("n"))
            .join_from(_ATTEMPT, _CREDITOR, _CREDITOR.c.id == _ATTEMPT.c.creditor_id)
            .where(_ATTEMPT.c.state.in_(("sending", "unclear")))
            .group_by(_CREDITOR.c.external_id)
        )
        with self.database.read() as session:
            rows = session.connection().execute(query).all()
        unclear = Counter({row.external_id: row.n for row in rows})
        accepted = Counter(one.route for one in self.carrier.taken(()))
        return {"under_fire": accepted, "unclear": unclear}

    def settle(self) -> None:
        """Ticks this process's own loops, later and later, until nothing is on its way."""
        now = self._read_clock()
        clock = VirtualClock(now)
        addresses = Addresses(BASE_URL, SECRET)
        with opened(self.orders) as (channels, run):
            loops = assemble(self.database, channels, addresses, clock.now, run=run)
            tidy = Tidy(self.database, loops.reconciliation, self._gateways, secret=SECRET)
            for step in ROUND * ROUNDS:
                now += step
                clock.move_to(now)
                self._report(self._inside, now)
                self._desk.decide(clock.now)
                self._quiet(loops, tidy, now)
                self.ended_at = now
                if not self._moving():
                    return

    def _quiet(self, loops: Loops, tidy: Tidy, now: datetime) -> None:
        intake_tick(self.database, self._sources, now=now)
        while loops.reconciliation.tick(now):
            continue
        tidy.tick(now)
        loops.settle(now)

    def _moving(self) -> int:
        """How many messages, calls of providers, and debits are on their way."""
        query = select(func.count()).where(_MESSAGE.c.state.in_(compare.MOVING))
        with self.database.read() as session:
            messages = int(session.connection().execute(query).scalar_one())
        undecided = 0 if self.payers is None else self.payers.undecided
        return messages + self.post.waiting + undecided

    def _read_clock(self) -> datetime:
        read = self._clock.now
        return read()
