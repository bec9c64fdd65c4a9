"""What is wrong with a form about a user, in the words of its reader, at the field where it is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from app.console.office import Office
from app.staff.passwords import LONGEST, SHORTEST, PasswordRefused, Weakness
from app.staff.signing_in import NotRight, NotYet
from app.staff.users import UserFault, UserRefused
from app.web.catalogues import N_

WEAK: Final = {
    Weakness.SHORT: N_(
        "At least %(least)s letters: take some words that only you would put together."
    ),
    Weakness.LONG: N_("At most %(most)s letters."),
    Weakness.NAMED: N_("It holds the email you sign in with. Take another."),
    Weakness.COMMON: N_("It is among the first that anybody tries. Take another."),
}
WRONG: Final = {
    UserFault.NO_MAILBOX: N_("This is no email address. Write it like name@example.com."),
    UserFault.TAKEN: N_("There is a user with this email already."),
    UserFault.NAME: N_("Write a name of 1 to 200 letters."),
    UserFault.LANGUAGE: N_("Choose one of the languages."),
    UserFault.ZONE: N_("Choose one of the time zones."),
    UserFault.NO_ROLE: N_("Choose at least one role."),
    UserFault.LAST_ADMIN: N_(
        "Nobody else could run the house then. Make another administrator first, who has set a"
        " password."
    ),
    UserFault.UNKNOWN: N_("There is no such user any more."),
}
FIELDS: Final = {
    UserFault.NO_MAILBOX: "sign_in",
    UserFault.TAKEN: "sign_in",
    UserFault.NAME: "name",
    UserFault.LANGUAGE: "language",
    UserFault.ZONE: "zone",
    UserFault.NO_ROLE: "roles",
    UserFault.LAST_ADMIN: "roles",
    UserFault.UNKNOWN: "name",
}
NOT_RIGHT: Final = N_("The email or the password is wrong.")
OLD_NOT_RIGHT: Final = N_("That is not your password.")
TOO_MANY: Final = N_("There were too many tries. Try again in %(seconds)s seconds.")

Faults = dict[str, str]
"""By the name of a field."""


def of_password(office: Office, language: str, refused: PasswordRefused) -> Faults:
    words = office.pages.words(language, WEAK[refused.weakness])
    return {"password": words % {"least": SHORTEST, "most": LONGEST}}


def of_user(office: Office, language: str, refused: UserRefused) -> Faults:
    return {FIELDS[refused.fault]: office.pages.words(language, WRONG[refused.fault])}


def of_proof(
    office: Office, language: str, refused: NotRight | NotYet, field: str, now: datetime
) -> Faults:
    """Where the password of somebody who is signed in was asked for anew."""
    if isinstance(refused, NotYet):
        return {field: too_many(office, language, refused, now)}
    return {field: office.pages.words(language, OLD_NOT_RIGHT)}


def too_many(office: Office, language: str, refused: NotYet, now: datetime) -> str:
    seconds = max(1, round((refused.until - now).total_seconds()))
    return office.pages.words(language, TOO_MANY) % {"seconds": seconds}


def status_of(refused: NotRight | NotYet) -> int:
    return 429 if isinstance(refused, NotYet) else 422
