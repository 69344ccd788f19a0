"""Whatever stands in the columns of a source, stage 2 completes, loses no part and counts them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from components.cli import main
from components.families import rooms
from components.testing.library import write_catalogue

RESISTOR = {
    "category": "Resistors",
    "subcategory": "Chip Resistor - Surface Mount",
    "extra": {"attributes": {"Resistance": "10kΩ", "Tolerance": "±1%"}},
}
STRANGE: tuple[dict[str, Any], ...] = (
    *({"stock": value} for value in ("many", 3.7, b"\x01", 1 << 62, -5)),
    *({"basic": value} for value in ("yes", 2.5, b"1", "1")),
    *({"package": value} for value in (7, b"0402", "-")),
    *({"description": value} for value in (b"\xff\xfe", "a\0b", 5, "x" * 100_000)),
    *({"price": value} for value in (b"\0", "NaN", "", "[1e999]")),
    *({"extra": value} for value in (None, 5, b'{"attributes":{}}', "[" * 2000 + "]" * 2000)),
    *({"extra": {"attributes": value}} for value in (None, [None, 1], {"Resistance": 10})),
    {"extra": {"attributes": {"Resistance": "1" + "0" * 400 + "kΩ", "Tolerance": "±1%"}}},
    *({"jlc_extra": value} for value in (b"x", "", "null", '{"attributes": [{"name": 1}]}')),
    *({"last_update": value} for value in ("soon", 1 << 60, -1)),
    *({"lcsc": value} for value in (-7, (1 << 63) - 1)),
    {"mfr": 3.5, "joints": "x", "datasheet": 9, "manufacturer": "Ünïcödé 株式会社"},
)


def test_strange_values_cost_no_part(tmp_path: Path) -> None:
    parts = [
        {"lcsc": 1000 + index, **base, **strange}
        for index, (base, strange) in enumerate(
            (base, strange) for base in (RESISTOR, {}) for strange in STRANGE
        )
        if base or "lcsc" not in strange
    ]
    source = str(write_catalogue(tmp_path / "source.sqlite3", parts))
    build = {
        name: str(tmp_path / name) for name in ("fast", "detail", "search", "index", "metadata")
    }
    Path(build["index"]).write_bytes(b"an index")
    picks = [str(tmp_path / "pick" / f"{room}.sqlite") for room in rooms()]
    assert main(["build-pick", "--source", source, "--output", str(tmp_path / "pick")]) == 0
    of_all = ["--source", source, "--pick", *picks]
    made = [text for name, path in build.items() for text in (f"--{name}", path)]
    for command in (
        ["build-fast", "--pick", *picks, "--output", build["fast"]],
        ["build-detail", *of_all, "--output", build["detail"]],
        ["build-search", *of_all, "--output", build["search"]],
        ["build-metadata", *of_all, "--detail", build["detail"], "--output", build["metadata"]],
        ["validate-snapshot", *made, "--output", str(tmp_path / "validated")],
    ):
        assert main(command) == 0, command[0]
    with closing(sqlite3.connect(build["detail"])) as db:
        db.text_factory = lambda data: data.decode("utf-8", "replace")
        rows = db.execute(
            "SELECT lcsc_id, price_json, attributes_json, extra_json FROM components_full"
        ).fetchall()
        types = {
            kind
            for column in ("stock", "joints", "description", "package", "extra_json", "price_json")
            for (kind,) in db.execute(f"SELECT DISTINCT typeof({column}) FROM components_full")
        }
    assert {row[0] for row in rows} == {part["lcsc"] for part in parts}
    assert all(isinstance(json.loads(row[2]), dict) for row in rows)
    assert all(isinstance(json.loads(row[3]), dict) for row in rows)
    assert all(json.loads(row[1]) is not None for row in rows)
    assert types == {"integer", "text"}
    families = json.loads(Path(build["metadata"]).read_text())["families"]
    resistors = families["resistor"]
    assert resistors["parts"] == len(STRANGE)
    assert resistors["pickable"] + sum(resistors["not_pickable"].values()) == len(STRANGE)
