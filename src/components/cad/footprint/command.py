"""``components footprint``: saved EasyEDA answers as KiCad footprints.

With the STEP files of their models at hand the models stand in place.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from components.cad.answer import read_answer
from components.cad.footprint.convert import convert
from components.cad.footprint.model import NO_BOXES
from components.cad.glb.bounds import bounds_mm
from components.cad.glb.pool import GlbPool
from components.cad.model_box import ModelBox, box_of
from components.core.errors import CadError, ConfigError
from components.core.files import write_bytes

if TYPE_CHECKING:
    import pytest


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("answer", nargs="+", type=Path, help="answers of EasyEDA, as JSON")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")
    parser.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        help="folder of <model uuid>.step: by what these measure, models stand in place",
    )
    parser.add_argument("--svg", action="store_true", help="write DIR/<stem>.svg as well")


def run(args: argparse.Namespace) -> int:
    """Write ``DIR/<stem>.kicad_mod`` for each answer; 1 where one could not be converted."""
    stems = [path.stem for path in args.answer]
    if twice := sorted({stem for stem in stems if stems.count(stem) > 1}):
        raise ConfigError(f"two answers would be written to {twice[0]}.kicad_mod: rename one")
    if args.models and not args.models.is_dir():
        raise ConfigError(f"--models: {args.models} is no folder")
    failed = 0
    with ExitStack() as stack:
        boxes = NO_BOXES
        if args.models:
            boxes = Measured(args.models, stack.enter_context(GlbPool(1)))
        for path in args.answer:
            try:
                _convert(path, args.output, args.svg, boxes)
            except CadError as error:
                print(f"{path}: {error}", file=sys.stderr)
                failed += 1
    if failed:
        print(f"{failed} of {len(args.answer)} answers not converted", file=sys.stderr)
    return 1 if failed else 0


class Measured(Mapping[str, ModelBox]):
    """The boxes of a folder's STEP files by UUID, each measured when it is first asked for.

    What has none is told once on standard error.
    """

    def __init__(self, folder: Path, pool: GlbPool) -> None:
        self._files = {path.stem.lower(): path for path in sorted(folder.glob("*.step"))}
        self._folder = folder
        self._pool = pool
        self._known: dict[str, ModelBox | None] = {}

    def __getitem__(self, uuid: str) -> ModelBox:
        if uuid not in self._known:
            self._known[uuid] = self._measure(uuid)
        if (box := self._known[uuid]) is None:
            raise KeyError(uuid)
        return box

    def _measure(self, uuid: str) -> ModelBox | None:
        path = self._files.get(uuid)
        if path is None:
            print(f"{self._folder}: no {uuid}.step; its place is not measured", file=sys.stderr)
            return None
        try:
            low, high = bounds_mm(self._pool.convert(path.read_bytes()))
        except OSError as error:
            print(f"{path}: cannot be read: {error.strerror}", file=sys.stderr)
        except CadError as error:
            print(f"{path}: {error}", file=sys.stderr)
        else:
            return box_of([low, high])
        return None

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _convert(path: Path, folder: Path, svg: bool, boxes: Mapping[str, ModelBox]) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CadError(f"cannot be read: {error.strerror}") from None
    converted = convert(data, boxes=boxes)
    part = read_answer(data).lcsc
    if part and re.fullmatch(r"C[0-9]+", path.stem) and path.stem != part:
        print(f"{path}: holds {part}, by its name another part", file=sys.stderr)
    write_bytes(folder / f"{path.stem}.kicad_mod", converted.kicad_mod, durable=False)
    if svg:
        write_bytes(folder / f"{path.stem}.svg", converted.svg, durable=False)
    for warning in converted.report["warnings"]:
        print(f"{path}: {warning}", file=sys.stderr)
    for what, count in converted.report["not_understood"].items():
        print(f"{path}: not understood: {what} ({count})", file=sys.stderr)


def test_saved_answers_become_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    import pytest

    from components.testing.cad import answer_of

    good, other, bad = tmp_path / "C1.json", tmp_path / "C2.json", tmp_path / "bad.json"
    for path in (good, other):
        path.write_text(json.dumps(answer_of("PROTRACTOR~1")))
    bad.write_text("{}")
    arguments = argparse.Namespace(answer=[good], output=tmp_path / "out", svg=True, models=None)
    assert run(arguments) == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["C1.kicad_mod", "C1.svg"]
    assert "C1.json: not understood: PROTRACTOR (1)" in capsys.readouterr().err
    arguments.answer = [good, other, bad, tmp_path / "none.json"]
    assert run(arguments) == 1
    said = capsys.readouterr().err
    assert "C2.json: holds C1, by its name another part" in said
    assert "bad.json: the answer holds no result" in said
    assert "none.json: cannot be read: No such file or directory" in said
    arguments.answer = [good, tmp_path / "deep" / "C1.json"]
    with pytest.raises(ConfigError, match=r"C1\.kicad_mod"):
        run(arguments)


def test_models_at_hand_stand_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    import pytest

    from components.cad.footprint.reader import read
    from components.testing.cad import NODE, answer_of
    from components.testing.step import example_step

    answer = tmp_path / "C1.json"
    answer.write_text(json.dumps(answer_of(NODE)))
    models = tmp_path / "models"
    models.mkdir()
    arguments = argparse.Namespace(answer=[answer], output=tmp_path, svg=False, models=models)

    def place() -> tuple[float, ...]:
        assert run(arguments) == 0
        return read((tmp_path / "C1.kicad_mod").read_bytes()).models[0][1]

    uuid = "0123456789abcdef" * 2
    assert place() == (1.27, 0.0, -2.54)
    assert f"no {uuid}.step" in capsys.readouterr().err
    (models / f"{uuid}.step").write_bytes(b"no model")
    assert place() == (1.27, 0.0, -2.54)
    assert "the STEP file is no STEP file" in capsys.readouterr().err
    # A box about its middle: all that changes is what the report says.
    (models / f"{uuid}.step").write_bytes(example_step())
    assert place() == (1.27, 0.0, -2.54)
    assert "measures 1.00 by 2.00 mm" in capsys.readouterr().err
    arguments.models = tmp_path / "none"
    with pytest.raises(ConfigError, match="is no folder"):
        run(arguments)
