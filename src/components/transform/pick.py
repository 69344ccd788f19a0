"""``build-pick``: the pick tables of rooms of families, from one reading of the source.

A room's file has a table for each of its families with the parts that can be asked for, and why
the others cannot (``rejected``), which texts could not be read (``quarantine``), how often a
part's own texts disagreed (``disagreement``), and names of categories that no family knows
(``unknown_category``). The same source gives the same bytes, whatever number of processes read it.

A file records what it was made from; where that is the same it stays as it is. Where only parts
changed, what the code read of the others is taken from it (:mod:`.pick_readings`).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from components.core.files import replacing
from components.families import families_of, rooms
from components.transform.pick_read import Findings, read_source
from components.transform.pick_readings import recorded
from components.transform.pick_write import write_room


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``build-pick``."""
    parser.add_argument("--room", nargs="+", type=_room, help="which; default: all", dest="rooms")
    parser.add_argument("--source", required=True, type=Path, help="cache.sqlite3 of jlcparts")
    parser.add_argument("--max-components", type=int, default=0, help="0: all parts")
    parser.add_argument("--output", required=True, type=Path, help="folder of the rooms' files")
    parser.add_argument("--digests", type=Path, help="folder with what each room's parts are")
    parser.add_argument("--code", nargs="*", default=[], help="ROOM=DIGEST of what makes it")


def _room(name: str) -> str:
    if name not in rooms():
        raise argparse.ArgumentTypeError(f"no room {name}; there are {', '.join(rooms())}")
    return name


def run(args: argparse.Namespace) -> int:
    """Build the stale ones; prints a line for each."""
    wanted = args.rooms or list(rooms())
    codes = dict(item.split("=", 1) for item in args.code)
    keys = _keys(wanted, args.digests, codes, args.max_components)
    stale = [
        room
        for room in wanted
        if keys[room] is None or recorded(args.output / f"{room}.sqlite", "key") != keys[room]
    ]
    build_picks(stale, args.source, args.output, args.max_components, keys, codes)
    for room in wanted:
        # All of them were looked at now: what is unchanged is not stale.
        os.utime(args.output / f"{room}.sqlite")
    if kept := [room for room in wanted if room not in stale]:
        print(f"unchanged: {', '.join(kept)}", file=sys.stderr)
    return 0


def _keys(
    wanted: Sequence[str], digests: Path | None, codes: Mapping[str, str], max_components: int
) -> dict[str, str | None]:
    """What each room's file is made from; None where that is not told."""
    keys: dict[str, str | None] = dict.fromkeys(wanted)
    if digests is not None:
        for room in wanted:
            if room in codes:
                content = (digests / f"{room}.sha256").read_bytes()
                told = f"{codes[room]} {max_components} ".encode() + content
                keys[room] = hashlib.sha256(told).hexdigest()
    return keys


def build_picks(
    stale: Sequence[str],
    source: Path,
    output: Path,
    max_components: int = 0,
    keys: Mapping[str, str | None] | None = None,
    codes: Mapping[str, str] | None = None,
) -> None:
    """Write ``output/<room>.sqlite`` for each room of ``stale``.

    Readings are kept in it, and taken from what stands there, for the rooms of ``codes``.
    Raises :class:`SourceError` where the source is damaged; every file is then as it was.
    """
    if not stale:
        return
    output.mkdir(parents=True, exist_ok=True)
    told = {room: code for room, code in (codes or {}).items() if room in stale}
    files = {room: output / f"{room}.sqlite" for room in stale}
    earlier = {
        room: files[room] if recorded(files[room], "code") == code else None
        for room, code in told.items()
    }
    with tempfile.TemporaryDirectory(prefix=".pick-", dir=output) as name:
        findings = read_source(source, stale, max_components, Path(name), earlier)
        for room in stale:
            with replacing(files[room], durable=False) as temporary:
                key, code = (keys or {}).get(room), told.get(room)
                counts = write_room(room, findings, temporary, key, code)
            _tell(room, findings, counts)


def _tell(room: str, findings: Findings, counts: Mapping[str, int]) -> None:
    names = [family.name for family in families_of(room)]
    rejected = sum(findings.rejected[name] for name in names)
    unread = sum(len(findings.quarantine[name]) for name in names)
    print(
        f"{room}: {len(names)} families, {sum(counts.values())} pickable, {rejected} not,"
        f" {unread} texts not understood",
        file=sys.stderr,
    )


def _build(folder: Path, parts: list[dict[str, object]], room: str = "passive") -> Path:
    from components.cli import main
    from components.testing.library import write_catalogue

    folder.mkdir(exist_ok=True)
    source = write_catalogue(folder / "source.sqlite3", parts)
    arguments = ["build-pick", "--room", room, "--source", str(source), "--output", str(folder)]
    assert main(arguments) == 0
    return folder / f"{room}.sqlite"


def _resistor(lcsc: int, **changes: object) -> dict[str, object]:
    part: dict[str, object] = {
        "lcsc": lcsc,
        "category": "Resistors",
        "subcategory": "Chip Resistor - Surface Mount",
        "package": "R0402",
        "stock": 5,
        "price": '[{"qFrom": 1, "price": 0.01}]',
        "extra": '{"attributes": {"Resistance": "10kΩ", "Tolerance": "±1%"}}',
    }
    return part | changes


