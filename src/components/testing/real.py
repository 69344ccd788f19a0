"""The shared catalogue of real parts as a published snapshot: built once, whoever asks first."""

from __future__ import annotations

import json
import lzma
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection
from pathlib import Path

import pytest

from components.bench import transform
from components.core.layout import Layout
from components.core.locks import alone
from components.testing.library import library, shared_data


def real_site(factory: pytest.TempPathFactory) -> Layout:
    """A cache directory whose ``current`` holds every part of the shared catalogue.

    All processes of one test run share it: it must not be changed.
    """
    base = factory.getbasetemp()
    # Each process of a parallel run has a folder of its own below that of the run.
    folder = (base.parent if base.name.startswith("popen-") else base) / "real-catalogue"
    with alone(base.parent / "real-catalogue.lock", quiet=True):
        layout = Layout(folder / "cache")
        if not layout.current.is_dir():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            source = make_source(folder / "source.sqlite3")
            transform.stages(source, library(), folder)
            layout.library.parent.mkdir(exist_ok=True)
            shutil.copy(library(), layout.library)
    return layout


def make_source(path: Path, numbers: Collection[int] | None = None) -> Path:
    """The shared catalogue as a jlcparts-style ``cache.sqlite3``; of these parts, or of all."""
    data = shared_data()
    tool = data.parent / "tools" / "make_source_sqlite.py"
    # The tool takes its output first, and writes over whatever stands there.
    assert not path.resolve().is_relative_to(data.parent.resolve())
    catalogue = data / "jlc-catalogue.jsonl.xz"
    with tempfile.TemporaryDirectory() as folder:
        if numbers is not None:
            some = Path(folder) / "some.jsonl.xz"
            with lzma.open(catalogue, "rt") as lines, lzma.open(some, "wt") as chosen:
                chosen.writelines(line for line in lines if json.loads(line)["lcsc"] in numbers)
            catalogue = some
        subprocess.run([sys.executable, tool, path, catalogue], check=True, capture_output=True)
    return path
