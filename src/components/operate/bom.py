"""``components bom``: bills of materials matched against the published snapshot, and priced."""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from components.config.options import add_config_option, configuration
from components.core.errors import ConfigError, SnapshotError
from components.core.files import write_text
from components.core.layout import Layout
from components.families.schema import lookup_schema
from components.find.bom.match import BOARDS_MAX, match_bom
from components.find.bom.read import BomError, read_bom
from components.find.bom.write import assembly_csv, priced_csv
from components.find.search import Search
from components.native.lookup import Lookup
from components.publish.hold import hold
from components.serve.snapshot import Snapshot


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a CSV as KiCad, JLCPCB, Altium write it",
    )
    parser.add_argument("--boards", type=int, default=1, metavar="N", help="default: 1")
    parser.add_argument(
        "-o", "--output", type=Path, help="a CSV with part, price, stock and reason"
    )
    parser.add_argument("--assembly", type=Path, help="the CSV that JLCPCB's assembly takes")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(args: argparse.Namespace) -> int:
    if not 1 <= args.boards <= BOARDS_MAX:
        raise ConfigError(f"--boards: must be from 1 to {BOARDS_MAX:,}")
    lines = []
    for path in args.files:
        try:
            lines += read_bom(path.read_bytes())
        except BomError as error:
            raise BomError(f"{path}: {error}") from None
        except OSError as error:
            raise BomError(f"{path}: {error.strerror}") from None
    layout = Layout(configuration(args).paths.cache_dir.absolute())
    folder = layout.current.resolve()
    if not folder.is_dir():
        raise SnapshotError(f"{layout.current}: no snapshot; `make run` publishes one")
    library = layout.library
    snapshot = Snapshot.open(folder, partial(Lookup.open, library), hold)
    try:
        search = Search(snapshot, lookup_schema()["families"])
        answer = match_bom(search, snapshot, lines, args.boards)
    finally:
        snapshot.retire()
    _write(args, answer, folder.name)
    return 0


def _write(args: argparse.Namespace, answer: dict[str, Any], snapshot: str) -> None:
    if args.output:
        write_text(args.output, priced_csv(answer), durable=False)
    if args.assembly:
        write_text(args.assembly, assembly_csv(answer), durable=False)
    if args.format == "json":
        print(json.dumps(answer, indent=1, ensure_ascii=False))
    elif not args.output:
        for line in answer["lines"]:
            print(_told(line))
    totals = answer["totals"]
    print(
        f"{totals['matched']} of {totals['lines'] - totals['not_placed']} lines have a part"
        f" ({totals['unmatched']} have none, {totals['not_placed']} are not placed);"
        f" {totals['price']:.2f} for {answer['boards']} boards, from {snapshot}",
        file=sys.stderr,
    )


def _told(line: dict[str, Any]) -> str:
    names = ",".join(line["designators"][:6]) + ("…" if len(line["designators"]) > 6 else "")
    part = line["part"]
    head = f"{names:24} {line['value'][:20]:20}"
    if part is None:
        return f"{head} -  {line['reason']}"
    price = "no price" if line["line_price"] is None else f"{line['line_price']:.4f}"
    notes = f"  ({'; '.join(line['notes'])})" if line["notes"] else ""
    return f"{head} C{part['lcsc_id']} {part['part_number']} {price} by {line['why']}{notes}"


def test_a_bill_is_matched_and_written(tmp_path: Path) -> None:
    import contextlib
    import io

    from components.cli import main
    from components.testing.server import Site, first_part

    site = Site(tmp_path)
    site.build("one", rows=2)
    site.point("one")
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"paths": {"cache_dir": str(tmp_path)}}))
    number = first_part("resistor", 2)
    bom = tmp_path / "bom.csv"
    bom.write_text(
        f"Reference;Value;Footprint;LCSC\nR1-R3;1R;R_0402_1005Metric;\nU1;x;;C{number}\nU2;?;;\n"
    )
    said, told = io.StringIO(), io.StringIO()
    outputs = ["-o", str(tmp_path / "priced.csv"), "--assembly", str(tmp_path / "jlc.csv")]
    with contextlib.redirect_stderr(said), contextlib.redirect_stdout(told):
        flags = ["--configfile", str(config), "--boards", "5"]
        assert main(["bom", str(bom), *flags, *outputs]) == 0
        assert main(["bom", str(bom), *flags]) == 0
        assert main(["bom", str(config), *flags]) == 1
    assert "2 of 3 lines have a part" in said.getvalue()
    assert "config.yaml: no header row was found" in said.getvalue()
    assert "by value" in told.getvalue() and f"C{number} resistor-0" in told.getvalue()
    rows = (tmp_path / "jlc.csv").read_text().splitlines()
    assert rows[0] == "Comment,Designator,Footprint,LCSC Part #"
    assert rows[2] == f"x,U1,,C{number}"
    assert (tmp_path / "priced.csv").read_text().count("\n") == 4
