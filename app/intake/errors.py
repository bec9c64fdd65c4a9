"""What intake refuses or puts off.

IntakeError
├── Forged       nobody who knows the secret sent it: refused, not stored
├── Busy         more calls wait than may: neither looked at nor stored, and welcome later
├── Unreadable   sent by the right one, but not what it documents: stored, and a task
└── Premature    refers to something that is not on record yet: stored, and tried again

Their sentences hold ids and codes, never what a person wrote: they are kept as the problem of the
stored callback.
"""

from __future__ import annotations


class IntakeError(Exception):
    """A callback that cannot be taken as it is."""


class Forged(IntakeError):
    """The signature is missing, wrong or stale."""


class Busy(IntakeError):
    """So many calls wait that a further one would only make all of them late."""


class Unreadable(IntakeError):
    """The signature is right and the content cannot be read."""


class Premature(IntakeError):
    """It refers to something that is not on record, and may be soon."""
