"""The providers that carry messages here, and one channel of theirs for a single message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from app.delivery.calls import Calls, Run
from app.settings import Settings
from campaigns.worded import worded
from channels.errors import UnknownChannel
from channels.registry import open_channel
from channels.seam import Channel, Medium


def providers(settings: Settings) -> Mapping[str, Mapping[str, str]]:
    """The providers that carry messages here, and what their channels are opened with."""
    if settings.provider == "sandbox":
        return {"sandbox": {"ledger": str(settings.sandbox_ledger)}}
    known = {"twilio": settings.twilio, "smtp": settings.smtp, "sendgrid": settings.sendgrid}
    return {name: given for name, given in known.items() if given}


@contextmanager
def opened_channel(
    settings: Settings, medium: Medium, provider: str
) -> Iterator[tuple[Channel, Run]]:
    """One channel and what runs its calls. Raises `UnknownChannel` for one that is not set up."""
    known = providers(settings)
    if provider not in known:
        raise UnknownChannel(
            worded(
                "%(provider)s is not set up here: give its settings, and choose it by"
                " DULY_PROVIDER",
                provider=provider,
            )
        )
    with Calls() as calls:
        channel = open_channel(medium, provider, known[provider])
        try:
            yield channel, calls.run
        finally:
            calls.run(channel.close())
