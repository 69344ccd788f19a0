"""What the source holds, as digests: of the whole, and of what each family's table depends on.

They let a plan tell which products a new source makes stale without building anything: a change
of one part's stock changes the digest of its family and of the whole, and no other.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from components.source.catalogue import Category, categories, open_catalogue, reading

# A family's table may depend on these columns of `part_rows` only; on the names of the part's
# category too, but not on its price, datasheet, manufacturer's name or time of update.
FAMILY_COLUMNS = (
    *("lcsc", "mfr", "package", "joints", "basic", "preferred", "description", "stock"),
    *("extra", "jlc_extra"),
)
OTHER_COLUMNS = ("manufacturer_id", "price", "datasheet", "last_update")
BLOCK = 1 << 20
"""Part numbers that are digested together; a digest is of its blocks' digests."""
SHARED_FROM = 20_000
"""Parts from which a second process is worth its start."""


@dataclass(frozen=True)
class SourceDigest:
    """``whole`` and each of ``families`` are SHA-256 in hexadecimal.

    ``families`` holds the families that the source has parts of.
    """

    whole: str
    families: dict[str, str]
    parts: int


class _Block(NamedTuple):
    number: int
    parts: int
    categories: dict[Any, str]
    """Digests of :data:`FAMILY_COLUMNS` by id."""
    rest: str
    """Digest of :data:`OTHER_COLUMNS`."""


