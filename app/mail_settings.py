"""The settings of mail: a relay and SendGrid. Part of `app.settings`, which reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings

from app.setting_kinds import Origin

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailSettings(BaseSettings):
    """A provider of mail is switched on by its first setting."""

    smtp_host: str = Field(
        default="", description="The mail relay's name: with it, senders of `smtp` can write."
    )
    smtp_port: int = Field(
        default=587, ge=1, le=65535, description="The relay's port: 587, or 465 with `tls`."
    )
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        description="How the way to the relay is encrypted; `none` is for this machine alone.",
    )
    smtp_username: str = Field(default="", description="Who logs in at the relay; empty: nobody.")
    smtp_password: SecretStr = Field(
        default=SecretStr(""), description="The password of that login."
    )
    smtp_ca_file: str = Field(
        default="",
        description="Certificates to trust instead of the system's, for a relay of your own.",
    )
    smtp_connections: int = Field(
        default=10, ge=1, le=500, description="Connections to the relay at the same time."
    )
    sendgrid_key: SecretStr = Field(
        default=SecretStr(""),
        description="The API key at SendGrid: with it, senders of `sendgrid` can write.",
    )
    sendgrid_webhook_key: str = Field(
        default="",
        description="The public key that SendGrid shows for signed events. Without it none of its"
        " events is taken.",
    )
    sendgrid_base_url: Origin = Field(
        default="https://api.sendgrid.com",
        description="Where SendGrid is; in Europe `https://api.eu.sendgrid.com`.",
    )

    sendgrid_inbound_key: str = Field(
        default="",
        description="The public key of the security policy of SendGrid's Inbound Parse: with it,"
        " `/webhooks/sendgrid-inbound` takes the mails that are signed.",
    )
    sendgrid_inbound_token: SecretStr = Field(
        default=SecretStr(""),
        description="Where Inbound Parse does not sign: a secret of at least 32 characters that the"
        " address holds, `/webhooks/sendgrid-inbound?token=…`.",
    )

    @field_validator("sendgrid_webhook_key", "sendgrid_inbound_key")
    @classmethod
    def _is_a_public_key(cls, value: str) -> str:
        # The P-256 key as SendGrid shows it: 91 bytes in base64, which all begin alike.
        if value and not re.fullmatch("MFkw[A-Za-z0-9+/]{118}==", value):
            raise ValueError("it is no verification key (124 characters that begin with MFkw)")
        return value

    @field_validator("sendgrid_inbound_token")
    @classmethod
    def _is_long_enough(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value()
        if token and not re.fullmatch("[A-Za-z0-9_-]{32,200}", token):
            raise ValueError("it is not 32 or more letters, digits, - and _")
        return value

    @property
    def smtp(self) -> Mapping[str, str]:
        """What the relay's channel is opened with; empty where there is no relay."""
        if not self.smtp_host:
            return {}
        return {
            "host": self.smtp_host,
            "port": str(self.smtp_port),
            "security": self.smtp_security,
            "username": self.smtp_username,
            "password": self.smtp_password.get_secret_value(),
            "ca_file": self.smtp_ca_file,
            "connections": str(self.smtp_connections),
        }

    @property
    def sendgrid(self) -> Mapping[str, str]:
        """What SendGrid's channel is opened with; empty where there is no key."""
        key = self.sendgrid_key.get_secret_value()
        return {"key": key, "base_url": self.sendgrid_base_url} if key else {}


def mail_gaps(settings: MailSettings) -> list[tuple[str, str, str]]:
    """Variable, problem and remedy of whatever is half set up."""
    found = []
    is_far = bool(settings.smtp_host) and settings.smtp_host not in _HERE
    if is_far and settings.smtp_security == "none":
        remedy = "Set starttls or tls; none is for a relay on this machine"
        found.append(("DULY_SMTP_SECURITY", "mails would be sent in the clear", remedy))
    if settings.smtp_username and not settings.smtp_password.get_secret_value():
        remedy = "Set it, or DULY_SMTP_PASSWORD_FILE"
        found.append(("DULY_SMTP_PASSWORD", "the login has no password", remedy))
    return found
