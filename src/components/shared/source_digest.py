"""What the source holds, as digests: of the whole, and of what each family's table depends on.

They let a plan tell which products a new source makes stale without building anything: a change
of one part's stock changes the digest of its family and of the whole, and no other.
"""

from __future__ import annotations

import hashlib
import json
import marshal
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from components.shared.catalogue import categories

# A family's table may depend on these columns of `part_rows` only; on the names of the part's
# category too, but not on its price, datasheet, manufacturer's name or time of update.
FAMILY_COLUMNS = (
    *("lcsc", "mfr", "package", "joints", "basic", "preferred", "description", "stock"),
    *("extra", "jlc_extra"),
)
OTHER_COLUMNS = ("manufacturer_id", "price", "datasheet", "last_update")
LAST_SECOND = 253_402_300_799  # 9999-12-31T23:59:59Z; a later "date" is a broken one
Update = Callable[[bytes], None]


@dataclass(frozen=True)
class SourceDigest:
    """``whole`` and each of ``families`` are SHA-256 in hexadecimal.

    ``families`` holds the families that the source has parts of, ``counts`` how many each.
    ``data_date`` is the UTC day of the newest ``last_update``, as ``YYYY-MM-DD``.
    """

    whole: str
    families: dict[str, str]
    counts: dict[str, int]
    parts: int
    data_date: str


def digest_source(
    connection: sqlite3.Connection, family_of: Callable[[str, str], str | None]
) -> SourceDigest:
    """Digests of an open catalogue (see ``open_catalogue``), in one pass in constant memory.

    ``family_of(category, subcategory)`` names the family of a category, or is None. Changes the
    connection's ``text_factory`` while it reads. Takes 1 s for 236,831 parts of 333 MB.
    """
    hashers: dict[Any, hashlib._Hash] = {}
    updates: dict[Any, Update] = {}
    counts: dict[Any, int] = {}
    rest = hashlib.sha256()
    newest = 0
    text_factory = connection.text_factory
    cut = len(FAMILY_COLUMNS)
    # Version 2 of the format depends on values alone; later ones on reference counts too.
    dump = marshal.dumps
    try:
        # Text as bytes saves decoding 250 MB, and no ill-formed text can stop the pass.
        connection.text_factory = bytes
        rows = connection.execute(
            f"SELECT {', '.join(FAMILY_COLUMNS + OTHER_COLUMNS)}, category_id"
            " FROM part_rows ORDER BY lcsc"
        )
        for row in rows:
            key = row[-1]
            if key not in updates:
                hashers[key] = hashlib.sha256()
                updates[key] = hashers[key].update
                counts[key] = 0
            updates[key](dump(row[:cut], 2))
            counts[key] += 1
            rest.update(dump(row[cut:-1], 2))
            updated = row[-2]
            if isinstance(updated, int) and newest < updated <= LAST_SECOND:
                newest = updated
        makers = connection.execute("SELECT id, name FROM manufacturers ORDER BY id").fetchall()
    finally:
        connection.text_factory = text_factory
    rest.update(dump(makers, 2))
    return _combine(connection, family_of, hashers, counts, rest.hexdigest(), newest)


def _combine(
    connection: sqlite3.Connection,
    family_of: Callable[[str, str], str | None],
    hashers: dict[Any, hashlib._Hash],
    counts: dict[Any, int],
    rest: str,
    newest: int,
) -> SourceDigest:
    shares: dict[str | None, list[tuple[str, str, str]]] = {}
    by_family: dict[str, int] = {}
    left = dict(hashers)
    for number, category, subcategory in categories(connection):
        if (hasher := left.pop(number, None)) is None:
            continue
        family = family_of(category, subcategory)
        shares.setdefault(family, []).append((category, subcategory, hasher.hexdigest()))
        if family is not None:
            by_family[family] = by_family.get(family, 0) + counts[number]
    dangling = [("", str(number), hasher.hexdigest()) for number, hasher in left.items()]
    shares.setdefault(None, []).extend(dangling)
    every = sorted(share for group in shares.values() for share in group)
    return SourceDigest(
        whole=_sha256([every, rest]),
        families={name: _sha256(sorted(shares[name])) for name in sorted(by_family)},
        counts=dict(sorted(by_family.items())),
        parts=sum(counts.values()),
        data_date=datetime.fromtimestamp(newest, UTC).date().isoformat(),
    )


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def test_a_change_reaches_its_own_family_and_the_whole_only(tmp_path: Any) -> None:
    from components.shared.catalogue import open_catalogue
    from components.shared.testing import write_catalogue

    parts: list[dict[str, Any]] = [
        {"lcsc": 1, "category": "R", "extra": {"a": "1kΩ"}},
        {"lcsc": 2, "category": "C"},
        {"lcsc": 3, "category": "X", "manufacturer": "Other"},
    ]
    family_of = {"R": "resistor", "C": "capacitor"}.get

    def digest(**change: Any) -> SourceDigest:
        path = write_catalogue(tmp_path / "s.sqlite3", [parts[0] | change, *parts[1:]])
        db = open_catalogue(path)
        try:
            return digest_source(db, lambda category, _: family_of(category))
        finally:
            db.close()

    before = digest()
    assert (before.parts, before.counts) == (3, {"capacitor": 1, "resistor": 1})
    assert before.data_date == "2023-11-14"
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


def test_broken_dates_and_dangling_categories_are_survived(tmp_path: Any) -> None:
    from components.shared.catalogue import open_catalogue
    from components.shared.testing import write_catalogue

    path = write_catalogue(
        tmp_path / "s.sqlite3",
        [{"lcsc": 1, "last_update": 1 << 60}, {"lcsc": 2, "last_update": "soon"}],
    )
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE components SET category_id = 99 WHERE lcsc = 1")
        writer.execute("UPDATE components SET mfr = CAST(x'ff' AS TEXT)")
    writer.close()
    db = open_catalogue(path)
    digest = digest_source(db, lambda category, subcategory: "other")
    db.close()
    assert (digest.parts, digest.counts) == (2, {"other": 1})
    assert digest.data_date == "1970-01-01"
