"""Makes a file that somebody handed in anew. Run as a program it does that for one file.

As a program it reads the file from standard input, in a process that may use so much and no more,
and answers the new one. It knows no setting, no secret and no database.
"""

from __future__ import annotations

import os
import sys
from typing import Final, assert_never

from app.intake.proofs.kinds import FileKind, FileProblem, FileRefused, kind_of

MEMORY: Final = 512 * 1024 * 1024
SECONDS: Final = 20
REFUSED: Final = 3
"""How the program ends when it takes a file for one that is not taken, and says why."""


def cleaned(content: bytes) -> bytes:
    """A JPEG of a picture, a PDF of a PDF. Raises `FileRefused`."""
    # Each library is a tenth of a second to load, and a file needs one of them.
    match kind := kind_of(content):
        case FileKind.JPEG | FileKind.PNG | FileKind.WEBP:
            from app.intake.proofs.images import remade  # noqa: PLC0415

            return remade(content)
        case FileKind.PDF:
            from app.intake.proofs.papers import redrawn  # noqa: PLC0415

            return redrawn(content)
        case FileKind.HEIC:
            raise FileRefused(FileProblem.HEIC)
        case _:
            assert_never(kind)


def _bound() -> None:
    """Writes no file, gives way to whoever waits for a page, and ends before it takes the machine
    along."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415

        os.nice(10)

        limits = {
            resource.RLIMIT_AS: MEMORY,
            resource.RLIMIT_CPU: SECONDS,
            resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_CORE: 0,
        }
        for which, most in limits.items():
            resource.setrlimit(which, (most, most))


def main() -> None:
    _bound()
    try:
        made = cleaned(sys.stdin.buffer.read())
    except FileRefused as refused:
        sys.stdout.write(refused.problem)
        sys.exit(REFUSED)
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
