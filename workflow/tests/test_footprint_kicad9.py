"""The pads of 50 real parts are those that KiCad 9's own importer reads, to a micrometre."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from components.cad.footprint.items import PadItem
from components.cad.footprint.reader import read
from components.testing.library import shared_data

TOLERANCE_MM = 0.001
# KiCad's importer leaves vias without a number; here they carry that of the pad they sit in.
VIAS = {"C2979182": {(-8.0001, 0.0): "1", (7.9999, 0.0): "2"}}


def copper(pad: PadItem) -> list[float]:
    """What must be equal, however it was put: the copper's box, its middle, and the hole."""
    box = pad.box
    if pad.form == "custom":
        # The anchors differ: KiCad's importer has points there, which do not reach beyond.
        return [*box, *box.centre]
    drill = list(pad.drill or (0.0, 0.0))
    if pad.rotation_deg % 180 == 90:
        drill.reverse()
    skew = pad.rotation_deg % 90 if drill[0] != drill[1] or pad.form == "rect" else 0.0
    return [*box, *pad.at, *drill, skew]


def test_pads_equal_those_of_kicads_own_importer(tmp_path: Path) -> None:
    data = shared_data()
    answers = sorted((data / "easyeda").glob("*.json"))
    assert len(answers) == 50
    command = [sys.executable, "-m", "components", "footprint", *map(str, answers)]
    ran = subprocess.run([*command, "-o", str(tmp_path)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    for answer in answers:
        name = answer.stem
        ours = read((tmp_path / f"{name}.kicad_mod").read_bytes()).pads
        theirs = [
            pad._replace(number=VIAS.get(name, {}).get(pad.at, pad.number))
            for pad in read((data / "easyeda_kicad9" / f"{name}.kicad_mod").read_bytes()).pads
        ]
        assert len(ours) == len(theirs), name
        for pad in ours:
            same = [
                other
                for other in theirs
                if (other.number, other.kind) == (pad.number, pad.kind)
                and (other.form == "custom") == (pad.form == "custom")
                and all(
                    abs(a - b) <= TOLERANCE_MM
                    for a, b in zip(copper(pad), copper(other), strict=True)
                )
            ]
            assert len(same) == 1, (name, pad)
            theirs.remove(same[0])


def test_the_same_answer_gives_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    answer = shared_data() / "easyeda" / "C165948.json"
    written = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        command = [sys.executable, "-m", "components", "footprint", str(answer), "--svg"]
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))}
        subprocess.run([*command, "-o", str(folder)], check=True, env=environment)
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1]
    assert sorted(written[0]) == ["C165948.kicad_mod", "C165948.svg"]
