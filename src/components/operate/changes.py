"""``components changes``: what is new, gone, dearer, cheaper or differently read, and how much."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path

from components.config.options import add_config_option, configuration
from components.core.errors import ConfigError, SnapshotError
from components.core.layout import Layout
from components.publish.hold import hold
from components.publish.snapshots import LINKS, Snapshots
from components.transform.changes import KINDS, PRICE_SHARE, Comparison, counts, sentence


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument(
        "old", nargs="?", default="previous", metavar="OLD", help="default: previous"
    )
    parser.add_argument("new", nargs="?", default="current", metavar="NEW", help="default: current")
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these; repeatable")
    parser.add_argument(
        "--price-share", type=float, default=PRICE_SHARE, help="a smaller change is none (0.1)"
    )
    parser.add_argument("--format", choices=("csv", "json", "counts"), default="csv")


def run(args: argparse.Namespace) -> int:
    if not 0 <= args.price_share <= 1000:
        raise ConfigError("--price-share: must be from 0 to 1000")
    layout = Layout(configuration(args).paths.cache_dir)
    old, new = (folder_of(layout, name) for name in (args.old, args.new))
    found = dict.fromkeys(KINDS, 0)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    if args.format == "csv":
        writer.writerow(("kind", "lcsc_id", "manufacturer", "part_number", "before", "after"))
    with hold(old), hold(new), Comparison(old, new, args.price_share) as comparison:
        for change in comparison.changes():
            if args.kind and change.kind not in args.kind:
                continue
            found[change.kind] += 1
            if args.format == "json":
                print(json.dumps(change.told(), ensure_ascii=False))
            elif args.format == "csv":
                writer.writerow(map(_cell, change.told().values()))
    print(f"{new.name} {sentence(old.name, found)}", file=sys.stderr)
    return 0


def folder_of(layout: Layout, name: str) -> Path:
    """The folder of a snapshot, given its name, ``current`` or ``previous``, or a path."""
    snapshots = Snapshots(layout.snapshots)
    if "/" in name:
        folder = Path(name)
    else:
        linked = snapshots.linked(name) if name in LINKS else name
        if linked is None:
            raise SnapshotError(f"{layout.snapshots / name}: no such snapshot; publish one first")
        folder = snapshots.folder(linked)
    if not folder.is_dir():
        raise SnapshotError(f"{folder}: no such snapshot; `components status` lists those kept")
    return folder.resolve()


def summary_line(layout: Layout) -> str | None:
    """What ``make daily`` says at its end; None where there is nothing to compare with."""
    snapshots = Snapshots(layout.snapshots)
    if snapshots.linked("previous") is None or snapshots.linked("current") is None:
        return None
    old, new = folder_of(layout, "previous"), folder_of(layout, "current")
    try:
        with hold(old), hold(new), Comparison(old, new) as comparison:
            return f"{new.name} {sentence(old.name, counts(comparison))}"
    except SnapshotError as error:
        return f"not compared with the snapshot before: {error}"


def _cell(value: object) -> str:
    if value is None:
        return ""
    from components.find.bom.write import safe_cell

    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
    return safe_cell(text)


def test_changes_are_listed_and_counted(tmp_path: Path) -> None:
    import contextlib
    import io
    import sqlite3

    from components.cli import main
    from components.testing.server import Site

    site = Site(tmp_path)
    site.build("one", rows=2)
    site.build("two", rows=2)
    with contextlib.closing(sqlite3.connect(site.layout.snapshots / "two/detail.sqlite")) as db:
        db.execute("UPDATE components_full SET stock = 0 WHERE lcsc_id = 1000")
        db.execute("UPDATE components_full SET manufacturer = '=x' WHERE lcsc_id = 1000")
        db.commit()
    assert summary_line(site.layout) is None
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"paths": {"cache_dir": str(tmp_path)}}))
    out, said = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(said):
        assert main(["changes", "one", "two", "--configfile", str(config)]) == 0
        assert main(["changes", "one", "three", "--configfile", str(config)]) == 1
    assert out.getvalue().splitlines()[1:] == ["out_of_stock,1000,'=x,ac_dc-0,100,0"]
    assert "two since one: 0 new, 0 gone, 1 out of stock" in said.getvalue()
    assert "three: no such snapshot" in said.getvalue()
    site.point("two")
    (site.layout.snapshots / "previous").symlink_to("one")
    assert "1 out of stock" in str(summary_line(site.layout))
