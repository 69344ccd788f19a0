"""The whole workflow, as an operator starts it: cold, and with nothing to do.

Beside them stands Snakemake's own start: a workflow with one empty rule.
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
from components.bench.report import Table
from components.bench.transform import generated_source
from components.core.layout import Layout
from components.core.project import PROJECT

EMPTY = "rule all:\n    output: 'made'\n    shell: 'touch made'\n"


def run(args: argparse.Namespace) -> Iterator[Table]:
    with tempfile.TemporaryDirectory(prefix="bench-workflow-") as name:
        folder = Path(name)
        yield runs(args.source or generated_source(folder / "source.sqlite3"), folder)


def runs(source: Path, folder: Path) -> Table:
    """A row for each kind of run over the ready ``source``, artifacts left out."""
    cores = len(os.sched_getaffinity(0))
    config = folder / "config.json"
    cache = folder / "cache"
    config.write_text(
        json.dumps(
            {
                "paths": {"cache_dir": str(cache), "source_sqlite": str(source.absolute())},
                "stage1": {"enabled": False},
            }
        )
    )
    empty = folder / "empty" / "Snakefile"
    empty.parent.mkdir()
    empty.write_text(EMPTY)
    ours = [*_snakemake(PROJECT / "Snakefile", folder, cores), "--configfile", str(config)]
    # Compiling takes longer than all else, and happens once for each version of the code.
    measure([*ours, "--", str(Layout(cache).library)])
    table = Table(
        "workflow",
        f"snakemake --cores {cores}, from a ready source of {source.stat().st_size / 1e6:,.0f} MB"
        " to a published snapshot",
        ("run", "wall s", "CPU s", "peak MiB"),
    )
    for name, command in (
        ("Snakemake alone, one empty rule", _snakemake(empty, empty.parent, cores)),
        ("cold", ours),
        ("nothing to do", ours),
    ):
        table.add(name, *measure(command))
    table.notes.append("The library is compiled beforehand. Peak is of the largest process.")
    return table


def _snakemake(snakefile: Path, folder: Path, cores: int) -> list[str]:
    flags = ["--cores", str(cores), "--directory", str(folder), "--quiet", "all"]
    return [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), *flags]


def test_a_cold_run_publishes_and_a_second_does_nothing(tmp_path: Path) -> None:
    table = runs(generated_source(tmp_path / "source.sqlite3", rows=3), tmp_path)
    assert [row[0] for row in table.rows] == [
        *("Snakemake alone, one empty rule", "cold", "nothing to do")
    ]
    assert (tmp_path / "cache" / "snapshots" / "current").is_symlink()
    assert all(isinstance(row[2], float) and row[2] > 0 for row in table.rows)
