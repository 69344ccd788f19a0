"""Mistakes of an ordinary user: what the manual's table says of each is what is really said.

A row of the table is typed here as it stands there; ``…`` in it stands for any text.
"""

from __future__ import annotations

import json
import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from components.bundled.catalogue import parts
from components.core.project import PROJECT
from components.testing.operate import Site, environment, write_ready_source

TESTS = PROJECT / "workflow" / "tests"
# Rows that a test of a failure types: they need a file system of their own, or a run that breaks.
ELSEWHERE = {
    "cache on a read-only file system": "test_drills.py::test_cache_directory_read_only",
    "no space before a run": "test_drills.py::test_disk_full",
    "no space while a run writes": "test_drills.py::test_disk_full",
    "upstream away": "test_drills.py::test_upstream_lost",
}
not_root = pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")


def table() -> dict[str, tuple[str, str]]:
    """Mistake -> (command, what is said), of the manual."""
    text = (PROJECT / "docs" / "operations.md").read_text()
    lines = text.partition("## Mistakes")[2].splitlines()
    rows = [re.split(r" \| ", line.strip("| ")) for line in lines if line.startswith("| ")]
    return {row[0]: (row[1], row[2].strip("`")) for row in rows[1:]}


class User:
    """Types one row's command, with a configuration of one's own."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.types = table()

    def reads(self, mistake: str, command: list[str] | None = None, **options: Any) -> str:
        """Make ``mistake``; all that is said, in which the table's words must be a line."""
        typed, words = self.types[mistake]
        if command is None:
            command = [*typed.strip("`").split(), f"CONFIG={self.site.root / 'config.json'}"]
        done = subprocess.run(
            command,
            **{"cwd": PROJECT, "env": environment(), "timeout": 120, **options},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        said = done.stdout + done.stderr
        self.finds(mistake, words, said)
        assert "Traceback" not in said, said
        return said

    @staticmethod
    def finds(mistake: str, words: str, said: str) -> None:
        pattern = re.escape(words).replace("…", ".*").replace(re.escape(" user"), r" \S+")
        pattern = pattern.replace(re.escape("/home/user"), r"\S+").replace("4711", r"\d+")
        assert re.search(pattern, said.replace("`", "")), f"{mistake}: {words}\n{said}"


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "site")


def test_every_row_of_the_manual_is_typed() -> None:
    own = Path(__file__).read_text()
    assert len(table()) >= 25
    for mistake in table():
        if where := ELSEWHERE.get(mistake):
            file, _, name = where.partition("::")
            assert f"def {name}(" in (TESTS / file).read_text(), where
        else:
            assert f'"{mistake}"' in own, mistake


@pytest.mark.parametrize(
    ("mistake", "changes"),
    [
        ("key mistyped", {"paths": {"cache_dri": "x"}}),
        ("cache folder below a file", {"paths": {"cache_dir": "/etc/hostname/components"}}),
        ("source missing", {"paths": {"source_sqlite": "/nowhere/cache.sqlite3"}}),
        ("source not a database", {"paths": {"source_sqlite": "/etc/hostname"}}),
        ("live without credentials", {"upstream": {"kind": "live"}}),
        ("daily in a mode that does not fetch", {"workflow": {"mode": "stage2-build"}}),
        ("served before a run", {}),
        ("verified in the wrong folder", {}),
        ("rolled back with nothing there", {}),
    ],
)
def test_a_wrong_setting(user: User, mistake: str, changes: dict[str, Any]) -> None:
    user.site.configure(changes)
    user.reads(mistake)
    assert not user.site.layout.current.exists()


def test_a_wrong_configuration_file(user: User, tmp_path: Path) -> None:
    types = user.types
    user.reads("configuration file mistyped", types["configuration file mistyped"][0][1:-1].split())
    (tmp_path / "none.yaml").touch()
    empty = ["make", "status", f"CONFIG={tmp_path / 'none.yaml'}"]
    user.reads("configuration file empty", empty)
    user.reads("no part number", [sys.executable, "-m", "components", "fetch", "R1"])


@not_root
def test_a_folder_that_cannot_be_written(user: User, tmp_path: Path) -> None:
    user.site.configure({"paths": {"cache_dir": "/var/lib/components"}})
    user.reads("cache folder in a system folder")
    home = Path(pwd.getpwuid(0).pw_dir)
    for folder in (home, home / "deep" / "components"):
        user.site.configure({"paths": {"cache_dir": str(folder)}})
        user.reads("cache folder of another user")
    cache = tmp_path / "mixed"
    cache.mkdir()
    (cache / "objects").symlink_to("/usr/share")
    user.site.configure({"paths": {"cache_dir": str(cache)}})
    user.reads("part of the cache written by root")
    checkout = tmp_path / "checkout"
    checkout.mkdir(mode=0o555)
    user.site.configure({"paths": {"cache_dir": str(tmp_path / "cache")}})
    command = [sys.executable, "-m", "components", "apply", "--configfile"]
    user.reads("checkout read-only", [*command, str(user.site.root / "config.json")], cwd=checkout)


