"""What is asked at a terminal before anything goes for good: a yes goes on, all else keeps it."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from components.core.project import PROJECT
from components.testing.operate import Site, environment
from components.testing.snapshot import sealed

LIMIT_S = 120
END_OF_INPUT = "\x04"
NO = ("n\n", "\n", "yess\n", END_OF_INPUT)
YES = ("y\n", "Yes\n")
QUESTIONS = {"prune": "remove that? [y/N]", "clean": "remove all of it? [y/N]"}


class Said(NamedTuple):
    code: int
    text: str


def at_a_terminal(site: Site, verb: str, answer: str) -> Said:
    """Type ``answer`` when the question stands there; all that the terminal then shows."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "components", verb]
    with subprocess.Popen(
        [*command, "--configfile", str(site.root / "config.json")],
        cwd=PROJECT, env=environment(), stdin=slave, stdout=slave, stderr=slave,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(slave)
        shown = b""
        try:
            for piece in _pieces(master):
                asked = shown.count(b"[y/N]")
                shown += piece
                if shown.count(b"[y/N]") > asked:
                    os.write(master, answer.encode())
            code = process.wait(LIMIT_S)
        finally:
            process.kill()
            os.close(master)
    return Said(code, shown.decode())


def _pieces(master: int) -> Iterator[bytes]:
    # A terminal that nobody has open any more gives an error, and no end of file.
    try:
        while select.select([master], [], [], LIMIT_S)[0] and (piece := os.read(master, 4096)):
            yield piece
    except OSError:
        return


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Three snapshots, of which two are kept, and a file that is not the pipeline's."""
    site = Site(tmp_path / "site")
    sealed(site.layout.snapshots, "a", "b", "c")
    (site.cache / "mine.txt").touch()
    return site


def names(site: Site) -> set[str]:
    folder = site.layout.snapshots
    return {path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()}


@pytest.mark.parametrize("verb", QUESTIONS)
def test_all_but_a_yes_keeps_everything(site: Site, verb: str) -> None:
    before = sorted(site.cache.rglob("*"))
    for answer in NO:
        said = at_a_terminal(site, verb, answer)
        assert said.text.count(QUESTIONS[verb]) == 1, said.text
        assert said.code == (1 if verb == "clean" else 0)
        told = "nothing was removed" if verb == "clean" else "would remove (--yes does it) 1 items"
        assert told in said.text and "prune: removed" not in said.text
        assert sorted(path for path in site.cache.rglob("*") if path.name != ".run.lock") == before


@pytest.mark.parametrize("answer", YES)
def test_a_yes_goes_on(site: Site, answer: str) -> None:
    said = at_a_terminal(site, "prune", answer)
    assert said.code == 0 and "snapshot a" in said.text.partition("[y/N]")[2]
    assert "prune: removed 1 items" in said.text and names(site) == {"b", "c"}
    # Where there is nothing to remove there is nothing to ask.
    assert "[y/N]" not in at_a_terminal(site, "prune", answer).text
    said = at_a_terminal(site, "clean", answer)
    assert said.code == 0 and "snapshots there: b, c" in said.text
    assert [path.name for path in site.cache.iterdir()] == ["mine.txt"]
    assert "nothing to clean" in at_a_terminal(site, "clean", answer).text


@pytest.mark.parametrize("verb", QUESTIONS)
def test_nobody_is_asked_without_a_terminal(site: Site, verb: str) -> None:
    for told in (b"", b"y\n"):
        done = subprocess.run(
            [sys.executable, "-m", "components", verb, "--configfile", site.root / "config.json"],
            cwd=PROJECT, env=environment(), input=told, capture_output=True, check=False,
        )  # fmt: skip
        said = (done.stdout + done.stderr).decode()
        assert "[y/N]" not in said and "--yes" in said, said
        assert names(site) == {"a", "b", "c"}
    site.must(verb, "--yes")
    assert not site.layout.snapshots.exists() if verb == "clean" else names(site) == {"b", "c"}


def test_make_hands_on_the_yes() -> None:
    for verb in QUESTIONS:
        for words, is_there in ((["YES=1"], True), ([], False)):
            dry = subprocess.run(
                ["make", "-n", verb, *words],
                cwd=PROJECT,
                capture_output=True,
                text=True,
                check=True,
            )
            (line,) = (line for line in dry.stdout.splitlines() if f"components {verb}" in line)
            assert ("--yes" in line) is is_there
