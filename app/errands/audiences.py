"""Counts whom a campaign would be about, when there are too many to wait for."""

from __future__ import annotations

from app.engine.catalogue import Catalogue
from app.engine.reach import reach
from app.errands.doing import Doing, Outcome, Steps


def audience_steps(doing: Doing) -> Steps:
    """Parameters: `journey` and `audience`. It only reads, so one that was broken off begins
    anew. The samples have names, so they are shown on the page alone and never kept."""
    asked, creditor_id = doing.taken.parameters, doing.taken.creditor_id
    assert creditor_id is not None  # who asks names it
    with doing.means.database.read() as session:
        counting = reach(
            session,
            Catalogue(),
            creditor_id,
            asked["journey"],
            asked["audience"],
            now=doing.clock(),
        )
        for so_far in counting:
            doing.show(so_far.looked, of=so_far.of)
            yield
    return Outcome(so_far.as_json())
