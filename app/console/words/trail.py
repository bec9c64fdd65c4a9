"""What the audit trail keeps of a draft of words."""

from __future__ import annotations

from app.drafting.reading import Draft


def trace(held: Draft) -> dict[str, str | int]:
    """What the audit trail keeps beside an act on a draft."""
    return {"draft": held.id, "template": held.name, "revision": held.revision}
