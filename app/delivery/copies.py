"""Who reads a mail along. Caps and consent are the recipient's; a copy is never sent alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.book.snapshot import Snapshot
from campaigns.facts import ChannelFact, ConsentState
from campaigns.vocabulary import ContactRole, Medium


def copies_of(snapshot: Snapshot) -> tuple[ChannelFact, ...]:
    """The mailboxes of contacts with the role copy. Who opted out, of whatever, gets no copy."""
    return tuple(
        channel
        for channel in snapshot.facts.channels
        if channel.role is ContactRole.COPY
        and channel.medium is Medium.EMAIL
        and channel.valid
        and channel.suppressed is None
        and not channel.offers_stopped
        and channel.consent is not ConsentState.WITHDRAWN
    )


def copied_to(
    message: Mapping[str, Any], snapshot: Snapshot, addresses: Mapping[int, str]
) -> tuple[str, ...]:
    """Where copies of this message go. Only mails can be copied."""
    if message["medium"] != Medium.EMAIL:
        return ()
    copies = {addresses[copy.address_id] for copy in copies_of(snapshot)}
    return tuple(sorted(copies - {addresses[message["address_id"]]}))
