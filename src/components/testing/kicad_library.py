"""A KiCad library of real parts, and schematics that use it."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path, PurePath
from typing import NamedTuple

from components.artifacts import types_of
from components.cad.answer import read_answer
from components.cad.models import model_uuid
from components.core.layout import Layout
from components.families import FAMILIES
from components.families.schema import create_table
from components.fetch.artifact import Fetched, stored
from components.fetch.convert_cad import ANSWER, MODEL, convert_parts
from components.fetch.convert_glb import measure
from components.fetch.known import Known
from components.fetch.manifest import Entry, State
from components.store.object_store import ObjectStore
from components.testing.assets import insert_assets
from components.transform.detail import SCHEMA

# A sheet this wide takes a symbol every so many millimetres.
SHEET_ROW, SHEET_PITCH_MM = 10, 101.6
_NAMESPACE = uuid.UUID("6a1e9c58-3f0d-5a0c-9d55-2f3f4f6d7a01")


class Snapshot(NamedTuple):
    """What the export reads."""

    detail: Path
    fast: Path
    store: ObjectStore


def snapshot_of_answers(
    folder: Path, answers: Sequence[bytes], steps: Sequence[bytes], families: Mapping[int, str]
) -> Snapshot:
    """A snapshot's files of real answers, drawn by the real steps.

    The models that the answers name get ``steps`` in turn. ``families`` names some parts' families;
    all columns of their rows but the package are unknown.
    """
    import orjson

    layout = Layout(folder)
    store = ObjectStore(layout.objects)
    known, models = Known(), []
    numbers: list[int] = []
    for index, body in enumerate(answers):
        lcsc_id = int(read_answer(body).lcsc[1:])
        numbers.append(lcsc_id)
        files: dict[str, tuple[bytes, dict[str, str]]] = {ANSWER: (body, {})}
        if found := model_uuid(orjson.loads(body)):
            # One model has one file, whatever parts it is of.
            files[MODEL] = (steps[int(found, 16) % len(steps)], {"uuid": found})
        for name, (data, meta) in files.items():
            fetched = Fetched(name, f"http://easyeda.test/{name}/{index}", data, "x/y", meta)
            entry = stored(store, lcsc_id, fetched)
            known.add([entry], [State(lcsc_id, name, "success", "u", entry.raw_sha256)])
            models += [entry] if name == MODEL else []
    boxes = measure(models, store)
    drawn, _ = convert_parts(
        sorted(numbers), known, layout, types_of("drawing"), "one", store, boxes
    )
    fast = folder / "fast.sqlite"
    with closing(sqlite3.connect(fast)) as db:
        for family in FAMILIES:
            db.execute(create_table(family))
        for lcsc_id, name in families.items():
            _pick(db, lcsc_id, name)
        db.commit()
    detail = folder / "detail.sqlite"
    _write_detail(detail, answers, [*models, *drawn], families)
    return Snapshot(detail, fast, store)


def _pick(db: sqlite3.Connection, lcsc_id: int, family: str) -> None:
    columns = db.execute(f"PRAGMA table_info({family}_pick)").fetchall()
    values: dict[str, object] = {
        name: (1.0 if not_null else None) for _, name, _, not_null, *_ in columns
    }
    values |= {"lcsc_id": lcsc_id, "package": "0402", "stock": 1}
    marks = ", ".join(f":{name}" for name in values)
    db.execute(f"INSERT INTO {family}_pick ({', '.join(values)}) VALUES ({marks})", values)


def _write_detail(
    path: Path, answers: Sequence[bytes], entries: Sequence[Entry], families: Mapping[int, str]
) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA.replace("out.", ""))
        for body in answers:
            part = read_answer(body)
            lcsc_id = int(part.lcsc[1:])
            row: tuple[object, ...] = (
                *(lcsc_id, part.manufacturer, part.manufacturer_part, "", 2),
                *(
                    "Parts",
                    "Real parts",
                    families.get(lcsc_id, ""),
                    f"{part.manufacturer_part} of a test",
                    part.datasheet,
                ),
                *(100, 1, 0, "[]", "{}", "{}", 0, 1, None),
            )
            marks = ", ".join("?" * len(row))
            db.execute(f"INSERT INTO components_full VALUES ({marks})", row)
        insert_assets(db, entries)
        db.commit()


class Placed(NamedTuple):
    """A symbol of a library, as text, and how many units it has."""

    lib_id: str
    block: str
    units: int
    footprint: str


def symbols(library: Path) -> Iterator[Placed]:
    """Every symbol of a folder that the export wrote."""
    for path in sorted((library / "symbols").glob("*.kicad_sym")):
        lines = path.read_text().splitlines()
        starts = [n for n, line in enumerate(lines) if line.startswith('  (symbol "')]
        for start, end in zip(starts, [*starts[1:], len(lines) - 1], strict=True):
            block = "\n".join(lines[start:end])
            match = re.match(r'  \(symbol "((?:[^"\\]|\\.)*)"', block)
            assert match
            lib_id = f"{PurePath(path).stem}:{match[1]}"
            footprint = re.search(r'\(property "Footprint" "((?:[^"\\]|\\.)*)"', block)
            units = len(re.findall(r'^    \(symbol "', block, re.MULTILINE))
            named = block.replace(f'(symbol "{match[1]}"', f'(symbol "{lib_id}"', 1)
            yield Placed(lib_id, named, units, footprint[1] if footprint else "")


def schematic(placed: Sequence[Placed], project: str) -> str:
    """A sheet with every unit of every symbol; references are P0, P1 …"""
    root = _uuid("root")
    lines = [
        f"(kicad_sch (version 20230121) (generator eeschema) (uuid {root})",
        '(paper "User" 1200 1200)',
        "(lib_symbols",
        *(each.block for each in placed),
        ")",
    ]
    place = 0
    for number, symbol in enumerate(placed):
        for unit in range(1, symbol.units + 1):
            row, column = divmod(place, SHEET_ROW)
            place += 1
            x, y = (column + 1) * SHEET_PITCH_MM, (row + 1) * SHEET_PITCH_MM
            text = "(effects (font (size 1.27 1.27)))"
            lines.append(
                f'(symbol (lib_id "{symbol.lib_id}") (at {x} {y} 0) (unit {unit}) (in_bom yes)'
                f" (on_board yes) (dnp no) (uuid {_uuid(f'{number}.{unit}')})"
                f' (property "Reference" "P{number}" (at {x} {y} 0) {text})'
                f' (property "Value" "V" (at {x} {y} 0) {text})'
                f' (property "Footprint" "{symbol.footprint}" (at {x} {y} 0) {text})'
                f' (instances (project "{project}" (path "/{root}" (reference "P{number}")'
                f" (unit {unit})))))"
            )
    return "\n".join([*lines, '(sheet_instances (path "/" (page "1")))', ")\n"])


def _uuid(name: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, name))
