"""``components status``: states, manifest, snapshots, age and server, with what to do about them.

The exit code is the worst severity: 0 nothing to do, 1 a warning, 2 an operator is needed.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from components.config.load import Config
from components.core.files import write_text
from components.graph.command_line import add_config_option, configuration
from components.operate.facts import collect
from components.operate.textfile import exposition

WARNING, CRITICAL = 1, 2
WORDS = ("ok", "warning", "critical")
FREE_SHARE_LOW = 0.05


class Problem(NamedTuple):
    """One thing that is wrong, and what an operator does about it."""

    severity: int
    what: str
    remedy: str


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument(
        "--max-age-hours", type=float, metavar="H", help="warn where the served data is older"
    )
    parser.add_argument(
        "--textfile", type=Path, metavar="F", help="also write metrics for node_exporter"
    )


def run(args: argparse.Namespace) -> int:
    config = configuration(args)
    facts = collect(config)
    problems = sorted(judge(facts, config, args.max_age_hours), reverse=True)
    worst = max((problem.severity for problem in problems), default=0)
    if args.textfile:
        write_text(args.textfile, exposition(facts, worst), durable=False)
    if args.json:
        listed = [
            {"severity": WORDS[problem.severity], "what": problem.what, "remedy": problem.remedy}
            for problem in problems
        ]
        print(json.dumps({"status": WORDS[worst], "problems": listed, **facts}, indent=1))
    else:
        print("\n".join(_text(facts, problems, WORDS[worst])))
    return worst


def judge(
    facts: dict[str, Any], config: Config, max_age_hours: float | None = None
) -> Iterator[Problem]:
    """Every problem that the facts show."""
    yield from _catalogue_problems(facts)
    yield from _fetch_problems(facts, config)
    yield from _snapshot_problems(facts)
    yield from _server_problems(facts, config)
    age_s = facts["data_age_s"]
    if max_age_hours is not None and age_s is not None and age_s > max_age_hours * 3600:
        hours = age_s / 3600
        yield Problem(WARNING, f"the data is {hours:,.0f} h old", "see why `daily` does not run")
    disk = facts["disk"]
    if disk["free_bytes"] < FREE_SHARE_LOW * disk["total_bytes"]:
        free_gib = disk["free_bytes"] / 2**30
        yield Problem(WARNING, f"{free_gib:.1f} GiB left on the disk", "run `components prune`")


def _fetch_problems(facts: dict[str, Any], config: Config) -> Iterator[Problem]:
    for name in ("states", "manifest"):
        if isinstance(error := facts[name].get("error"), str):
            yield Problem(CRITICAL, error, "move the file away; the next run writes it again")
            return
    for name, counts in facts["states"].items():
        failed, total = counts.get("failed", 0), sum(counts.values())
        if failed > config.stage1.max_failed_share * total:
            what = f"{failed:,} of {total:,} {name} failed, more than stage1.max_failed_share"
            yield Problem(WARNING, what, f"{_when(facts)}; what failed alone is asked for again")
    running = sum(counts.get("running", 0) for counts in facts["states"].values())
    if running and not facts["run_active"]:
        what = f"{running:,} artifacts were in flight when a run ended"
        yield Problem(WARNING, what, "run `components apply` again; it goes on from there")


def _when(facts: dict[str, Any]) -> str:
    """When a run tries again what failed for a passing reason."""
    due_in_s = facts["next_try_in_s"]
    if due_in_s is None:
        return "`components daily` tries again"
    if due_in_s <= 0:
        return "the next run tries again"
    return f"a run from {due_in_s / 60:,.0f} minutes on tries again, `components daily` at once"


def _catalogue_problems(facts: dict[str, Any]) -> Iterator[Problem]:
    catalogue = facts["catalogue"]
    lacking, stale = catalogue.get("details_lacking", 0), catalogue.get("details_stale", 0)
    if lacking or stale:
        what = (
            f"{lacking:,} of {catalogue['details_selected']:,} selected parts have no attributes, "
            f"{stale:,} old ones: {catalogue['details_note'] or 'JLC did not give them'}"
        )
        yield Problem(WARNING, what, "`components validate` asks JLC; `components daily` goes on")


def _snapshot_problems(facts: dict[str, Any]) -> Iterator[Problem]:
    current = facts["current"]
    if current["name"] is None:
        yield Problem(CRITICAL, "no snapshot is published", "run `components apply`")
        return
    if current["dangling"]:
        what = f"`current` names {current['name']}, which is not there"
        yield Problem(CRITICAL, what, "run `components rollback`, or `components apply`")
        return
    missing = facts["snapshots"].get(current["name"], {}).get("missing_files", [])
    if missing:
        what = f"snapshot {current['name']} lacks {', '.join(missing)}"
        yield Problem(CRITICAL, what, "run `components rollback`, then `components verify`")
    if facts["published"] not in (None, current["name"]):
        what = f"`current` is {current['name']}, the last published is {facts['published']}"
        yield Problem(
            WARNING, what, "intended after a rollback; `components rollback --to` ends it"
        )


def _server_problems(facts: dict[str, Any], config: Config) -> Iterator[Problem]:
    server = facts["server"]
    if not server["reachable"]:
        # A host that only processes has no server.
        if config.workflow.mode == "serve":
            what = f"no server at {server['address']}: {server['error']}"
            yield Problem(CRITICAL, what, "run `components serve`")
        return
    if server["status"] != 200:
        what = f"the server at {server['address']} answers {server['status']}"
        yield Problem(CRITICAL, what, "look at its log")
    if facts["snapshot_mismatch_vs_cache_dir"]:
        served, current = server["snapshot"], facts["current"]["name"]
        what = f"the server serves {served}, `current` names {current}"
        yield Problem(CRITICAL, what, "see that both use one cache_dir; look at the server's log")


def _text(facts: dict[str, Any], problems: list[Problem], word: str) -> Iterator[str]:
    yield f"{word}: {facts['cache_dir']}"
    for problem in problems:
        yield f"  {WORDS[problem.severity]}: {problem.what}; {problem.remedy}"
    yield f"run active: {'yes' if facts['run_active'] else 'no'}"
    if catalogue := facts["catalogue"]:
        crawl = catalogue["crawl_pages"]
        under_way = "" if crawl is None else f"; the next crawl has {crawl:,} pages"
        yield f"catalogue: {catalogue['parts']:,} parts, {catalogue['origin']}{under_way}"
    for title, name in (("states", "states"), ("manifest", "manifest"), ("packs", "packs")):
        for artifact_type, counts in facts[name].items():
            if isinstance(counts, dict):
                told = ", ".join(f"{key} {count:,}" for key, count in counts.items())
                yield f"{title}: {artifact_type}: {told}"
    for name, snapshot in facts["snapshots"].items():
        marks = [mark for mark in ("current", "previous") if facts[mark]["name"] == name]
        parts = f"{snapshot['parts']:,} parts" if snapshot["parts"] is not None else "no metadata"
        told = f"{parts}, {snapshot['size_bytes'] / 1e6:,.1f} MB"
        yield f"snapshot: {name}: {told}{', '.join(['', *marks])}"
    if facts["data_age_s"] is not None:
        yield f"data age: {facts['data_age_s'] / 3600:,.1f} h"
    server = facts["server"]
    state = f"{server['status']}, {server['snapshot']}" if server["reachable"] else server["error"]
    yield f"server: {server['address']}: {state}"


def _facts(**changes: Any) -> dict[str, Any]:
    healthy = {
        "next_try_in_s": None,
        "cache_dir": "results",
        "disk": {"free_bytes": 50, "total_bytes": 100},
        "run_active": False,
        "catalogue": {},
        "states": {"datasheet_pdf": {"success": 90, "failed": 3}},
        "manifest": {"datasheet_pdf": {"artifacts": 90, "raw_size_bytes": 1000}},
        "packs": {"lcsc_product": {"packs": 1, "objects": 90, "size_bytes": 2000}},
        "current": {"name": "b", "dangling": False},
        "previous": {"name": "a", "dangling": False},
        "published": "b",
        "snapshots": {
            name: {"missing_files": [], "size_bytes": 9, "data_date": "2026-11-20", "parts": 5}
            for name in "ab"
        },
        "data_age_s": 3600.0,
        "server": {"address": "http://h:1", "reachable": True, "status": 200, "snapshot": "b"},
        "snapshot_mismatch_vs_cache_dir": False,
    }
    return healthy | changes


def test_a_healthy_system_has_no_problem() -> None:
    assert list(judge(_facts(), Config())) == []
    text = list(_text(_facts(), [], "ok"))
    assert "snapshot: b: 5 parts, 0.0 MB, current" in text
    assert "server: http://h:1: 200, b" in text


def test_each_problem_has_its_severity_and_a_remedy() -> None:
    from components.config.load import parse_config

    lost = {"address": "http://h:1", "reachable": False, "error": "refused"}
    cases: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"states": {"error": "x: file is not a database"}}, CRITICAL, "move the file"),
        ({"states": {"model_obj": {"failed": 9, "success": 1}}}, WARNING, "daily"),
        (
            {"states": {"model_obj": {"failed": 9}}, "next_try_in_s": -1.0},
            *(WARNING, "the next run tries again"),
        ),
        # One type lost whole among many that are well.
        (
            {"states": {"datasheet_pdf": {"failed": 57}, "model_obj": {"success": 9999}}},
            *(WARNING, "alone is asked"),
        ),
        ({"states": {"model_obj": {"running": 2, "success": 9}}}, WARNING, "goes on"),
        ({"current": {"name": None, "dangling": False}}, CRITICAL, "apply"),
        ({"current": {"name": "b", "dangling": True}}, CRITICAL, "rollback"),
        ({"snapshots": {"b": {"missing_files": ["lookup.idx"]}}}, CRITICAL, "verify"),
        ({"published": "c"}, WARNING, "rollback"),
        ({"snapshot_mismatch_vs_cache_dir": True}, CRITICAL, "cache_dir"),
        ({"server": {"address": "h", "reachable": True, "status": 503}}, CRITICAL, "log"),
        (
            {
                "catalogue": {
                    "details_selected": 5,
                    "details_lacking": 2,
                    "details_stale": 1,
                    "details_note": "no",
                }
            },
            WARNING,
            "validate",
        ),
        ({"disk": {"free_bytes": 1, "total_bytes": 100}}, WARNING, "prune"),
        ({"server": lost}, CRITICAL, "serve"),
    )
    config = parse_config({"workflow": {"mode": "serve"}}, {})
    for changes, severity, remedy in cases:
        (problem,) = judge(_facts(**changes), config)
        assert problem.severity == severity and remedy in problem.remedy, changes
    assert list(judge(_facts(server=lost), Config())) == []
    (old,) = judge(_facts(), Config(), max_age_hours=0.5)
    assert old.severity == WARNING and "1 h old" in old.what