def digest_source(
    path: Path, max_components: int, family_of: Callable[[str, str], str | None]
) -> SourceDigest:
    """Digests of the catalogue at ``path`` (see ``open_catalogue``), in constant memory.

    ``family_of(category, subcategory)`` names the family of a category, or is None. Two processes
    share a large catalogue; the digests do not depend on that. Raises :class:`SourceError`.
    """
    with closing(open_catalogue(path, max_components)) as connection, reading(path):
        (parts,) = connection.execute("SELECT count(*) FROM part_rows").fetchone()
        (middle,) = connection.execute(
            "SELECT lcsc FROM part_rows ORDER BY lcsc LIMIT 1 OFFSET ?", (parts // 2,)
        ).fetchone()
        named = categories(connection)
        connection.text_factory = bytes
        makers = connection.execute("SELECT id, name FROM manufacturers ORDER BY id").fetchall()
    start = middle // BLOCK * BLOCK
    if parts < SHARED_FROM:
        blocks = _blocks(path, max_components, None, None)
    else:
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as pool:
            later = pool.submit(_blocks, path, max_components, start, None)
            blocks = _blocks(path, max_components, None, start) + later.result()
    return _combine(blocks, named, family_of, _dump(makers))


def _blocks(path: Path, max_components: int, first: int | None, end: int | None) -> list[_Block]:
    """The blocks of part numbers from ``first`` to before ``end``, in order."""
    bounds = {"first": -(1 << 63) if first is None else first, "end": end}
    with closing(open_catalogue(path, max_components)) as connection, reading(path):
        # Text as bytes saves decoding 250 MB, and no ill-formed text can stop the pass.
        connection.text_factory = bytes
        rows = connection.execute(
            f"SELECT {', '.join(FAMILY_COLUMNS + OTHER_COLUMNS)}, category_id FROM part_rows"
            " WHERE lcsc >= :first AND (:end IS NULL OR lcsc < :end) ORDER BY lcsc",
            bounds,
        )
        return [_block(number, rows) for number, rows in groupby(rows, lambda row: row[0] // BLOCK)]


def _block(number: int, rows: Any) -> _Block:
    hashers: dict[Any, Any] = {}
    rest = hashlib.sha256()
    parts = 0
    cut = len(FAMILY_COLUMNS)
    for row in rows:
        key = row[-1]
        if key not in hashers:
            hashers[key] = hashlib.sha256()
        hashers[key].update(_dump(row[:cut]))
        rest.update(_dump(row[cut:-1]))
        parts += 1
    digests = {key: hasher.hexdigest() for key, hasher in hashers.items()}
    return _Block(number, parts, digests, rest.hexdigest())


def _dump(value: Any) -> bytes:
    # Version 2 of the format depends on values alone; later ones on reference counts too.
    return marshal.dumps(value, 2)


def _combine(
    blocks: list[_Block],
    named: list[Category],
    family_of: Callable[[str, str], str | None],
    makers: bytes,
) -> SourceDigest:
    left: dict[Any, list[tuple[int, str]]] = {}
    for block in blocks:
        for key, digest in block.categories.items():
            left.setdefault(key, []).append((block.number, digest))
    shares: dict[str | None, list[tuple[str, str, list[tuple[int, str]]]]] = {}
    for number, category, subcategory in named:
        if (digests := left.pop(number, None)) is not None:
            share = (category, subcategory, digests)
            shares.setdefault(family_of(category, subcategory), []).append(share)
    dangling = [("", str(number), digests) for number, digests in left.items()]
    shares.setdefault(None, []).extend(dangling)
    every = sorted(share for group in shares.values() for share in group)
    rest = [block.rest for block in blocks]
    return SourceDigest(
        whole=_sha256([every, rest, hashlib.sha256(makers).hexdigest()]),
        families={name: _sha256(sorted(group)) for name, group in shares.items() if name},
        parts=sum(block.parts for block in blocks),
    )


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def test_a_change_reaches_its_own_family_and_the_whole_only(tmp_path: Any) -> None:
    from components.testing.library import write_catalogue

    parts: list[dict[str, Any]] = [
        {"lcsc": 1, "category": "R", "extra": {"a": "1kΩ"}},
        {"lcsc": 2, "category": "C"},
        {"lcsc": 3, "category": "X", "manufacturer": "Other"},
    ]
    family_of = {"R": "resistor", "C": "capacitor"}.get

    def digest(**change: Any) -> SourceDigest:
        path = write_catalogue(tmp_path / "s.sqlite3", [parts[0] | change, *parts[1:]])
        return digest_source(path, 0, lambda category, _: family_of(category))

    before = digest()
    assert before.parts == 3 and sorted(before.families) == ["capacitor", "resistor"]
    assert digest() == before
    for change in ({"stock": 99}, {"extra": {"a": "2kΩ"}}, {"description": "x"}, {"preferred": 1}):
        after = digest(**change)
        assert after.whole != before.whole, change
        assert after.families["resistor"] != before.families["resistor"], change
        assert after.families["capacitor"] == before.families["capacitor"], change
    for change in ({"price": "[1]"}, {"datasheet": "d"}, {"manufacturer": "New"}):
        after = digest(**change)
        assert after.whole != before.whole, change
        assert after.families == before.families, change


def test_dangling_categories_and_broken_texts_are_survived(tmp_path: Any) -> None:
    import sqlite3

    from components.testing.library import write_catalogue

    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": 1}, {"lcsc": 2}])
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE components SET category_id = 99 WHERE lcsc = 1")
        writer.execute("UPDATE components SET mfr = CAST(x'ff' AS TEXT)")
    writer.close()
    digest = digest_source(path, 0, lambda category, subcategory: "other")
    assert (digest.parts, list(digest.families)) == (2, ["other"])


def test_a_second_process_changes_nothing(tmp_path: Any, monkeypatch: Any) -> None:
    import pytest

    from components.core.errors import SourceError
    from components.testing.library import write_catalogue

    numbers = [-5, 1, 2, BLOCK - 1, BLOCK, 3 * BLOCK + 7, 9 * BLOCK]
    path = write_catalogue(tmp_path / "s.sqlite3", [{"lcsc": number} for number in numbers])
    alone = [digest_source(path, most, lambda *names: "any") for most in (0, 1, 4)]
    monkeypatch.setattr("components.source.digest.SHARED_FROM", 1)
    assert [digest_source(path, most, lambda *names: "any") for most in (0, 1, 4)] == alone
    assert [digest.parts for digest in alone] == [7, 1, 4]
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 4096] + b"\xff" * 4096)
    with pytest.raises(SourceError, match="damaged"):
        digest_source(path, 0, lambda *names: "any")
