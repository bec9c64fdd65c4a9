"""What both rooms of design say of drafts: why something was not done to one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.drafting.errors import (
    BaseMoved,
    DraftingError,
    NoSuchVersion,
    NothingChanged,
    NotMerged,
    NotSound,
    SamePerson,
    StaleDraft,
    UnknownDraft,
    WrongState,
)
from app.web.catalogues import N_

REFUSALS: Final[Mapping[type[DraftingError], str]] = {
    StaleDraft: N_("Somebody changed the draft meanwhile. Look at it as it is now."),
    WrongState: N_("The draft is not where this can be done. Look at it as it is now."),
    NotSound: N_("Findings keep it from going on. Mend them first; they stand below."),
    NothingChanged: N_("The draft says what is published already."),
    BaseMoved: N_("Something else was published since the draft was begun. Take it in first."),
    NotMerged: N_("Both changed the same lines. Choose which words stay."),
    SamePerson: N_("Somebody who did not write the draft must approve it."),
    NoSuchVersion: N_("There is nothing to begin from."),
    UnknownDraft: N_("There is no such draft any more."),
}
