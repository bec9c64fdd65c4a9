"""What WhatsApp says of the account's numbers: how it rates each (Twilio's Senders, version 2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from channels.errors import SendError
from channels.twilio_api import TwilioApi, object_of

_PREFIX: Final = "whatsapp:"
_PAGE: Final = 100
_MOST_PAGES: Final = 50
# Twilio's words, and Meta's own, which an answer may hold as well.
_RATINGS: Final = {
    "HIGH": "green", "GREEN": "green",
    "MEDIUM": "yellow", "YELLOW": "yellow",
    "LOW": "red", "RED": "red",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rated:
    """A number of ours: `quality` is green, yellow or red; None where nothing is said of it."""

    address: str
    quality: str | None


async def ratings(api: TwilioApi) -> list[Rated] | SendError:
    """Every WhatsApp number of the account, with how it is rated now."""
    found: list[Rated] = []
    for number in range(_MOST_PAGES):
        page = object_of(await api.call(partial(_page, number=number)))
        if isinstance(page, SendError):
            return page
        found += [_rated(one) for one in page.get("senders") or []]
        if not (page.get("meta") or {}).get("next_page_url"):
            break
    return found


def _page(client: Any, *, number: int) -> object:
    senders = client.messaging.v2.channels_senders
    return senders.page(channel="whatsapp", page_size=_PAGE, page_number=number)


def _rated(sender: Any) -> Rated:
    told = str((sender.get("properties") or {}).get("quality_rating") or "").upper()
    return Rated(str(sender.get("sender_id") or "").removeprefix(_PREFIX), _RATINGS.get(told))
