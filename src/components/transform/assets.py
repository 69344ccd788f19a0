"""The assets of ``detail.sqlite``, from what manifests refer to.

``component_assets`` is a view over rows as manifests have them (see
:mod:`components.fetch.manifest_format`): every address and metadata once, digests as bytes, keys
derived. Only what they refer to each other by is numbered anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from components.core.database import Connection, Writer, attached_input
from components.core.errors import SnapshotError
from components.fetch.earlier import in_today_s_form
from components.fetch.fold import listed
from components.fetch.manifest_format import (
    KEY_SQL,
    MARK,
    META_SQL,
    PLAIN,
    URL_SQL,
    hexed,
    kept,
    type_number,
)

TOGETHER = 6
"""Manifests that are attached at once; SQLite allows ten databases."""
# The columns at the end are of the rows that know them: a datasheet's addresses, as the catalogue
# names it and where the file was; a footprint's name and model; a model's own name at EasyEDA.
VIEW = f"""CREATE VIEW component_assets AS SELECT e.lcsc_id AS lcsc_id, t.text AS artifact_type,
    {KEY_SQL} AS stored_key, {hexed("e.sha256")} AS raw_sha256,
    e.raw_size_bytes AS raw_size_bytes, f.mime AS mime, f.encoding AS encoding,
    {URL_SQL} AS source_url, {META_SQL} AS source_meta_json,
    replace(x.datasheet_url, '{MARK}', {URL_SQL}) AS datasheet_url,
    replace(x.data_manual_url, '{MARK}', {URL_SQL}) AS data_manual_url,
    x.footprint_name AS footprint_name, x.model_3d_path AS model_3d_path,
    x.easyeda_model_uuid AS easyeda_model_uuid
FROM assets e LEFT JOIN asset_types t ON t.id = e.type LEFT JOIN asset_texts u ON u.id = e.url
    LEFT JOIN asset_texts m ON m.id = e.meta LEFT JOIN asset_forms f ON f.id = e.form
    LEFT JOIN asset_facts x ON x.type = e.type AND x.meta = e.meta"""
# A view that is not trusted, as a server opens it, may not read JSON: what it shows is read here.
_FACTS = f"""INSERT INTO out.asset_facts
SELECT type, meta,
    CASE name WHEN 'datasheet_pdf' THEN coalesce(doc ->> '$.original_url', '{MARK}') END,
    CASE name WHEN 'datasheet_pdf' THEN coalesce(doc ->> '$.resolved_url', '{MARK}') END,
    CASE name WHEN 'kicad_footprint_mod' THEN doc ->> '$.name' END,
    CASE name WHEN 'kicad_footprint_mod' THEN doc ->> '$.model_path' END,
    CASE name WHEN 'kicad_footprint_mod' THEN doc ->> '$.model.uuid' ELSE doc ->> '$.uuid' END
