"""What jobs cost that have nothing to do: the engine's own share, and that of starting our code.

The jobs of shards have empty lists of parts, so that they ask no service for anything.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from components.bench.scale_row import Row, measured
from components.core.project import PROJECT
from components.fetch.worklist import format_worklist

if TYPE_CHECKING:
    from pytest import MonkeyPatch

JOBS = 256
SHARDS = 40
GROUPS = ("cad", "datasheet", "image")
_EACH = """
rule all:
    input: expand("cache/fetch/shards/{{n}}.{{group}}.sqlite3", n={numbers}, group={groups})
"""
_ONE = """
rule fetch_shard:
    output: [{outputs}]
    shell: "{program} --group {groups} --worklist {lists} --output {{output}}"
"""


def rows(folder: Path) -> Iterator[Row]:
    work = folder / "jobs"
    work.mkdir()
    nothing = f"rule all:\n    input: expand('out/{{n}}', n=range({JOBS}))\n"
    nothing += "rule one:\n    output: 'out/{n}'\n    shell: 'touch {output}'\n"
    yield _run("the engine's own share: jobs that do nothing", JOBS, nothing, work)
    (work / "list").write_bytes(format_worklist([]))
    # Nobody listens there, and nobody is asked.
    settings = work / "settings.json"
    settings.write_text(json.dumps({"upstream": {"bundled_port": 9}}))
    program = f"{sys.executable} -m components fetch-shard --cache-dir cache --settings {settings}"
    numbers = [f"{n:04d}" for n in range(SHARDS)]
    for what, each in (
        ("shards with nothing to fetch, a group a job", [[group] for group in GROUPS]),
        ("the same, a shard's groups in one job", [list(GROUPS)]),
    ):
        text = _EACH.format(numbers=numbers, groups=list(GROUPS))
        for groups in each:
            outputs = ", ".join(f'"cache/fetch/shards/{{n}}.{group}.sqlite3"' for group in groups)
            lists = " ".join(["list"] * len(groups))
            text += _ONE.replace("fetch_shard", f"fetch_{'_'.join(groups)}").format(
                outputs=outputs, program=program, groups=" ".join(groups), lists=lists
            )
        yield _run(what, SHARDS * len(each), text, work)
    shutil.rmtree(work)


def _run(what: str, jobs: int, snakefile: str, work: Path) -> Row:
    """Run all jobs of a workflow on two cores, as our profile does."""
    shutil.rmtree(work / "cache", ignore_errors=True)
    (work / "Snakefile").write_text(snakefile)
    command = [sys.executable, "-m", "snakemake", "--directory", str(work), "--cores", "2"]
    command += ["--snakefile", str(work / "Snakefile"), "--quiet", "all", "--workflow-profile"]
    command += [str(PROJECT / "workflow" / "profiles" / "default")]
    return measured(what, f"{jobs:,} jobs", command)


def test_jobs_do_what_they_are_measured_for(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.JOBS", 2)
    monkeypatch.setattr(f"{__name__}.SHARDS", 1)
    found = list(rows(tmp_path))
    assert [row.size for row in found] == ["2 jobs", "3 jobs", "1 jobs"]
    assert all(row.cpu_s for row in found) and not (tmp_path / "jobs").exists()
