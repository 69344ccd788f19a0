"""A run as `apply` and `daily` do it: checks first, then the workflow, then what there is now."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from components.config.load import Config
from components.core.errors import ComponentsError
from components.core.layout import Layout
from components.graph.command_line import arguments, with_forced
from components.graph.engine import Engine
from components.graph.repair import repair
from components.operate.facts import artifact_states
from components.operate.validate import PREFLIGHT, check_port

VERBOSE = "VERBOSE"
# What shows its own output, or none.
OWN_DISPLAY = ("--logger", "--dry-run", "--dryrun", "-n", "--report", "--summary", "--executor")


def run_workflow(
    args: argparse.Namespace, config: Config, extra: Sequence[str], cores: int, engine: Engine
) -> int:
    """Check, run, and say what there is; the exit code.

    2: a check failed and nothing was done. Otherwise Snakemake's own, 130 after an interruption.
    ``VERBOSE=1`` in the environment shows all that Snakemake says.
    """
    if not preflight(config):
        return 2
    warn(config)
    layout = Layout(config.paths.cache_dir)
    before = _published(layout)
    extra = with_forced(extra, repair(config))
    if not os.environ.get(VERBOSE) and not set(OWN_DISPLAY) & set(extra):
        extra = [*extra, "--logger", "components"]
    code = engine.run(arguments(args, extra, cores))
    for line in closing_lines(code, config, before, _published(layout)):
        print(line, file=sys.stderr)
    return code


def warn(config: Config) -> None:
    """Say what stands in the way of the server, which no run needs."""
    try:
        check_port(config)
    except ComponentsError as error:
        print(f"warning: serve.port: {error}", file=sys.stderr)


def preflight(config: Config) -> bool:
    """Whether a run can begin; a line for each check that says no."""
    is_fine = True
    for name, check in PREFLIGHT.items():
        try:
            check(config)
        except ComponentsError as error:
            is_fine = False
            print(f"{name}: {error}", file=sys.stderr)
            # The others look into it.
            if name == "paths.cache_dir":
                break
    if not is_fine:
        print("nothing was run; `components validate` shows every check", file=sys.stderr)
    return is_fine


def closing_lines(code: int, config: Config, before: str | None, now: str | None) -> list[str]:
    """What there is now, and what to do next."""
    if code == 130:
        return ["interrupted; run it again, and it goes on from where it was"]
    if code:
        kept = f"; `current` is {before} as before" if before else ""
        return [f"the run failed for the reason above{kept}"]
    if now is None:
        return []
    metadata = _metadata(Layout(config.paths.cache_dir).snapshots / now)
    pickable = sum(f.get("pickable", 0) for f in metadata.get("families", {}).values())
    assets = sum(a.get("references", 0) for a in metadata.get("assets", {}).values())
    what = f"{metadata.get('parts', 0):,} parts, {pickable:,} of them pickable, {assets:,} files"
    lines = [f"{'published' if now != before else 'current is'} {now}: {what}"]
    if not pickable:
        lines.append("warning: nothing is pickable: is any part of the source in stock?")
    if lost := failures(artifact_states(Layout(config.paths.cache_dir))):
        lines.append(f"warning: {lost} failed; `make status` says when they are tried again")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.serve.host, config.serve.host)
    lines.append(f"next: `make serve`, then http://{host}:{config.serve.port}/")
    return lines


def failures(states: Mapping[str, Any]) -> str:
    """How much of each artifact type failed, where any did.

    >>> failures({"model_obj": {"success": 7}, "datasheet_pdf": {"failed": 57, "success": 521}})
    '57 of 578 datasheet_pdf (9.9 %)'
    """
    lost = []
    for name, counts in states.items():
        if isinstance(counts, Mapping) and (failed := counts.get("failed", 0)):
            total = sum(counts.values())
            lost.append(f"{failed:,} of {total:,} {name} ({100 * failed / total:.1f} %)")
    return ", ".join(lost)


def _published(layout: Layout) -> str | None:
    return layout.current.readlink().name if layout.current.is_symlink() else None


def _metadata(folder: Path) -> dict[str, Any]:
    try:
        content = json.loads((folder / "metadata.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def test_the_last_lines_say_what_there_is(tmp_path: Path) -> None:
    from components.config.load import parse_config

    config = parse_config({"paths": {"cache_dir": str(tmp_path)}, "serve": {"port": 81}}, {})
    folder = tmp_path / "snapshots" / "2026-01-01-ab"
    folder.mkdir(parents=True)
    metadata: dict[str, Any] = {"parts": 1640, "families": {"led": {"pickable": 7}}}
    (folder / "metadata.json").write_text(json.dumps(metadata))
    first, last = closing_lines(0, config, None, folder.name)
    assert first == f"published {folder.name}: 1,640 parts, 7 of them pickable, 0 files"
    assert last == "next: `make serve`, then http://127.0.0.1:81/"
    assert closing_lines(0, config, folder.name, folder.name)[0].startswith("current is")
    metadata["families"]["led"]["pickable"] = 0
    (folder / "metadata.json").write_text(json.dumps(metadata))
    assert "nothing is pickable" in closing_lines(0, config, None, folder.name)[1]
    assert closing_lines(1, config, "old", "old") == [
        "the run failed for the reason above; `current` is old as before"
    ]
    assert "goes on" in closing_lines(130, config, None, None)[0]


def test_nothing_runs_where_a_check_fails(tmp_path: Path) -> None:
    from components.config.load import parse_config

    (tmp_path / "file").touch()
    config = parse_config({"paths": {"cache_dir": str(tmp_path / "file")}}, {})
    with Engine() as engine:
        assert run_workflow(argparse.Namespace(configfile=[]), config, [], 1, engine) == 2