def test_a_part_is_picked_or_rejected_with_its_reason(tmp_path: Path) -> None:
    unread = '{"attributes": {"Resistance": "10?Ω", "Tolerance": "±1%"}}'
    twice = '{"attributes": {"Resistance": "1Ω", "Tolerance": "±1%", "Power": "1W",'
    output = _build(
        tmp_path,
        [
            _resistor(3),
            _resistor(1, stock=0),
            _resistor(2, package="-"),
            _resistor(4, extra='{"attributes": {"Resistance": "10kΩ", "Tolerance": "-"}}'),
            _resistor(5, extra=unread),
            _resistor(6, subcategory="Zener Diodes"),
            _resistor(7, extra=twice + '"Power(Watts)": "500mW"}}', description="1Ω R0402 New"),
        ],
    )
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute("SELECT * FROM resistor_pick").fetchall()
        rejected = db.execute("SELECT * FROM rejected").fetchall()
        quarantine = db.execute("SELECT * FROM quarantine").fetchall()
        disagreement = db.execute("SELECT * FROM disagreement").fetchall()
        unknown = db.execute("SELECT * FROM unknown_category").fetchall()
    assert rows == [
        (3, "0402", 5, 0, 0, 0.01, 10e3, 9900.0, 10100.0, 1.0, None, None, None),
        (7, "0402", 5, 0, 0, 0.01, 1.0, 0.99, 1.01, 1.0, 0.5, None, None),
    ]
    assert rejected == [
        (1, "resistor", "out of stock"),
        (2, "resistor", "no package"),
        (4, "resistor", "tolerance unknown"),
        (5, "resistor", "resistance unknown"),
    ]
    assert quarantine == [("resistor", "resistance_ohm", "10?Ω", 1)]
    assert disagreement == [("resistor", "max_power_w", "safe value kept", 1)]
    assert unknown == [("New", 1)]


def test_values_of_a_wrong_type_stop_nothing(tmp_path: Path) -> None:
    output = _build(
        tmp_path,
        [
            _resistor(1, stock="many"),
            _resistor(2, description=b"\x00", basic=1, preferred="1", price=7),
            _resistor(3, extra=7),
            _resistor(4, package=402),
        ],
    )
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute(
            "SELECT lcsc_id, package, is_basic, is_preferred, unit_price FROM resistor_pick"
        ).fetchall()
        rejected = db.execute("SELECT lcsc_id, reason FROM rejected").fetchall()
    assert rows == [(2, "0402", 1, 1, None), (4, "402", 0, 0, 0.01)]
    assert rejected == [(1, "out of stock"), (3, "resistance unknown")]


def test_the_same_parts_give_the_same_bytes_however_they_are_read(
    tmp_path: Path, monkeypatch: object
) -> None:
    import pytest

    from components.transform import pick_read

    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    parts = [_resistor(number) for number in range(1, 300)]
    first = _build(tmp_path / "a", parts)
    second = _build(tmp_path / "b", parts[::-1])
    monkeypatch.setattr(pick_read, "SHARED_FROM", 10)
    third = _build(tmp_path / "c", parts)
    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    assert sorted(path.name for path in first.parent.iterdir()) == [
        "passive.sqlite", "source.sqlite3"
    ]  # fmt: skip


def test_a_room_is_built_again_only_where_its_parts_or_its_code_changed(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.library import write_catalogue

    source = write_catalogue(tmp_path / "source.sqlite3", [_resistor(1)])
    digests = tmp_path / "digests"
    digests.mkdir()
    inodes = []
    for content, code in (("a", "1"), ("a", "1"), ("b", "1"), ("b", "2")):
        (digests / "passive.sha256").write_text(content)
        assert main([
            "build-pick", "--room", "passive", "--source", str(source), "--output", str(tmp_path),
            "--digests", str(digests), "--code", f"passive={code}",
        ]) == 0  # fmt: skip
        inodes.append((tmp_path / "passive.sqlite").stat().st_ino)
    assert inodes[0] == inodes[1] and inodes[1] != inodes[2] != inodes[3]


def test_a_tolerance_by_the_letter_needs_a_maker_whose_letters_are_true(
    tmp_path: Path, monkeypatch: object
) -> None:
    import pytest

    from components.transform import pick_letters

    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.setattr(pick_letters, "PARTS_MIN", 3)

    def capacitor(lcsc: int, maker: str, tolerance: str, letter: str = "K") -> dict[str, object]:
        return {
            "lcsc": lcsc, "category": "Capacitors", "package": "0603", "manufacturer": maker,
            "subcategory": "Multilayer Ceramic Capacitors MLCC - SMD/SMT",
            "mfr": f"CL10B104{letter}B8NNNC",
            "extra": {"attributes": {"Capacitance": "100nF", "Tolerance": tolerance}},
        }  # fmt: skip

    parts = [capacitor(number, "True", "±10%") for number in (1, 2, 3)]
    parts += [capacitor(4, "True", "-"), capacitor(5, "True", "-", "Q")]
    parts += [capacitor(number, "False", "±20%") for number in (6, 7, 8)]
    parts += [capacitor(9, "False", "-")]
    output = _build(tmp_path, parts)
    with closing(sqlite3.connect(output)) as db:
        rows = db.execute(
            "SELECT lcsc_id, tolerance_pct, tolerance_source FROM capacitor_pick"
        ).fetchall()
        rejected = db.execute("SELECT lcsc_id, reason FROM rejected").fetchall()
    stated = [(number, 10.0, "STATED") for number in (1, 2, 3)]
    assert rows[:4] == [*stated, (4, 10.0, "PART_NUMBER")]
    assert [row[0] for row in rows[4:]] == [6, 7, 8]
    assert rejected == [(5, "tolerance unknown"), (9, "tolerance unknown")]
