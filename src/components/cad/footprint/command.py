"""``components footprint``: saved EasyEDA answers as KiCad footprints."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from components.cad.answer import read_answer
from components.cad.footprint.convert import convert
from components.core.errors import CadError, ConfigError
from components.core.files import write_bytes

if TYPE_CHECKING:
    import pytest


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("answer", nargs="+", type=Path, help="answers of EasyEDA, as JSON")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")
    parser.add_argument("--svg", action="store_true", help="write DIR/<stem>.svg as well")


def run(args: argparse.Namespace) -> int:
    """Write ``DIR/<stem>.kicad_mod`` for each answer; 1 where one could not be converted."""
    stems = [path.stem for path in args.answer]
    if twice := sorted({stem for stem in stems if stems.count(stem) > 1}):
        raise ConfigError(f"two answers would be written to {twice[0]}.kicad_mod: rename one")
    failed = 0
    for path in args.answer:
        try:
            _convert(path, args.output, args.svg)
        except CadError as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed += 1
    if failed:
        print(f"{failed} of {len(args.answer)} answers not converted", file=sys.stderr)
    return 1 if failed else 0


def _convert(path: Path, folder: Path, svg: bool) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CadError(f"cannot be read: {error.strerror}") from None
    converted = convert(data)
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
    arguments = argparse.Namespace(answer=[good], output=tmp_path / "out", svg=True)
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
