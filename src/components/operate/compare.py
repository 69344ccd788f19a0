"""Two builds' products, byte by byte; where they differ, what a person would want to see first."""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from components.core.files import sha256_file

PRODUCTS = ("build", "lib", "objects", "snapshots")
MISSING = object()


def products(root: Path) -> dict[str, str]:
    """SHA-256 of every product below a cache directory, by its path there; links as their target.

    Objects of stage 1 count: they are the same where the upstream sent the same.
    """
    found = {}
    for folder in PRODUCTS:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_symlink():
                found[name] = f"-> {path.readlink()}"
            elif path.is_file() and not path.name.startswith("."):
                found[name] = sha256_file(path)
    return found


def differences(first: Path, second: Path) -> list[str]:
    """A line for each product that is not the same in both cache directories."""
    left, right = products(first), products(second)
    lines = []
    for name in sorted(left.keys() | right.keys()):
        if name not in left or name not in right:
            lines.append(f"{name}: only in the {'first' if name in left else 'second'} build")
        elif left[name] != right[name]:
            lines.append(f"{name}: {first_difference(first / name, second / name)}")
    return lines


def first_difference(left: Path, right: Path) -> str:
    """The first differing row, key, line or byte of two files that differ."""
    if left.is_symlink() or right.is_symlink():
        return f"{left.readlink()} != {right.readlink()}"
    if left.suffix == ".sqlite" or left.suffix == ".sqlite3":
        return _first_row(left, right)
    if left.suffix == ".json":
        return _first_key(json.loads(left.read_bytes()), json.loads(right.read_bytes()))
    return _first_byte(left, right)


def _first_row(left: Path, right: Path) -> str:
    with (
        closing(sqlite3.connect(f"file:{left}?mode=ro", uri=True)) as a,
        closing(sqlite3.connect(f"file:{right}?mode=ro", uri=True)) as b,
    ):
        for one, other in itertools.zip_longest(_rows(a), _rows(b)):
            if one != other:
                return f"row {one!r} != {other!r}"
    return f"the same rows, laid out differently: {_first_byte(left, right)}"


def _rows(connection: sqlite3.Connection) -> Iterator[tuple[Any, ...]]:
    schema = connection.execute(
        "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2"
    ).fetchall()
    yield from schema
    for kind, name, _ in schema:
        if kind == "table":
            quoted = name.replace('"', '""')
            for row in connection.execute(f'SELECT * FROM "{quoted}"'):
                yield (name, *row)


def _first_key(left: Any, right: Any, path: str = "") -> str:
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(left.keys() | right.keys()):
            if left.get(key, MISSING) != right.get(key, MISSING):
                return _first_key(
                    left.get(key, MISSING), right.get(key, MISSING), f"{path}.{key}".lstrip(".")
                )
        return f"the same content, spelt differently{path and ' at ' + path}"
    if isinstance(left, list) and isinstance(right, list):
        for index, (one, other) in enumerate(itertools.zip_longest(left, right, fillvalue=MISSING)):
            if one != other:
                return _first_key(one, other, f"{path}[{index}]")
    return f"{path}: {_shown(left)} != {_shown(right)}"


def _shown(value: Any) -> str:
    return "nothing" if value is MISSING else json.dumps(value)[:200]


def _first_byte(left: Path, right: Path) -> str:
    offset = 0
    with left.open("rb") as a, right.open("rb") as b:
        while True:
            one, other = a.read(1 << 16), b.read(1 << 16)
            if one != other:
                for index, (x, y) in enumerate(itertools.zip_longest(one, other)):
                    if x != y:
                        return (
                            f"byte {offset + index}: {_byte(x)} != {_byte(y)} "
                            f"({left.stat().st_size} and {right.stat().st_size} bytes)"
                        )
            if not one:
                return "the same bytes"
            offset += len(one)


def _byte(value: int | None) -> str:
    return "end" if value is None else f"{value:#04x}"


def test_the_first_differing_row_key_or_byte_is_shown(tmp_path: Path) -> None:
    for side, value in (("a", 1), ("b", 2)):
        build = tmp_path / side / "build"
        build.mkdir(parents=True)
        with closing(sqlite3.connect(build / "x.sqlite")) as db:
            db.executescript(f"CREATE TABLE t (i, v); INSERT INTO t VALUES (1, 5), (2, {value});")
        (build / "m.json").write_text(json.dumps({"same": 1, "counts": {"led": [7, value]}}))
        (build / "lookup.idx").write_bytes(b"\0" * 70_000 + bytes([value]))
        (build / f"only_{side}.json").write_text("{}")
        (build / "same.json").write_text("{}")
    assert differences(tmp_path / "a", tmp_path / "b") == [
        "build/lookup.idx: byte 70000: 0x01 != 0x02 (70001 and 70001 bytes)",
        "build/m.json: counts.led[1]: 1 != 2",
        "build/only_a.json: only in the first build",
        "build/only_b.json: only in the second build",
        "build/x.sqlite: row ('t', 2, 1) != ('t', 2, 2)",
    ]
