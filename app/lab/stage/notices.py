"""What is said right after a press, besides the lines that came of it: a title and a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.lab.stage.story import Notice
from app.lab.stage.voice import Voice
from app.web.catalogues import N_

_NOTICES: Final[Mapping[str, tuple[str, str]]] = {
    "next_day": (N_("A day has passed"), N_("The clock went on to noon.")),
    "next_thing": (N_("The next thing has happened"), N_("The clock went straight to it.")),
    "nothing_comes": (
        N_("Nothing more comes by itself"),
        N_("Weeks were looked through, and nobody would write. The clock stands where it was."),
    ),
    "nothing_leaves": (
        N_("Nothing is about to leave"),
        N_(
            "No message that asks for money comes in the weeks ahead, or nothing is owed. The clock"
            " stands where it was."
        ),
    ),
    "on_page": (
        N_("On her page"),
        N_("What she did there took effect before her page answered."),
    ),
    "speaks": (
        N_("Her language has changed"),
        N_("The book told it, as an import would. The next message is in it."),
    ),
    "prefers": (
        N_("Her preference has changed"),
        N_(
            "The next decision asks for it first. The law, and an order that the step itself names,"
            " come before it."
        ),
    ),
    "down": (
        N_("The provider is down"),
        N_("What is due meets a provider that does not answer. Let time pass, and watch it wait."),
    ),
    "up": (
        N_("The provider answers again"),
        N_("What has waited leaves, unless it is too late to be true."),
    ),
    "read": (
        N_("A colleague has read it"),
        N_("The halt ends, the task is done, and the case is decided again."),
    ),
    "published": (
        N_("Published"),
        N_("The checker found nothing wrong. What comes next is decided and worded by this."),
    ),
    "refused_draft": (
        N_("Not published"),
        N_("The checker found something. What was published before goes on."),
    ),
    "shipped": (
        N_("As it ships"),
        N_("The journeys and words that Duly ships are the current ones again."),
    ),
}
_REPLIES: Final[Mapping[str, tuple[str, str]]] = {
    "opted_out": (
        N_("An opt-out, taken at once"),
        N_("No person has to read it. Her words are not kept; only that she said it."),
    ),
    "helped": (
        N_("A question who we are, answered at once"),
        N_("With the name and the number of who writes, at any hour; nothing is held."),
    ),
    "opted_in": (
        N_("The stop word was taken back"),
        N_("Only what this number had said by a stop word; what was said elsewhere stands."),
    ),
    "helped_often": (
        N_("A question who we are, again and again"),
        N_("After three answers in a day a person looks: a machine may be writing."),
    ),
    "understood": (
        N_("Understood, and done at once"),
        N_("The timeline says what. She is answered where she wrote, once."),
    ),
    "held": (
        N_("A person has to read it"),
        N_(
            "Duly does not pretend to understand it. Everything halts until somebody has read it,"
            " and a task says who."
        ),
    ),
    "from_nobody_known": (
        N_("From nobody known"),
        N_("No customer has this address; a person looks."),
    ),
    "known_already": (N_("Known already"), N_("It was told twice, and landed once.")),
}


def said(notice: Notice | None, voice: Voice) -> tuple[str, str] | None:
    """Title and sentence of a notice; None where a picture of its own says it."""
    if notice is None or notice.crossed is not None:
        return None
    taken = notice.taken
    title, sentence = _NOTICES[notice.kind] if taken is None else _REPLIES[taken]
    return voice.say(title), voice.say(sentence)
