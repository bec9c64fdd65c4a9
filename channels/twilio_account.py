"""Whether an account at Twilio is fit to send: it answers, knows us, and our senders are its own.

Harmless to ask. Problems are sentences for whoever sets Duly up, and hold no customer's data.
"""

from __future__ import annotations

from typing import Final

from channels.errors import SendError
from channels.twilio_api import TwilioApi, object_of
from channels.twilio_messages import is_service

_WHY: Final = {
    "connect": "nobody listens there",
    "connect-timeout": "it does not answer",
    "timeout": "it does not answer",
    "dns": "its name is not known",
    "tls": "its certificate cannot be trusted",
    "20003": "it does not know this account and token",
    "20008": "these are test credentials, which send nothing",
}


async def account_problem(api: TwilioApi) -> str | None:
    """Why nothing can be sent by this account; None where all is well."""
    told = object_of(await api.call(lambda client: client.api.v2010.accounts(api.account).fetch()))
    if isinstance(told, SendError):
        return f"Twilio cannot be used: {_WHY.get(told.code, told.code)}"
    status = told.get("status")
    return None if status == "active" else f"the account at Twilio is {status}"


async def sender_problem(api: TwilioApi, sender: str, webhook: str) -> str | None:
    """Why this number or Messaging Service cannot be used; None where all is well.

    A name as a sender is nobody's number: it cannot be asked for, and hears no replies.
    """
    if is_service(sender):
        return await _service_problem(api, sender, webhook)
    if not sender.startswith("+"):
        return None
    told = object_of(
        await api.call(
            lambda client: client.incoming_phone_numbers.page(phone_number=sender, page_size=1)
        )
    )
    if isinstance(told, SendError):
        return f"{sender} cannot be asked for ({told.code})"
    found = told.get("incoming_phone_numbers") or []
    if not found:
        return f"{sender} is no number of this account"
    return _webhook_problem(sender, found[0].get("sms_url"), webhook)


async def _service_problem(api: TwilioApi, sid: str, webhook: str) -> str | None:
    told = object_of(await api.call(lambda client: client.messaging.v1.services(sid).fetch()))
    if isinstance(told, SendError):
        return f"{sid} is no Messaging Service of this account ({told.code})"
    if told.get("smart_encoding"):
        return f"{sid} has smart encoding on, which changes texts: switch it off"
    return _webhook_problem(sid, told.get("inbound_request_url"), webhook)


def _webhook_problem(sender: str, told: object, webhook: str) -> str | None:
    if told == webhook:
        return None
    return f"{sender} tells what people write to {told or 'nobody'} instead of {webhook}"
