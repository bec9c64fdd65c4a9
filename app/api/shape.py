"""What all shapes of the API have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

Id = Annotated[int, Field(description="Duly's own number of it.", examples=[1042])]
ExternalId = Annotated[
    str, Field(description="Its number in your own system.", examples=["C-10042"])
]
Minor = Annotated[
    int,
    Field(description="In the smallest unit of the currency: cents, agorot.", examples=[124050]),
]
Currency = Annotated[str, Field(description="ISO 4217.", examples=["ILS"])]


class Shape(BaseModel):
    """Read from a row. A column that a shape does not name is not told."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


def _utc(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


Instant = Annotated[
    AwareDatetime, BeforeValidator(_utc), Field(examples=["2026-03-06T13:10:00+00:00"])
]
