"""``build-search``: ``search.sqlite``, in which part numbers and words are looked up.

Output, all in the order of ``ranked``: parts by stock downward, so that the first matches found are
the best, and so that reading can stop there.

- ``ranked``: a part's rank, from 1, and its number.
- ``part_numbers``: part numbers without punctuation and case, for the exact one and for those that
  begin so.
- ``words``: FTS5 (https://www.sqlite.org/fts5.html) over part number, manufacturer, package,
  family, category and description, without content and positions. Package, family and library type
  are also there as words that nobody types (:func:`filter_word`), so that a filter costs nothing.
- ``vocabulary``: the packages and words of every family that stand in ``fast.sqlite``.
"""

from __future__ import annotations

import argparse
import functools
import re
import sqlite3
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from components.core.database import attached_input, attached_output, read_mapped, writer
from components.families import FAMILIES, Family

# A point stays within a word: 3.3V.
TOKENIZER = "unicode61 remove_diacritics 2 tokenchars '.'"
SCHEMA = """CREATE TABLE out.ranked (rank INTEGER PRIMARY KEY, lcsc_id INTEGER NOT NULL);
CREATE TABLE out.part_numbers (
    folded TEXT NOT NULL, rank INTEGER NOT NULL, PRIMARY KEY (folded, rank)
) WITHOUT ROWID;
CREATE TABLE out.vocabulary (
    family TEXT NOT NULL, column_name TEXT NOT NULL, value TEXT NOT NULL, parts INTEGER NOT NULL,
    PRIMARY KEY (family, column_name, value)
) WITHOUT ROWID"""
WORDS = f"""CREATE VIRTUAL TABLE out.words USING fts5(
    text, content='', detail=none, columnsize=0, tokenize="{TOKENIZER}")"""
# The texts come along, since a second reading in this order would be all over the file.
RANKS = """INSERT INTO temp.ordered (lcsc_id, folded, family, package)
SELECT lcsc_id, folded(part_number), family, package
FROM detail.components_full ORDER BY stock DESC, lcsc_id"""
# What many parts share is made once; a text a part would be made by a call out of SQLite.
TAILS = """CREATE TEMP TABLE families (family PRIMARY KEY, words, filter) WITHOUT ROWID;
CREATE TEMP TABLE packages (package PRIMARY KEY, filter) WITHOUT ROWID;
INSERT INTO temp.families
SELECT family, replace(family, '_', ' '), iif(family = '', '', ' ' || filter_word('family', family))
FROM (SELECT DISTINCT family FROM temp.ordered);
INSERT INTO temp.packages
SELECT package, filter_word('package', package)
FROM (SELECT DISTINCT package FROM temp.ordered)"""
PARTS = """INSERT INTO out.words (rowid, text)
SELECT o.rank, p.part_number || ' ' || o.folded || ' ' || p.manufacturer || ' ' || o.package || ' '
    || f.words || ' ' || p.category || ' ' || p.subcategory || ' ' || p.description || ' '
    || k.filter || f.filter || iif(p.is_basic OR p.is_preferred, ' ' || :basic, '')
FROM temp.ordered o CROSS JOIN detail.components_full p ON p.lcsc_id = o.lcsc_id
CROSS JOIN temp.families f ON f.family = o.family
CROSS JOIN temp.packages k ON k.package = o.package ORDER BY o.rank"""
FILTER_WORDS_MAX = 1 << 14
_NOT_PLAIN = re.compile(r"[^0-9a-z]+")
_CHIP = re.compile(r"(?:r|c|l|d|fb|led)(?=\d{4}$)")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detail", type=Path, required=True, help="detail.sqlite")
    parser.add_argument("--fast", type=Path, required=True, help="fast.sqlite")
    parser.add_argument("--output", type=Path, required=True, help="search.sqlite")


def run(args: argparse.Namespace) -> int:
    parts = build_search(args.detail, args.fast, args.output)
    print(f"build-search: {parts:,} parts", file=sys.stderr)
    return 0


