"""Hostile bytes over the library's boundary, in a process of their own: a fault would be seen."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from components.core.errors import LookupIndexError
from components.native.lookup import Lookup
from components.testing import lookup as lookup_testing
from components.testing.extent import sized
from components.testing.library import library
from components.transform.index import build_index

pytestmark = pytest.mark.long
ROUNDS = sized(20_000, 1_000_000)
STATUSES = {200, 400, 422}
PIECES = (b'"', b"\\", b"\\u", b"{", b"}", b"[", b"]", b",", b":", b"1e999", b"-", b"\xff", b"\0")


def test_hostile_bytes_never_crash(tmp_path: Path) -> None:
    lookup_testing.write_fast(tmp_path / "fast.sqlite", 40)
    build_index(tmp_path / "fast.sqlite", library(), tmp_path / "lookup.idx")
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path), str(ROUNDS)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONFAULTHANDLER": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    counts = json.loads(done.stdout)
    assert counts["200"] > 0 and counts["400"] > 0 and counts["422"] > 0
    assert counts["files refused"] == counts["files"]


def bombard(folder: Path, rounds: int) -> None:
    """Ask mangled questions, then open mangled files; print what came back, counted."""
    counts: dict[str, int] = dict.fromkeys(map(str, sorted(STATUSES)), 0)
    chance = random.Random(8)
    lookup = Lookup.open(library(), folder / "lookup.idx")
    for number in range(rounds):
        family = chance.choice(lookup_testing.SCHEMA["families"])
        body = json.dumps(lookup_testing.request(family, chance)).encode()
        if number % 4 == 0:
            body = b'{"queries":[%b,%b]}' % (body, body)
        mangled = _mangled(body, chance)
        reply = (lookup.query_batch if number % 4 == 0 else lookup.query)(mangled)
        assert reply.status in STATUSES, (mangled, reply)
        assert isinstance(json.loads(reply.body), dict)
        counts[str(reply.status)] += 1
    counts |= _open_mangled(folder, rounds // 100, chance)
    print(json.dumps(counts))


def _mangled(body: bytes, chance: random.Random) -> bytes:
    data = bytearray(body)
    for _ in range(chance.choice((0, 1, 1, 2, 5))):
        place = chance.randrange(len(data) + 1)
        change = chance.randrange(5)
        if change == 0 and data:
            data[min(place, len(data) - 1)] = chance.randrange(256)
        elif change == 1:
            del data[place : place + chance.choice((1, 1, 5, 1000))]
        elif change == 2:
            data[place:place] = chance.choice(PIECES)
        elif change == 3:
            data[place:place] = data[place : place + chance.randrange(40)]
        else:
            data[place:place] = b"[" * chance.choice((1, 31, 5000))
    return bytes(data)


def _open_mangled(folder: Path, rounds: int, chance: random.Random) -> dict[str, int]:
    whole = (folder / "lookup.idx").read_bytes()
    refused = 0
    for number in range(rounds):
        data = bytearray(whole)
        place = chance.randrange(len(data))
        if number % 3 == 0:
            del data[place:]
        elif number % 3 == 1:
            data[place : place + 8] = bytes(b ^ 0xFF for b in data[place : place + 8])
        else:
            data[place:place] = b"\0"
        (folder / "bad.idx").write_bytes(data)
        try:
            Lookup.open(library(), folder / "bad.idx").query(b"{}")
        except LookupIndexError:
            refused += 1
    return {"files": rounds, "files refused": refused}


if __name__ == "__main__":
    bombard(Path(sys.argv[1]), int(sys.argv[2]))
