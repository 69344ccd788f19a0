"""The pipeline at full size: nights, stores and servers over as many parts as ``--parts`` says.

Each module of :data:`MODULES` measures what it is named after, into a table of its own. It has a
function ``rows(parts, folder)``, which gives :class:`Row` after :class:`Row`; ``folder`` is its own
to work in, and holds the catalogue :data:`SOURCE` of that many parts. What ``rows`` leaves there is
taken away.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from components.bench.report import Table
from components.bench.scale_row import COLUMNS, SOURCE, Row
from components.bench.sources import count_parts, replicate_source
from components.bench.transform import generated_source

MODULES = ("scale_transform", "scale_fetch", "scale_operate")
TITLES = {
    "scale_transform": "nights",
    "scale_fetch": "plans and manifests",
    "scale_operate": "an operator's commands",
}
# What JLC had in stock when this was written; all its parts are 7 million.
PARTS = 582_280

Rows = Callable[[int, Path], Iterator[Row]]


def run(args: argparse.Namespace) -> Iterator[Table]:
    parts = args.parts or PARTS
    with tempfile.TemporaryDirectory(prefix="bench-scale-", dir=args.folder) as name:
        folder = Path(name)
        source = enough(args.source, parts, folder)
        for name, rows in found():
            if not args.only or name.removeprefix("scale_") in args.only:
                yield table(parts, source, folder, name, rows)


def found() -> list[tuple[str, Rows]]:
    """The modules that measure, in order."""
    package = __package__ or "components.bench"
    names = [name for name in MODULES if importlib.util.find_spec(f"{package}.{name}")]
    return [(name, importlib.import_module(f"{package}.{name}").rows) for name in names]


def table(parts: int, source: Path, folder: Path, name: str, rows: Rows) -> Table:
    """Every row of a module over ``source``, which holds ``parts`` parts."""
    title = f"At full size, {TITLES.get(name, name)}: {parts:,} parts"
    made = Table(f"{name}_{parts}", title, COLUMNS)
    own = folder / name
    own.mkdir()
    (own / SOURCE).hardlink_to(source)
    for row in rows(parts, own):
        # A run takes an hour: what is known is said at once.
        print(f"scale: {'; '.join(map(str, row))}", file=sys.stderr, flush=True)
        made.add(*row)
    shutil.rmtree(own)
    made.notes.append(
        "Each command is a process of its own. MB read and written are those of system calls, of"
        " the file cache too; what is read from mapped files is not in them."
    )
    return made


def enough(given: Path | None, parts: int, folder: Path) -> Path:
    """A catalogue of ``parts`` parts: those of ``given``, or generated ones, again and again."""
    one = given or generated_source(folder / "generated.sqlite3")
    times = -(-parts // count_parts(one))
    source = folder / SOURCE
    replicate_source(one, source, times, parts)
    return source


def test_every_module_gives_its_rows_over_as_many_parts(tmp_path: Path) -> None:
    def rows(parts: int, folder: Path) -> Iterator[Row]:
        assert count_parts(folder / SOURCE) == parts
        (folder / "left").touch()
        yield Row("count", f"{parts} parts", 0.5)

    source = enough(generated_source(tmp_path / "one.sqlite3", rows=3), 1000, tmp_path)
    made = table(1000, source, tmp_path, "a", rows)
    assert [row[:3] for row in made.rows] == [("count", "1000 parts", 0.5)]
    assert made.name == "a_1000"
    assert not (tmp_path / "a").exists() and source.exists()
    assert tuple(name for name, _ in found()) == MODULES == tuple(TITLES)
