"""KiCad itself reads what the converter writes, and finds there what was meant."""

from __future__ import annotations

import json
import math
import os
import subprocess
from pathlib import Path
from typing import Any

from components.cad.footprint.convert import Parts, assemble, convert
from components.cad.footprint.items import PadItem, ZoneItem
from components.testing.cad import CURIOUS, answer_of
from components.testing.kicad6 import kicad_python
from components.testing.library import shared_data

# Runs in the Python that KiCad brings; prints what KiCad made of each footprint of a library.
READER = r"""
import json, sys, pcbnew
library, names = sys.argv[1], sys.argv[2:]
manager = getattr(pcbnew, "IO_MGR", None) or pcbnew.PCB_IO_MGR  # its name since KiCad 8
plugin = manager.PluginFind(manager.KICAD_SEXP)
mm = lambda vector: [vector.x / 1e6, vector.y / 1e6]
layers = lambda item: sorted(
    pcbnew.BOARD.GetStandardLayerName(layer) for layer in item.GetLayerSet().Seq()
)
NAMES = {"F.Silkscreen": "F.SilkS", "B.Silkscreen": "B.SilkS", "F.Courtyard": "F.CrtYd",
         "B.Courtyard": "B.CrtYd", "User.Drawings": "Dwgs.User"}
ATTRIBUTES = {pcbnew.PAD_ATTRIB_PTH: "thru_hole", pcbnew.PAD_ATTRIB_SMD: "smd",
              pcbnew.PAD_ATTRIB_NPTH: "np_thru_hole"}
SHAPES = {pcbnew.PAD_SHAPE_CIRCLE: "circle", pcbnew.PAD_SHAPE_RECT: "rect",
          pcbnew.PAD_SHAPE_OVAL: "oval", pcbnew.PAD_SHAPE_CUSTOM: "custom"}
read = {}
for name in names:
    footprint = plugin.FootprintLoad(library, name)
    pads = []
    for pad in footprint.Pads():
        box = pad.GetBoundingBox()
        pads.append({
            "number": pad.GetNumber(), "kind": ATTRIBUTES.get(pad.GetAttribute()),
            "form": SHAPES.get(pad.GetShape()), "at": mm(pad.GetPosition()),
            "size": mm(pad.GetSize()), "rotation": pad.GetOrientationDegrees(),
            "drill": mm(pad.GetDrillSize()), "layers": layers(pad),
            "slot": pad.GetDrillShape() == pcbnew.PAD_DRILL_SHAPE_OBLONG,
            "mask": (pad.GetLocalSolderMaskMargin() or 0) / 1e6,
            "paste": (pad.GetLocalSolderPasteMargin() or 0) / 1e6,
            "box": [box.GetLeft() / 1e6, box.GetTop() / 1e6,
                    box.GetRight() / 1e6, box.GetBottom() / 1e6],
        })
    drawn = [item for item in footprint.GraphicalItems()]
    read[name] = {
        "pads": pads,
        "name": str(footprint.GetFPID().GetLibItemName()),
        "value": footprint.GetValue(),
        "smd": bool(footprint.GetAttributes() & pcbnew.FP_SMD),
        "through_hole": bool(footprint.GetAttributes() & pcbnew.FP_THROUGH_HOLE),
        "properties": dict(footprint.GetProperties() if hasattr(footprint, "GetProperties")
            else footprint.GetFieldsText()),
        "zones": [[z.GetIsRuleArea(), layers(z)] for z in footprint.Zones()],
        "models": [[m.m_Filename, m.m_Offset.x, m.m_Offset.y, m.m_Offset.z,
                    m.m_Rotation.x, m.m_Rotation.y, m.m_Rotation.z] for m in footprint.Models()],
        "layers": sorted(NAMES.get(name, name)
            for name in (pcbnew.BOARD.GetStandardLayerName(item.GetLayer()) for item in drawn)
        ),
        "uuids": len({item.m_Uuid.AsString() for item in [*footprint.Pads(), *drawn]}),
    }
print(json.dumps(read))
"""


