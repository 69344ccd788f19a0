"""What strangers hand over, damaged at random: catalogues and mirrors' sources.

Each case ends in seconds, in little memory, with a success or one named error, and leaves nothing
of the stranger's where ours stands.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from components.core.errors import ComponentsError
from components.core.layout import Layout
from components.core.sums import check_whole
from components.families import rooms
from components.publish.sync import synchronize
from components.source.ready import copy_if_changed, needs_copy
from components.testing.extent import sized
from components.testing.library import write_catalogue
from components.testing.snapshot import caches
from components.transform.detail import build_detail
from components.transform.pick import build_picks

CASES = sized(150, long=2000)
pytestmark = pytest.mark.long
CASE_MAX_S = 30  # of the processor
GROWTH_MAX_MIB = 400

ENDLESS = (
    "WITH RECURSIVE endless(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless)"
    " SELECT n AS id, 'x' AS category, 'y' AS subcategory, 'z' AS name FROM endless"
)
# Whatever a stranger's SQL may do to its own file; {t} is one of its tables.
STATEMENTS = (
    "DROP TABLE {t}",
    "ALTER TABLE {t} RENAME TO other",
    "DELETE FROM {t}",
    "ALTER TABLE {t} ADD COLUMN extra_column TEXT",
    f"DROP TABLE {{t}}; CREATE VIEW {{t}} AS {ENDLESS}",
    "DROP TABLE {t}; CREATE TABLE {t} (a, b GENERATED ALWAYS AS (hex(zeroblob(90000000))))",
    "DROP TABLE {t}; CREATE VIRTUAL TABLE {t} USING fts5(id, category, subcategory, name)",
    "CREATE TRIGGER loop AFTER INSERT ON {t} BEGIN DELETE FROM {t}; END",
    "UPDATE components SET extra = zeroblob(5000000) WHERE lcsc % 7 = 0",
    "UPDATE components SET category_id = 'none'",
    "UPDATE components SET lcsc = -lcsc WHERE lcsc % 2",
    "UPDATE components SET price = replace(hex(zeroblob(20000)), '0', '[')",
    "UPDATE components SET stock = 9e999, basic = 'x', preferred = NULL",
    "UPDATE components SET description = CAST(x'ff00fe41' AS TEXT), mfr = NULL",
    "UPDATE manufacturers SET name = replace(hex(zeroblob(200000)), '0', 'x')",
    "UPDATE categories SET subcategory = NULL, category = x'00'",
    "INSERT INTO components (lcsc) VALUES (9223372036854775807)",
    "PRAGMA application_id = 77; PRAGMA user_version = -5",
    "PRAGMA journal_mode = WAL; UPDATE components SET stock = 1",
)


def test_any_catalogue_is_read_or_refused_by_name(tmp_path: Path) -> None:
    parts = [{"lcsc": 1000 + number, "mfr": f"M{number}", "stock": number} for number in range(60)]
    whole = write_catalogue(tmp_path / "whole.sqlite3", parts)
    build_picks(rooms(), whole, tmp_path / "pick")
    picks = sorted((tmp_path / "pick").glob("*.sqlite"))
    refused = 0
    before_mib = _peak_mib()
    for seed in range(CASES):
        chance = random.Random(seed)
        path = tmp_path / "given.sqlite3"
        _damaged(whole, path, chance)
        started_s = time.process_time()
        output = tmp_path / "detail.sqlite"
        try:
            if needs_copy(path):
                copy_if_changed(path, tmp_path / "copy.sqlite3")
            else:
                build_detail(path, picks, output)
        except ComponentsError as error:
            refused += 1
            assert "\n" not in str(error), seed
        assert time.process_time() - started_s < CASE_MAX_S, seed
        for left in tmp_path.glob("given*"):
            left.unlink()
        output.unlink(missing_ok=True)
    assert 0 < refused < CASES
    assert _peak_mib() - before_mib < GROWTH_MAX_MIB


def _damaged(whole: Path, path: Path, chance: random.Random) -> None:
    data = bytearray(whole.read_bytes())
    kind = chance.random()
    if kind < 0.35:
        for _ in range(chance.randrange(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind < 0.45:
        del data[chance.randrange(len(data)) :]
    elif kind < 0.5:
        data = bytearray(chance.randbytes(chance.randrange(9000)))
    path.write_bytes(data)
    if kind < 0.5:
        return
    with closing(sqlite3.connect(path)) as db, suppress(sqlite3.Error):
        for _ in range(chance.randrange(1, 4)):
            table = chance.choice(("components", "categories", "manufacturers"))
            db.executescript(chance.choice(STATEMENTS).format(t=table))


def test_any_source_of_a_mirror_is_taken_whole_or_refused(tmp_path: Path) -> None:
    source, _, _ = caches(tmp_path / "first")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    secret.chmod(0o600)
    refused = 0
    for seed in range(CASES):
        chance = random.Random(seed)
        given = Layout(tmp_path / "given")
        shutil.copytree(source.root, given.root, symlinks=True)
        _spoiled(given.root, chance, secret)
        started_s = time.process_time()
        taken = Layout(tmp_path / "taken")
        try:
            synchronize(given, taken)
        except ComponentsError as error:
            refused += 1
            assert "\n" not in str(error), seed
        assert time.process_time() - started_s < CASE_MAX_S, seed
        _check_ours(taken, seed)
        assert secret.stat().st_mode & 0o777 == 0o600 and secret.read_text() == "secret"
        for folder in (given.root, taken.root):
            if folder.exists():
                _make_writable(folder)
                shutil.rmtree(folder)
    assert 0 < refused < CASES


def _spoiled(root: Path, chance: random.Random, secret: Path) -> None:
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.is_symlink())
    _make_writable(root)
    for _ in range(chance.randrange(1, 4)):
        victim = chance.choice(files)
        if victim.is_symlink() or not victim.is_file():
            continue
        kind = chance.randrange(8)
        data = victim.read_bytes()
        if kind == 0 and data:
            place = chance.randrange(len(data))
            victim.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        elif kind == 1:
            victim.write_bytes(data[: chance.randrange(len(data) + 1)])
        elif kind == 2:
            victim.write_bytes(data + b"\0" * chance.randrange(1, 5000))
        elif kind in (3, 4, 5):
            victim.unlink()
            if kind == 3:
                victim.symlink_to(secret)
            elif kind == 4:
                os.mkfifo(victim)
        elif kind == 6:
            victim.with_name(f"{chance.choice(('..x', 'lookup.idx ', 'a/b'[:1]))}").write_bytes(
                b"x"
            )
        else:
            (root / "snapshots" / "current").unlink(missing_ok=True)
            (root / "snapshots" / "current").symlink_to(
                chance.choice(("../..", "/", "nothing", "three/../three", "x" * 200))
            )


def _make_writable(root: Path) -> None:
    for path in [root, *root.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def _check_ours(taken: Layout, seed: int) -> None:
    """No link, no pipe, nothing outside; what ``current`` names is whole."""
    for path in taken.root.rglob("*"):
        if path.is_symlink():
            assert path.parent == taken.snapshots and "/" not in str(path.readlink()), (seed, path)
        else:
            assert path.is_dir() or path.is_file(), (seed, path)
    if taken.current.exists():
        check_whole(taken.current.resolve())


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
