"""What this room calls stored words. Each text is marked for its catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.web.catalogues import N_

STATES: Final[Mapping[str, str]] = {
    "waiting": N_("waits to leave"),
    "sending": N_("is leaving"),
    "accepted": N_("taken by the provider"),
    "assumed_sent": N_("assumed to be sent"),
    "refused": N_("refused"),
    "later": N_("tried again later"),
    "unclear": N_("not known"),
    "stopped": N_("stopped"),
    "expired": N_("too late"),
    "void": N_("given up before it left"),
    "sent": N_("has left"),
    "delivered": N_("delivered"),
    "read": N_("read"),
    "failed": N_("did not arrive"),
    "bounced": N_("came back"),
    "complained": N_("marked as spam"),
    "unsubscribed": N_("unsubscribed"),
}
STATUSES: Final[Mapping[str, str]] = {
    "V": N_("read in the source"),
    "S": N_("read in a second source"),
    "M": N_("measured"),
    "G": N_("a caution: nobody has read the source"),
    "P": N_("a rule of the house"),
}
KINDS: Final[Mapping[str, str]] = {
    "journey": N_("Journey"),
    "template": N_("Template"),
    "rules": N_("Rules"),
}
ADDRESSES: Final[Mapping[str, str]] = {
    "retired": N_("no longer used"),
    "invalid": N_("does not exist"),
    "suppressed": N_("closed: opted out, or came back"),
    "withdrawn": N_("consent withdrawn"),
    "no_sender": N_("no sender is set up"),
    "unhealthy": N_("the sender is not healthy"),
}
CONSENTS: Final[Mapping[str, str]] = {
    "given": N_("consent given"),
    "unknown": N_("no word on consent"),
    "withdrawn": N_("consent withdrawn"),
}
PARTS: Final[Mapping[str, str]] = {
    "due": N_("to come"),
    "paid": N_("paid"),
    "missed": N_("missed"),
}
RHYTHMS: Final[Mapping[str, str]] = {
    "weekly": N_("every week"),
    "fortnightly": N_("every two weeks"),
    "monthly": N_("every month"),
}
