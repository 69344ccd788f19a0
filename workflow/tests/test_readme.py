"""Everything in the README, as its reader types it into a fresh shell, over a real run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from components.core.layout import Layout
from components.core.project import PROJECT
from components.families import FAMILIES
from components.testing.library import library
from components.testing.server import Server, wait_until

README = (PROJECT / "README.md").read_text()
WORDS_MAX = 1200
DOCS = sorted(str(path.relative_to(PROJECT)) for path in PROJECT.glob("docs/**/*.md"))
PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", *DOCS)
# The run is the README's but for what it fetches: the artifacts of the one part asked for.
OVERLAY = {"stage1": {"where": "lcsc = 80000145"}}


def blocks(language: str) -> list[str]:
    """The README's code blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.S | re.M)


class Shell:
    """Fresh shells in the checkout: no variable of this process but where its cache lies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = folder / "results"
        compiled = Layout(self.cache).library
        compiled.parent.mkdir(parents=True)
        # Compiling it again would show nothing.
        shutil.copy(library(), compiled)
        self.overlay = folder / "overlay.json"
        self.overlay.write_text(json.dumps(OVERLAY))

    def environment(self) -> dict[str, str]:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        return {
            "HOME": str(home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "PYTHON3": sys.executable,
            "ATOPILE_COMPONENTS_CACHE_DIR": str(self.cache),
        }

    def type(self, text: str, cwd: Path = PROJECT) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=cwd,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """After ``make run``."""
    shell = Shell(tmp_path_factory.mktemp("readme"))
    assert "make run\n" in blocks("sh")
    shell.type(f"make run CONFIG={shell.overlay}")
    return shell


@contextmanager
def made_to_serve(shell: Shell) -> Iterator[Server]:
    """``make serve``, on a port that is free."""
    config = shell.folder / "serve.json"
    probe = (
        "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
    )
    port = int(shell.type(f"{shlex.quote(sys.executable)} -c {shlex.quote(probe)}"))
    config.write_text(json.dumps({"serve": {"port": port}}))
    log = shell.folder / "serve.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "serve", f"CONFIG={config}"],
            cwd=PROJECT,
            env=shell.environment(),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    server = Server(port, process, log)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return server.ask("GET", "/healthz").status == 200
        except OSError:
            return False

    try:
        wait_until(answers, "make serve")
        yield server
    finally:
        os.killpg(process.pid, 15)
        process.wait(30)


def test_the_readme_is_short_and_leads_somewhere() -> None:
    assert len(README.split()) <= WORDS_MAX
    assert f"{len(FAMILIES)} families" in README
    for page in PAGES:
        text = (PROJECT / page).read_text()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in target:
                assert (PROJECT / page).parent.joinpath(target).exists(), f"{page}: {target}"


def test_files_and_tests_that_contributors_are_sent_to_are_there() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text()
    for name, test in re.findall(r"pytest (\S+?)(?:::(\w+))? -n 0", text):
        assert not test or f"def {test}(" in (PROJECT / name).read_text()
    for name in re.findall(r"`([\w./]+\.(?:py|yaml|in)|src/[\w/]+)`", text):
        places = (PROJECT, PROJECT / "src" / "components", PROJECT / "workflow" / "tests")
        places += (PROJECT / "envs",)
        assert any((place / name).exists() for place in places), name


def test_the_packages_that_it_asks_for_are_debian_s() -> None:
    (install,) = (block for block in blocks("sh") if block.startswith("sudo"))
    if shutil.which("apt-get") is None:
        pytest.skip("no apt-get on this system")
    names = install.split("install", 1)[1].split()
    done = subprocess.run(
        ["apt-cache", "show", "--no-all-versions", *names], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_every_command_works_as_typed(shell: Shell, tmp_path: Path) -> None:
    typed = [block for block in blocks("sh") if not block.startswith(("sudo", "make"))]
    query, bundle = (b for b in typed if "parameters/query" in b or "/full" in b)
    with made_to_serve(shell) as server:

        def type_in(block: str) -> str:
            text = block.replace(":8079", f":{server.port}")
            text = text.replace(". .venv", f". {PROJECT}/.venv")
            return shell.type(text.replace("/data/cache.sqlite3", str(source)), tmp_path)

        source = tmp_path / "cache.sqlite3"
        shutil.copy(shell.cache / "source" / "source.sqlite", source)
        assert json.loads(type_in(query)) == json.loads(blocks("json")[0])
        checked = type_in(bundle).splitlines()
        for block in typed:
            if block not in (query, bundle) and "make run" not in block:
                type_in(block)
        _every_example_is_answered(server)
    assert checked and all(line.endswith(": OK") for line in checked)
    kinds = {line.split("/")[1] for line in checked if line.startswith("artifacts/")}
    assert {"kicad_footprint_mod", "footprint_svg", "model_step", "model_glb"} <= kinds
    assert (tmp_path / "C80000145.kicad_mod").read_text().startswith("(footprint ")
    assert (tmp_path / "C80000145.kicad_sym").read_text().startswith("(kicad_symbol_lib")
    priced = (tmp_path / "priced.csv").read_text().splitlines()
    assert len(priced) == 3 and all(re.search(r"\bC8\d{7}\b", line) for line in priced[1:])


def _every_example_is_answered(server: Server) -> None:
    """Of the interface's description, over the bundled catalogue: each finds something."""
    document: dict[str, Any] = server.ask("GET", "/openapi.json").json
    families: set[str] = set()
    for path, methods in document["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        examples = content.get("application/json", {}).get("examples", {})
        for name, example in examples.items():
            answer = server.ask("POST", path, example["value"])
            assert answer.status == 200, (path, name)
            if path.endswith("/parameters/query"):
                families |= {name} if answer.json["total"] else set()
            elif path.endswith("/query/batch"):
                assert all(one["total"] for one in answer.json["results"])
            elif path.endswith("/full"):
                assert b'"unknown_ids":[]' in answer.body and b'"assets":[]' not in answer.body
            elif path.endswith("/bom"):
                assert answer.json["totals"]["unmatched"] == 0
    counts = server.ask("GET", "/v1/status").json["counts"]["pickable"]
    assert families == {name for name, parts in counts.items() if parts}


def test_the_operator_s_commands_work_as_typed(shell: Shell) -> None:
    (operator,) = (block for block in blocks("sh") if block.startswith("make plan"))
    shell.type(operator)


def test_a_ready_catalogue_is_one_line_of_configuration(shell: Shell, tmp_path: Path) -> None:
    (block,) = (block for block in blocks("sh") if "cache.sqlite3" in block)
    source = tmp_path / "cache.sqlite3"
    shutil.copy(shell.cache / "source" / "source.sqlite", source)
    other = Shell(tmp_path / "other")
    config = tmp_path / "mine.json"
    text = block.replace("/data/cache.sqlite3", str(source)).replace("mine.json", str(config))
    other.type(text)
    assert (other.cache / "snapshots" / "current").exists()
