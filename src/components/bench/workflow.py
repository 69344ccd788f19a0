"""The whole workflow, as an operator starts it: cold, with nothing to do, after a night.

Beside them stands Snakemake's own start: a workflow with one empty rule. ``--parts`` says how
large the catalogue is made, by its own parts again under other numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from components.bench.cost import measure
from components.bench.memory import Peaks, watched
from components.bench.report import Table
from components.bench.sources import change_stocks, count_parts, replicate_source
from components.bench.transform import generated_source
from components.core.layout import Layout
from components.core.project import PROJECT

EMPTY = "rule all:\n    output: 'made'\n    shell: 'touch made'\n"


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-workflow-", dir=args.folder) as name:
        folder = Path(name)
        given = args.source or generated_source(folder / "given.sqlite3")
        parts = count_parts(given)
        wanted = args.parts or parts
        # Of our own, since a night changes it.
        source = folder / "source.sqlite3"
        replicate_source(given, source, -(-wanted // parts), wanted)
        yield from runs(source, folder, "workflow_parts" if args.parts else "workflow")


def runs(source: Path, folder: Path, table_name: str = "workflow") -> Iterator[Table]:
    """A row for each kind of run over the ready ``source``, artifacts left out; then their memory.

    The source is changed.
    """
    cores = len(os.sched_getaffinity(0))
    config = folder / "config.json"
    cache = folder / "cache"
    config.write_text(
        json.dumps(
            {
                "paths": {"cache_dir": str(cache), "source_sqlite": str(source.absolute())},
                "stage1": {"enabled": False},
                # A night sells out parts: of the same few again and again a family may lose many.
                "stage2": {"max_row_loss_share": 1},
            }
        )
    )
    empty = folder / "empty" / "Snakefile"
    empty.parent.mkdir()
    empty.write_text(EMPTY)
    ours = [*_snakemake(PROJECT / "Snakefile", folder, cores), "--configfile", str(config)]
    # Compiling takes longer than all else, and happens once for each version of the code.
    measure([*ours, "--", str(Layout(cache).library)])
    parts = count_parts(source)
    table = Table(
        table_name,
        f"snakemake --cores {cores}, from a ready source of {parts:,} parts"
        f" ({source.stat().st_size / 1e6:,.0f} MB) to a published snapshot",
        ("run", "wall s", "CPU s", "peak MiB"),
    )
    empty_run = _snakemake(empty, empty.parent, cores)
    table.add("Snakemake alone, one empty rule", *measure(empty_run))
    with watched() as peaks:
        table.add("cold", *measure(ours))
        table.add("nothing to do", *measure(ours))
        change_stocks(source)
        table.add("1 % of the parts have another stock", *measure(ours))
    table.notes.append("The library is compiled beforehand. Peak is of the largest process.")
    yield table
    yield _memory(peaks, f"{table_name}_memory", parts)


def _memory(peaks: Peaks, name: str, parts: int) -> Table:
    table = Table(
        name,
        f"Memory of each process of these runs, {parts:,} parts",
        ("process", "peak MiB", "of its own MiB"),
    )
    for process, memory in sorted(peaks.items()):
        # Shells, and processes between their fork and their program.
        if memory.own_mib >= 1 and process not in ("bash", "sh"):
            table.add(process, *memory)
    table.notes.append(
        "Looked at five times a second. The difference of both are mapped files, which the kernel"
        " takes back where memory is short."
    )
    return table


def _snakemake(snakefile: Path, folder: Path, cores: int) -> list[str]:
    flags = ["--cores", str(cores), "--directory", str(folder), "--quiet", "all"]
    return [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), *flags]


def test_a_cold_run_publishes_and_each_kind_of_run_is_measured(tmp_path: Path) -> None:
    table, memory = runs(generated_source(tmp_path / "source.sqlite3", rows=3), tmp_path)
    assert [row[0] for row in table.rows] == [
        *("Snakemake alone, one empty rule", "cold", "nothing to do"),
        "1 % of the parts have another stock",
    ]
    assert "snakemake" in {row[0] for row in memory.rows}
    assert (tmp_path / "cache" / "snapshots" / "current").is_symlink()
    assert all(isinstance(row[2], float) and row[2] > 0 for row in table.rows)