def test_a_source_of_which_nothing_can_be_used(user: User) -> None:
    site = user.site
    site.take_library()
    chosen = [replace(part, stock=0) for part in parts(100)]
    write_ready_source(site.source, chosen)
    site.configure({"paths": {"source_sqlite": str(site.source)}, "stage1": {"enabled": False}})
    user.reads("source without stock")
    site.configure({"stage1": {"enabled": True, "where": "stok > 0"}})
    user.reads("`stage1.where` is no condition")


def test_a_port_that_another_holds(user: User) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        user.site.configure({"serve": {"port": port}})
        words = user.types["port taken"][1].replace("8079", str(port))
        user.types["port taken"] = ("`make validate`", words)
        user.reads("port taken")
        # A run needs no port, and says so before it begins.
        user.site.configure({"paths": {"source_sqlite": "/nowhere"}})
        done = user.site.run("apply")
    assert f"warning: serve.port: 127.0.0.1:{port}: Address already in use" in done.stderr


def test_two_runs_and_an_interrupted_one(user: User) -> None:
    user.site.configure({"upstream": {"bundled_requests_per_second": 5}})
    command = [sys.executable, "-m", "components", "apply", "--cores", "2", "--configfile"]
    config = str(user.site.root / "config.json")
    # A shell that starts the tests in the background has its children ignore the signal.
    heeding = ("env", "--default-signal=INT")
    with subprocess.Popen(
        [*heeding, *command, config],
        cwd=PROJECT, env=environment(), stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as first:  # fmt: skip
        try:
            deadline_s = time.monotonic() + 60
            while not user.site.layout.source.parent.exists():
                assert first.poll() is None and time.monotonic() < deadline_s
                time.sleep(0.05)
            user.reads("two runs at once")
            os.killpg(first.pid, signal.SIGINT)
            said = first.communicate(timeout=300)[1]
        finally:
            if first.poll() is None:
                os.killpg(first.pid, signal.SIGKILL)
    assert first.returncode == 130
    user.finds("interrupted", user.types["interrupted"][1], said)


def test_what_goes_for_good_is_asked_about(user: User) -> None:
    layout = user.site.layout
    (layout.objects / "part_image").mkdir(parents=True)
    user.reads("cleaned by a script")
    assert layout.objects.is_dir()
    again = ["make", "clean", "YES=1", f"CONFIG={user.site.root / 'config.json'}"]
    # The Makefile's own folders go too: not those of the checkout that is tested.
    dry = subprocess.run([*again, "-n"], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert f"clean --configfile {user.site.root / 'config.json'} --yes" in dry.stdout


def test_a_checkout_that_was_moved(user: User, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    (moved / ".venv" / "bin").mkdir(parents=True)
    (moved / ".venv" / "bin" / "pip").write_text("#!/elsewhere/.venv/bin/python\n")
    (moved / "Makefile").write_bytes((PROJECT / "Makefile").read_bytes())
    user.reads("checkout moved", ["make", "help"], cwd=moved)
    assert not (moved / ".venv").exists()


def test_an_index_of_packages_that_does_not_answer(user: User, tmp_path: Path) -> None:
    kept = {key: value for key, value in environment().items() if not key.startswith("PIP_")}
    unreachable = {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": "http://127.0.0.1:1/simple",
        "PIP_RETRIES": "0",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    mistake, venv = "index of packages out of reach", tmp_path / "venv"
    user.types[mistake] = ("", user.types[mistake][1].replace(".venv", str(venv)))
    command = [str(PROJECT / "envs" / "setup.sh"), str(venv), sys.executable]
    said = user.reads(mistake, command, env=kept | unreachable)
    assert "ziglang" in said and said.startswith(f"installing the locked requirements into {venv}")


def test_a_run_ends_with_who_started_it(user: User) -> None:
    """SIGKILL to `components apply` alone: no Snakemake goes on, and the next run may begin."""
    command = [sys.executable, "-m", "components", "apply", "--cores", "2", "--configfile"]
    config = str(user.site.root / "config.json")
    with subprocess.Popen(
        [*command, config], cwd=PROJECT, env=environment(), stderr=subprocess.DEVNULL
    ) as first:
        deadline_s = time.monotonic() + 60
        while not (children := _children(first.pid)) or not user.site.layout.source.parent.exists():
            assert first.poll() is None and time.monotonic() < deadline_s
            time.sleep(0.05)
        first.kill()
    while any(Path(f"/proc/{child}").exists() for child in children):
        assert time.monotonic() < deadline_s, "Snakemake goes on"
        time.sleep(0.05)
    assert json.loads(user.site.run("status", "--json").stdout)["run_active"] is False


def _children(pid: int) -> list[int]:
    try:
        return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []
