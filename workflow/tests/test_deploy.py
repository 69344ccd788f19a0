"""The container and the systemd units, as far as they can be checked without running either."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from components.config.load import load_config
from components.core.project import PROJECT
from components.testing.extent import missing

UNITS = PROJECT / "deploy" / "systemd"
CONTAINER = PROJECT / "deploy" / "container"
EXPOSURE_MAX = 1.5


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, arguments), continued lines joined, comments dropped."""
    lines = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    written = [line for line in lines if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in written]


def arguments(name: str) -> list[str]:
    return [rest for instruction, rest in instructions() if instruction == name]


def test_the_image_runs_without_privileges() -> None:
    assert arguments("USER") == ["10001:10001"]
    last_user = max(index for index, (name, _) in enumerate(instructions()) if name == "USER")
    assert not any(name == "RUN" for name, _ in instructions()[last_user:])
    (check,) = arguments("HEALTHCHECK")
    assert "health.py" in check
    assert arguments("VOLUME") == ["/var/cache/atopile/components"]


def test_the_image_takes_nothing_unlocked() -> None:
    assert not arguments("ADD"), "COPY says what it takes"
    bases = arguments("FROM")
    for base in bases:
        assert re.match(r"python:3\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}( AS \w+)?$", base), base
    assert len({base.split()[0] for base in bases}) == 1, "one base for what is built and what runs"
    installs = [run for run in arguments("RUN") if "pip install" in run]
    assert len(installs) == 1 and "--require-hashes" in installs[0]
    assert not any("curl" in run or "wget" in run or "apt-get" in run for run in arguments("RUN"))


def test_what_the_image_copies_is_there_and_is_not_secret() -> None:
    for copy in arguments("COPY"):
        if copy.startswith("--from="):
            continue
        *sources, _ = copy.split()
        for source in sources:
            assert (PROJECT / source).exists(), source
    ignored = (PROJECT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "results", "build", ".snakemake"} <= set(ignored)


def test_the_container_listens_where_its_port_can_be_published() -> None:
    assert load_config([CONTAINER / "serve.yaml"]).serve.host == "0.0.0.0"
    assert load_config().serve.host == "127.0.0.1"
    script = CONTAINER / "entrypoint.sh"
    assert os.access(script, os.X_OK)
    subprocess.run(["sh", "-n", script], check=True)


def test_the_entry_point_runs_a_verb(tmp_path: Path) -> None:
    done = subprocess.run(
        [CONTAINER / "entrypoint.sh", "upstream", "--help"],
        capture_output=True,
        text=True,
        env=os.environ
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(PROJECT / "src"),
            "ATOPILE_COMPONENTS_CACHE_DIR": str(tmp_path),
        },
    )
    assert done.returncode == 0 and "--faults" in done.stdout, done.stderr
    assert (tmp_path / ".snakemake").is_dir()


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server on loopback whose health is ``status``; yields its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 500)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def health(port: int) -> int:
    command = [sys.executable, CONTAINER / "health.py", str(port)]
    return subprocess.run(command, stderr=subprocess.DEVNULL).returncode


def test_the_health_check_believes_200_alone() -> None:
    with answering(200) as port:
        assert health(port) == 0
    assert health(port) == 1
    with answering(503) as port:
        assert health(port) == 1


def systemd_analyze(*words: str | Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        missing("no systemd-analyze; install systemd")
    return subprocess.run([tool, *words], capture_output=True, text=True)


@pytest.mark.parametrize("unit", ["components-serve.service", "components-daily.service"])
def test_a_unit_is_hardened(unit: str) -> None:
    done = systemd_analyze("security", "--no-pager", "--offline=true", UNITS / unit)
    match = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert match, done.stdout + done.stderr
    assert float(match[1]) <= EXPOSURE_MAX


def test_systemd_understands_every_line_of_the_units(tmp_path: Path) -> None:
    """In a root of their own, with the targets that they name and a program to start."""
    folder = tmp_path / "etc" / "systemd" / "system"
    folder.mkdir(parents=True)
    targets = ("sysinit", "basic", "shutdown", "network", "network-online", "multi-user", "timers")
    for name in (*targets, "umount", "final"):
        (folder / f"{name}.target").write_text(f"[Unit]\nDescription={name}\n")
    program = tmp_path / "opt" / "components" / ".venv" / "bin" / "components"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    units = [path for path in UNITS.iterdir() if path.suffix in (".service", ".timer")]
    assert len(units) == 3
    for unit in units:
        shutil.copy(unit, folder)
    names = sorted(unit.name for unit in units)
    done = systemd_analyze("verify", "--man=no", f"--root={tmp_path}", *names)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_units_start_verbs_that_there_are() -> None:
    from components.cli import VERBS

    for unit in UNITS.glob("*.service"):
        (start,) = re.findall(r"^ExecStart=(.*)$", unit.read_text(), re.MULTILINE)
        program, verb, option, _ = start.split()
        assert program == "/opt/components/.venv/bin/components"
        assert verb in VERBS and option == "--configfile"
