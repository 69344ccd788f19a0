"""``export-kicad-library``: a folder that KiCad takes as it is.

Output: ``symbols/<library>.kicad_sym`` a family, ``components.pretty``, ``components.3dshapes``,
the tables that name them, ``parts.csv`` and a README. The same snapshot and condition give the same
bytes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from components.core.errors import SnapshotError
from components.export.kicad_library.footprints import Footprints
from components.export.kicad_library.names import FOOTPRINTS, MODELS, SYMBOLS
from components.export.kicad_library.parts import Part, read_parts
from components.export.kicad_library.symbols import write_symbols
from components.export.kicad_library.tables import (
    FOOTPRINT_TABLE,
    SYMBOL_TABLE,
    write_guide,
    write_parts,
    write_tables,
)
from components.export.readme import NAME as README
from components.kicad_names.library import LIBRARY, PARTS
from components.store.object_store import ObjectStore

FILES = (SYMBOL_TABLE, FOOTPRINT_TABLE, PARTS, README)
FOLDERS = (SYMBOLS, FOOTPRINTS, MODELS)
PROGRESS_EVERY = 1000


class Counts(NamedTuple):
    """What a library holds."""

    parts: int
    symbols: int
    footprints: int
    models: int

    def text(self) -> str:
        return (
            f"{self.parts:,} parts: {self.symbols:,} symbols, {self.footprints:,} footprints, "
            f"{self.models:,} 3D models."
        )


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--detail", type=Path, required=True, help="detail.sqlite of a snapshot")
    parser.add_argument("--fast", type=Path, required=True, help="fast.sqlite of that snapshot")
    parser.add_argument("--objects", type=Path, required=True, help="the object store")
    parser.add_argument("--library", type=Path, help="liblookup.so, for the store's codecs")
    parser.add_argument("--where", required=True, help="SQL over components_full: which parts")
    parser.add_argument("--snapshot", required=True, help="the snapshot's name")
    parser.add_argument("--output", type=Path, required=True, help="the folder")


def run(args: argparse.Namespace) -> int:
    store = ObjectStore(args.objects, args.library or "default")
    parts = read_parts(args.detail, args.fast, args.where)
    if not parts:
        raise SnapshotError(
            f"{args.detail}: no part that {args.where!r} selects has a symbol or a footprint; "
            "switch on stage1.artifacts.kicad_footprint_mod, or select others with "
            "exports.kicad_library_where"
        )
    counts = export_library(args.output, parts, store, args.snapshot, args.where)
    print(f"export-kicad-library: {counts.text()} In {args.output}", file=sys.stderr)
    return 0


def export_library(
    folder: Path, parts: Sequence[Part], store: ObjectStore, snapshot: str, where: str
) -> Counts:
    """Write the library of ``parts``, in place of what an earlier run has left of one.

    Raises :class:`StoreError` and :class:`CadError` for objects that cannot be used.
    """
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    footprints = Footprints(folder, store)
    drawn: dict[int, tuple[str, str]] = {}
    for count, part in enumerate(parts, start=1):
        drawn[part.lcsc_id] = footprints.add(part)
        if count % PROGRESS_EVERY == 0:
            print(f"{count:,} of {len(parts):,} footprints", file=sys.stderr, flush=True)
    names = {lcsc_id: footprint for lcsc_id, (footprint, _) in drawn.items()}
    libraries = write_symbols(folder, parts, names, store)
    symbols = {
        lcsc_id: f"{nickname}:{name}"
        for nickname, members in libraries.items()
        for lcsc_id, name in members.items()
    }
    counts = Counts(len(parts), len(symbols), len(footprints), footprints.models)
    write_tables(folder, libraries)
    write_parts(folder, _rows(parts, symbols, drawn))
    write_guide(folder, snapshot, where, counts.text())
    return counts


def _rows(
    parts: Sequence[Part], symbols: Mapping[int, str], drawn: Mapping[int, tuple[str, str]]
) -> Iterator[dict[str, str]]:
    for part in parts:
        footprint, model = drawn[part.lcsc_id]
        asset = part.assets.get("kicad_footprint_mod")
        meta: Mapping[str, Any] = asset.meta if asset else {}
        report = meta.get("report") or {}
        yield {
            "lcsc": part.lcsc,
            "part_number": part.part_number,
            "manufacturer": part.manufacturer,
            "value": part.value,
            "symbol": symbols.get(part.lcsc_id, ""),
            "footprint": f"{LIBRARY}:{footprint}" if footprint else "",
            "model": model,
            "model_place": (report.get("model_confidence") or "") if model else "",
            "remarks": "; ".join(_remarks(part, footprint, model, report)),
        }


def _remarks(part: Part, footprint: str, model: str, report: Mapping[str, Any]) -> Iterator[str]:
    if "kicad_symbol" not in part.assets:
        yield "no symbol"
    if not footprint:
        yield "no footprint"
    elif not model:
        yield "no 3D model"
    yield from report.get("warnings") or ()
    for key, what in (("pins_without_pad", "pins"), ("pads_without_pin", "pads")):
        if report.get(key):
            other = "pad" if what == "pins" else "pin"
            yield f"{what} without {other}: {' '.join(report[key])}"
