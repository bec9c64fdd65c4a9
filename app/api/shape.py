"""What all shapes of the API have in common."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
)

LARGEST_ID: Final = 2**31 - 1  # PostgreSQL's integer
_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def storable(text: str) -> str:
    """Raises `ValueError` for what no store can hold."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that no text may hold (NUL or half of one)")
    return text


def _no_flag(told: Any) -> Any:
    """Python takes true for 1: nobody means that row by it."""
    if isinstance(told, bool):
        raise ValueError("is no number")
    return told


def _written(pattern: str, example: str) -> BeforeValidator:
    """Takes only what is written out: a number would be taken for seconds from 1970 on."""
    form = re.compile(pattern, re.ASCII)

    def ensure(told: Any) -> Any:
        if not isinstance(told, date) and not (isinstance(told, str) and form.match(told)):
            raise ValueError(f"is no {example}")
        return told

    return BeforeValidator(ensure)


WRITTEN_DAY: Final = _written(r"\d{4}-\d{2}-\d{2}\Z", "date such as 2026-03-05")
_WRITTEN_INSTANT: Final = _written(
    r"\d{4}-\d{2}-\d{2}[T ]", "instant such as 2026-03-06T13:10:00+00:00"
)
Id = Annotated[int, Field(description="Duly's own number of it.", examples=[1042])]
IdTold = Annotated[
    int,
    Field(ge=1, le=LARGEST_ID, description="Duly's own number of it.", examples=[1042]),
    BeforeValidator(_no_flag),
]
WordTold = Annotated[str, Field(max_length=500), AfterValidator(storable)]
InstantTold = Annotated[
    AwareDatetime,
    Field(ge=_FIRST, le=_LAST, examples=["2026-03-06T13:10:00+00:00"]),
    _WRITTEN_INSTANT,
]
DayTold = Annotated[date, Field(examples=["2026-03-05"]), WRITTEN_DAY]
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


Instant = Annotated[AwareDatetime, Field(examples=["2026-03-06T13:10:00+00:00"])]
