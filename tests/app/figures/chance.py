"""Choices that look random and come out the same each time: hashes of a seed and of a count."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Chance:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def below(self, end: int) -> int:
        self._drawn += 1
        drawn = sha256(f"{self._seed}:{self._drawn}".encode()).digest()
        return int.from_bytes(drawn[:6], "big") % end

    def one_of(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]