FROM (
    SELECT a.type AS type, a.meta AS meta, t.text AS name,
        CASE WHEN substr(m.text, 1, 1) = '{PLAIN}' THEN substr(m.text, 2)
            ELSE replace(m.text, '{MARK}', '\\u001a') END AS doc
    FROM (SELECT type, meta FROM out.assets GROUP BY type, meta) a
    JOIN out.asset_types t ON t.id = a.type JOIN out.asset_texts m ON m.id = a.meta
    WHERE t.text IN ('datasheet_pdf', 'kicad_footprint_mod', 'model_obj', 'model_step')
) ORDER BY type, meta"""
ROW_TABLES = ("assets", "asset_facts", "asset_types", "asset_forms", "asset_texts")
_TEXT = "(id INTEGER PRIMARY KEY NOT NULL, text TEXT NOT NULL)"
_FORM = "(id INTEGER PRIMARY KEY NOT NULL, mime TEXT NOT NULL, encoding TEXT NOT NULL)"
_ASSETS = (
    "(lcsc_id INTEGER NOT NULL, type INTEGER NOT NULL, stored_key TEXT NOT NULL, sha256 NOT NULL,"
    " raw_size_bytes INTEGER NOT NULL, form INTEGER NOT NULL, url INTEGER NOT NULL,"
    " meta INTEGER NOT NULL, PRIMARY KEY (lcsc_id, type)) WITHOUT ROWID"
)
SCHEMA = ";\n".join(
    (
        f"CREATE TABLE out.assets {_ASSETS}",
        "CREATE TABLE out.asset_facts (type INTEGER NOT NULL, meta INTEGER NOT NULL,"
        " datasheet_url TEXT, data_manual_url TEXT, footprint_name TEXT, model_3d_path TEXT,"
        " easyeda_model_uuid TEXT, PRIMARY KEY (type, meta)) WITHOUT ROWID",
        f"CREATE TABLE out.asset_types {_TEXT}",
        f"CREATE TABLE out.asset_forms {_FORM}",
        f"CREATE TABLE out.asset_texts {_TEXT}",
        VIEW.replace("CREATE VIEW ", "CREATE VIEW out.", 1),
    )
)
COLUMNS = "lcsc_id, type, stored_key, sha256, raw_size_bytes, form, url, meta"
READ = f"{COLUMNS}, fetched_at, compare_ok"
# A part has one artifact of a type: the one fetched last. Another shard may have it too, where
# shards were laid out anew while its group was switched off.
# Each row is looked up among the parts: `IN` would look each part up among the rows of each shard.
_ROWS = f"""INSERT OR IGNORE INTO temp.listed SELECT {COLUMNS} FROM ({{rows}}) e
WHERE compare_ok AND type NOT IN (SELECT value FROM json_each(?))
    AND EXISTS (SELECT 1 FROM out.components_full c WHERE c.lcsc_id = e.lcsc_id)
