"""What must hold in every snapshot, whatever came before it: schema, keys, values, agreement."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from components.core.database import attached_input, tables
from components.families import FAMILIES, Family
from components.families.columns import ends_of
from components.families.schema import create_table
from components.transform.assets import VIEW
from components.transform.detail import INDEXES, SCHEMA
from components.transform.fast import indexes

Schema = dict[str, tuple[list[Any], dict[str, list[Any]]]]
# Bounds are computed from a nominal and its tolerance; the last bit may differ.
RELATIVE_SLACK = 1e-9
STRETCH_PARTS = 1 << 13
"""Parts that are compared at a time: some 10 MB of detail.sqlite."""
CACHE_KIB = 32 << 10


def check_fast(fast: sqlite3.Connection, families: Sequence[Family] = FAMILIES) -> Iterator[str]:
    """What is wrong with ``fast.sqlite`` by itself, one line each; nothing where all is well."""
    problems = list(_integrity(fast, "fast.sqlite"))
    problems = problems or list(_schema(fast, "fast.sqlite", expected_fast(families)))
    for family in families if not problems else ():
        problems += _indexes(fast, "fast.sqlite", family.table, indexes(family))
    yield from problems
    if not problems:
        for family in families:
            yield from _values(fast, family)


def check_detail(detail: sqlite3.Connection) -> Iterator[str]:
    """What is wrong with ``detail.sqlite`` by itself, one line each."""
    problems = list(_integrity(detail, "detail.sqlite"))
    problems = problems or list(_schema(detail, "detail.sqlite", expected_detail()))
    problems = problems or list(_views(detail, "detail.sqlite"))
    problems = problems or list(_indexes(detail, "detail.sqlite", "components_full", INDEXES))
    yield from problems
    if problems:
        return
    (orphans,) = detail.execute(
        "SELECT count(*) FROM assets WHERE lcsc_id NOT IN (SELECT lcsc_id FROM components_full)"
    ).fetchone()
    if orphans:
        yield f"detail.sqlite: {orphans} assets belong to no part"


def check_agreement(
    fast: Path,
    detail: sqlite3.Connection,
    metadata: dict[str, Any],
    families: Sequence[Family] = FAMILIES,
) -> Iterator[str]:
    """Where the two databases and the metadata contradict each other, one line each."""
    (parts,) = detail.execute("SELECT count(*) FROM components_full").fetchone()
    if metadata.get("parts") != parts:
        yield f"metadata.json: parts is {metadata.get('parts')}, detail.sqlite has {parts}"
    told = metadata.get("families", {})
    detail.execute(f"PRAGMA main.cache_size = -{CACHE_KIB}")
    with attached_input(detail, fast, "fast"):
        rows = {family.name: _count(detail, f"fast.{family.table}") for family in families}
        marked: Counter[str] = Counter()
        alike: Counter[str] = Counter()
        for bounds in _stretches(detail):
            _count_stretch(detail, families, bounds, marked, alike)
    for family in families:
        name, count = family.name, rows[family.name]
        if (expected := told.get(name, {}).get("pickable")) != count:
            yield f"metadata.json: {name} has {expected} pickable, fast.sqlite {count}"
        if not alike[name] == count == marked[name]:
            yield (
                f"{family.table}: {count} rows, of which detail.sqlite has {alike[name]} alike,"
                f" and {marked[name]} marked as pickable"
            )


def _stretches(detail: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Lowest and highest number of one stretch of parts after another; each fits in the cache."""
    # Below every number, the lowest that SQLite has too.
    last = -math.inf
    while True:
        first, last, parts = detail.execute(
            "SELECT min(lcsc_id), max(lcsc_id), count(*) FROM (SELECT lcsc_id FROM components_full"
            f" NOT INDEXED WHERE lcsc_id > ? ORDER BY lcsc_id LIMIT {STRETCH_PARTS})",
            (last,),
        ).fetchone()
        if parts:
            yield first, last
        if parts < STRETCH_PARTS:
            return


def _count_stretch(
    detail: sqlite3.Connection,
    families: Sequence[Family],
    bounds: tuple[int, int],
    marked: Counter[str],
    alike: Counter[str],
) -> None:
    """Count the pickable parts of a stretch by family, and those that ``fast`` has alike."""
    marked.update(
        dict(
            detail.execute(
                "SELECT family, count(*) FROM components_full NOT INDEXED"
                " WHERE pickable AND lcsc_id BETWEEN ? AND ? GROUP BY family",
                bounds,
            )
        )
    )
    for family in families:
        # In order of number: an index's order would read detail.sqlite all over.
        (same,) = detail.execute(
            f"SELECT count(*) FROM fast.{family.table} f NOT INDEXED CROSS JOIN components_full d"
            " ON d.lcsc_id = f.lcsc_id AND d.family = ? AND d.pickable AND d.stock = f.stock"
            " AND d.is_basic = f.is_basic AND d.is_preferred = f.is_preferred"
            " WHERE f.lcsc_id BETWEEN ? AND ?",
            (family.name, *bounds),
        ).fetchone()
        alike[family.name] += same


