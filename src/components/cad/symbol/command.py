"""``components symbol``: saved EasyEDA answers as one KiCad symbol library."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from components.cad.symbol.convert import Parts, assemble
from components.cad.symbol.preview import preview
from components.cad.symbol.writer import library
from components.core.errors import CadError, ConfigError
from components.core.files import write_bytes

if TYPE_CHECKING:
    import pytest


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("answer", nargs="+", type=Path, help="answers of EasyEDA, as JSON")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE.kicad_sym", help="the library"
    )
    parser.add_argument("--svg", type=Path, metavar="DIR", help="write DIR/<stem>.svg as well")


def run(args: argparse.Namespace) -> int:
    """Write one library of all answers; 1 where one of them could not be converted."""
    if args.output.suffix != ".kicad_sym":
        raise ConfigError(f"{args.output}: a symbol library is called FILE.kicad_sym")
    nodes: dict[str, str] = {}
    failed = 0
    for path in args.answer:
        try:
            made = _assembled(path)
        except CadError as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed += 1
            continue
        name = _free_name(made, nodes)
        nodes[name] = made.node(name)
        if args.svg:
            write_bytes(args.svg / f"{path.stem}.svg", preview(made.symbol), durable=False)
        for warning in made.report.warnings:
            print(f"{path}: {warning}", file=sys.stderr)
        for what, count in made.report.not_understood.items():
            print(f"{path}: not understood: {what} ({count})", file=sys.stderr)
    if nodes:
        write_bytes(args.output, library(nodes[name] for name in sorted(nodes)), durable=False)
        print(f"{args.output}: {len(nodes)} symbols", file=sys.stderr)
    if failed:
        print(f"{failed} of {len(args.answer)} answers not converted", file=sys.stderr)
    return 1 if failed else 0


def _assembled(path: Path) -> Parts:
    try:
        return assemble(path.read_bytes())
    except OSError as error:
        raise CadError(f"cannot be read: {error.strerror}") from None


def _free_name(made: Parts, taken: dict[str, str]) -> str:
    """The part number; with the LCSC number, or a count, where another part has the same."""
    name = made.name
    if name in taken and made.source.part.lcsc:
        name = f"{name}_{made.source.part.lcsc}"
    count = 2
    plain = name
    while name in taken:
        name = f"{plain}_{count}"
        count += 1
    return name


def test_saved_answers_become_one_library(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import json

    import pytest

    from components.cad.sexpr import children, parse
    from components.testing.cad import symbol_answer

    good, same, bad = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "bad.json"
    for path in (good, same):
        path.write_text(json.dumps(symbol_answer()))
    bad.write_text("{}")
    output = tmp_path / "out" / "all.kicad_sym"
    arguments = argparse.Namespace(answer=[good, same], output=output, svg=tmp_path / "svg")
    assert run(arguments) == 0
    names = [symbol[1] for symbol in children(parse(output.read_text()), "symbol")]
    assert names == ["MP-1 _µ_", "MP-1 _µ__C1"]
    assert sorted(path.name for path in (tmp_path / "svg").iterdir()) == ["a.svg", "b.svg"]
    arguments.answer = [good, bad, tmp_path / "none.json"]
    assert run(arguments) == 1
    said = capsys.readouterr().err
    assert "bad.json: the answer holds no result" in said
    assert "none.json: cannot be read: No such file or directory" in said
    arguments.output = tmp_path / "x.lib"
    with pytest.raises(ConfigError, match="kicad_sym"):
        run(arguments)
