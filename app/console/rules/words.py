"""What the states of rules and of sign-offs are called for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.book.signoffs import SignState
from app.web.catalogues import N_
from campaigns.coverage import State

STATE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    State.IN_FORCE: ("good", N_("In force")),
    State.TO_COME: ("wait", N_("To come")),
    State.OVER: ("plain", N_("Over")),
    State.DISABLED: ("plain", N_("Off")),
}
SIGN_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    SignState.SIGNED: ("good", N_("Signed")),
    SignState.UNSIGNED: ("bad", N_("Not signed")),
    SignState.CHANGED: ("wait", N_("Changed since it was signed")),
}
