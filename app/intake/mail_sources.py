"""Where mail comes from: a relay of ours by a pipe, or SendGrid's Inbound Parse over the web."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlsplit

from app.hearing.mail import UnreadableMail, read_mail
from app.hearing.mail_form import mail_in
from app.intake.errors import Forged, Unreadable
from app.intake.mails import heard_in
from app.intake.sources import TARGET, Heard
from channels.sendgrid_events import is_genuine

ENVELOPE: Final = "x-duly-envelope-to"
"""The header under which a pipe says whom the relay took a mail for."""


class PipedMail:
    """Mails (RFC 5322) that a relay of ours hands over. Never open to the web: nothing is signed.

    `secret` made the addresses that replies come back to.
    """

    name = "mail"

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        envelope = [headers[ENVELOPE]] if headers.get(ENVELOPE) else []
        try:
            return [heard_in(read_mail(body, envelope), self._secret, now)]
        except UnreadableMail as unreadable:
            raise Unreadable(str(unreadable)) from unreadable


class SendGridInbound:
    """SendGrid's Inbound Parse: a form a mail, raw or taken apart.

    `key` is the public key of its security policy; then nothing unsigned is believed. Without one
    the address that is called must hold `token`: see `DULY_SENDGRID_INBOUND_TOKEN`.
    """

    name = "sendgrid-inbound"

    def __init__(self, secret: bytes, *, key: str = "", token: str = "") -> None:
        if not (key or token):
            raise ValueError("anybody could post mail: give a key, or a token for the address")
        self._secret = secret
        self._key = key
        self._token = token

    def hear(self, body: bytes, headers: Mapping[str, str], now: datetime) -> Sequence[Heard]:
        named = {name.lower(): value for name, value in headers.items()}
        if not self._is_genuine(body, named, now):
            raise Forged("neither a signature nor the token of the address fits")
        try:
            mail = mail_in(body, named.get("content-type", ""))
        except UnreadableMail as unreadable:
            raise Unreadable(str(unreadable)) from unreadable
        return [heard_in(mail, self._secret, now)]

    def _is_genuine(self, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
        if self._key:
            return is_genuine(body, headers, self._key, now)
        given = parse_qs(urlsplit(headers.get(TARGET, "")).query).get("token", [""])[0]
        return hmac.compare_digest(given.encode(), self._token.encode())
