"""Memory of a process."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path
from typing import Final

_PSS: Final = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def pss_mb(process: int | str = "self") -> float:
    """Its proportional share of memory, in MB; 0 where the system does not tell."""
    rollup = Path(f"/proc/{process}/smaps_rollup")
    found = _PSS.search(rollup.read_text()) if rollup.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def most_mb() -> float:
    """The most memory that this process has had, shared or not, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)
