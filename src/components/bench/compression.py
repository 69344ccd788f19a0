"""Storage by artifact type: bytes in files, bytes on the disk, and the time in and out.

Every kind of files is stored one by one (zstd -10, -19, xz, and as the store writes loose objects,
without and with a dictionary trained on the other half), as packs, and by git. A file takes whole
blocks of 4 KiB, as on ext4. Speed is raw bytes a second of processor time; of packs, objects are
read in random order.
"""

from __future__ import annotations

import argparse
import hashlib
import lzma
import os
import random
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import zstandard

from components.bench.corpora import Corpus, corpora
from components.bench.report import Table
from components.bench.scatter import Point, scatter
from components.core.files import write_text
from components.core.project import PROJECT
from components.native.codecs import Codecs
from components.native.load import built_library
from components.store import frame
from components.store.dictionaries import trained
from components.store.pack_write import write_pack
from components.store.packs import Packs
from components.store.policy import BLOCK_BYTES, POLICY, blocks

_COLUMNS = (
    "files",
    "method",
    "count",
    "raw KB",
    "in files KB",
    "on the disk KB",
    "of zstd -10, %",
    "MB/s in",
    "MB/s out",
)

Method = tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]


class Measured(NamedTuple):
    file_bytes: int
    disk_bytes: int
    in_s: float
    out_s: float


def run(args: argparse.Namespace) -> Iterable[Table]:
    table = Table("compression", "What objects take, and how fast they are read", _COLUMNS)
    data = shared_data()
    if data is None:
        table.notes.append("No real data was found; these are answers of the bundled upstream.")
    points: list[Point] = []
    for corpus in corpora(data):
        measure(corpus, table, points)
    write_text(args.output / "compression.svg", scatter(points, table.title))
    yield table


def shared_data() -> Path | None:
    """The folder of real data, where there is one."""
    folder = Path(os.environ.get("COMPONENTS_SHARED_DATA") or PROJECT.parent / "shared" / "data")
    return folder if folder.is_dir() else None


def measure(corpus: Corpus, table: Table, points: list[Point]) -> None:
    """A row of ``table`` for each method; the half of the files is what dictionaries learn from."""
    learned, unseen = corpus.files[::2], list(dict.fromkeys(corpus.files[1::2]))
    raw_bytes = sum(map(len, unseen))
    found = {name: _singly(method, unseen) for name, method in methods(corpus, learned).items()}
    with tempfile.TemporaryDirectory() as folder:
        found["pack"] = _packed(Path(folder) / "pack", unseen)
        found["git pack"] = _git(Path(folder) / "git", unseen)
    reference = found["zstd -10"].file_bytes
    for name, measured in found.items():
        speeds = [raw_bytes / 1e6 / max(s, 1e-6) for s in measured[2:]]
        kilobytes = (raw_bytes / 1e3, measured.file_bytes / 1e3, measured.disk_bytes / 1e3)
        share = 100 * measured.file_bytes / reference
        table.add(corpus.name, name, len(unseen), *kilobytes, share, *speeds)
        points.append(Point(corpus.name, name, speeds[1], measured.file_bytes / raw_bytes))


