"""What a room's file keeps of each part's reading, so that the next run reads what changed alone.

A reading depends on a part's texts and on the room's code; stock, price and flags are joined to it
anew. A kept one is taken where the same code read the same texts: it is then what a reading would
give, byte for byte, so that nothing of the files' history shows. What is damaged is read anew.
"""

from __future__ import annotations

import hashlib
import marshal
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from components.families.model import Value
from components.families.reading import Counts

TABLE = "reading"
COLUMNS = "(lcsc_id INTEGER PRIMARY KEY NOT NULL, reading BLOB NOT NULL)"
DIGEST_BYTES = 16
_SUM_BYTES = 4
_HEAD_BYTES = DIGEST_BYTES + _SUM_BYTES
_BEHIND_ALL = 1 << 64, b""


# A plain tuple: it is made for every part, and is what comes back from a file.
Reading = tuple[int, str | None, bool, bool | None, tuple[Counts, Counts] | None, tuple[Value, ...]]
"""What a part's texts were read as, whatever its stock.

The place of its family among the room's; why the part is not pickable; whether the tolerance is
that of the part number's letter; whether the letter agrees with what the texts state, None where
one of them says nothing; unread texts and disagreements as a reader counts them; the values.
"""


def recorded(path: Path, what: Literal["key", "code"]) -> str | None:
    """What a room's file says it was made from, or by which code its readings; None: nothing."""
    if not path.is_file():
        return None
    try:
        with closing(_opened(path)) as db:
            row = db.execute(f"SELECT {what} FROM made_from").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None or not isinstance(row[0], str) else row[0]


def digest_of(texts: tuple[Any, ...]) -> bytes:
    """Of all that a part's reading depends on besides the code."""
    # Version 2 of the format depends on values alone; later ones on reference counts too.
    return hashlib.sha256(marshal.dumps(texts, 2)).digest()[:DIGEST_BYTES]


def packed(digest: bytes, reading: Reading) -> bytes:
    """A reading as it is kept: the digest of its texts, a sum, and what was read."""
    content = marshal.dumps(reading, 2)
    return digest + zlib.crc32(content).to_bytes(_SUM_BYTES, "little") + content


class Kept:
    """The readings that an earlier file keeps, asked for in the order of part numbers."""

    def __init__(self, path: Path | None, first: int) -> None:
        """Those of part numbers from ``first`` on; None has none."""
        self._rows = iter(()) if path is None else _rows(path, first)
        self._number, self._packed = next(self._rows, _BEHIND_ALL)

    def find(self, number: int, digest: bytes) -> tuple[bytes, Reading] | None:
        """A part's reading, packed and as it is, if it is of the same texts."""
        while self._number < number:
            self._number, self._packed = next(self._rows, _BEHIND_ALL)
        packed = self._packed
        if self._number != number or not packed.startswith(digest):
            return None
        content = packed[_HEAD_BYTES:]
        sum_ = int.from_bytes(packed[DIGEST_BYTES:_HEAD_BYTES], "little")
        if not content or zlib.crc32(content) != sum_:
            return None
        return packed, marshal.loads(content)


def _rows(path: Path, first: int) -> Iterator[tuple[int, bytes]]:
    try:
        with closing(_opened(path)) as db:
            for number, packed in db.execute(
                f"SELECT lcsc_id, reading FROM {TABLE} WHERE lcsc_id >= ? ORDER BY lcsc_id",
                (first,),
            ):
                if isinstance(packed, bytes):
                    yield number, packed
    except sqlite3.Error:
        # Damaged: what was not reached is read anew.
        return


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _example(path: Path, rows: list[tuple[int, bytes]]) -> Path:
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(f"CREATE TABLE {TABLE} {COLUMNS}")
        db.executemany(f"INSERT INTO {TABLE} VALUES (?, ?)", rows)
        db.execute("CREATE TABLE made_from (key, code)")
        db.execute("INSERT INTO made_from VALUES ('k', 'c')")
    return path


def test_a_reading_is_found_by_its_number_and_texts(tmp_path: Path) -> None:
    counted: tuple[Counts, Counts] = ((("a", "1?", 1),), ())
    told: Reading = (3, "no", True, False, counted, (1.5, None, "N", -0.0))
    digests = {number: digest_of(("resistor", number, b"\xff", None)) for number in (2, 5, 9)}
    rows = [(number, packed(digest, told)) for number, digest in digests.items()]
    path = _example(tmp_path / "a.sqlite", rows)
    assert recorded(path, "code") == "c" and recorded(path, "key") == "k"
    kept = Kept(path, 3)
    assert kept.find(4, digests[5]) is None
    assert kept.find(5, digests[2]) is None
    assert kept.find(5, digests[5]) == (rows[1][1], told)
    assert kept.find(10, digests[9]) is None
    assert kept.find(1 << 62, digests[9]) is None
    assert Kept(None, 0).find(5, digests[5]) is None


def test_what_is_damaged_is_not_taken(tmp_path: Path) -> None:
    digest = digest_of((1,))
    whole = packed(digest, (0, None, False, None, None, (4.7,)))
    flipped = [
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
        for place in range(len(whole))
    ]
    for wrong in (*flipped, whole[:-1], digest, b"", "text", 7):
        path = _example(tmp_path / "a.sqlite", [(1, wrong)])  # type: ignore[list-item]
        assert Kept(path, 0).find(1, digest) is None, wrong
    path = _example(tmp_path / "a.sqlite", [(number, whole) for number in range(999)])
    content = path.read_bytes()
    for start in range(0, len(content), 4096):
        path.write_bytes(content[:start] + b"\xa5" * 4096 + content[start + 4096 :])
        kept = Kept(path, 0)
        for number in range(999):
            found = kept.find(number, digest)
            assert found is None or found[0] == whole
        recorded(path, "code")
    path.write_bytes(b"")
    assert Kept(path, 0).find(1, digest) is None and recorded(path, "code") is None
    assert recorded(tmp_path / "none", "code") is None
