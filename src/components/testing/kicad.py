"""KiCad 9's command line for tests: where it is, and boards to try footprints on."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from components.core.project import PROJECT
from components.testing.extent import missing

LAYERS = (
    '(layers (0 "F.Cu" signal) (31 "B.Cu" signal) (34 "B.Paste" user) (35 "F.Paste" user)'
    ' (36 "B.SilkS" user) (37 "F.SilkS" user) (38 "B.Mask" user) (39 "F.Mask" user)'
    ' (40 "Dwgs.User" user) (44 "Edge.Cuts" user) (46 "B.CrtYd" user) (47 "F.CrtYd" user)'
    ' (48 "B.Fab" user) (49 "F.Fab" user))'
)
# KiCad's plane ends at 2147 mm.
ROW = 8
_PAD = re.compile(r'  \(pad ("(?:[^"\\]|\\.)*") ')


@functools.cache
def kicad_cli() -> str:
    """KiCad 9 or later; skips the calling test where there is none, and fails it in CI."""
    unpacked = PROJECT / "build" / "kicad9" / "usr" / "bin" / "kicad-cli"
    for found in (os.environ.get("KICAD_CLI"), str(unpacked), shutil.which("kicad-cli")):
        if not found:
            continue
        try:
            ran = subprocess.run([found, "version"], capture_output=True, text=True)
        except OSError:
            continue
        version = re.search(r"^(\d+)\.", ran.stdout, re.MULTILINE)
        if version and int(version[1]) >= 9:
            return found
    return missing("no kicad-cli of KiCad 9 or later: make kicad unpacks one")


def run_kicad(
    folder: Path, *arguments: str | Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """``kicad-cli`` with its settings in ``folder``, and what it said."""
    environment = {**os.environ, "HOME": str(folder), "KICAD_CONFIG_HOME": str(folder), **variables}
    return subprocess.run(
        [kicad_cli(), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=600,
    )


def board(footprints: Iterable[tuple[str, bytes]], pitch_mm: float = 0.0) -> str:
    """A board with these footprints, each with its own reference and a net for every pad number.

    They stand ``pitch_mm`` apart in rows, within one edge far around them all.
    """
    nets: dict[str, int] = {}
    placed: list[str] = []
    for count, (reference, data) in enumerate(footprints):
        lines = data.decode().splitlines()
        row, column = divmod(count, ROW)
        lines[1] += f"\n  (at {column * pitch_mm:g} {row * pitch_mm:g})"
        for index, line in enumerate(lines):
            if (pad := _PAD.match(line)) and pad[1] != '""':
                name = f'"{reference}:{pad[1][1:]}'
                net = nets.setdefault(name, len(nets) + 1)
                lines[index] = line.replace(" (layers ", f" (net {net} {name}) (layers ", 1)
        placed.append("\n".join(lines).replace('"REF**"', f'"{reference}"', 1))
    head = '(kicad_pcb (version 20211014) (generator pcbnew) (general (thickness 1.6)) (paper "A4")'
    edge = (
        f"(gr_rect (start -300 -300) (end {ROW * pitch_mm + 300:g} {ROW * pitch_mm + 300:g})"
        ' (layer "Edge.Cuts") (width 0.1) (fill none))'
    )
    named = [f"(net {number} {name})" for name, number in nets.items()]
    return "\n".join([head, LAYERS, '(net 0 "")', *named, *placed, edge, ")\n"])


def design_rule_check(folder: Path, name: str, text: str) -> list[dict[str, Any]]:
    """What KiCad has against a board, beside that its pads are not wired."""
    path, report = folder / f"{name}.kicad_pcb", folder / f"{name}.json"
    path.write_text(text)
    flags = ("--format", "json", "--severity-all", "--all-track-errors")
    ran = run_kicad(folder, "pcb", "drc", *flags, "-o", report, path)
    assert report.exists(), ran.stdout + ran.stderr
    ignored = ("lib_footprint_issues", "lib_footprint_mismatch")
    found: list[dict[str, Any]] = json.loads(report.read_text())["violations"]
    return [each for each in found if each["type"] not in ignored]


def libraries() -> Path:
    """The folder of KiCad's own symbols and footprints, of KiCad 9 or later.

    Skips the calling test where there is none, and fails it in CI. ``KICAD_LIBRARIES`` names
    another folder than the one that ``make kicad`` unpacks.
    """
    folder = Path(os.environ.get("KICAD_LIBRARIES") or PROJECT / "build/kicad9/usr/share/kicad")
    if (folder / "symbols" / "Device.kicad_sym").is_file():
        return folder
    return missing("no libraries of KiCad 9 or later: make kicad unpacks them")
