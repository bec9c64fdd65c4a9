"""Has a file made anew in a process of its own: what a decoder does wrong stays there.

The process is given nothing but the file: no environment, so no secret; bounded memory and time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore
from typing import BinaryIO, Final

import app
from app.intake.proofs.cleaning import REFUSED, SECONDS
from app.intake.proofs.kinds import MOST_BYTES, FileProblem, FileRefused, kind_of

AT_ONCE: Final = 2
WAITS_S: Final = 10
_SLOTS = BoundedSemaphore(AT_ONCE)
_ROOT: Final = str(Path(app.__file__).parent.parent)
_COMMAND: Final = (sys.executable, "-P", "-m", "app.intake.proofs.cleaning")


def cleaned_apart(file: BinaryIO) -> bytes:
    """The file as it may be kept: a JPEG or a PDF. Raises `FileRefused`.

    Blocks for as long as that takes; at most `AT_ONCE` are held in memory, others wait a little.
    """
    if not _SLOTS.acquire(timeout=WAITS_S):
        raise FileRefused(FileProblem.BUSY)
    try:
        content = file.read(MOST_BYTES + 1)
        kind_of(content)  # most of what is not taken needs no process to say so
        return _made(content)
    finally:
        _SLOTS.release()


def _made(content: bytes) -> bytes:
    try:
        done = subprocess.run(
            _COMMAND,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=SECONDS + WAITS_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileRefused(FileProblem.BROKEN) from None
    if done.returncode == REFUSED:
        raise FileRefused(FileProblem(done.stdout.decode("ascii")))
    if done.returncode != 0 or not done.stdout:
        raise FileRefused(FileProblem.BROKEN)
    return done.stdout


def _environment() -> dict[str, str]:
    """Where this very code is, and what Windows cannot start a process without."""
    kept = {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}
    return {**kept, "PYTHONPATH": _ROOT}
