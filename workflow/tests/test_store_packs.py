"""Packs as other tools see them, and `components pack` killed at any moment."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from components.core.layout import Layout
from components.core.project import PROJECT
from components.store.dictionaries import trained
from components.store.frame import dictionary_number
from components.store.object_store import ObjectStore
from components.store.pack_file import PackFile
from components.testing.library import library, shared_data

KILLS = 20


def pack(root: Path) -> list[str]:
    command = [sys.executable, "-m", "components", "pack", "--cache-dir", str(root)]
    return [*command, "--library", str(library())]


def run(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")} | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def filled(root: Path, count: int) -> dict[str, bytes]:
    """A store of ``count`` records, and their contents by key."""
    store = ObjectStore(root / "objects", library=None)
    contents = {}
    for number in range(count):
        text = b'{"package":"%04d","mfrPart":"R%d","stock":%d}' % (number % 7, number, number * 3)
        for artifact_type in ("jlc_component_detail", "lcsc_product"):
            contents[store.put(artifact_type, text * 4).key] = text * 4
    return contents


def test_zstd_and_tar_alone_read_a_store(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects", library=library())
    answers = [path.read_bytes() for path in sorted((shared_data() / "easyeda").glob("*.json"))]
    primer = store.dictionaries.add("kicad_footprint_mod", trained(answers, 32 << 10))
    keys = {store.put("easyeda_cad_json", answer).key: answer for answer in answers}
    keys |= {store.put("kicad_footprint_mod", answer).key: answer for answer in answers}
    assert run(pack(tmp_path)).returncode == 0
    loose = [store.path(key) for key in keys if store.path(key).is_file()]
    numbers = {path: dictionary_number(path.read_bytes()) for path in loose}
    assert any(numbers.values()) and len(loose) == len(answers)
    for path in loose:
        with_dictionary = ["-D", str(primer)] if numbers[path] else []
        subprocess.run(["zstd", "-qt", *with_dictionary, path], check=True)
        done = subprocess.run(
            ["zstd", "-dcq", *with_dictionary, path], check=True, capture_output=True
        )
        assert hashlib.sha256(done.stdout).hexdigest() == path.stem
    (packed,) = store.packs("easyeda_cad_json").paths()
    subprocess.run(["zstd", "-qt", packed], check=True)
    there = tmp_path / "there"
    there.mkdir()
    subprocess.run(["tar", "--zstd", "-xf", packed, "-C", there], check=True)
    found = {path.name: path.read_bytes() for path in there.iterdir()}
    assert found == {hashlib.sha256(text).hexdigest()[:16]: text for text in answers}
    assert all(store.get(key) == text for key, text in keys.items())


# What packing makes in a type's folder, in this order: its plan, a pack, the pack under its name;
# then loose copies and small packs go.
STAGES = (".tmp-*.sqlite", ".tmp-*.tar.zst", "[0-9a-f]*.tar.zst")


def made(root: Path, stage: str) -> set[Path]:
    return set(root.glob(f"objects/*/packs/{stage}"))


def test_twenty_kills_lose_nothing_and_leave_each_object_once(tmp_path: Path) -> None:
    """Each kill falls into the packing: from the first bytes of a pack to the last loose copy."""
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    dice = random.Random(20)
    contents: dict[str, bytes] = {}
    for kill in range(KILLS):
        # What is new, with the small packs that a whole packing left, gives each kill its work.
        contents |= filled(tmp_path, 100 * (kill + 1))
        stage = STAGES[kill % len(STAGES)]
        before = made(tmp_path, stage)
        with subprocess.Popen(
            pack(tmp_path), env=environment, stderr=subprocess.DEVNULL
        ) as process:
            while not made(tmp_path, stage) - before and process.poll() is None:
                time.sleep(0.001)
            time.sleep(dice.choice((0.0, 0.0, 0.005, 0.02, 0.06)))
            process.send_signal(signal.SIGKILL)
        store = ObjectStore(tmp_path / "objects", library=None)
        for key in dice.sample(sorted(contents), 10):
            assert store.get(key) == contents[key]
    done = run(pack(tmp_path))
    assert done.returncode == 0, done.stderr
    store = ObjectStore(tmp_path / "objects", library=None)
    found = list(store.keys())
    assert len(found) == len(set(found)) and set(found) == set(contents)
    in_packs = sum(
        packed.objects
        for name in ("jlc_component_detail", "lcsc_product")
        for packed in store.packs(name).open()
    )
    assert in_packs == len(contents)
    assert all(store.get(key) == text for key, text in contents.items())
    assert not list((tmp_path / "objects").rglob(".tmp-*"))
    verify = [sys.executable, "-m", "components", "verify"]
    verified = run(verify, ATOPILE_COMPONENTS_CACHE_DIR=str(tmp_path))
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_a_second_pack_refuses_and_what_came_since_is_gathered_with_small_packs(
    tmp_path: Path,
) -> None:
    from components.core import run_lock

    contents = filled(tmp_path, 50)
    run_lock.acquire(tmp_path)
    refused = run(pack(tmp_path))
    assert refused.returncode == 1 and "another run is active" in refused.stderr
    other = tmp_path / "other"
    contents = filled(other, 50)
    assert run(pack(other)).returncode == 0
    contents |= filled(other, 80)
    again = run(pack(other))
    assert again.returncode == 0 and "160 objects into 2 packs" in again.stderr, again.stderr
    store = ObjectStore(other / "objects", library=None)
    assert all(store.get(key) == text for key, text in contents.items())
    assert len(store.packs("lcsc_product").paths()) == 1
    assert "nothing new to gather" in run(pack(other)).stderr


def test_damage_is_told_and_prune_takes_out_what_is_dead(tmp_path: Path) -> None:
    from contextlib import closing

    from components.fetch.manifest import connect, example_entry, write
    from components.operate.verify import verify
    from components.publish.prune import plan_prune, prune

    layout = Layout(tmp_path)
    contents = filled(tmp_path, 50)
    assert run(pack(tmp_path)).returncode == 0
    store = ObjectStore(layout.objects, library=None)
    kept = [key for key in contents if "lcsc" in key][:20]
    with closing(connect(layout.manifest)) as db:
        rows = [example_entry(n)._replace(stored_key=key) for n, key in enumerate(kept, 1)]
        write(db, rows, [])
    assert not plan_prune(layout, 2).packs
    plan = prune(layout, 2, min_age_s=-1)
    assert sorted(each.dead for each in plan.packs) == [30, 50]
    assert sorted(store.keys()) == sorted(kept)
    assert not store.packs("jlc_component_detail").paths()
    assert verify(layout).is_whole and not prune(layout, 2, min_age_s=-1).packs
    (path,) = store.packs("lcsc_product").paths()
    whole = path.read_bytes()
    for at in (100, len(whole) - 300, len(whole) - 20, len(whole) - 3):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert not verify(layout).is_whole, at
    path.write_bytes(whole[:-1])
    with pytest.raises(Exception, match="damaged pack"):
        PackFile(path)
