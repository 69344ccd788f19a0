"""Many keys in little memory: 8 bytes each, the first of their hash."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from components.store.object_store import key_parts
from components.store.pack_file import prefix_of

if TYPE_CHECKING:
    from pytest import MonkeyPatch

Prefixes = npt.NDArray[np.uint64]
_NONE: Prefixes = np.empty(0, np.uint64)
# Keys that are gathered before those that came again are taken out.
_GATHERED = 65_536


class KeySet:
    """Keys of objects, to be asked for; what is no key is kept as it is.

    Two objects whose hashes begin alike count as one: that is as good as impossible, and errs
    towards keeping.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        gathered: dict[str, array[int]] = {}
        self.others: set[str] = set()
        full: dict[str, int] = {}
        for key in keys:
            if (parts := key_parts(key)) is None:
                self.others.add(key)
                continue
            name, sha256 = parts
            found = gathered.setdefault(name, array("Q"))
            found.append(prefix_of(sha256))
            # Each manifest and snapshot names most of them again.
            if len(found) >= full.get(name, _GATHERED):
                _make_distinct(found)
                full[name] = max(_GATHERED, 2 * len(found))
        for found in gathered.values():
            _make_distinct(found)
        self._prefixes: dict[str, Prefixes] = {
            name: np.frombuffer(found, np.uint64) for name, found in gathered.items()
        }

    def add(self, artifact_type: str, prefixes: Prefixes) -> None:
        """Add objects of a type by the prefixes of their hashes."""
        self._prefixes[artifact_type] = np.union1d(self.of(artifact_type), prefixes)

    def of(self, artifact_type: str) -> Prefixes:
        """The prefixes of a type's objects, sorted."""
        return self._prefixes.get(artifact_type, _NONE)

    def has(self, artifact_type: str, prefixes: Prefixes) -> npt.NDArray[np.bool_]:
        """Which of ``prefixes`` are those of objects of a type."""
        return self.places(artifact_type, prefixes) >= 0

    def places(self, artifact_type: str, prefixes: Prefixes) -> npt.NDArray[np.int64]:
        """Where each of ``prefixes`` stands in :meth:`of`; -1 for those that do not."""
        own = self.of(artifact_type)
        if not len(own):
            return np.full(len(prefixes), -1)
        at = np.minimum(own.searchsorted(prefixes), len(own) - 1)
        return np.where(own[at] == prefixes, at, -1)

    def __contains__(self, key: str) -> bool:
        if (parts := key_parts(key)) is None:
            return key in self.others
        prefixes, prefix = self.of(parts[0]), np.uint64(prefix_of(parts[1]))
        at = int(prefixes.searchsorted(prefix))
        return at < len(prefixes) and bool(prefixes[at] == prefix)


def _make_distinct(found: array[int]) -> None:
    """Sort numbers, and leave each once, where they stand."""
    numbers = np.frombuffer(found, np.uint64)
    numbers.sort()
    count = 0
    last = None
    for first in range(0, len(numbers), _GATHERED):
        piece = numbers[first : first + _GATHERED]
        is_new = np.empty(len(piece), np.bool_)
        is_new[0] = last is None or piece[0] != last
        np.not_equal(piece[1:], piece[:-1], out=is_new[1:])
        last = piece[-1].copy()
        distinct = piece[is_new]
        numbers[count : count + len(distinct)] = distinct
        count += len(distinct)
    # An array that is looked at cannot be cut.
    if len(numbers):
        del piece
    del numbers
    del found[count:]


def test_keys_are_found_again() -> None:
    keys = [f"objects/{name}/{n:064x}.zst" for name in ("model_obj", "part_image") for n in (0, 5)]
    large = f"objects/model_obj/{'f' * 64}.zst"
    found = KeySet([*keys, large, "junk"])
    assert all(key in found for key in (*keys, large, "junk"))
    other = f"objects/model_step/{'1' * 64}.zst"
    assert other not in found and "other" not in found and large.replace("f", "e") not in found
    found.add("model_step", np.array([prefix_of("1" * 64)], np.uint64))
    assert other in found


def test_keys_that_come_again_take_no_memory(monkeypatch: MonkeyPatch) -> None:
    import random
    import tracemalloc

    monkeypatch.setattr(f"{__name__}._GATHERED", 64)
    dice = random.Random(7)
    for count in (0, 1, 63, 64, 65, 1000):
        numbers = [dice.choice((0, 2**64 - 1, dice.getrandbits(64))) for _ in range(count)]
        found = array("Q", numbers * 3)
        _make_distinct(found)
        assert found.tolist() == sorted(set(numbers))
    hashes = [f"{dice.getrandbits(256):064x}" for _ in range(20_000)]
    keys = (f"objects/model_obj/{sha256}.zst" for _ in range(5) for sha256 in hashes)
    tracemalloc.start()
    found_keys = KeySet(keys)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    prefixes = np.array([prefix_of(sha256) for sha256 in hashes], np.uint64)
    assert found_keys.of("model_obj").tolist() == sorted(prefixes.tolist())
    assert peak_bytes < 32 * len(hashes)
    others = np.array([0, 2**64 - 1], np.uint64)
    assert found_keys.has("model_obj", prefixes).all()
    assert not found_keys.has("model_obj", others).any()
    assert not found_keys.has("part_image", prefixes).any()
    places = found_keys.places("model_obj", prefixes)
    assert (found_keys.of("model_obj")[places] == prefixes).all()
