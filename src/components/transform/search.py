"""``build-search``: ``search.sqlite``, in which part numbers and words are looked up.

Output, all in the order of ``ranked``: parts by stock downward, so that the first matches found are
the best, and so that reading can stop there.

- ``ranked``: a part's rank, from 1, and its number.
- ``part_numbers``: part numbers without punctuation and case, for the exact one and for those that
  begin so.
- ``words``: FTS5 (https://www.sqlite.org/fts5.html) over part number, manufacturer, package,
  family, category and description, without content and positions. Package, family and library type
  are also there as words that nobody types (:func:`filter_word`), so that a filter costs nothing.
- ``vocabulary``: the packages and words of every family that stand in the pick tables.
"""

from __future__ import annotations

import argparse
import functools
import re
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from components.core.database import Writer, attached_input, attached_output
from components.families import FAMILIES, Family
from components.transform.fast import pick_files
from components.transform.parts import COLUMNS, PARTS, opened_parts
from components.transform.pickability import check_same_source

# A point stays within a word: 3.3V.
_OF = COLUMNS
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
# The texts go through the sort: in its order they would be read from all over the source.
ORDERED = f"""INSERT INTO temp.ordered (lcsc_id, folded, family, package, is_basic, text)
SELECT p.lcsc, folded({_OF["part_number"]}), s.family, {_OF["package"]},
    {_OF["is_basic"]} OR {_OF["is_preferred"]},
    {_OF["part_number"]} || ' ' || {_OF["manufacturer"]} || ' ' || {_OF["category"]} || ' '
    || {_OF["subcategory"]} || ' ' || {_OF["description"]}
FROM {PARTS} ORDER BY {_OF["stock"]} DESC, +p.lcsc"""
# What many parts share is made once; a text a part would be made by a call out of SQLite.
SHARED = """CREATE TEMP TABLE families (family PRIMARY KEY, words) WITHOUT ROWID;
CREATE TEMP TABLE packages (package PRIMARY KEY, words) WITHOUT ROWID;
INSERT INTO temp.families
SELECT family, replace(family, '_', ' ') || ' ' || filter_word('family', family)
FROM (SELECT DISTINCT family FROM temp.ordered);
INSERT INTO temp.packages
SELECT package, package || ' ' || filter_word('package', package)
FROM (SELECT DISTINCT package FROM temp.ordered)"""
FILL_WORDS = """INSERT INTO out.words (rowid, text)
SELECT o.rank, o.text || ' ' || o.folded || ' ' || f.words || ' ' || k.words
    || iif(o.is_basic, ' ' || :basic, '')
FROM temp.ordered o CROSS JOIN temp.families f ON f.family = o.family
CROSS JOIN temp.packages k ON k.package = o.package ORDER BY o.rank"""
FILTER_WORDS_MAX = 1 << 14
_NOT_PLAIN = re.compile(r"[^0-9a-z]+")
_CHIP = re.compile(r"(?:r|c|l|d|fb|led)(?=\d{4}$)")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, required=True, help="a jlcparts-style database")
    parser.add_argument("--max-components", type=int, default=0, help="0: all")
    parser.add_argument("--pick", type=Path, nargs="+", required=True, help="build-pick's outputs")
    parser.add_argument("--output", type=Path, required=True, help="search.sqlite")


def run(args: argparse.Namespace) -> int:
    parts = build_search(args.source, args.pick, args.output, max_components=args.max_components)
    print(f"build-search: {parts:,} parts", file=sys.stderr)
    return 0


def build_search(
    source: Path,
    picks: Iterable[Path],
    output: Path,
    families: Sequence[Family] = FAMILIES,
    max_components: int = 0,
) -> int:
    """Write ``output``; the number of parts in it. The same parts give the same bytes.

    Raises :class:`SourceError` for a source that is missing or damaged, and
    :class:`SnapshotError` for such pick files, and for those of another source; nothing is left
    then.
    """
    files = tuple(picks)
    with (
        opened_parts(source, files, families, max_components) as connection,
        attached_output(connection, output),
    ):
        connection.execute(SCHEMA)
        connection.execute(WORDS)
        connection.create_function("folded", 1, fold_part_number, deterministic=True)
        connection.create_function("filter_word", 2, filter_word, deterministic=True)
        connection.execute(
            "CREATE TEMP TABLE ordered (rank INTEGER PRIMARY KEY, lcsc_id INTEGER, folded TEXT,"
            " family TEXT, package TEXT, is_basic INTEGER, text TEXT)"
        )
        count = connection.execute(ORDERED).rowcount
        check_same_source(connection, count)
        connection.execute("INSERT INTO out.ranked SELECT rank, lcsc_id FROM temp.ordered")
        connection.execute(SHARED)
        connection.execute("BEGIN")
        connection.execute(FILL_WORDS, {"basic": filter_word("basic", "")})
        connection.execute("COMMIT")
        connection.execute("INSERT INTO out.words (words) VALUES ('optimize')")
        connection.execute(
            "INSERT INTO out.part_numbers SELECT folded, rank FROM temp.ordered"
            " WHERE folded <> '' ORDER BY folded, rank"
        )
        _fill_vocabulary(connection, files, families)
        return count


def _fill_vocabulary(connection: Writer, picks: Iterable[Path], families: Sequence[Family]) -> None:
    connection.execute("CREATE TEMP TABLE told (family, column_name, value, parts)")
    files = pick_files(connection, picks, families)
    for path in sorted(set(files.values())):
        with attached_input(connection, path, "pick"):
            for family in (each for each in families if files[each.name] == path):
                for column in ("package", *(c.name for c in family.columns if c.kind == "text")):
                    connection.execute(
                        f"INSERT INTO temp.told SELECT ?, ?, {column}, count(*)"
                        f" FROM pick.{family.table} WHERE {column} IS NOT NULL GROUP BY {column}",
                        (family.name, column),
                    )
    connection.execute("INSERT INTO out.vocabulary SELECT * FROM temp.told ORDER BY 1, 2, 3")


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
    source = tmp_path / "source"
    picks = sorted(source.glob("*.sqlite"), reverse=True)
    again = tmp_path / "again" / "search.sqlite"
    parts = build_search(source / "source.sqlite3", picks, again)
    assert again.read_bytes() == first
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


def test_inputs_that_do_not_belong_together_leave_nothing(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import SnapshotError
    from components.testing.transform import write_picks, write_source

    source = write_source(tmp_path / "source.sqlite3", rows=2)
    output = tmp_path / "search.sqlite"
    picks = write_picks(tmp_path / "pick", rows=2)
    for files, most, reason in (
        (picks[1:], 0, "no pick file"),
        (picks, 3, "of another source"),
        (write_picks(tmp_path / "one", rows=1), 0, "of another source"),
    ):
        with pytest.raises(SnapshotError, match=reason):
            build_search(source, files, output, max_components=most)
        assert not output.exists()
