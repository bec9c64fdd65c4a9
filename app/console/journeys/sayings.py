"""What the room says of drafts: changes step by step, what befalls cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.drafting.changes import Change, What
from app.drafting.reading import State
from app.drafting.standing import Fate
from app.web.catalogues import N_

STATES: Final[Mapping[State, tuple[str, str]]] = {
    State.OPEN: ("calm", N_("Draft")),
    State.SUBMITTED: ("wait", N_("Waits for approval")),
    State.APPROVED: ("good", N_("Approved")),
    State.PUBLISHED: ("good", N_("Published")),
    State.WITHDRAWN: ("plain", N_("Put away")),
}
"""The kind of tag of a state, and its words."""

ACTS: Final[Mapping[str, str]] = {
    "begun": N_("Begun"),
    "saved": N_("Saved"),
    "submitted": N_("Submitted"),
    "approved": N_("Approved"),
    "rejected": N_("Given back"),
    "merged": N_("Taken in"),
    "published": N_("Published"),
    "withdrawn": N_("Put away"),
}

FATES: Final[Mapping[Fate, str]] = {
    Fate.STAYS: N_("stay where they are"),
    Fate.MOVES: N_("go on with another step"),
    Fate.ON_ITS_WAY: N_("their message goes out, then they go on behind it"),
    Fate.WAITS_ON: N_("wait as they were told, then go on"),
    Fate.ENDS: N_("end: no step is left for them"),
}

HELD: Final[Mapping[str, str]] = {
    "outside_hours": N_("outside the hours"),
    "rest_day": N_("a day of rest"),
    "cap_reached": N_("enough was said"),
    "gap_not_over": N_("too soon after the last"),
    "consent_missing": N_("no consent"),
    "consent_unwritten": N_("no consent"),
    "consent_stale": N_("no consent"),
    "consent_withdrawn": N_("no consent"),
    "opted_out": N_("opted out"),
    "medium_forbidden": N_("not allowed on this channel"),
    "no_address": N_("no address"),
    "address_invalid": N_("no address"),
    "address_suppressed": N_("an address that is closed"),
    "template_not_approved": N_("not approved by the provider"),
    "no_sender": N_("no sender"),
}
"""Why a moment or a medium was refused, in a few words: beside the counts of a step."""
OTHERWISE: Final = N_("for another reason")

_SET: Final[Mapping[What, str]] = {
    What.TITLE: N_("The title is %(now)s, and was %(was)s."),
    What.SUBJECT: N_("It is about %(now)s, and was about %(was)s."),
    What.ANCHOR: N_("Days count from %(now)s, and counted from %(was)s."),
    What.ADDED: N_("%(step)s is new, on day %(now)s."),
    What.REMOVED: N_("%(step)s is taken out; it was on day %(was)s."),
    What.MOVED: N_("%(step)s comes after %(now)s now."),
    What.KIND: N_("%(step)s is another kind of step: %(now)s, and was %(was)s."),
    What.DAY: N_("%(step)s is on day %(now)s, and was on day %(was)s."),
    What.SHIFT: N_("%(step)s: how it avoids days of rest is %(now)s, and was %(was)s."),
    What.DELAY: N_("%(step)s comes %(now)s after the step before, and came after %(was)s."),
    What.TEMPLATE: N_("%(step)s says %(now)s, and said %(was)s."),
    What.CATEGORY: N_("%(step)s counts as %(now)s, and counted as %(was)s."),
    What.CHANNELS: N_("%(step)s goes by %(now)s, and went by %(was)s."),
    What.FALLBACK: N_("%(step)s: when the next channel is tried is %(now)s, and was %(was)s."),
    What.VALIDITY: N_("%(step)s may be said for %(now)s, and could be for %(was)s."),
    What.APPROVAL: N_("%(step)s is approved by %(now)s, and was by %(was)s."),
    What.CONDITION: N_("%(step)s applies when %(now)s, and applied when %(was)s."),
    What.RECIPIENT: N_("%(step)s goes to %(now)s, and went to %(was)s."),
    What.TASK: N_("%(step)s gives the task %(now)s, and gave %(was)s."),
    What.WAIT: N_("%(step)s waits for %(now)s, and waited for %(was)s."),
    What.WAYS: N_("%(step)s leads on: %(now)s. It led on: %(was)s."),
    What.OUTCOME: N_("%(step)s ends as %(now)s, and ended as %(was)s."),
    What.ANSWER_ADDED: N_("New answer to %(step)s: %(now)s."),
    What.ANSWER_REMOVED: N_("No answer to %(step)s any more; it was %(was)s."),
    What.ANSWER: N_("The answer to %(step)s is %(now)s, and was %(was)s."),
}
FIRST: Final = N_("the beginning")
ALWAYS: Final = N_("always")
NOTHING: Final = N_("nothing")


def saying_of(change: Change) -> tuple[str, dict[str, str | None]]:
    """The sentence of a change, marked, and what fills its blanks; a blank of None is told by
    `EMPTY`."""
    return _SET[change.what], {"step": change.step, "was": change.was, "now": change.now}


def empty_of(change: Change) -> str:
    """What stands in a blank that has nothing to say."""
    if change.what is What.MOVED:
        return FIRST
    return ALWAYS if change.what is What.CONDITION else NOTHING
