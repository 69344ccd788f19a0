"""3D models stand on KiCad's boards where EasyEDA says: in the middle of the outline, on the board.

KiCad 9 exports boards with real STEP models, placed by the boxes that we measure of them; each
model's vertices are then where they ought to be. With ``--long``, all real models at six rotations
each.
"""

from __future__ import annotations

import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath

import pytest

from components.cad.footprint.convert import convert
from components.cad.footprint.reader import read
from components.cad.glb.bounds import bounds_mm
from components.cad.glb.pool import GlbPool
from components.cad.model_box import ModelBox, box_of
from components.testing.extent import sized
from components.testing.kicad import ROW, board
from components.testing.library import shared_data
from components.testing.model_places import (
    COPPER_MM,
    LIFT_MM,
    Vector,
    answer_with_model,
    exported_boxes,
)

pytestmark = pytest.mark.long
TOLERANCE_MM = 0.05
PITCH_MM = 70.0
# One about each axis, both ways about the usual one, and two after another.
ROTATIONS: tuple[Vector, ...] = (
    *((0, 0, 0), (0, 0, 90), (0, 0, 180)),
    *((90, 0, 0), (0, 270, 0), (90, 0, 90)),
)
# Off-centre, below or above the board, small files; the last has its pins along y.
SOME = (
    *("RV_Disc_D12mm_W6.3mm_P7.5mm", "TO-220-3_L9.9-W4.5-P2.54-L-1", "TS-1088-AR02016"),
    *("DO-247_L15.6-W5.0-P10.90", "R_0603", "PinHeader_1x08_P2.54mm_Vertical"),
)
BOARDS_OF = 8  # models


def steps(archive: str = "step.tar.xz") -> dict[str, bytes]:
    with tarfile.open(shared_data() / archive) as members:
        return {
            PurePath(member.name).stem: file.read()
            for member in members
            if member.isfile() and (file := members.extractfile(member))
        }


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[bytes, ModelBox]]:
    """STEP files and their boxes: some, or all."""
    every = steps()
    assert len(every) == 73
    chosen = sized({name: every[name] for name in SOME}, every)
    workers = os.cpu_count() or 1
    with GlbPool(workers) as pool, ThreadPoolExecutor(workers) as threads:
        boxes = threads.map(lambda step: box_of([*bounds_mm(pool.convert(step))]), chosen.values())
        return {name: (chosen[name], box) for name, box in zip(chosen, boxes, strict=True)}


def test_models_stand_in_the_middle_of_their_outline_and_on_the_board(
    tmp_path: Path, measured: dict[str, tuple[bytes, ModelBox]]
) -> None:
    names = sorted(measured)
    groups = [names[n : n + BOARDS_OF] for n in range(0, len(names), BOARDS_OF)]
    for number, group in enumerate(groups):
        check_board(tmp_path / str(number), {name: measured[name] for name in group})


def check_board(folder: Path, models: dict[str, tuple[bytes, ModelBox]]) -> None:
    folder.mkdir()
    footprints, wanted = [], {}
    for model, (name, (step, box)) in enumerate(models.items()):
        uuid = f"{model:032x}"
        (folder / f"{uuid}.step").write_bytes(step)
        for turn, rotation in enumerate(ROTATIONS):
            # Anywhere near the pads, above the board or through it.
            centre = (0.7 * turn - 1.5, 1.1 - 0.4 * model, 0.5 * turn - 1.0)
            answer = answer_with_model(uuid, box, rotation, centre)
            converted = convert(answer, boxes={uuid: box})
            assert converted.model is not None
            assert converted.model.confidence == "checked"
            row, column = divmod(len(footprints), ROW)
            reference = f"P{len(footprints)}"
            wanted[reference] = (name, rotation, (column, row), centre)
            footprints.append((reference, converted.kicad_mod))
    path = folder / "models.kicad_pcb"
    path.write_text(board(footprints, PITCH_MM))
    found = exported_boxes(folder, path, {"COMPONENTS_3DMODEL_DIR": str(folder)})
    (body,) = (box for name, box in found.items() if name not in wanted)
    surface = body.high[2] + COPPER_MM + LIFT_MM
    assert found.keys() >= wanted.keys()
    for reference, (name, rotation, (column, row), centre) in wanted.items():
        box = found[reference]
        x, y, _ = box.centre
        off = (
            x - column * PITCH_MM - centre[0],
            y - row * PITCH_MM - centre[1],
            box.low[2] - surface - centre[2],
        )
        assert max(map(abs, off)) < TOLERANCE_MM, (name, rotation, off)


def test_known_places(measured: dict[str, tuple[bytes, ModelBox]]) -> None:
    # A TO-220 whose file is here; its leads reach 12.4 mm down, of which 5 below the board.
    uuid = "c134b21f8ab54a8ca3456bf923eb3c5a"
    box = measured["TO-220-3_L9.9-W4.5-P2.54-L-1"][1]
    answer = (shared_data() / "easyeda_new" / "C7463411.json").read_bytes()
    model = convert(answer, boxes={uuid: box}).model
    assert model is not None
    assert abs(model.offset[2] - 7.4) < TOLERANCE_MM
    assert model.confidence == "checked"
    # Two pins of a JST XH header, whose file has its origin in pin 1: 7.5 by 5.7 mm, 4.3 mm of it
    # below the origin. Known: its place on the footprint, which tscircuit's tests have from the
    # file itself (1.25, 2.7255, 1.8).
    uuid = "417e395cbf3443fdb9642576696e80a3"
    box = ModelBox((-2.5, -0.6, -4.3), (5.0, 5.1, 7.0))
    answer = (shared_data() / "faults" / "C158012.json").read_bytes()
    model = convert(answer, boxes={uuid: box}).model
    assert model is not None
    for value, known in zip(model.offset, (1.25, 2.726, 1.8), strict=True):
        assert abs(value - known) < TOLERANCE_MM, model
    # C5206, a DIP-8. Neither its answer nor its file is here: the box is that of the mesh which
    # others published, the height the answer's `z`. Its leads end 5.975 mm below the mesh's origin.
    box = ModelBox((-4.8, -3.935, -5.975), (4.8, 3.935, 2.285))
    dip = answer_with_model(uuid, box, (0, 0, 0), (0, 0, -13.7795 * 0.254))
    model = convert(dip, boxes={uuid: box}).model
    assert model is not None
    assert abs(model.offset[2] - 2.475) < TOLERANCE_MM


def test_people_stand_surface_mounted_models_on_the_same_height(
    measured: dict[str, tuple[bytes, ModelBox]],
) -> None:
    count = 0
    for data in steps("kicad_mod.tar.xz").values():
        footprint = read(data)
        for path, offset, rotation in footprint.models:
            known = measured.get(PurePath(path).stem)
            if known is None or "smd" not in footprint.attributes:
                continue
            turns = (-rotation[0], -rotation[1], -rotation[2])
            assert abs(offset[2] + known[1].turned(turns).low[2]) < 0.1, (path, offset)
            count += 1
    assert count >= (1 if len(measured) == len(SOME) else 20)
