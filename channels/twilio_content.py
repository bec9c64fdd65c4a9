"""Twilio's Content API: a text with blanks is written, submitted to WhatsApp, and looked after.

WhatsApp approves a text in one language. It may change the category by itself, pause what people
complain of, and reject; the published contract tells status, category and reason, and no quality.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from channels.errors import SendError
from channels.twilio_api import TwilioApi, object_of

APPROVED: Final = "approved"
_PAGE: Final = 500
_MOST_PAGES: Final = 20
# Codes are case-sensitive; there is no ar_SA and no he_IL.
_LANGUAGES: Final = frozenset(
    "en en_US en_GB he ar ar_AE ar_EG lt lv et pl fr de it es ro ru uk tr pt_PT pt_BR".split()
)


@dataclass(frozen=True, slots=True)
class Content:
    """A text at Twilio and what WhatsApp says of it. `reason` is WhatsApp's own, of a rejection."""

    id: str
    name: str
    language: str
    body: str = field(repr=False)
    status: str = ""
    category: str = ""
    reason: str = ""


def language_code(locale: str) -> str | None:
    """WhatsApp's code for a locale: with its region where there is one, else the language."""
    tag = locale.replace("-", "_")
    language, _, region = tag.partition("_")
    exact = f"{language.lower()}_{region.upper()}" if region else language.lower()
    return next((code for code in (exact, language.lower()) if code in _LANGUAGES), None)


async def submit(
    api: TwilioApi, *, name: str, locale: str, body: str, samples: Mapping[str, str], category: str
) -> Content | SendError:
    """Writes the text at Twilio and asks WhatsApp to approve it. Not harmless to repeat: each
    time is another text. Raises ValueError for a language that WhatsApp does not have."""
    language = language_code(locale)
    if language is None:
        raise ValueError(f"WhatsApp has no language {locale!r}")
    asked = {
        "friendly_name": name,
        "language": language,
        "variables": dict(samples),
        "types": {"twilio/text": {"body": body}},
    }
    written = await api.call(lambda client: client.content.v1.contents.create(Json(asked)))
    content = object_of(written)
    if isinstance(content, SendError):
        return content
    sid = str(content.get("sid"))
    wanted = Json({"name": name, "category": category})
    approval = object_of(
        await api.call(
            lambda client: client.content.v1.contents(sid).approval_create.create(wanted)
        )
    )
    if isinstance(approval, SendError):
        return approval
    return _content({**content, "approval_requests": approval})


async def contents(api: TwilioApi) -> list[Content] | SendError:
    """All texts of the account, with what WhatsApp says of each now."""
    found: list[Content] = []
    for number in range(_MOST_PAGES):
        page = object_of(await api.call(partial(_page, number=number)))
        if isinstance(page, SendError):
            return page
        found += [_content(one) for one in page.get("contents", [])]
        if not page.get("meta", {}).get("next_page_url"):
            break
    return found


def _page(client: Any, *, number: int) -> object:
    return client.content.v1.content_and_approvals.page(page_size=_PAGE, page_number=number)


class Json:
    """What the library wants of a body: that it can be made a dict."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = dict(content)

    def to_dict(self) -> dict[str, Any]:
        return self._content


def _content(row: Mapping[str, Any]) -> Content:
    approval = row.get("approval_requests") or {}
    bodies = [kind.get("body", "") for kind in (row.get("types") or {}).values()]
    return Content(
        id=str(row.get("sid")),
        name=str(approval.get("name") or row.get("friendly_name") or ""),
        language=str(row.get("language")),
        body=str(next(iter(bodies), "")),
        status=str(approval.get("status") or ""),
        category=str(approval.get("category") or "").lower(),
        reason=str(approval.get("rejection_reason") or ""),
    )