def methods(corpus: Corpus, learned: list[bytes]) -> dict[str, Method]:
    """How to write and read one file of ``corpus``."""
    plain = zstandard.ZstdDecompressor().decompress
    found: dict[str, Method] = {f"zstd -{level}": (_zstd(level), plain) for level in (10, 19)}
    found["xz"] = (lzma.compress, lzma.decompress)
    rule = POLICY[corpus.artifact_type]
    codecs = Codecs(built_library())
    found["loose"] = (
        lambda data: frame.encode(data, rule, codecs).data,
        lambda data: frame.decode(data, codecs),
    )
    if rule.dictionary and len(learned) > 20:
        size_bytes = min(max(sum(map(len, learned)) // 20, 16 << 10), 110 << 10)
        primer = zstandard.ZstdCompressionDict(trained(learned, size_bytes))
        found["loose, dictionary"] = (
            lambda data: frame.compress(data, rule.level, dictionary=primer),
            zstandard.ZstdDecompressor(dict_data=primer).decompress,
        )
    return found


def _zstd(level: int) -> Callable[[bytes], bytes]:
    # As `zstd -N` writes a file: with a checksum.
    return zstandard.ZstdCompressor(level=level, write_checksum=True).compress


def _singly(method: Method, files: list[bytes]) -> Measured:
    write, read = method
    # Contexts are made once in a process, not for each file.
    read(write(files[0]))
    started = time.process_time()
    stored = [write(file) for file in files]
    written = time.process_time()
    back = [read(data) for data in stored]
    ended = time.process_time()
    if back != files:
        raise RuntimeError("a file did not come back")
    sizes = [len(data) for data in stored]
    return Measured(sum(sizes), _on_disk(sizes), written - started, ended - written)


def _packed(folder: Path, files: list[bytes]) -> Measured:
    from components.store.gather import likeness

    hashes = {hashlib.sha256(file).hexdigest(): file for file in files}
    order = sorted(hashes.items(), key=lambda item: likeness(item[1]))
    with ThreadPoolExecutor(1) as pool:
        started = time.process_time()
        written = write_pack(folder, order, pool)
        ended = time.process_time()
    packs = Packs(folder)
    asked = random.Random(3).sample(sorted(hashes), len(hashes))
    packs.get(asked[0])
    read = time.process_time()
    if any(packs.get(sha256) != hashes[sha256] for sha256 in asked):
        raise RuntimeError("an object did not come back")
    out_s = time.process_time() - read
    return Measured(written.size_bytes, _on_disk([written.size_bytes]), ended - started, out_s)


def _git(folder: Path, files: list[bytes]) -> Measured:
    """The same files as one commit's tree would hold them, after `git gc --aggressive`."""
    for number, file in enumerate(files):
        path = folder / "files" / str(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file)

    def git(*arguments: str, given: bytes = b"") -> tuple[bytes, float]:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = ["git", "-C", str(folder), *arguments]
        done = subprocess.run(command, input=given, capture_output=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime
        return done.stdout, spent - before.ru_utime - before.ru_stime

    git("init", "-q")
    git("add", "files")
    git("-c", "user.name=x", "-c", "user.email=x@localhost", "commit", "-qm", "x")
    _, in_s = git("repack", "-adfq", "--depth=50", "--window=250")
    sizes = [path.stat().st_size for path in (folder / ".git/objects/pack").iterdir()]
    names = "".join(f"HEAD:files/{number}\n" for number in range(len(files)))
    back, out_s = git("cat-file", "--batch", given=names.encode())
    if len(back) < sum(map(len, files)):
        raise RuntimeError("git did not give the files back")
    return Measured(sum(sizes), _on_disk(sizes), in_s, out_s)


def _on_disk(sizes: Iterable[int]) -> int:
    return BLOCK_BYTES * sum(map(blocks, sizes))


def _records() -> Iterator[bytes]:
    for number in range(400):
        yield b'{"package":"0402","mfrPart":"R%d","stock":%d}' % (number, number * 7) * 9


def test_every_method_is_measured_and_a_pack_takes_the_least_of_the_disk() -> None:
    table, points = Table("x", "X", _COLUMNS), list[Point]()
    measure(Corpus("records", "lcsc_product", list(_records())), table, points)
    on_disk = {str(row[1]): float(row[5] or 0) for row in table.rows}
    assert [*on_disk] == [
        *("zstd -10", "zstd -19", "xz", "loose", "loose, dictionary", "pack", "git pack")
    ]
    assert on_disk["loose"] == on_disk["zstd -10"] == 200 * 4.096
    assert min(on_disk, key=on_disk.__getitem__) == "pack"
    assert len(points) == len(table.rows) == 7