def read_by_kicad(footprints: dict[str, bytes], folder: Path) -> dict[str, Any]:
    python = kicad_python()
    library = folder / "parts.pretty"
    library.mkdir()
    for name, data in footprints.items():
        (library / f"{name}.kicad_mod").write_bytes(data)
    # KiCad writes its settings where it is told to, not into the home of who runs the tests.
    environment = {**os.environ, "KICAD_CONFIG_HOME": str(folder), "HOME": str(folder)}
    environment.pop("PYTHONPATH", None)
    ran = subprocess.run(
        [python, "-c", READER, str(library), *footprints],
        capture_output=True,
        env=environment,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def check_pad(read: dict[str, Any], meant: PadItem) -> None:
    close = {"abs_tol": 2e-6}
    assert (read["number"], read["kind"], read["form"]) == (meant.number, meant.kind, meant.form)
    assert all(math.isclose(a, b, **close) for a, b in zip(read["at"], meant.at, strict=True))
    assert all(math.isclose(a, b, **close) for a, b in zip(read["size"], meant.size, strict=True))
    assert abs((read["rotation"] - meant.rotation_deg + 180) % 360 - 180) < 0.051
    drill = meant.drill or (0.0, 0.0)
    assert all(math.isclose(a, b, **close) for a, b in zip(read["drill"], drill, strict=True))
    assert read["slot"] == (drill[0] != drill[1])
    front, back = ("F.Cu", "B.Cu") if meant.kind != "smd" else (None, None)
    named = set(meant.layers)
    if "*.Cu" in named:
        assert {front, back} <= set(read["layers"])
    surface = {layer for layer in named if not layer.startswith("*")}
    assert surface <= set(read["layers"])
    masks = {layer for layer in read["layers"] if layer.endswith(".Mask")}
    assert masks == (
        {"F.Mask", "B.Mask"} if "*.Mask" in named else {x for x in named if x.endswith(".Mask")}
    )
    assert {x for x in read["layers"] if x.endswith(".Paste")} == {
        x for x in named if x.endswith(".Paste")
    }
    if any(layer.endswith(".Mask") for layer in named):
        assert math.isclose(read["mask"], meant.mask_margin, **close)
    if any(layer.endswith(".Paste") for layer in named):
        assert math.isclose(read["paste"], meant.paste_margin, **close)
    # KiCad turns by tenths of a degree, and draws round ends by chords.
    assert all(abs(a - b) < 0.02 for a, b in zip(read["box"], meant.box, strict=True)), meant


def check(read: dict[str, Any], meant: Parts) -> None:
    assert len(read["pads"]) == len(meant.pads)
    for pad, item in zip(read["pads"], meant.pads, strict=True):
        check_pad(pad, item)
    graphics = [item for item in meant.items if not isinstance(item, PadItem | ZoneItem)]
    own = ["F.Fab", *meant.courtyards]
    assert read["layers"] == sorted([*own, *(item.layer for item in graphics)])
    assert read["uuids"] == len(read["pads"]) + len(read["layers"])
    zones = [item for item in meant.items if isinstance(item, ZoneItem)]
    assert read["zones"] == [[zone.keepout, sorted(zone.layers)] for zone in zones]
    assert read["smd"] != read["through_hole"]
    assert read["value"] == meant.name
    assert read["properties"].get("LCSC", "") == meant.answer.lcsc
    assert read["properties"].get("Manufacturer Part", "") == meant.answer.manufacturer_part
    models = (
        [
            [
                f"${{COMPONENTS_3DMODEL_DIR}}/{meant.model.uuid}.step",
                *meant.model.offset,
                *meant.model.rotation,
            ]
        ]
        if meant.model
        else []
    )
    assert len(read["models"]) == len(models)
    for (path, *numbers), (expected, *values) in zip(read["models"], models, strict=True):
        assert path == expected
        assert all(math.isclose(a, b, abs_tol=1e-5) for a, b in zip(numbers, values, strict=True))


def test_kicad_reads_all_real_footprints_as_meant(tmp_path: Path) -> None:
    answers = {path.stem: path.read_bytes() for path in (shared_data() / "easyeda").glob("*.json")}
    assert len(answers) == 50
    footprints = {name: convert(answer).kicad_mod for name, answer in answers.items()}
    read = read_by_kicad(footprints, tmp_path)
    for name, answer in answers.items():
        check(read[name], assemble(answer))


def test_kicad_reads_every_curious_shape_as_meant(tmp_path: Path) -> None:
    answers = {f"part{number}": answer_of(shape) for number, shape in enumerate(CURIOUS)}
    answers["all"] = answer_of(*CURIOUS)
    footprints = {name: convert(answer).kicad_mod for name, answer in answers.items()}
    read = read_by_kicad(footprints, tmp_path)
    for name, answer in answers.items():
        check(read[name], assemble(answer))
