"""Repeatable choices: a small generator of our own, so that no Python release changes a part."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1

# IEC 60063: preferred values of a decade.
E12 = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2)
E24 = (
    *(1.0, 1.1, 1.2, 1.3, 1.5, 1.6, 1.8, 2.0, 2.2, 2.4, 2.7, 3.0),
    *(3.3, 3.6, 3.9, 4.3, 4.7, 5.1, 5.6, 6.2, 6.8, 7.5, 8.2, 9.1),
)
E96 = tuple(round(10 ** (step / 96), 2) for step in range(96))


class Draw:
    """A stream of choices that depends on its seed words alone (SplitMix64, Steele 2014)."""

    def __init__(self, *seed: object) -> None:
        text = "\x00".join(map(str, seed)).encode()
        self._state = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")

    def below(self, limit: int) -> int:
        """A whole number of ``range(limit)``."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ (mixed >> 31)) % limit

    def pick(self, options: Sequence[T]) -> T:
        return options[self.below(len(options))]

    def chance(self, share: float) -> bool:
        return self.below(1_000_000) < share * 1_000_000

    def value(self, series: Sequence[float], low_exponent: int, high_exponent: int) -> float:
        """A preferred value from ``10**low_exponent`` up to below ``10**high_exponent``."""
        mantissa = self.pick(series)
        exponent = low_exponent + self.below(high_exponent - low_exponent)
        return float(f"{mantissa}e{exponent}")


def test_the_same_seed_draws_the_same_for_ever() -> None:
    draw = Draw("components", 7)
    assert [draw.below(1000) for _ in range(5)] == [289, 379, 361, 180, 733]
    assert Draw("components", 8).below(10**9) != Draw("components", 7).below(10**9)


def test_values_are_preferred_numbers() -> None:
    draw = Draw("values")
    values = [draw.value(E24, -1, 6) for _ in range(200)]
    assert all(0.1 <= value < 1e6 for value in values)
    assert {f"{value:e}"[:3] for value in values} <= {f"{step:.1f}" for step in E24}
    assert len(E96) == 96 and E96[:3] == (1.0, 1.02, 1.05)
