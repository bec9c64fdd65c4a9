"""The ten promises, asked of the live database; and whether the money adds up, on which they lean.

Reads only, in pages, with fixed memory.
"""

from __future__ import annotations

from datetime import datetime

from app.engine.checks.acts import no_act_is_hidden
from app.engine.checks.finding import PromiseCheck
from app.engine.checks.folds import nobody_is_stranded
from app.engine.checks.money import money_adds_up
from app.engine.checks.policy import nothing_outside_policy
from app.engine.checks.records import (
    callbacks_land_once,
    every_message_can_be_shown,
    every_silence_has_a_reason,
    no_case_is_lost,
    nothing_is_sent_twice,
    words_in_every_language,
)
from app.engine.checks.stops import nothing_after_a_stop
from app.engine.checks.trail import nothing_was_rewritten
from app.store.engines import Database

__all__ = ["PromiseCheck", "check", "check_acts", "check_ledger", "check_trail"]

_ONLY_TESTS = PromiseCheck(7, "A GET changes nothing", None, 0, "tests of every route")


def check(database: Database, now: datetime) -> list[PromiseCheck]:
    """The ten findings, in order."""
    with database.read() as session:
        return [
            nothing_is_sent_twice(session),
            no_case_is_lost(session, now),
            nothing_after_a_stop(session),
            nothing_outside_policy(session, now),
            every_silence_has_a_reason(session),
            every_message_can_be_shown(session),
            _ONLY_TESTS,
            callbacks_land_once(session, now),
            nobody_is_stranded(session),
            words_in_every_language(session),
        ]


def check_ledger(database: Database) -> PromiseCheck:
    """Whether the money adds up: not one of the ten, and they all lean on it."""
    with database.read() as session:
        return money_adds_up(session)


def check_trail(database: Database, now: datetime) -> PromiseCheck:
    """Whether what happened to each person still stands as it was written."""
    with database.read() as session:
        return nothing_was_rewritten(session, now)


def check_acts(database: Database) -> PromiseCheck:
    """Whether what our own people did still stands as it was written."""
    with database.read() as session:
        return no_act_is_hidden(session)
