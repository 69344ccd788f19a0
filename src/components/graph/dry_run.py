"""The jobs that Snakemake would run, with its reasons as data instead of text.

Uses the engine's own planner (``snakemake.api``), with the settings of our profile, so that it
tells what ``snakemake`` in the same folder would do.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from components.core.errors import ComponentsError
from components.core.garbage import uncollected
from components.core.project import PROJECT


@dataclass(frozen=True)
class PlannedJob:
    """One job and why it would run; file names as the graph has them."""

    rule: str
    wildcards: dict[str, str]
    missing: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()  # rules whose outputs it takes and that run too
    params: tuple[str, ...] = ()  # values that differ from the last run's, old then new
    forced: bool = False
    other: tuple[str, ...] = field(default=())


def planned_jobs(configfiles: Iterable[Path], snakefile: Path | None = None) -> list[PlannedJob]:
    """The jobs that a run in this folder would start with, `all` left out, in order of name.

    Raises :class:`ComponentsError` with what the engine says of a broken workflow.
    """
    # The engine loads every kind of executor, one of which brings it for a report of its own.
    _load_when_asked("pandas")
    from snakemake import api
    from snakemake.exceptions import WorkflowError
    from snakemake.settings import types

    profile = yaml.safe_load((PROJECT / "workflow/profiles/default/config.yaml").read_text())
    triggers = frozenset(types.RerunTrigger.parse_choice(t) for t in profile["rerun-triggers"])
    megabytes = int(profile["max-checksum-file-size"].removesuffix("MB"))
    output = types.OutputSettings(dryrun=True, quiet={types.Quietness.ALL})
    said = io.StringIO()
    try:
        with (
            contextlib.redirect_stderr(said),
            api.SnakemakeApi(output) as engine,
            # A graph is objects that stay.
            uncollected(),
        ):
            workflow = engine.workflow(
                resource_settings=types.ResourceSettings(cores=1),
                config_settings=types.ConfigSettings(configfiles=list(configfiles)),
                snakefile=snakefile or PROJECT / "Snakefile",
            )
            settings = types.DAGSettings(
                rerun_triggers=triggers, max_checksum_file_size=megabytes * 1_000_000
            )
            inner = workflow.dag(dag_settings=settings).workflow_api._workflow
            inner._prepare_dag(forceall=False, ignore_incomplete=True, lock_warn_only=True)
            # Nothing runs: no environment is set up, for which each job's params would be made, no
            # log is written, no folder of results looked for within another. That spares a fifth.
            inner.dag.update_conda_envs = inner.dag.check_directory_outputs = _nothing
            for rule in inner.rules:
                rule.log.clear()
            inner._build_dag()
            jobs = [_planned(inner.dag, job) for job in inner.dag.needrun_jobs()]
    except WorkflowError as error:
        raise ComponentsError(" ".join(str(error).split())) from None
    return sorted((job for job in jobs if job.rule != "all"), key=_order)


def _nothing() -> None:
    pass


class _LoadedWhenAsked(ModuleType):
    """Stands for a module until something in it is asked for. The library's ``LazyLoader`` loads
    what is imported a second time."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


def _load_when_asked(name: str) -> None:
    """Load a module, if there is such a one, only when something in it is asked for."""
    if name not in sys.modules and (spec := importlib.util.find_spec(name)) is not None:
        sys.modules[name] = _LoadedWhenAsked(name)
        sys.modules[name].__spec__ = spec


def _order(job: PlannedJob) -> tuple[str, list[tuple[str, str]]]:
    return job.rule, sorted(job.wildcards.items())


def _planned(dag: Any, job: Any) -> PlannedJob:
    reason = dag.reason(job)
    run = set(reason.updated_input_run)
    follows = {
        producer.rule.name
        for producer, files in dag.dependencies[job].items()
        if not run.isdisjoint(files)
    }
    change = reason.params_changed
    return PlannedJob(
        rule=job.rule.name,
        wildcards=dict(job.wildcards_dict),
        missing=_names(reason.missing_output),
        incomplete=_names(reason.incomplete_output),
        changed=_names(set(reason.updated_input) - set(reason.updated_input_run)),
        follows=tuple(sorted(follows)),
        params=(*_names(change.only_old), *_names(change.only_new)) if change else (),
        forced=bool(reason.forced),
        other=("the set of inputs has changed",) if reason.input_changed else (),
    )


def _names(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted(map(str, values)))


def test_reasons_name_the_file_and_the_rule(tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    (tmp_path / "Snakefile").write_text(
        "rule all:\n    input: 'b'\n"
        "rule a:\n    input: 'in'\n    output: 'a'\n    log: 'a.log'\n    conda: 'a.yaml'\n"
        "    shell: 'cp in a'\n"
        "rule b:\n    input: 'a'\n    output: 'b'\n    params: code='1'\n    shell: 'cp a b'\n"
    )
    (tmp_path / "in").write_text("1")
    (tmp_path / "a.yaml").write_text("dependencies: []\n")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        first = planned_jobs([], tmp_path / "Snakefile")
        assert [(job.rule, job.missing, job.follows) for job in first] == [
            ("a", ("a",), ()),
            ("b", ("b",), ("a",)),
        ]
        command = [sys.executable, "-m", "snakemake", "--cores", "1", "--quiet", "all"]
        subprocess.run(command, check=True, capture_output=True)
        assert planned_jobs([], tmp_path / "Snakefile") == []
        (tmp_path / "in").write_text("2")
        os.utime(tmp_path / "in", (2e9, 2e9))
        changed = planned_jobs([], tmp_path / "Snakefile")
        assert [(job.rule, job.changed) for job in changed] == [("a", ("in",)), ("b", ())]
    finally:
        os.chdir(before)


def test_a_module_is_loaded_when_it_is_asked_for() -> None:
    before = sys.modules.pop("colorsys", None)
    try:
        _load_when_asked("colorsys")
        import colorsys

        stand_in = sys.modules["colorsys"]
        assert isinstance(stand_in, _LoadedWhenAsked) and colorsys is stand_in
        assert importlib.util.find_spec("colorsys") is stand_in.__spec__
        assert colorsys.rgb_to_hsv(1, 1, 1) == (0, 0, 1)
        loaded = sys.modules["colorsys"]
        assert loaded is not stand_in and loaded.rgb_to_hsv is colorsys.rgb_to_hsv
        _load_when_asked("colorsys")
        assert sys.modules["colorsys"] is loaded
        _load_when_asked("no_such_module")
        assert "no_such_module" not in sys.modules
    finally:
        sys.modules.pop("colorsys", None)
        if before is not None:
            sys.modules["colorsys"] = before
