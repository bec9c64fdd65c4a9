"""What a provider approved of a message: the text that it fits, and what fills the blanks.

Asked where messages are prepared. A message that fits no approved text may be said for a day after
the customer wrote, in its own words; at any other time it is refused on its medium, and the case
takes the next.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlmodel import Session

from app.book.heard import Heard, heard_on_whatsapp
from app.delivery.claim import Claimed
from app.store.given import GIVEN, rows_given, table_of
from app.store.rows import ApprovedText
from app.wording.blanks import blanks_of
from app.wording.render import Rendered
from channels.seam import ApprovedContent, Medium

_TEXT = table_of(ApprovedText)


@dataclass(frozen=True, slots=True)
class Approvals:
    """The approved texts of a batch, by provider, template and language, and who wrote when."""

    texts: Mapping[tuple[str, str, str], Sequence[Row[Any]]] = field(default_factory=dict)
    heard: Heard = field(default_factory=dict)

    def content(self, claimed: Claimed, rendered: Rendered) -> ApprovedContent | None:
        """The approved text that this message is, if it is one."""
        key = (claimed.sender.provider, rendered.template, rendered.locale)
        for text in self.texts.get(key, ()):
            blanks = blanks_of(text.body, rendered.text)
            if blanks is not None:
                return ApprovedContent(text.content_id, blanks)
        return None

    def heard_at(self, claimed: Claimed) -> datetime | None:
        if not needs_approval(claimed):
            return None
        return self.heard.get((claimed.row["address_id"], claimed.sender.id))


def needs_approval(claimed: Claimed) -> bool:
    """The sandbox knows by itself what it approves."""
    return bool(claimed.row["medium"] == Medium.WHATSAPP and claimed.sender.provider != "sandbox")


def load_approvals(session: Session, claims: Sequence[Claimed]) -> Approvals:
    """Nothing is read where no message of the batch needs an approval."""
    asking = [claim for claim in claims if needs_approval(claim)]
    if not asking:
        return Approvals()
    texts: dict[tuple[str, str, str], list[Row[Any]]] = defaultdict(list)
    templates = sorted({claim.row["template"] for claim in asking})
    for row in rows_given(session, _TEXTS, templates):
        texts[row.provider, row.template, row.locale].append(row)
    customers = sorted({claim.row["customer_id"] for claim in asking})
    return Approvals(texts, heard_on_whatsapp(session, customers))


_TEXTS = (
    select(_TEXT)
    .where(_TEXT.c.template.in_(GIVEN), _TEXT.c.status == "approved")
    .order_by(_TEXT.c.id.desc())
)
