"""The assets of ``detail.sqlite``, from what manifests refer to.

``component_assets`` is a view over rows as manifests have them (see
:mod:`components.fetch.manifest_format`): every address and metadata once, digests as bytes, keys
derived. The rows go from file to file as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

from components.core.database import Connection, Writer, attached_input
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
SCHEMA = ";\n".join(
    (
        "CREATE TABLE out.assets (lcsc_id INTEGER NOT NULL, type INTEGER NOT NULL,"
        " stored_key TEXT NOT NULL, sha256 NOT NULL, raw_size_bytes INTEGER NOT NULL,"
        " form INTEGER NOT NULL, url INTEGER NOT NULL, meta INTEGER NOT NULL,"
        " PRIMARY KEY (lcsc_id, type)) WITHOUT ROWID",
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
_ROWS = f"""INSERT OR IGNORE INTO out.assets SELECT {COLUMNS} FROM (
    SELECT *, row_number() OVER (
        PARTITION BY lcsc_id, type ORDER BY fetched_at DESC, sha256, url, stored_key
    ) AS place
    FROM ({{rows}})
    WHERE compare_ok AND lcsc_id IN (SELECT lcsc_id FROM out.components_full)
        AND type NOT IN (SELECT value FROM json_each(?))
) WHERE place = 1 ORDER BY lcsc_id, type"""
WORDS = {
    "types": f"CREATE TEMP TABLE types {_TEXT}",
    "forms": f"CREATE TEMP TABLE forms {_FORM}",
    # As they come: sorted once, at the end.
    "texts": "CREATE TEMP TABLE texts (id INTEGER NOT NULL, text TEXT NOT NULL)",
}
_USED = {
    "types": "SELECT type FROM out.assets",
    "forms": "SELECT form FROM out.assets",
}
# Sorted and looked up in order: in a tree that is larger than the cache, texts come at random.
_USED_TEXTS = (
    "CREATE TEMP TABLE used (id INTEGER PRIMARY KEY)",
    "INSERT INTO temp.used SELECT id FROM (SELECT url AS id FROM out.assets"
    " UNION ALL SELECT meta FROM out.assets) GROUP BY id",
    "INSERT INTO out.asset_texts SELECT id, text"
    " FROM (SELECT id, text FROM temp.texts ORDER BY id) t"
    " WHERE EXISTS (SELECT 1 FROM temp.used u WHERE u.id = t.id) ORDER BY id"
    + kept("texts").partition(")")[2],
)


def fill_assets(connection: Writer, manifest: Path, unserved: Sequence[str]) -> int:
    """Fill the tables of ``out`` for its parts; how many assets there are.

    ``manifest`` is a list of frozen manifests as folding writes it, or one manifest. Raises
    :class:`SnapshotError` or :class:`~components.core.errors.StoreError` for a damaged one.
    """
    for statement in WORDS.values():
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
    for name, used in _USED.items():
        connection.execute(
            f"INSERT INTO out.asset_{name} SELECT * FROM temp.{name} WHERE id IN ({used})"
            " ORDER BY id"
        )
    for statement in _USED_TEXTS:
        connection.execute(statement)
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

    layout = Layout(tmp_path)
    for shard, numbers in (("0000", (1, 2)), ("0001", (2, 3))):
        write_frozen(layout.shards / f"{shard}.datasheet.sqlite3", map(example_entry, numbers), [])
    fold(sorted(layout.shards.glob("*.sqlite3")), layout, layout.folded)
    with closing(writer()) as db, attached_output(db, tmp_path / "d.sqlite"):
        db.execute("CREATE TABLE out.components_full (lcsc_id INTEGER PRIMARY KEY)")
        db.executemany("INSERT INTO out.components_full VALUES (?)", [(1,), (2,), (3,)])
        db.execute(SCHEMA)
        assert fill_assets(db, layout.folded, []) == 3