def expected_fast(families: Sequence[Family]) -> Schema:
    """The schema that the families declare."""
    with closing(sqlite3.connect(":memory:")) as model:
        for family in families:
            model.execute(create_table(family))
            for name, columns in indexes(family).items():
                model.execute(f"CREATE INDEX {name} ON {family.table} ({columns})")
        return _read_schema(model)


def expected_detail() -> Schema:
    """The schema that ``build-detail`` declares."""
    with closing(sqlite3.connect(":memory:")) as model:
        model.executescript(SCHEMA.replace("out.", ""))
        for name, columns in INDEXES.items():
            model.execute(f"CREATE INDEX {name} ON components_full ({columns})")
        return _read_schema(model)


def _read_schema(connection: sqlite3.Connection) -> Schema:
    found: Schema = {}
    for table in tables(connection):
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        named = [row[1] for row in connection.execute(f"PRAGMA index_list({table})")]
        found[table] = (
            columns,
            {name: connection.execute(f"PRAGMA index_xinfo({name})").fetchall() for name in named},
        )
    return found


def _schema(connection: sqlite3.Connection, file: str, expected: Schema) -> Iterator[str]:
    found = _read_schema(connection)
    for table in sorted({*found, *expected}):
        if table not in found:
            yield f"{file}: table {table} is missing"
        elif table not in expected:
            yield f"{file}: table {table} is not expected"
        elif found[table][0] != expected[table][0]:
            yield f"{file}: columns or key of {table} are not those declared"
        else:
            for index in sorted({*found[table][1], *expected[table][1]}):
                if found[table][1].get(index) != expected[table][1].get(index):
                    yield f"{file}: index {index} is missing or not as declared"


def _views(connection: sqlite3.Connection, file: str) -> Iterator[str]:
    found = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'view'").fetchall()
    if found != [(VIEW,)]:
        yield f"{file}: component_assets is missing or not as declared"


def _indexes(
    connection: sqlite3.Connection, file: str, table: str, declared: Mapping[str, str]
) -> Iterator[str]:
    """Which indexes do not hold what their table holds: the same rows, texts of the same length.

    SQLite's whole check looks each row up in each index, which is all over a large file. Sums take
    one pass over each, and do not depend on its order; a number counts by its digits.
    """
    columns = {name: [one.split()[0] for one in of.split(", ")] for name, of in declared.items()}
    every = sorted({one for names in columns.values() for one in names})
    rows = ("count(*)", "sum(lcsc_id & 0xffffffff)", "sum(lcsc_id >> 32)")

    def told(how: str, names: Sequence[str]) -> dict[str, int]:
        sums = (*rows, *(f"sum(length({one}))" for one in names))
        found = connection.execute(f"SELECT {', '.join(sums)} FROM {table} {how}").fetchone()
        return dict(zip((*rows, *names), found, strict=True))

    whole = told("NOT INDEXED", every)
    for name, names in columns.items():
        if not told(f"INDEXED BY {name}", names).items() <= whole.items():
            yield f"{file}: damaged: {name} does not agree with its table"


def _integrity(connection: sqlite3.Connection, file: str) -> Iterator[str]:
    try:
        answers = [row[0] for row in connection.execute("PRAGMA quick_check(3)")]
    except sqlite3.DatabaseError as error:
        answers = [str(error)]
    if answers != ["ok"]:
        yield f"{file}: damaged: {' '.join(answers[0].split())}"


def _values(fast: sqlite3.Connection, family: Family) -> Iterator[str]:
    conditions = {
        "stock is not above 0": "typeof(stock) <> 'integer' OR stock <= 0",
        "package is unknown": "package IN ('', '-')",
        "is_basic or is_preferred is not 0 or 1": "is_basic NOT IN (0, 1)"
        " OR is_preferred NOT IN (0, 1)",
        "unit_price is no price": "typeof(unit_price) NOT IN ('real', 'null')"
        " OR unit_price <= 0 OR abs(unit_price) = 9e999",
    }
    for column in family.columns:
        name, low, high = column.name, column.minimum_column, column.maximum_column
        if column.kind == "whole":
            conditions[f"{name} is no whole number"] = f"typeof({name}) NOT IN ('integer', 'null')"
        elif column.kind == "real":
            conditions[f"{name} is no finite number"] = (
                f"typeof({name}) NOT IN ('real', 'null') OR abs({name}) = 9e999"
            )
        else:
            conditions[f"{name} is empty"] = f"{name} = ''"
        slack = f"abs({name}) * {RELATIVE_SLACK!r}"
        if column.pair:
            least, most = ends_of(column.pair)
            conditions[f"{least} is above {most}"] = f"{least} > {most}"
        if low:
            conditions[f"{low} is above {name}"] = f"{low} > {name} + {slack}"
        if high:
            conditions[f"{high} is below {name}"] = f"{high} < {name} - {slack}"
    sums = ", ".join(f"coalesce(sum({condition}), 0)" for condition in conditions.values())
    counts = fast.execute(f"SELECT {sums} FROM {family.table}").fetchone()
    for complaint, count in zip(conditions, counts, strict=True):
        if count:
            yield f"{family.table}: {complaint} in {count} rows"