ORDER BY lcsc_id, type, fetched_at DESC, sha256, url, stored_key"""
WORDS = {
    "types": f"CREATE TEMP TABLE types {_TEXT}",
    "forms": f"CREATE TEMP TABLE forms {_FORM}",
    # As they come: sorted once, at the end.
    "texts": "CREATE TEMP TABLE texts (id INTEGER NOT NULL, text TEXT NOT NULL)",
}
# Manifests refer to texts by half a digest, so that rows go from one to another as they are. Here
# are all rows there will be, and small numbers take a fifth of the room: texts in order of the
# first part that has them, so that a part's lie side by side.
_NUMBERED = (
    "CREATE TEMP TABLE type_numbers (id INTEGER PRIMARY KEY, number INTEGER)",
    "INSERT INTO temp.type_numbers SELECT id, row_number() OVER (ORDER BY text) FROM temp.types"
    " WHERE id IN (SELECT type FROM temp.listed)",
    "CREATE TEMP TABLE form_numbers (id INTEGER PRIMARY KEY, number INTEGER)",
    "INSERT INTO temp.form_numbers SELECT id, row_number() OVER (ORDER BY mime, encoding)"
    " FROM temp.forms WHERE id IN (SELECT form FROM temp.listed)",
    "CREATE TEMP TABLE text_numbers (id INTEGER PRIMARY KEY, number INTEGER)",
    # Kept sorted by what it is looked up by, which is more than a cache holds at random.
    "INSERT INTO temp.text_numbers SELECT id, row_number() OVER (ORDER BY first, id) AS number"
    " FROM (SELECT id, min(lcsc_id) AS first FROM (SELECT url AS id, lcsc_id FROM temp.listed"
    " UNION ALL SELECT meta, lcsc_id FROM temp.listed) GROUP BY id) ORDER BY id",
    f"CREATE TEMP TABLE numbered {_ASSETS}",
    "INSERT INTO temp.numbered SELECT a.lcsc_id, t.number, a.stored_key, a.sha256,"
    " a.raw_size_bytes, f.number, u.number, m.number FROM temp.listed a"
    " CROSS JOIN temp.type_numbers t ON t.id = a.type"
    " CROSS JOIN temp.form_numbers f ON f.id = a.form"
    " CROSS JOIN temp.text_numbers u ON u.id = a.url"
    " CROSS JOIN temp.text_numbers m ON m.id = a.meta ORDER BY a.lcsc_id, t.number",
    # Rows that go whole from a table to its like fill their pages.
    "INSERT INTO out.assets SELECT * FROM temp.numbered",
    "INSERT INTO out.asset_types SELECT n.number, t.text FROM temp.types t"
    " JOIN temp.type_numbers n ON n.id = t.id ORDER BY n.number",
    "INSERT INTO out.asset_forms SELECT n.number, f.mime, f.encoding FROM temp.forms f"
    " JOIN temp.form_numbers n ON n.id = f.id ORDER BY n.number",
    "INSERT INTO out.asset_texts SELECT n.number, t.text"
    " FROM (SELECT id, text FROM temp.texts ORDER BY id) t"
    " CROSS JOIN temp.text_numbers n ON n.id = t.id ORDER BY n.number"
    + kept("texts").partition(")")[2],
)


def fill_assets(connection: Writer, manifest: Path, unserved: Sequence[str]) -> int:
    """Fill the tables of ``out`` for its parts; how many assets there are.

    ``manifest`` is a list of frozen manifests as folding writes it, or one manifest. Raises
    :class:`SnapshotError` or :class:`~components.core.errors.StoreError` for a damaged one.
    """
    for statement in (f"CREATE TEMP TABLE listed {_ASSETS}", *WORDS.values()):
        connection.execute(statement)
    hidden = json.dumps([type_number(name) for name in unserved])
    count = 0
    for manifests in _together(manifest):
        with ExitStack() as stack:
            schemas = []
            for number, path in enumerate(manifests):
                readable = stack.enter_context(in_today_s_form(path))
                schemas.append(f"manifest{number}")
                opened = attached_input(connection, readable, schemas[-1], immutable=False)
                stack.enter_context(opened)
            rows = " UNION ALL ".join(f"SELECT {READ} FROM {schema}.entries" for schema in schemas)
            count += connection.execute(_ROWS.format(rows=rows), (hidden,)).rowcount
            for schema in schemas:
                _take_words(connection, schema)
    for statement in _NUMBERED:
        connection.execute(statement)
    if connection.execute("SELECT count(*) FROM out.assets").fetchone() != (count,):
        raise SnapshotError(f"{manifest}: artifacts of no known type; fetch their shard again")
    connection.execute(_FACTS)
    return count


def _together(manifest: Path) -> Iterator[list[Path]]:
    if manifest.suffix != ".json":
        yield [manifest]
        return
    # A shard's manifests lie side by side, and rows come in order of their parts.
    for _, paths in groupby(listed(manifest), lambda path: path.name.partition(".")[0]):
        mine = list(paths)
        assert len(mine) <= TOGETHER, mine
        yield mine


def _take_words(connection: Writer, schema: str) -> None:
    texts = f"SELECT url FROM {schema}.entries UNION SELECT meta FROM {schema}.entries"
    for name in WORDS:
        added = f"INSERT INTO temp.{name} SELECT * FROM {schema}.{name}"
        if name == "texts":
            connection.execute(f"{added} WHERE id IN ({texts})")
        else:
            connection.execute(f"{added} WHERE true{kept(name).partition(')')[2]}")


def stored_keys(connection: Connection) -> Iterator[str]:
    """The keys of all assets, some more than once, by plain tables alone."""
    rows = connection.execute(
        f"SELECT {KEY_SQL} FROM assets e LEFT JOIN asset_types t ON t.id = e.type"
    )
    for row in rows:
        yield row[0]


def test_an_untrusted_reader_sees_what_is_told_of_each_type(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    from components.core.database import attached_output, writer
    from components.fetch.frozen import write_frozen
    from components.fetch.manifest import example_entry

    sheet = example_entry(1, "ab" * 32)
    url = sheet.source_url
    direct = f'{{"original_url":"{url}","resolved_url":"{url}"}}'
    foot = '{"model":{"uuid":"u1"},"model_path":"p","name":"R0402"}'
    entries = [
        sheet._replace(source_meta_json=direct),
        sheet._replace(lcsc_id=2),
        sheet._replace(artifact_type="kicad_footprint_mod", source_meta_json=foot),
        sheet._replace(artifact_type="model_step", source_meta_json='{"uuid":"u2"}'),
        sheet._replace(artifact_type="easyeda_cad_json", source_meta_json='{"uuid":"u3"}'),
    ]
    write_frozen(tmp_path / "m.sqlite3", entries, [])
    with closing(writer()) as db, attached_output(db, tmp_path / "d.sqlite"):
        db.execute("CREATE TABLE out.components_full AS SELECT 1 AS lcsc_id UNION SELECT 2")
        db.execute(SCHEMA)
        assert fill_assets(db, tmp_path / "m.sqlite3", ["easyeda_cad_json"]) == 4
    with closing(sqlite3.connect(tmp_path / "d.sqlite")) as made:
        made.execute("PRAGMA trusted_schema = OFF")
        rows = made.execute(
            "SELECT * FROM component_assets ORDER BY lcsc_id, artifact_type"
        ).fetchall()
        assert [row[9:] for row in rows] == [
            (url, url, None, None, None),
            (None, None, "R0402", "p", "u1"),
            (None, None, None, None, "u2"),
            (url, url, None, None, None),
        ]
        assert [row[8] for row in rows] == [direct, foot, '{"uuid":"u2"}', "{}"]
        assert sorted(stored_keys(made)) == sorted(row[2] for row in rows)


def test_a_part_that_two_shards_have_counts_once(tmp_path: Path) -> None:
    from contextlib import closing

    from components.core.database import attached_output, writer
    from components.core.layout import Layout
    from components.fetch.fold import fold
    from components.fetch.frozen import write_frozen
    from components.fetch.manifest import example_entry

    made = []
    # However the shards lie, the same rows are the same bytes, with small numbers.
    for name, shards in (("a", ((1, 2), (2, 3))), ("b", ((3,), (2, 1)))):
        layout = Layout(tmp_path / name)
        for shard, numbers in enumerate(shards):
            path = layout.shards / f"{shard:04}.datasheet.sqlite3"
            write_frozen(path, map(example_entry, numbers), [])
        fold(sorted(layout.shards.glob("*.sqlite3")), layout, layout.folded)
        output = tmp_path / name / "d.sqlite"
        with closing(writer()) as db, attached_output(db, output):
            db.execute("CREATE TABLE out.components_full (lcsc_id INTEGER PRIMARY KEY)")
            db.executemany("INSERT INTO out.components_full VALUES (?)", [(1,), (2,), (3,)])
            db.execute(SCHEMA)
            assert fill_assets(db, layout.folded, []) == 3
            largest = "SELECT max(type, form, url, meta) FROM out.assets"
            assert max(row[0] for row in db.execute(largest).fetchall()) <= 3
        made.append(output.read_bytes())
    assert made[0] == made[1]


def test_an_artifact_of_no_type_is_not_lost_in_silence(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    import pytest

    from components.core.database import attached_output, writer
    from components.fetch.frozen import write_frozen
    from components.fetch.manifest import example_entry

    write_frozen(tmp_path / "m.sqlite3", map(example_entry, (1, 2)), [])
    with closing(sqlite3.connect(tmp_path / "m.sqlite3")) as damaged, damaged:
        damaged.execute("DELETE FROM types")
    with (
        closing(writer()) as db,
        pytest.raises(SnapshotError, match=r"m\.sqlite3: .*no known"),
        attached_output(db, tmp_path / "d.sqlite"),
    ):
        db.execute("CREATE TABLE out.components_full AS SELECT 1 AS lcsc_id UNION SELECT 2")
        db.execute(SCHEMA)
        fill_assets(db, tmp_path / "m.sqlite3", [])
    assert not (tmp_path / "d.sqlite").exists()
