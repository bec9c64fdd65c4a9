"""A trial as an errand: it goes on without whoever asked, and can be stopped between two days.

What is tried and what came of it are files, for both may hold a customer's words.
"""

from __future__ import annotations

from contextlib import closing
from io import BytesIO
from typing import Final

from pydantic import TypeAdapter

from app.errands.doing import Doing, Outcome, Steps
from app.errands.files import Files
from app.errands.kinds import ErrandFailed
from app.loops.tryout.asked import NotTried, Trial
from app.loops.tryout.run import Tried, trying
from campaigns.language import read_journey
from campaigns.worded import spelled, worded

DAYS_A_STEP: Final = 5
"""Between two steps it may be stopped, and tells how far it is: each costs two transactions."""
_NAME: Final = "trial.json"
_TRIAL: Final = TypeAdapter(Trial)
_TRIED: Final = TypeAdapter(Tried)


def keep_trial(files: Files, trial: Trial) -> str:
    """Answers the reference of the file."""
    return files.keep([(_NAME, BytesIO(_TRIAL.dump_json(trial)))])


def trial_of(files: Files, reference: str) -> Trial | None:
    """What was asked for, while it is kept."""
    found = files.paths(reference)
    return _TRIAL.validate_json(found[0].read_bytes()) if found else None


def tried_of(files: Files, reference: str) -> Tried | None:
    """What came of it, while it is kept."""
    found = files.paths(reference)
    return _TRIED.validate_json(found[0].read_bytes()) if found else None


def trial_steps(doing: Doing) -> Steps:
    """One that was broken off begins anew: nothing of it is in the book."""
    means = doing.means
    trial = trial_of(means.files, doing.taken.file or "")
    if trial is None:
        raise ErrandFailed(worded("What was to be tried is no longer kept; ask for it again."))
    journey = read_journey(trial.text, trial.name)
    try:
        with closing(trying(means.database, trial, journey)) as living:
            for lived in living:
                if isinstance(lived, Tried):
                    file = means.files.keep([(_NAME, BytesIO(_TRIED.dump_json(lived)))])
                    return Outcome({"days": trial.days}, file)
                if lived % DAYS_A_STEP == 0:
                    doing.show(lived, of=trial.days)
                    yield
    except NotTried as problem:
        raise ErrandFailed(
            worded("It cannot be tried: %(why)s.", why=spelled(problem.reason))
        ) from None
    raise AssertionError("a trial ends by telling what happened")
