"""A pipeline in a temporary folder, driven as a user drives it; for end-to-end tests."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.config.load import merge
from components.core.layout import Layout
from components.core.project import PROJECT

RUN_TIMEOUT_S = 600


@dataclass(frozen=True)
class Ran:
    """What one call of Snakemake did; ``jobs`` counts the jobs of each rule that it started."""

    returncode: int
    output: str
    jobs: Counter[str]

    def check(self) -> Ran:
        """This run, if it succeeded."""
        assert self.returncode == 0, self.output
        return self


class Pipeline:
    """A working folder with a configuration of its own; ``project`` is the checkout to run."""

    def __init__(
        self, folder: Path, overlay: dict[str, Any] | None = None, project: Path = PROJECT
    ) -> None:
        self.folder = folder
        self.project = project
        folder.mkdir(parents=True, exist_ok=True)
        self.config: dict[str, Any] = {}
        self.configfile = folder / "overlay.json"
        self.layout = Layout(folder / "results")
        self.set({"paths": {"cache_dir": str(self.layout.root)}} | (overlay or {}))
        self.set({"paths": {"cache_dir": str(self.layout.root)}})

    def set(self, overlay: dict[str, Any]) -> None:
        """Change the configuration."""
        self.config = merge(self.config, overlay)
        self.configfile.write_text(json.dumps(self.config))

    def environment(self) -> dict[str, str]:
        """What a user's shell would give: this checkout's code and nothing of an outer run."""
        kept = {n: v for n, v in os.environ.items() if not n.startswith("COMPONENTS_RUN")}
        return kept | {"PYTHONPATH": str(self.project / "src")}

    def command(self, *extra: str, cores: int = 2) -> list[str]:
        """The call of Snakemake that :meth:`run` makes."""
        command = [sys.executable, "-m", "snakemake", "--snakefile", f"{self.project}/Snakefile"]
        command += ["--cores", str(cores), "--configfile", str(self.configfile)]
        return [*command, *extra]

    def start(self, *extra: str, cores: int = 2) -> subprocess.Popen[str]:
        """Start a run in a process group of its own, for :func:`kill_tree`."""
        return subprocess.Popen(
            self.command(*extra, cores=cores),
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *extra: str, cores: int = 2) -> Ran:
        """One run to its end."""
        process = self.start(*extra, cores=cores)
        output, _ = process.communicate(timeout=RUN_TIMEOUT_S)
        return Ran(process.returncode, output, jobs_of(output))

    def components(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """One call of our command in this folder."""
        return subprocess.run(
            [sys.executable, "-m", "components", *arguments],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=RUN_TIMEOUT_S,
            check=False,
        )


def kill_tree(process: subprocess.Popen[str]) -> None:
    """SIGKILL a run and everything that it started, at once."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def jobs_of(output: str) -> Counter[str]:
    """How many jobs of each rule a run's output tells of, ``all`` left out.

    >>> jobs_of("Job stats:\\njob    count\\n-----  -----\\nfetch  2\\nall  1\\ntotal  3\\n\\n")
    Counter({'fetch': 2})
    """
    jobs: Counter[str] = Counter()
    table = re.search(r"^Job stats:\n.*\n-.*\n((?:\w+ +\d+\n)*)", output, re.M)
    if table:
        for line in table[1].splitlines():
            rule, count = line.split()
            jobs[rule] += int(count)
    del jobs["all"], jobs["total"]
    return jobs
