"""The loose objects of a folder by their hashes, 32 bytes of memory for each that is kept."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

HASH_BYTES = 32
_NAME = re.compile(r"([0-9a-f]{64})\.zst")


def hashes(folder: Path) -> Iterator[bytes]:
    """Hashes that the names of objects in ``folder`` are made of, in the folder's own order."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if match := _NAME.fullmatch(entry.name):
                yield bytes.fromhex(match[1])


def sorted_hashes(folder: Path) -> Iterator[str]:
    """As :func:`hashes`, sorted, in digits."""
    gathered = bytearray()
    for sha256 in hashes(folder):
        gathered += sha256
    sort(gathered)
    for at in range(0, len(gathered), HASH_BYTES):
        yield gathered[at : at + HASH_BYTES].hex()


def sort(gathered: bytearray) -> None:
    """Sort hashes that stand one after the other, where they stand."""
    np.frombuffer(gathered, f"S{HASH_BYTES}").sort()


def test_names_are_sorted_as_their_digits_are(tmp_path: Path) -> None:
    import hashlib

    names = [hashlib.sha256(b"%d" % number).hexdigest() for number in range(200)]
    # Zeros at the end and in between are no end of a text.
    names += ["00" * 32, "ab" * 31 + "00", "ab" * 30 + "0001", "00" * 31 + "01"]
    for name in names:
        (tmp_path / f"{name}.zst").touch()
    for other in ("x.zst", f"{names[0]}.tmp", f"{names[0].upper()}.zst", ".tmp-1"):
        (tmp_path / other).touch()
    assert list(sorted_hashes(tmp_path)) == sorted(names)
    assert list(sorted_hashes(tmp_path / "none")) == []
