"""Why something was not done to a draft. Each says what to do instead.

DraftingError
    UnknownDraft      there is none of this number
    StaleDraft        somebody changed it since it was looked at
    WrongState        it stands where this cannot be done
    NotSound          the checkers found errors
    NothingChanged    it says what is published already
    BaseMoved         something else was published since it was begun
    NotMerged         both changed the same lines
    SamePerson        who wrote it does not approve it
    NoSuchVersion     there is nothing to begin from
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.drafting.checking import Spot
    from app.drafting.merging import Conflict
    from app.drafting.reading import Draft


class DraftingError(Exception):
    """Nothing was changed."""


class UnknownDraft(DraftingError):
    def __init__(self, draft_id: int) -> None:
        super().__init__(f"there is no draft {draft_id}")


class StaleDraft(DraftingError):
    """`there` is the draft as it is now: what was to be saved must be put beside it."""

    def __init__(self, there: Draft) -> None:
        self.there = there
        super().__init__(f"{there.edited_by} changed the draft meanwhile")


class WrongState(DraftingError):
    def __init__(self, draft: Draft, act: str) -> None:
        self.draft = draft
        super().__init__(f"a draft that is {draft.state} cannot be {act}")


class NotSound(DraftingError):
    def __init__(self, findings: Sequence[Spot]) -> None:
        self.findings = tuple(findings)
        super().__init__(f"{len(self.findings)} findings; mend them first")


class NothingChanged(DraftingError):
    def __init__(self) -> None:
        super().__init__("the draft says what is published already")


class BaseMoved(DraftingError):
    def __init__(self) -> None:
        super().__init__("something else was published since the draft was begun; take it in first")


class NotMerged(DraftingError):
    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        self.conflicts = tuple(conflicts)
        super().__init__("the same lines were changed in both; decide which stay")


class SamePerson(DraftingError):
    def __init__(self) -> None:
        super().__init__("somebody who did not write the draft must approve it")


class NoSuchVersion(DraftingError):
    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"nothing of the {kind} {name} was published")
