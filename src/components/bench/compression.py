"""Compression at rest: trained on one half of each kind of file, measured on the other.

Beside our policy stand zstd at levels 10 and 19 and xz, all on the same files one by one. Speed is
raw bytes a second of processor time, on one core. Memory is what a process needs above its own, at
its peak, to compress and decompress them.
"""

from __future__ import annotations

import argparse
import lzma
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import zstandard

from components.bench.corpora import Corpus, corpora
from components.bench.report import Table
from components.bench.scatter import Point, scatter
from components.core.files import write_text
from components.core.layout import Layout
from components.core.project import PROJECT
from components.native.load import built_library
from components.store.dictionaries import save
from components.store.object_store import ObjectStore
from components.store.policy import POLICY
from components.store.train import train

_COLUMNS = (
    "files",
    "method",
    "count",
    "raw KB",
    "stored KB",
    "smaller than zstd -10, %",
    "compress MB/s a core",
    "decompress MB/s a core",
    "memory MB",
)
_DICTIONARY_BYTES = 96 << 10

Method = tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]


class Measured(NamedTuple):
    stored_bytes: int
    compress_s: float
    decompress_s: float
    memory_bytes: int


def run(args: argparse.Namespace) -> Iterable[Table]:
    table = Table("compression", "Compression at rest, on files that were not trained on", _COLUMNS)
    data = shared_data()
    if data is None:
        table.notes.append("No real data was found; these are files of our own generators.")
    points: list[Point] = []
    for corpus in corpora(data):
        with tempfile.TemporaryDirectory() as folder:
            _measure(corpus, Path(folder), table, points)
    write_text(args.output / "compression.svg", scatter(points, table.title))
    yield table


def shared_data() -> Path | None:
    """The folder of real data, where there is one."""
    folder = Path(os.environ.get("COMPONENTS_SHARED_DATA") or PROJECT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def _measure(corpus: Corpus, folder: Path, table: Table, points: list[Point]) -> None:
    learned, unseen = corpus.files[::2], corpus.files[1::2]
    raw_bytes = sum(map(len, unseen))
    reference = 0
    for name, method in methods(corpus, learned, folder).items():
        measured = in_child(method, unseen)
        reference = reference or measured.stored_bytes
        smaller = 100 - 100 * measured.stored_bytes / reference
        speeds = [raw_bytes / 1e6 / s for s in (measured.compress_s, measured.decompress_s)]
        table.add(
            corpus.name,
            name,
            len(unseen),
            raw_bytes / 1e3,
            measured.stored_bytes / 1e3,
            smaller,
            *speeds,
            measured.memory_bytes / 1e6,
        )
        points.append(Point(corpus.name, name, speeds[1], measured.stored_bytes / raw_bytes))


def methods(corpus: Corpus, learned: list[bytes], folder: Path) -> dict[str, Method]:
    """How to compress and decompress a file of ``corpus``; zstd -10 comes first."""
    found: dict[str, Method] = {
        f"zstd -{level}": (_zstd(level), zstandard.ZstdDecompressor().decompress)
        for level in (10, 19)
    }
    found["xz"] = (lzma.compress, lzma.decompress)
    text = POLICY[corpus.artifact_type].text
    found["ours, built-in dictionary" if text else "ours"] = _ours(corpus, folder / "builtin")
    if text:
        cache_dir = folder / "trained"
        trained = train(learned, _DICTIONARY_BYTES)
        save(Layout(cache_dir).dictionaries, {corpus.artifact_type: trained})
        found["ours, trained"] = _ours(corpus, cache_dir)
    return found


def _zstd(level: int) -> Callable[[bytes], bytes]:
    # As `zstd -N` writes a file: with a checksum.
    return zstandard.ZstdCompressor(level=level, write_checksum=True).compress


def _ours(corpus: Corpus, cache_dir: Path) -> Method:
    store = ObjectStore(cache_dir / "objects", library=built_library())
    return (lambda data: store.encode(corpus.artifact_type, data).data), store.decode


def in_child(method: Method, files: list[bytes]) -> Measured:
    """The method's figures, from a process of its own: memory is counted from its start."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, method, files))
    child.start()
    theirs.close()
    try:
        measured: Any = ours.recv()
    except EOFError:
        raise RuntimeError("the measuring process died") from None
    finally:
        child.join()
    return Measured(*measured)


def _child(pipe: Connection, method: Method, files: list[bytes]) -> None:
    compress, decompress = method
    before = _peak_bytes()
    # Contexts, models and dictionaries are made once in a process, not for each file.
    decompress(compress(files[0]))
    started = time.process_time()
    stored = [compress(file) for file in files]
    compressed = time.process_time()
    back = [decompress(data) for data in stored]
    ended = time.process_time()
    held = sum(map(len, stored)) + sum(map(len, back))
    if back != files:
        raise RuntimeError("a file did not come back")
    memory = max(_peak_bytes() - before - held, 0)
    pipe.send((sum(map(len, stored)), compressed - started, ended - compressed, memory))


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def test_a_corpus_is_measured_and_ours_is_smallest(tmp_path: Path) -> None:
    from components.bench.samples import samples

    records = [text for kind, text in samples() if kind == "lcsc_product"][:80]
    table = Table("x", "X", _COLUMNS)
    points: list[Point] = []
    _measure(Corpus("LCSC", "lcsc_product", records), tmp_path, table, points)
    sizes = {str(row[1]): row[4] for row in table.rows}
    assert list(sizes) == [
        "zstd -10",
        "zstd -19",
        "xz",
        "ours, built-in dictionary",
        "ours, trained",
    ]
    assert isinstance(sizes["ours, trained"], float) and isinstance(sizes["zstd -10"], float)
    assert sizes["ours, trained"] < sizes["zstd -10"] * 0.4
    assert table.rows[0][2] == 40 and len(points) == 5
