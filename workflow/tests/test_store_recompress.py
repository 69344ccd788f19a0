"""A store of the first policy, recompressed with kills on the way, is whole and smaller."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from components.bench.samples import samples
from components.core.project import PROJECT
from components.store.object_store import ObjectStore
from components.testing.library import library

KILLS = 20


def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    plain = ObjectStore(tmp_path / "objects", library=None)
    contents = {}
    for number, (artifact_type, text) in enumerate(samples()):
        if number % 3 == 0 and artifact_type != "jlc_component_page":
            contents[plain.put(artifact_type, text).key] = text
    before = sum(plain.stored_size_bytes(key) for key in contents)
    command = [sys.executable, "-m", "components", "recompress", "--workers", "2"]
    command += ["--objects", str(plain.root), "--library", str(library())]
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src")}
    dice = random.Random(20)
    killed = 0
    for _ in range(KILLS):
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            # Long enough to start, and to come a little further than the run before.
            time.sleep(dice.uniform(0.2, 0.7))
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
        store = ObjectStore(tmp_path / "objects", library=library())
        for key in dice.sample(sorted(contents), 10):
            assert store.get(key) == contents[key]
    assert killed > 0
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    store = ObjectStore(tmp_path / "objects", library=library())
    assert sorted(store.keys()) == sorted(contents)
    assert all(store.get(key) == text for key, text in contents.items())
    assert sum(store.stored_size_bytes(key) for key in contents) < before / 2
    verify = [sys.executable, "-m", "components", "verify"]
    environment["ATOPILE_COMPONENTS_CACHE_DIR"] = str(tmp_path)
    verified = subprocess.run(verify, env=environment, capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
