"""The bench of the walk: cases that are due, against the floor F1 and against a good ORM loop.

All write the same rows for the same people in batches of the same size, and bring the log into the
file within their time. The loop does a part of them: its rate counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, cast

from sqlalchemy import func, select

from app.engine.catalogue import Catalogue
from app.engine.walk import Walk
from app.lab.bench.crowd import NOW, fill
from app.lab.bench.floor import Written, run_floor
from app.lab.bench.memory import most_mb
from app.lab.bench.orm_loop import run_loop
from app.lab.bench.report import Aim, Figure, Report, one, rates
from app.lab.bench.rounds import ROUNDS, Progress, Series, Variant, Work, run_rounds
from app.lab.bench.stores import Seeded, Store
from app.store.engines import Database
from app.store.given import table_of
from app.store.rows import Case, Event, Message
from campaigns.advance import Advanced, advance
from campaigns.case import CaseState
from campaigns.decision import Decision, Policy, Say
from campaigns.facts import Facts
from campaigns.journey import Journey

DUE: Final = 50_000
DUE_LARGE: Final = 1_000_000
WALKED: Final = 10_000  # of those that are due, in each round
LOOPED: Final = 3_000  # by the ORM loop, which would take too long for more

FLOOR, BARE, WHOLE, LOOP = "F1, raw SQL", "walk without decide", "walk", "ORM loop"
AIM_OF_BARE: Final = Aim(at_least=0.6)
AIM_OF_WHOLE: Final = Aim(at_least=4)

_CASE, _EVENT, _MESSAGE = table_of(Case), table_of(Event), table_of(Message)
Some = Callable[[int, datetime], int]
"""Does so many cases, to a whole batch, that are due at an instant. Answers how many those were."""

Decide = Callable[[CaseState, Facts, Journey, Policy, datetime], Advanced]


def run(
    store: Store,
    *,
    folder: Path,  # noqa: ARG001  # every bench is given it
    large: bool = False,
    progress: Progress,
    due: int | None = None,
    walked: int = WALKED,
    looped: int = LOOPED,
    rounds: int = ROUNDS,
) -> Report:
    """Everybody of a crowd is due. `due`, `walked` and `looped` make it small for a test."""
    people = due or (DUE_LARGE if large else DUE)
    with store.seeded(lambda database: fill(database, people, due=people)) as seeded:
        variants = [
            _variant(FLOOR, _floor(_written(seeded)), walked),
            _variant(BARE, lambda database: _walk(database, _always_the_same()), walked),
            _variant(WHOLE, lambda database: _walk(database, advance), walked),
            _variant(LOOP, lambda database: partial(run_loop, database), looped),
        ]
        series = run_rounds(seeded, variants, rounds=rounds, progress=progress)
    return Report(
        "walk",
        store.name,
        [
            Figure(f"{BARE}, to {FLOOR}", series.ratio(BARE, FLOOR), "times", AIM_OF_BARE),
            Figure(f"{WHOLE}, to {LOOP}", series.ratio(WHOLE, LOOP), "times", AIM_OF_WHOLE),
            Figure(f"{WHOLE}, to {FLOOR}", series.ratio(WHOLE, FLOOR), "times"),
            *rates(series),
            one(f"cases in each round, of {people:,} that are due", walked, "cases"),
            one(f"cases of the {LOOP}", looped, "cases"),
            one("memory of this process, at its most", most_mb(), "MB"),
        ],
        list(_wrong(series)),
    )


def _variant(name: str, ready: Callable[[Database], Some], cases: int) -> Variant:
    """`ready` makes what is timed, which has made its statements by then: it has done a first case,
    or a first batch. The log is brought into the file within the time."""

    @contextmanager
    def prepare(url: str) -> Iterator[Work]:
        database = Database(url)
        some = ready(database)
        some(1, NOW)

        def settled() -> int:
            count = some(cases, NOW)
            database.settle_file()
            return count

        yield settled
        database.dispose()

    return Variant(name, prepare, _found)


def _walk(database: Database, decide: Decide) -> Some:
    walk = Walk(database, Catalogue(), decide=decide)

    def some(cases: int, now: datetime) -> int:
        count = 0
        while count < cases and (looked := walk.tick(now).looked):
            count += looked
        return count

    return some


def _floor(written: Written) -> Callable[[Database], Some]:
    return lambda database: partial(run_floor, database, written)


def _written(seeded: Seeded) -> Written:
    with seeded.copied() as url:
        database = Database(url)
        walk_one = Walk(database, Catalogue(), batch=1)
        written = Written.by(lambda: walk_one.tick(NOW), database)
        database.dispose()
    return written


def _always_the_same() -> Decide:
    """Decides once, and then says the same to everybody."""
    first: list[Advanced] = []

    def decide(
        case: CaseState, facts: Facts, journey: Journey, policy: Policy, now: datetime
    ) -> Advanced:
        if not first:
            first.append(advance(case, facts, journey, policy, now))
        (given,) = first
        said = cast("Say", given.last.action)
        # Written out: `replace` would cost as much as a fact to load.
        own = Say(
            f"{case.key}:m", said.origin, said.slot, said.ordinal, said.template, said.category,
            facts.channels[0], said.probability, said.valid_until,
        )  # fmt: skip
        last = Decision(given.last.reason, given.last.look_at, event=given.last.event, action=own)
        return Advanced(given.case, (*given.decisions[:-1], last))

    return decide


@dataclass(frozen=True, slots=True)
class _Found:
    """What a variant has left: rows, different keys, and who was told what by which key."""

    advanced: int
    events: int
    keys: int
    messages: frozenset[tuple[object, ...]]


_SAID = ("case_id", "key", "template", "medium", "address_id", "sender_id", "slot", "valid_until")


def _found(url: str) -> _Found:
    database = Database(url)
    with database.read() as session:
        connection = session.connection()
        said = connection.execute(select(*(_MESSAGE.c[name] for name in _SAID))).all()
        advanced = select(func.count()).where(_CASE.c.revision > 0)
        events = select(func.count()).where(_EVENT.c.kind == "MessageIntended")
        found = _Found(
            connection.execute(advanced).scalar_one(),
            connection.execute(events).scalar_one(),
            len({row.key for row in said}),
            frozenset(map(tuple, said)),
        )
    database.dispose()
    return found


def _wrong(series: Series) -> Iterator[str]:
    """Each case is moved on once, by one event and one message; the loop says the same as the
    walk."""
    for name, runs in series.runs.items():
        for run in runs:
            found = cast("_Found", run.checked)
            counts = {found.advanced, found.events, found.keys, len(found.messages)}
            if len(counts) > 1 or min(counts) <= run.count:
                yield f"{name}: not one message and one event for each case"
    for walked, looped in zip(series.checked(WHOLE), series.checked(LOOP), strict=True):
        if not cast("_Found", looped).messages <= cast("_Found", walked).messages:
            yield f"{LOOP}: other messages than the {WHOLE}'s"
