"""What an errand is done with, and how its work looks: steps, and then an outcome."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from sqlmodel import Session

from app.errands.files import Files
from app.errands.lists import Export, Selection
from app.errands.taking import Taken, keep
from app.store.documents import Documents
from app.store.engines import Database


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an errand: figures without personal data, and a file."""

    result: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None


Steps: TypeAlias = Generator[None, None, Outcome]
"""Each step is a batch, in one transaction; between two of them an errand can be stopped."""


@dataclass(frozen=True, slots=True)
class Means:
    """What all errands are done with. `exports` and `selections` are what can be asked for by
    name. Outside production a new creditor gets the shipped campaigns. An import takes fewer rows
    at once than a command does: pages are waiting beside it."""

    database: Database
    files: Files
    documents: Documents
    secret: bytes
    exports: Mapping[str, Export]
    selections: Mapping[str, Selection]
    outfits: bool = False
    batch_rows: int = 500


@dataclass(frozen=True, slots=True)
class Doing:
    """One errand on its way. `clock` is the database's."""

    means: Means
    taken: Taken
    clock: Callable[[], datetime]

    def keep(
        self,
        session: Session,
        done: int,
        *,
        of: int | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        """Notes how far it is in the transaction of the batch itself."""
        keep(session, self.taken, done=done, of=of, cursor=cursor)

    def show(self, done: int, *, of: int | None = None) -> None:
        """The same for work that writes nothing, in a transaction of its own."""
        with self.means.database.write() as session:
            keep(session, self.taken, done=done, of=of)
