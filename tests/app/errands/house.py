"""Asks for errands and does them, as people and workers do, on a clock that the test sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from app.console.selections import SELECTIONS
from app.errands.asking import Wanted, ask, find
from app.errands.doing import Means
from app.errands.files import Files
from app.errands.imports import Feed, ImportWanted
from app.errands.kinds import Kind, Lane
from app.errands.own_lists import EXPORTS
from app.loops.errands import Errands
from app.store.documents import Documents
from app.store.engines import Database
from tests.app.book.feeds import HEADER, MAPPING
from tests.app.book.make import NOW


@dataclass
class House:
    """`now` is what the database's clock is said to show."""

    means: Means
    now: datetime = field(default=NOW)

    @classmethod
    def at(cls, database: Database, folder: Path) -> House:
        documents = folder / "documents"
        return cls(
            Means(
                database,
                Files(documents / "errands"),
                Documents(documents),
                b"k" * 32,
                EXPORTS,
                SELECTIONS,
                batch_rows=2,
            )
        )

    @property
    def database(self) -> Database:
        return self.means.database

    def worker(self, lane: Lane = Lane.LONG, *, patience: timedelta = timedelta(0)) -> Errands:
        """With no patience each tick is one batch."""
        return Errands(self.means, lane, clock=lambda: self.now, patience=patience)

    def upload(self, *rows: str, header: str = HEADER, name: str = "feed.csv") -> str:
        content = "\n".join([header, *rows, ""]).encode()
        return self.means.files.keep([(name, BytesIO(content))])

    def wants(self, kind: Kind, **told: Any) -> int:
        with self.database.write() as session:
            return ask(session, Wanted(kind, "dana", 7, **told), self.now)

    def wants_import(
        self, *rows: str, kind: Kind = Kind.IMPORT, mapping: str = MAPPING, header: str = HEADER
    ) -> int:
        wanted = ImportWanted(Feed.BOOK, self.upload(*rows, header=header), mapping=mapping)
        with self.database.write() as session:
            return ask(session, wanted.asked(kind, "dana", 7), self.now)

    def errand(self, number: int) -> Mapping[str, Any]:
        with self.database.read() as session:
            row = find(session, number)
        assert row is not None
        return dict(row._mapping)


def all_of(worker: Errands) -> None:
    """Ticks until nothing is due."""
    while worker.tick(NOW):
        continue
