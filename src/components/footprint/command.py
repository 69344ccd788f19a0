"""``components footprint``: saved EasyEDA answers as KiCad footprints."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from components.footprint.convert import convert
from components.shared.errors import ConfigError, FootprintError
from components.shared.files import write_bytes


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
        except FootprintError as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed += 1
    if failed:
        print(f"{failed} of {len(args.answer)} answers not converted", file=sys.stderr)
    return 1 if failed else 0


def _convert(path: Path, folder: Path, svg: bool) -> None:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FootprintError(f"cannot be read: {error.strerror}") from None
    # A file that is named for a part must hold that part.
    named = re.fullmatch(r"C([0-9]{1,12})", path.stem)
    converted = convert(data, int(named[1]) if named else None)
    write_bytes(folder / f"{path.stem}.kicad_mod", converted.kicad_mod, durable=False)
    if svg:
        write_bytes(folder / f"{path.stem}.svg", converted.svg, durable=False)
    for warning in converted.report["warnings"]:
        print(f"{path}: {warning}", file=sys.stderr)
    for what, count in converted.report["not_understood"].items():
        print(f"{path}: not understood: {what} ({count})", file=sys.stderr)
