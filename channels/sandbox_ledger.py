"""The sandbox's own book of what it accepted, apart from Duly's database.

It plays the provider's side: the only witness, next to Duly's own records, of what really
went out. So it commits before it answers, survives kill -9, and takes several processes.
Nothing in Duly's engine may read it; the drill compares the two.
"""

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from channels.sandbox_course import PlannedReceipt
from channels.sandbox_rows import (
    Acceptance,
    DueReceipt,
    acceptance_of,
    derived,
    due_receipt_of,
    envelope_values,
    instant,
    receipt_values,
)
from channels.seam import Envelope

_SCHEMA: Final = (
    """
    CREATE TABLE IF NOT EXISTS acceptance (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        provider_id TEXT NOT NULL UNIQUE,
        attempt_key TEXT NOT NULL,
        medium TEXT NOT NULL,
        sender TEXT NOT NULL,
        recipient TEXT NOT NULL,
        link_token TEXT,
        text_sha256 TEXT NOT NULL,
        text TEXT NOT NULL,
        subject TEXT,
        accepted_at TEXT NOT NULL,
        hidden_for INTEGER NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS acceptance_attempt ON acceptance (attempt_key)",
    """
    CREATE INDEX IF NOT EXISTS acceptance_recognised ON acceptance (link_token, recipient)
    WHERE link_token IS NOT NULL
    """,
    """
    CREATE TABLE IF NOT EXISTS receipt (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        receipt_id TEXT NOT NULL,
        provider_id TEXT NOT NULL,
        attempt_key TEXT NOT NULL,
        status TEXT NOT NULL,
        at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        error TEXT,
        handed_at TEXT
    )
    """,
    "CREATE INDEX IF NOT EXISTS receipt_due ON receipt (due_at) WHERE handed_at IS NULL",
    "CREATE TABLE IF NOT EXISTS copy (provider_id TEXT NOT NULL, recipient TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS heard (recipient TEXT PRIMARY KEY, at TEXT NOT NULL)",
)
_COLUMNS: Final = (
    "sequence, provider_id, attempt_key, medium, sender, recipient, link_token, text_sha256,"
    " text, subject, accepted_at"
)
_BUSY: Final = timedelta(seconds=30)
_SWITCHING: Final = timedelta(milliseconds=200)


class Ledger:
    """A SQLite file, or ":memory:". Safe for threads and for several processes on one file."""

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=_SWITCHING.total_seconds(), isolation_level=None, check_same_thread=False
        )
        _use_wal(self._connection)
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY // timedelta(milliseconds=1)}")
        # NORMAL survives the death of the process, which is what a drill inflicts; only the
        # loss of power could take the last commits.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
        with self._transaction() as run:
            for statement in _SCHEMA:
                run.execute(statement)

    def accept(
        self, envelope: Envelope, plans: Sequence[PlannedReceipt], *, hidden_for: int = 0
    ) -> str:
        """Take the envelope down for good and answer its new provider id.

        A second acceptance of the same attempt gets an id of its own, as at real providers.
        """
        key = envelope.attempt_key
        with self._transaction() as run:
            before = run.execute(
                "SELECT count(*) FROM acceptance WHERE attempt_key = ?", (key,)
            ).fetchone()[0]
            provider_id = derived("message", envelope.medium, key, str(before))
            run.execute(
                "INSERT INTO acceptance VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (provider_id, key, *envelope_values(envelope), hidden_for),
            )
            run.executemany(
                "INSERT INTO copy VALUES (?, ?)", [(provider_id, copy) for copy in envelope.cc]
            )
            run.executemany(
                "INSERT INTO receipt VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, NULL)",
                [receipt_values(provider_id, key, plan) for plan in plans],
            )
        return provider_id

    def find(self, envelope: Envelope) -> Acceptance | None:
        """The first acceptance of the attempt, else one that is recognised as its copy.

        A copy has the same recipient and link token and is not older than this try. What is
        hidden stays so for as many questions as it was told to.
        """
        token, recipient = envelope.link_token, envelope.recipient
        with self._transaction() as run:
            row = run.execute(
                f"SELECT {_COLUMNS}, hidden_for FROM acceptance WHERE attempt_key = ?1"
                " OR (link_token = ?2 AND recipient = ?3 AND accepted_at >= ?4)"
                " ORDER BY attempt_key = ?1 DESC, sequence LIMIT 1",
                (envelope.attempt_key, token, recipient, instant(envelope.sent_at)),
            ).fetchone()
            if row is None:
                return None
            if row[-1] > 0:
                run.execute(
                    "UPDATE acceptance SET hidden_for = hidden_for - 1 WHERE sequence = ?",
                    (row[0],),
                )
                return None
        return acceptance_of(row[:-1])

    def acceptances(self, *, after: int = 0) -> Iterator[Acceptance]:
        """Everything accepted, in order, from the sequence `after` on (exclusive)."""
        while rows := self._read(
            f"SELECT {_COLUMNS} FROM acceptance WHERE sequence > ? ORDER BY sequence LIMIT 1000",
            after,
        ):
            yield from map(acceptance_of, rows)
            after = rows[-1][0]

    def copies(self, provider_id: str) -> list[str]:
        """Who else got a mail that was accepted under this id."""
        rows = self._read("SELECT recipient FROM copy WHERE provider_id = ?", provider_id)
        return [recipient for (recipient,) in rows]

    def count(self) -> int:
        """How many messages were accepted."""
        return int(self._read("SELECT count(*) FROM acceptance")[0][0])

    def receipts(self, *, until: datetime, limit: int = 1000) -> list[DueReceipt]:
        """Receipts that are due by `until` and not marked as handed over, by due time.

        Reading marks nothing: take them in first, then call `mark_handed`. Whoever dies in
        between is given them again, as by a real provider.
        """
        rows = self._read(
            "SELECT sequence, due_at, receipt_id, provider_id, attempt_key, status, at, error"
            " FROM receipt WHERE handed_at IS NULL AND due_at <= ?"
            " ORDER BY due_at, sequence LIMIT ?",
            instant(until),
            limit,
        )
        return [due_receipt_of(row) for row in rows]

    def mark_handed(self, sequences: Iterable[int], *, at: datetime) -> int:
        """Mark receipts as handed over and answer how many were not so before."""
        rows = [(instant(at), sequence) for sequence in sequences]
        with self._transaction() as run:
            changed = run.executemany(
                "UPDATE receipt SET handed_at = ? WHERE sequence = ? AND handed_at IS NULL", rows
            ).rowcount
        # SQLite counts -1 where there was nothing to run.
        return max(changed, 0)

    def next_due_at(self) -> datetime | None:
        """When the next receipt that was not handed over is due; None if there is none."""
        found = self._read("SELECT min(due_at) FROM receipt WHERE handed_at IS NULL")[0][0]
        return datetime.fromisoformat(found) if found else None

    def hear(self, recipient: str, *, at: datetime) -> None:
        """The recipient wrote to us: opens the window for free text (WhatsApp)."""
        with self._transaction() as run:
            run.execute(
                "INSERT INTO heard VALUES (?, ?)"
                " ON CONFLICT (recipient) DO UPDATE SET at = max(at, excluded.at)",
                (recipient, instant(at)),
            )

    def heard_at(self, recipient: str) -> datetime | None:
        """When the recipient last wrote to us."""
        rows = self._read("SELECT at FROM heard WHERE recipient = ?", recipient)
        return datetime.fromisoformat(rows[0][0]) if rows else None

    def forget(self, attempt_keys: Iterable[str]) -> None:
        """Take off what these attempts said and to whom; that they were accepted stays.

        The log of the file is emptied too, for it holds the older pages.
        """
        keys = [(key,) for key in attempt_keys]
        of_attempt = "(SELECT recipient FROM acceptance WHERE attempt_key = ?)"
        with self._transaction() as run:
            run.executemany(f"DELETE FROM heard WHERE recipient IN {of_attempt}", keys)
            run.executemany(
                "DELETE FROM copy WHERE provider_id IN"
                " (SELECT provider_id FROM acceptance WHERE attempt_key = ?)",
                keys,
            )
            run.executemany(
                "UPDATE acceptance SET recipient = '', link_token = NULL, text_sha256 = '',"
                " text = '', subject = NULL WHERE attempt_key = ?",
                keys,
            )
        with self._lock:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Give the file back; twice is fine."""
        with self._lock:
            self._connection.close()

    def _read(self, query: str, *values: object) -> list[Any]:
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            # IMMEDIATE: waiting for the writer happens here, where the busy timeout holds.
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


def _use_wal(connection: sqlite3.Connection) -> None:
    # SQLite answers "locked" at once, without the busy timeout, when two processes open a new
    # file and both switch it to WAL. The mode is kept in the file, so one of them wins.
    for _ in range(_BUSY // _SWITCHING):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError:
            time.sleep(0.02)
    raise TimeoutError("the sandbox's ledger stays locked: another program holds the file")
