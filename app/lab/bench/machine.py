"""What a figure was measured on."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Final

_TRIES: Final = 50
_PAGE: Final = b"\0" * 4096


@dataclass(frozen=True, slots=True)
class Machine:
    """`load` is of the last minute, before the bench: above one a core, rates mean little.
    `fsync_us` is what the disk takes to keep a page, in the middle of some tries."""

    cores: int
    load: float
    python: str
    sqlite: str
    sqlalchemy: str
    fsync_us: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_busy(self) -> bool:
        return self.load > self.cores


def machine(folder: Path) -> Machine:
    """Of this machine, with the disk that the folder lies on."""
    return Machine(
        cores=os.cpu_count() or 1,
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        sqlalchemy=version("sqlalchemy"),
        fsync_us=round(_fsync_seconds(folder / "fsync.probe") * 1e6),
    )


def cpu_seconds_of(pid: int) -> float:
    """What another process has used of the processors so far (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fsync_seconds(path: Path) -> float:
    took = []
    try:
        with path.open("wb") as file:
            for _ in range(_TRIES):
                file.write(_PAGE)
                file.flush()
                began = time.perf_counter()
                os.fsync(file.fileno())
                took.append(time.perf_counter() - began)
    finally:
        path.unlink(missing_ok=True)
    return median(took)
