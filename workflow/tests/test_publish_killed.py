"""A publish, killed at every single step, leaves ``current`` whole, and the next one completes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

from components.publish.publish import publish
from components.publish.snapshots import Snapshots
from components.shared.files import write_text
from components.shared.sums import problems
from components.transform.testing import build_snapshot
from components.transform.validate import validate_snapshot

STEPS = {"os.mkdir", "os.link", "os.chmod", "os.symlink", "os.rename", "os.remove", "open"}


@pytest.fixture(scope="module")
def builds(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Three snapshots that are ready to be published, each with its validation's receipt."""
    made = []
    for rows in (1, 2, 3):
        folder = tmp_path_factory.mktemp("build") / "files"
        validated = folder / "validated.json"
        write_text(validated, json.dumps(validate_snapshot(build_snapshot(folder, rows))))
        made.append((folder, validated))
    return made


def publish_killed_before_step(build: tuple[Path, Path], snapshots: Snapshots, step: int) -> bool:
    """Publish in a child that dies, without any clean-up, before its ``step``-th change of a file.

    Returns whether it died; False once it has fewer steps.
    """
    child = os.fork()
    if child == 0:
        seen = 0

        def die(event: str, args: tuple[object, ...]) -> None:
            nonlocal seen
            if event not in STEPS or str(snapshots.root) not in str(args):
                return
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(die)
        try:
            publish(*build, snapshots, "auto", False)
        finally:
            os._exit(0 if sys.exc_info()[0] is None else 1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def test_current_is_whole_after_a_kill_at_any_step(
    tmp_path: Path, builds: list[tuple[Path, Path]]
) -> None:
    start = Snapshots(tmp_path / "start")
    oldest, old = (publish(*build, start, "auto", False).name for build in builds[:2])
    new = publish(*builds[2], Snapshots(tmp_path / "reference"), "auto", False).name
    seen = set()
    step = 0
    died = True
    while died:
        step += 1
        snapshots = Snapshots(tmp_path / f"killed-{step}")
        shutil.copytree(start.root, snapshots.root, symlinks=True)
        died = publish_killed_before_step(builds[2], snapshots, step)
        current, previous = snapshots.linked("current"), snapshots.linked("previous")
        assert current is not None and previous is not None
        for name in snapshots.names():
            assert problems(snapshots.folder(name)) == []
        seen.add((current, previous))
        publish(*builds[2], snapshots, "auto", False)
        assert (snapshots.linked("current"), snapshots.linked("previous")) == (new, old)
        assert sorted(snapshots.names()) == sorted([oldest, old, new])
        assert {entry.name for entry in snapshots.root.iterdir() if entry.name[0] == "."} == {
            ".lock"
        }
    # The kills reached every state that the two renames of links go through.
    assert seen == {(old, oldest), (old, old), (new, old)}
    assert step > 20


def test_the_first_publish_of_all_may_be_killed_too(
    tmp_path: Path, builds: list[tuple[Path, Path]]
) -> None:
    step = 0
    died = True
    while died:
        step += 1
        snapshots = Snapshots(tmp_path / f"killed-{step}")
        died = publish_killed_before_step(builds[0], snapshots, step)
        current = snapshots.linked("current")
        assert died or current is not None
        if current is not None:
            assert problems(snapshots.folder(current)) == []
        name = publish(*builds[0], snapshots, "auto", False).name
        assert snapshots.linked("current") == name
        assert problems(snapshots.folder(name)) == []
    assert step > 15
