"""``components plan``: what a run would do, before anything runs, and why."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from components.artifacts import GROUPS
from components.core.layout import Layout
from components.fetch.kept import Key
from components.fetch.manifest import reading
from components.graph.command_line import add_config_option, configuration
from components.graph.dry_run import PlannedJob, planned_jobs
from components.graph.graph import Graph, module_digests
from components.graph.planning import worklist

REASONS_SHOWN = 3


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--json", action="store_true", help="for machines")


def run(args: argparse.Namespace) -> int:
    graph = Graph(configuration(args).model_dump(mode="json"))
    summary = summarize(planned_jobs(args.configfile), graph)
    if args.json:
        print(json.dumps(summary, indent=1, sort_keys=True))
    else:
        print("\n".join(_lines(summary)))
    return 0


def summarize(jobs: list[PlannedJob], graph: Graph) -> dict[str, Any]:
    """Jobs and reasons by rule, what they concern, and what past runs say of the time."""
    rules: dict[str, dict[str, Any]] = {}
    seconds = past_seconds(graph.layout.root / "benchmarks")
    for rule in sorted({job.rule for job in jobs}):
        mine = [job for job in jobs if job.rule == rule]
        reasons = Counter(reason for job in mine for reason in explain(job, graph))
        rules[rule] = {
            "jobs": len(mine),
            "reasons": [{"why": why, "jobs": n} for why, n in reasons.most_common()],
            "expected_s": round(seconds[rule] * len(mine), 1) if rule in seconds else None,
        }
    concerned = [
        _artifacts(graph, job.wildcards["shard"], group)
        for job in jobs
        if job.rule == "fetch_shard"
        for group in graph.keys.stale(job.wildcards["shard"])
    ]
    known = not (graph.source_is_built and not graph.source.exists())
    return {
        "jobs": len(jobs),
        "rules": rules,
        "catalogue_known": known,
        "parts": graph.plan().parts if known else None,
        "artifacts": sum(count for count, _ in concerned),
        "expected_requests": sum(asked for _, asked in concerned),
    }


def explain(job: PlannedJob, graph: Graph) -> list[str]:
    """Each reason of one job in a few words."""
    if job.forced:
        return ["asked for"]
    reasons = [f"new: {_short(name, graph)} is not there" for name in job.missing]
    reasons += [f"a run was cut short at {_short(name, graph)}" for name in job.incomplete]
    reasons += [f"input changed: {_short(name, graph)}" for name in job.changed]
    if job.params and job.rule == "fetch_shard":
        reasons += _of_shard(job, graph)
    elif job.params:
        modules = changed_modules(job.rule, graph.layout)
        reasons += [f"code changed: {module}" for module in modules]
        if not modules:
            reasons.append(f"params changed: {' -> '.join(job.params)}")
    reasons += list(job.other)
    if job.follows and not reasons:
        reasons += [f"follows {rule}" for rule in job.follows]
    return reasons or ["unknown"]


def _of_shard(job: PlannedJob, graph: Graph) -> Iterator[str]:
    """Why the job of a shard makes which of its groups anew."""
    shard = job.wildcards["shard"]
    for group in graph.keys.stale(shard):
        receipt = str(graph.shard_manifest(shard, group))
        before, now = graph.keys.before(shard, group), Key.read(graph.keys.key(shard, group))
        if before is None:
            if receipt not in job.missing:
                yield f"of an earlier version: {_short(receipt, graph)}"
            continue
        if before.parts != now.parts:
            yield f"input changed: {_short(str(worklist(graph.layout, shard, group)), graph)}"
        if before.code != now.code:
            modules = changed_modules(job.rule, graph.layout, GROUPS[group].module)
            yield from (f"code changed: {module}" for module in modules)
            if not modules:
                yield f"code changed: {group}"
        if before.identity != now.identity:
            yield f"settings changed: {group}"
        if before.tries != now.tries:
            yield f"try {now.tries + 1} of what failed: {group}"


def changed_modules(rule: str, layout: Layout, *others: str) -> list[str]:
    """Which modules of ``rule`` differ from those of the last complete run, as far as known.

    Of a rule that runs one of several: those that it runs beside ``others``.
    """
    try:
        before = json.loads((layout.plan / "code.json").read_text()).get(rule, {})
    except (OSError, ValueError):
        return []
    now = module_digests(rule, *others)
    names = now.keys() if others else before.keys() | now.keys()
    return sorted(name for name in names if before.get(name) != now.get(name))


def past_seconds(folder: Path) -> dict[str, float]:
    """Mean seconds of a job of each rule, from the benchmark files that past runs left."""
    found: dict[str, list[float]] = {}
    for file in sorted(folder.rglob("*.tsv")):
        rule = file.relative_to(folder).parts[0].removesuffix(".tsv")
        lines = file.read_text().splitlines()
        if len(lines) > 1:
            found.setdefault(rule, []).append(float(lines[1].split("\t")[0]))
    return {rule: sum(values) / len(values) for rule, values in found.items()}


def _short(name: str, graph: Graph) -> str:
    return name.removeprefix(f"{graph.layout.root}/")


def _artifacts(graph: Graph, shard: str, group: str) -> tuple[int, int]:
    """How many artifacts a job is about, and how many of them have to be asked for."""
    listed = _listed(graph, shard, group)
    types = graph.artifacts(group)
    count = listed.parts * len(types)
    if not count or not graph.layout.state.exists():
        return count, count
    marks = ",".join("?" * len(types))
    query = (
        "SELECT count(*) FROM roundtrip_state WHERE lcsc_id BETWEEN ? AND ? "
        f"AND status IN ('success', 'missing') AND artifact_type IN ({marks})"
    )
    with reading(graph.layout.state) as state:
        (done,) = state.execute(query, (listed.first, listed.last, *types)).fetchone()
    return count, max(0, count - int(done))


class _Listed(NamedTuple):
    """The parts of a work list: how many, and the numbers between which they lie."""

    parts: int = 0
    first: int = 0
    last: int = 0


def _listed(graph: Graph, shard: str, group: str) -> _Listed:
    try:
        lines = worklist(graph.layout, shard, group).read_bytes()
    except FileNotFoundError:
        return _Listed()
    parts = lines.partition(b"\n")[2].rstrip(b"\n")
    if not parts:
        return _Listed()
    first, last = (
        int(line.partition(b"\t")[0])
        for line in (parts.partition(b"\n")[0], parts.rpartition(b"\n")[2])
    )
    return _Listed(parts.count(b"\n") + 1, first, last)


def _lines(summary: dict[str, Any]) -> list[str]:
    if not summary["jobs"]:
        return ["nothing to be done: every product is up to date"]
    lines = [f"{summary['jobs']} jobs", ""]
    for rule, entry in summary["rules"].items():
        time = "" if entry["expected_s"] is None else f"   about {entry['expected_s']:g} s"
        lines.append(f"{entry['jobs']:5}  {rule}{time}")
        shown = entry["reasons"][:REASONS_SHOWN]
        lines += [
            f"         {reason['why']}"
            + (f" ({reason['jobs']} jobs)" if reason["jobs"] > 1 else "")
            for reason in shown
        ]
        if len(entry["reasons"]) > len(shown):
            lines.append(f"         and {len(entry['reasons']) - len(shown)} other reasons")
    lines.append("")
    if not summary["catalogue_known"]:
        lines.append("The catalogue is not here yet; what follows it is planned once it is.")
    else:
        lines.append(
            f"{summary['parts']:,} parts; artifacts concerned: {summary['artifacts']:,}; "
            f"requests expected: about {summary['expected_requests']:,}"
        )
    return lines


def test_past_times_are_means_over_a_rules_jobs(tmp_path: Path) -> None:
    (tmp_path / "build_pick_tables").mkdir()
    for name, seconds in (("a", 1.0), ("b", 3.0)):
        (tmp_path / "build_pick_tables" / f"{name}.tsv").write_text(f"s\th:m:s\n{seconds}\t0:00\n")
    (tmp_path / "build_fast_db.tsv").write_text("s\th:m:s\n0.5\t0:00\n")
    assert past_seconds(tmp_path) == {"build_pick_tables": 2.0, "build_fast_db": 0.5}
