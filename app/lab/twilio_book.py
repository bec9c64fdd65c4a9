"""What the local Twilio has taken: messages and contents, its own account of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

PAUSED: Final = {"paused": 63041, "disabled": 63042, "rejected": 63040}


@dataclass(slots=True)
class Taken:
    """One message that was accepted, and how far it got."""

    sid: str
    form: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)
    at: datetime
    status: str = "queued"
    error_code: int | None = None

    @property
    def attempt_key(self) -> str:
        query = parse_qs(urlsplit(self.form.get("StatusCallback", "")).query)
        return query.get("attempt", [""])[0]

    def resource(self, account: str) -> dict[str, Any]:
        """As the Messages resource shows it."""
        at = format_datetime(self.at)
        uri = f"/2010-04-01/Accounts/{account}/Messages/{self.sid}"
        return {
            "account_sid": account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": at,
            "date_sent": at if self.status not in ("queued", "accepted") else None,
            "date_updated": at,
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": None,
            "from": self.form.get("From"),
            "messaging_service_sid": self.form.get("MessagingServiceSid"),
            "num_media": "0",
            "num_segments": "1",
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.form["To"],
            "uri": f"{uri}.json",
        }

    def news(self, account: str) -> dict[str, str]:
        """As a status callback tells it."""
        told = {
            "AccountSid": account,
            "ApiVersion": "2010-04-01",
            "From": self.form.get("From", "+15005550006"),
            "MessageSid": self.sid,
            "MessageStatus": self.status,
            "SmsSid": self.sid,
            "SmsStatus": self.status,
            "To": self.form["To"],
        }
        if self.error_code is not None:
            told["ErrorCode"] = str(self.error_code)
        return told


@dataclass(slots=True)
class Content:
    """A content template, and what WhatsApp says of it."""

    sid: str
    name: str
    language: str
    variables: Mapping[str, str]
    types: Mapping[str, Any]
    at: datetime
    status: str = "unsubmitted"
    category: str = ""
    reason: str = ""

    @property
    def body(self) -> str:
        return str(self.types.get("twilio/text", {}).get("body", ""))

    def filled(self, variables: Mapping[str, str]) -> str:
        """The body as a reader sees it; a blank that nothing was given for shows its sample."""
        text = self.body
        for name, sample in self.variables.items():
            text = text.replace("{{" + name + "}}", variables.get(name, sample))
        return text

    def resource(self, account: str) -> dict[str, Any]:
        at = self.at.strftime("%Y-%m-%dT%H:%M:%SZ")
        url = f"https://content.twilio.com/v1/Content/{self.sid}"
        return {
            "account_sid": account,
            "date_created": at,
            "date_updated": at,
            "friendly_name": self.name,
            "language": self.language,
            "links": {
                "approval_create": f"{url}/ApprovalRequests/whatsapp",
                "approval_fetch": f"{url}/ApprovalRequests",
            },
            "sid": self.sid,
            "types": dict(self.types),
            "url": url,
            "variables": dict(self.variables),
        }

    def approval(self) -> dict[str, Any]:
        return {
            "allow_category_change": True,
            "category": self.category,
            "content_type": next(iter(self.types), ""),
            "name": self.name,
            "rejection_reason": self.reason,
            "status": self.status,
        }
