"""Where somebody spoke to us from: what answers them goes there, and to no other address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns.vocabulary import Medium


@dataclass(frozen=True, slots=True)
class Place:
    """An address, and the medium on which it spoke."""

    address_id: int
    medium: Medium

    @property
    def told(self) -> Mapping[str, Any]:
        """As the payload of a fact says it."""
        return {"address_id": self.address_id, "medium": self.medium}


def told_of(place: Place | None) -> Mapping[str, Any]:
    """The same for a place that may be nowhere in particular."""
    return place.told if place is not None else {}