def _count(connection: sqlite3.Connection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_every_kind_of_wrong_value_is_found() -> None:
    family = next(f for f in FAMILIES if any(c.minimum_column for c in f.columns))
    nominal = next(c for c in family.columns if c.minimum_column)
    name, low, high = nominal.name, nominal.minimum_column, nominal.maximum_column
    good = "lcsc_id, package, stock, is_basic, is_preferred"
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(create_table(family).replace(" NOT NULL", ""))
        insert = f"INSERT INTO {family.table} ({good}, {name}, {low}, {high}) VALUES"
        db.execute(f"{insert} (1, '0402', 5, 0, 1, 10.0, 9.0, 11.0)")
        assert list(_values(db, family)) == []
        db.execute(f"{insert} (2, '-', 0, 2, 0, 10.0, 10.5, 9.5)")
        db.execute(f"{insert} (3, '0402', 5, 0, 1, ?, 9.0, NULL)", (math.inf,))
        found = set(_values(db, family))
    assert found == {
        f"{family.table}: {complaint} in 1 rows"
        for complaint in (
            "stock is not above 0",
            "package is unknown",
            "is_basic or is_preferred is not 0 or 1",
            f"{name} is no finite number",
            f"{low} is above {name}",
            f"{high} is below {name}",
        )
    }


def test_a_schema_that_drifted_is_named() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE components_full (lcsc_id INTEGER PRIMARY KEY)")
        db.execute("CREATE TABLE other (a)")
        assert list(_schema(db, "detail.sqlite", expected_detail())) == [
            "detail.sqlite: table asset_facts is missing",
            "detail.sqlite: table asset_forms is missing",
            "detail.sqlite: table asset_texts is missing",
            "detail.sqlite: table asset_types is missing",
            "detail.sqlite: table assets is missing",
            "detail.sqlite: columns or key of components_full are not those declared",
            "detail.sqlite: table other is not expected",
        ]
        db.executescript("DROP TABLE other; DROP TABLE components_full;")
        db.executescript(SCHEMA.replace("out.", ""))
        assert list(_schema(db, "detail.sqlite", expected_detail())) == [
            "detail.sqlite: index components_full_part is missing or not as declared"
        ]
        assert not list(_views(db, "detail.sqlite"))
        db.execute("DROP VIEW component_assets")
        assert list(_views(db, "detail.sqlite"))


def test_an_index_that_its_table_left_behind_is_named(tmp_path: Path) -> None:
    path = tmp_path / "detail.sqlite"

    def changed(statements: str) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA writable_schema = ON")
            db.executescript(statements)

    (index,) = INDEXES
    changed(SCHEMA.replace("out.", ""))
    changed(f"CREATE INDEX {index} ON components_full ({INDEXES[index]})")
    values = "7, 'TI', 'LM358', '', 0, '', '', '', '', '', 1, 0, 0, '', '', '', 0, 0, NULL"
    changed(f"INSERT INTO components_full VALUES ({values})")
    with closing(sqlite3.connect(path)) as db:
        assert list(check_detail(db)) == []
        entry = "SELECT rootpage, sql FROM sqlite_master WHERE name = ?"
        page, sql = db.execute(entry, (index,)).fetchone()
    # SQLite does not know of the index while the part gets another number.
    changed(f"DELETE FROM sqlite_master WHERE name = '{index}'")
    changed("UPDATE components_full SET part_number = 'LM358DR'")
    changed(
        f"INSERT INTO sqlite_master VALUES ('index', '{index}', 'components_full', {page}, '{sql}')"
    )
    with closing(sqlite3.connect(path)) as db:
        assert list(check_detail(db)) == [
            "detail.sqlite: damaged: components_full_part does not agree with its table"
        ]


def test_stretches_hold_every_number() -> None:
    lowest, highest = -(1 << 63), (1 << 63) - 1
    for count in (0, 1, STRETCH_PARTS - 2, STRETCH_PARTS):
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute("CREATE TABLE components_full (lcsc_id INTEGER PRIMARY KEY)")
            numbers = sorted({lowest, *range(1, count + 1), highest})
            db.executemany("INSERT INTO components_full VALUES (?)", [(n,) for n in numbers])
            found = list(_stretches(db))
            inside = "SELECT count(*) FROM components_full WHERE lcsc_id BETWEEN ? AND ?"
            assert sum(db.execute(inside, bounds).fetchone()[0] for bounds in found) == count + 2
            assert (found[0][0], found[-1][1]) == (lowest, highest)
