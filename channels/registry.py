"""Which channels exist: the one list that a new channel adds its line to.

Modules are named and not imported, so that a provider's library is loaded only where that
provider is used.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

from channels.errors import UnknownChannel
from channels.seam import Capabilities, Channel, Medium

CHANNELS: Final[Mapping[tuple[Medium, str], str]] = {
    (Medium.SMS, "sandbox"): "channels.sandbox:SandboxSms",
    (Medium.SMS, "twilio"): "channels.sms_twilio:TwilioSms",
    (Medium.EMAIL, "sandbox"): "channels.sandbox:SandboxEmail",
    (Medium.EMAIL, "sendgrid"): "channels.email_sendgrid:SendGridEmail",
    (Medium.EMAIL, "smtp"): "channels.email_smtp:SmtpEmail",
    (Medium.WHATSAPP, "sandbox"): "channels.sandbox:SandboxWhatsapp",
    (Medium.WHATSAPP, "twilio"): "channels.whatsapp_twilio:TwilioWhatsapp",
}


def open_channel(medium: Medium, provider: str, settings: Mapping[str, str]) -> Channel:
    """A ready channel, built by its class's `from_settings`.

    Raises UnknownChannel where none is registered, and ValueError where a setting is unknown,
    missing or unreadable.
    """
    place = CHANNELS.get((medium, provider))
    if place is None:
        known = ", ".join(name for kind, name in CHANNELS if kind is medium)
        raise UnknownChannel(f"no {medium} channel for provider {provider!r}: there is {known}")
    channel: Channel = _class_at(place).from_settings(settings)
    return channel


def is_real(medium: Medium, provider: str) -> bool:
    """Whether what it takes reaches people. What is not registered may."""
    place = CHANNELS.get((medium, provider))
    able = getattr(_class_at(place), "capabilities", None) if place else None
    return able.real if isinstance(able, Capabilities) else True


def _class_at(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
