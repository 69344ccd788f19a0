"""Variants of real files go through the columns and back, or are refused; none crashes.

``--long`` makes ten million of them, in some ten minutes.
"""

from __future__ import annotations

import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from components.native.load import compile_fuzzer
from components.store.object_store import ObjectStore
from components.testing.extent import sized
from components.testing.library import library, shared_data

pytestmark = pytest.mark.long
VARIANTS = sized(20_000, 10_000_000)
# From here on, compiling with optimization takes less than it saves.
MANY = 200_000


def test_variants_come_back_or_are_refused(tmp_path: Path) -> None:
    data = shared_data()
    for name in ("step.tar.xz", "kicad_mod.tar.xz"):
        with tarfile.open(data / name) as archive:
            # Debian 12's Python has no such filter yet.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(tmp_path / "files")
    files = sorted(path for path in (tmp_path / "files").rglob("*") if path.is_file())
    files += sorted((data / "easyeda").iterdir()) + sorted((data / "easyeda_kicad9").iterdir())
    fuzzer = tmp_path / "fuzz"
    compile_fuzzer(fuzzer, optimize="safe" if VARIANTS >= MANY else "debug")
    fuzzer.chmod(0o755)
    done = subprocess.run(
        [fuzzer, "7", str(VARIANTS), *files], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = re.match(r"(\d+) variants: (\d+) as columns", done.stderr)
    assert found and int(found[1]) == VARIANTS
    assert int(found[2]) > VARIANTS / 10


def test_every_real_file_comes_back_from_a_store(tmp_path: Path) -> None:
    data = shared_data()
    store = ObjectStore(tmp_path / "objects", library=library())
    files = {}
    for name, artifact_type in (
        ("step.tar.xz", "model_step"),
        ("kicad_mod.tar.xz", "kicad_footprint_mod"),
    ):
        with tarfile.open(data / name) as archive:
            members = [member for member in archive if member.isfile()]
            # An eighth of the models; `make bench-compression` reads every one.
            for member in members[:: 8 if artifact_type == "model_step" else 1]:
                file = archive.extractfile(member)
                assert file is not None
                content = file.read()
                files[store.put(artifact_type, content).key] = content
    for folder, artifact_type in (
        ("easyeda", "easyeda_cad_json"),
        ("easyeda_kicad9", "kicad_footprint_mod"),
    ):
        for path in sorted((data / folder).iterdir())[::3]:
            files[store.put(artifact_type, path.read_bytes()).key] = path.read_bytes()
    assert len(files) > 90
    raw = sum(map(len, files.values()))
    assert sum(store.stored_size_bytes(key) for key in files) < raw / 6
    assert all(store.get(key) == content for key, content in files.items())
