"""Many keys in little memory: 8 bytes each, the first of their hash."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from components.store.object_store import key_parts
from components.store.pack_file import prefix_of

Prefixes = npt.NDArray[np.uint64]
_NONE: Prefixes = np.empty(0, np.uint64)


class KeySet:
    """Keys of objects, to be asked for; what is no key is kept as it is.

    Two objects whose hashes begin alike count as one: that is as good as impossible, and errs
    towards keeping.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        gathered: dict[str, array[int]] = {}
        self.others: set[str] = set()
        for key in keys:
            if (parts := key_parts(key)) is None:
                self.others.add(key)
            else:
                gathered.setdefault(parts[0], array("Q")).append(prefix_of(parts[1]))
        self._prefixes: dict[str, Prefixes] = {
            name: np.unique(np.frombuffer(found, np.uint64)) for name, found in gathered.items()
        }

    def add(self, artifact_type: str, prefixes: Prefixes) -> None:
        """Add objects of a type by the prefixes of their hashes."""
        self._prefixes[artifact_type] = np.union1d(self.of(artifact_type), prefixes)

    def of(self, artifact_type: str) -> Prefixes:
        """The prefixes of a type's objects, sorted."""
        return self._prefixes.get(artifact_type, _NONE)

    def __contains__(self, key: str) -> bool:
        if (parts := key_parts(key)) is None:
            return key in self.others
        prefixes, prefix = self.of(parts[0]), np.uint64(prefix_of(parts[1]))
        at = int(prefixes.searchsorted(prefix))
        return at < len(prefixes) and bool(prefixes[at] == prefix)


def test_keys_are_found_again() -> None:
    keys = [f"objects/{name}/{n:064x}.zst" for name in ("model_obj", "part_image") for n in (0, 5)]
    large = f"objects/model_obj/{'f' * 64}.zst"
    found = KeySet([*keys, large, "junk"])
    assert all(key in found for key in (*keys, large, "junk"))
    other = f"objects/model_step/{'1' * 64}.zst"
    assert other not in found and "other" not in found and large.replace("f", "e") not in found
    found.add("model_step", np.array([prefix_of("1" * 64)], np.uint64))
    assert other in found
