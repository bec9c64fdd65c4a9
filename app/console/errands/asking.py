"""How a room hands work to the background: with the trace of whoever asked."""

from __future__ import annotations

from app.console.office import Doing, Office
from app.errands.asking import Wanted, ask
from app.errands.files import Files


def files_of(office: Office) -> Files:
    """Where the files of errands lie."""
    return Files(office.settings.errand_files)


def ask_errand(doing: Doing, wanted: Wanted) -> int:
    """Asks for it within an act, whose trace names its kind; answers its number, which stands at
    `/console/errands/<number>`."""
    number = ask(doing.session, wanted, doing.now)
    doing.detail.update(errand=number, kind=str(wanted.kind))
    return number
