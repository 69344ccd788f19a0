"""What a function gave, remembered: most texts of a catalogue occur again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Memo(dict[K, V]):
    """The values of ``function`` by argument, at most ``size`` of them: then it begins anew.

    A dictionary, so that one that is full of what is asked for is read without a call of Python's.
    """

    def __init__(self, function: Callable[[K], V], size: int) -> None:
        self._function = function
        self._size = size

    def __missing__(self, argument: K) -> V:
        if len(self) >= self._size:
            self.clear()
        value = self[argument] = self._function(argument)
        return value


def test_a_value_is_made_once_while_there_is_room() -> None:
    made: list[int] = []

    def double(number: int) -> int:
        made.append(number)
        return 2 * number

    memo = Memo(double, 2)
    assert [*map(memo.__getitem__, (1, 2, 1, 2))] == [2, 4, 2, 4]
    assert made == [1, 2]
    assert (memo[3], memo[1], len(memo)) == (6, 2, 2)
    assert made == [1, 2, 3, 1]
