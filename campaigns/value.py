"""Values that are made by the thousand: facts, states, decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots, to whoever reads, compares or hashes it and to the type
    checker, which is what refuses an assignment. Python would refuse it too, and takes four times
    as long to make one for that: a call for each field."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