def build_search(
    detail: Path, fast: Path, output: Path, families: Sequence[Family] = FAMILIES
) -> int:
    """Write ``output``; the number of parts in it. The same parts give the same bytes.

    Raises :class:`SnapshotError` for an input that is missing or damaged; nothing is left then.
    """
    with (
        closing(writer()) as connection,
        attached_input(connection, detail, "detail"),
        attached_input(connection, fast, "fast"),
        attached_output(connection, output),
    ):
        # In the order of stock every page is read many times.
        read_mapped(connection, "detail")
        connection.execute(SCHEMA)
        connection.execute(WORDS)
        connection.create_function("folded", 1, fold_part_number, deterministic=True)
        connection.create_function("filter_word", 2, filter_word, deterministic=True)
        connection.execute(
            "CREATE TEMP TABLE ordered"
            " (rank INTEGER PRIMARY KEY, lcsc_id INTEGER, folded TEXT, family TEXT, package TEXT)"
        )
        count = connection.execute(RANKS).rowcount
        connection.execute("INSERT INTO out.ranked SELECT rank, lcsc_id FROM temp.ordered")
        connection.execute(TAILS)
        connection.execute("BEGIN")
        connection.execute(PARTS, {"basic": filter_word("basic", "")})
        connection.execute("COMMIT")
        connection.execute("INSERT INTO out.words (words) VALUES ('optimize')")
        connection.execute(
            "INSERT INTO out.part_numbers SELECT folded, rank FROM temp.ordered"
            " WHERE folded <> '' ORDER BY folded, rank"
        )
        for family in sorted(families, key=lambda each: each.name):
            for column in ("package", *(c.name for c in family.columns if c.kind == "text")):
                connection.execute(
                    f"INSERT INTO out.vocabulary SELECT ?, ?, {column}, count(*)"
                    f" FROM fast.{family.table} WHERE {column} IS NOT NULL GROUP BY {column}"
                    " ORDER BY 3",
                    (family.name, column),
                )
        return count


def check_search(search: sqlite3.Connection, parts: int) -> Iterator[str]:
    """What is wrong with a built ``search.sqlite`` of a snapshot with so many parts."""
    for (line,) in search.execute("PRAGMA quick_check(1)"):
        if line != "ok":
            yield f"search.sqlite: {line}"
            return
    present = {name for (name,) in search.execute("SELECT name FROM sqlite_schema")}
    if missing := sorted({"ranked", "part_numbers", "words", "vocabulary"} - present):
        yield f"search.sqlite: lacks {', '.join(missing)}; build it again"
        return
    (found,) = search.execute("SELECT count(*) FROM ranked").fetchone()
    if found != parts:
        yield f"search.sqlite: {found} parts, metadata.json has {parts}"


def fold_part_number(text: str) -> str:
    """Letters and digits alone, lower case, whatever the script.

    >>> fold_part_number("LM358 dr2g"), fold_part_number("BZT52-C5V6"), fold_part_number("ＧＤ３２")
    ('lm358dr2g', 'bzt52c5v6', 'gd32')
    """
    if text.isascii():
        return _NOT_PLAIN.sub("", text.lower())
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


@functools.lru_cache(FILTER_WORDS_MAX)
def filter_word(kind: str, value: str) -> str:
    """A word for a filter: of a family, a package (with or without ``R`` before ``0402``), basic.

    >>> filter_word("package", "R0402"), filter_word("family", "capacitor_polarized")
    ('zpackage0402', 'zfamilycapacitorpolarized')
    """
    folded = fold_part_number(value)
    return f"z{kind}{_CHIP.sub('', folded) if kind == 'package' else folded}"


def test_the_same_parts_give_the_same_bytes_and_every_part_is_found(tmp_path: Path) -> None:
    from components.testing.server import first_part
    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path, rows=3)
    first = built.search.read_bytes()
    parts = build_search(built.detail, built.fast, tmp_path / "again" / "search.sqlite")
    assert (tmp_path / "again" / "search.sqlite").read_bytes() == first
    with closing(sqlite3.connect(built.search)) as db:
        assert list(check_search(db, parts)) == []
        assert list(check_search(db, parts + 1)) == [
            f"search.sqlite: {parts} parts, metadata.json has {parts + 1}"
        ]
        found = db.execute(
            "SELECT r.lcsc_id FROM part_numbers n JOIN ranked r USING (rank) WHERE folded = 'bjt1'"
        ).fetchall()
        assert found == [(first_part("bjt", 3) + 1,)]
        match = "SELECT count(*) FROM words WHERE words MATCH ?"
        assert db.execute(match, ("zfamilybjt AND zpackage0402",)).fetchone() == (4,)
        row = db.execute("SELECT parts FROM vocabulary WHERE family = 'bjt' AND value = '0402'")
        assert row.fetchone() == (3,)


def test_a_missing_input_leaves_nothing(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import SnapshotError

    with pytest.raises(SnapshotError, match="no such file"):
        build_search(tmp_path / "d.sqlite", tmp_path / "f.sqlite", tmp_path / "search.sqlite")
    assert list(tmp_path.iterdir()) == []
