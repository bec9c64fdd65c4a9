"""What messages say of a creditor, and what it can do: staff tell it, no feed does."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy import select, update
from sqlmodel import Session

from app.store.given import table_of
from app.store.rows import Creditor

BRAND_FACTS = (
    "person", "colour", "phone", "postal_address", "handover_to", "department", "working_hours",
    "on_behalf_of", "behalf_address", "supervisor", "website",
)  # fmt: skip

_CREDITOR = table_of(Creditor)
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class BrandRefused(ValueError):
    """A fact that pages could not show; says which, and how it is written."""


def change_creditor(
    session: Session, external_id: str, *, brand: Mapping[str, str], capability: str | None
) -> bool:
    """Adds to the brand (an empty value takes the fact away) and to what the creditor can do.
    Answers whether there is such a creditor. Raises `BrandRefused`."""
    if (colour := brand.get("colour")) and not _COLOUR.fullmatch(colour):
        raise BrandRefused(f"the colour is written #rrggbb, such as #0b6e8f; {colour!r} is not")
    query = (
        select(_CREDITOR)
        .where(_CREDITOR.c.external_id == external_id)
        .with_for_update(key_share=True)
    )
    row = session.connection().execute(query).one_or_none()
    if row is None:
        return False
    changed = {name: value for name, value in {**row.brand, **brand}.items() if value}
    able = sorted({*row.capabilities, *([capability] if capability else [])})
    session.connection().execute(
        update(_CREDITOR).where(_CREDITOR.c.id == row.id).values(brand=changed, capabilities=able)
    )
    return True
