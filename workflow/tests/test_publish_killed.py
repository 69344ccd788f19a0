"""Publish, rollback, prune and sync, killed at every step: ``current`` stays whole, all recover."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from components.core.files import write_text
from components.core.layout import Layout
from components.core.sums import problems
from components.publish.publish import publish
from components.publish.retention import retain
from components.publish.rollback import rollback
from components.publish.snapshots import Snapshots
from components.publish.sync import synchronize
from components.store.object_store import ObjectStore
from components.testing.snapshot import killed_before_step, sealed
from components.testing.transform import build_snapshot
from components.transform.validate import validate_snapshot


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
        died = killed_before_step(
            partial(publish, *builds[2], snapshots, "auto", False), snapshots.root, step
        )
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
        died = killed_before_step(
            partial(publish, *builds[0], snapshots, "auto", False), snapshots.root, step
        )
        current = snapshots.linked("current")
        assert died or current is not None
        if current is not None:
            assert problems(snapshots.folder(current)) == []
        name = publish(*builds[0], snapshots, "auto", False).name
        assert snapshots.linked("current") == name
        assert problems(snapshots.folder(name)) == []
    assert step > 15


def test_a_rollback_killed_anywhere_leaves_a_whole_current(tmp_path: Path) -> None:
    step = 0
    died = True
    while died:
        step += 1
        snapshots = sealed(tmp_path / str(step), "a", "b")
        died = killed_before_step(partial(rollback, snapshots), snapshots.root, step)
        current = snapshots.linked("current")
        assert current in ("a", "b")
        assert problems(snapshots.folder(current)) == []
        if current == "b":
            rollback(snapshots)
        assert snapshots.linked("current") == "a"
    assert step > 5


def test_a_retention_killed_anywhere_never_takes_what_is_linked(tmp_path: Path) -> None:
    step = 0
    died = True
    while died:
        step += 1
        snapshots = sealed(tmp_path / str(step), "a", "b", "c", "d")
        died = killed_before_step(partial(retain, snapshots, 2), snapshots.root, step)
        assert {"c", "d"} <= {*snapshots.names()}
        for name in snapshots.names():
            assert problems(snapshots.folder(name)) == []
        retain(snapshots, 2)
        assert sorted(entry.name for entry in snapshots.root.iterdir()) == [
            *(".lock", "c", "current", "d", "previous")
        ]
    assert step > 10


def test_a_sync_killed_anywhere_leaves_a_whole_current(tmp_path: Path) -> None:
    source = Layout(tmp_path / "source")
    key = ObjectStore(source.objects).put("model_obj", b"v 1 2 3").key
    sealed(source.snapshots, "a", "b", assets=[key])
    start = Layout(tmp_path / "start")
    synchronize(source, start)
    newer = ObjectStore(source.objects).put("model_obj", b"v 4 5 6").key
    sealed(source.snapshots, "c", assets=[newer])
    step = 0
    died = True
    while died:
        step += 1
        target = Layout(tmp_path / str(step))
        shutil.copytree(start.root, target.root, symlinks=True)
        died = killed_before_step(partial(synchronize, source, target), target.root, step)
        there = Snapshots(target.snapshots)
        current = there.linked("current")
        assert current in ("b", "c")
        for name in there.names():
            assert problems(there.folder(name)) == []
        # What a served snapshot refers to came before it.
        wanted = {"b": key, "c": newer}[current]
        assert ObjectStore(target.objects).get(wanted)
        synchronize(source, target)
        assert (there.linked("current"), there.linked("previous")) == ("c", "b")
        assert not [e for e in there.root.iterdir() if e.name.startswith((".build", ".link"))]
    assert step > 20
