"""What the families hold of a catalogue: parts, those that can be picked, and how many of these
have each column. Nothing is timed; ``docs/families.md`` shows the figures of ``docs/bench``.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from components.bench.report import Table
from components.core.layout import Layout
from components.families.schema import lookup_schema
from components.find.families import describe_families

NAME = "families"
COLUMNS = ("family", "column", "parts")
# Instead of a column's name: all parts of the family, and those that can be picked.
COUNTED = ALL, PICKABLE = "(all)", "(pickable)"


def run(args: argparse.Namespace) -> Iterator[Table]:
    # What only shows the figures needs no server.
    from components.bench.http import published

    with tempfile.TemporaryDirectory(prefix="bench-families-") as name:
        yield fill(published(args.source, Path(name)))


def fill(layout: Layout) -> Table:
    """A row for each family and column of the snapshot that ``current`` is."""
    metadata = json.loads((layout.current / "metadata.json").read_bytes())
    # A snapshot is sealed: nothing of it changes.
    address = f"file:{layout.current / 'fast.sqlite'}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as fast:
        described = describe_families(fast, lookup_schema()["families"])
    title = f"Families of {metadata['parts']:,} parts of {metadata['source']['data_date']}"
    table = Table(NAME, title, COLUMNS)
    for family in described:
        name = family["name"]
        table.add(name, ALL, metadata["families"][name]["parts"])
        table.add(name, PICKABLE, family["parts"])
        for column in family["columns"]:
            table.add(name, column["name"], column["known"])
    return table


class Fill:
    """The figures of a saved table."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.title: str = content["title"]
        self._parts = {(family, column): parts for family, column, parts in content["rows"]}

    @classmethod
    def read(cls, path: Path) -> Fill:
        return cls(json.loads(path.read_bytes()))

    def parts(self, family: str, which: str) -> int | None:
        """How many; None for a family that was not there yet."""
        return self._parts.get((family, which))

    def percent(self, family: str, column: str) -> str:
        """The share of the pickable parts that have it; 100 is all, 0 none; empty: not counted.

        >>> rows = [["a", "(pickable)", 1000], ["a", "x", 999], ["a", "y", 1], ["a", "z", 504]]
        >>> found = Fill({"title": "", "rows": rows})
        >>> [found.percent("a", column) for column in "xyzn"]
        ['99', '<1', '50', '']
        """
        known, pickable = self.parts(family, column), self.parts(family, PICKABLE)
        if known is None or not pickable:
            return ""
        share = 100 * known // pickable
        return f"{share}" if share or not known else "<1"


def test_every_column_is_counted(tmp_path: Path) -> None:
    from components.families import FAMILIES
    from components.testing.server import Site

    site = Site(tmp_path / "cache")
    site.build("small", rows=3)
    site.point("small")
    table = fill(site.layout)
    columns = sum(len(family.columns) for family in FAMILIES)
    assert len(table.rows) == columns + 2 * len(FAMILIES)
    table.save(tmp_path)
    found = Fill.read(tmp_path / "families.json")
    with closing(sqlite3.connect(site.layout.current / "fast.sqlite")) as fast:
        sql = "SELECT count(*), count(max_power_w) FROM mosfet_pick"
        pickable, known = fast.execute(sql).fetchone()
    assert found.parts("mosfet", PICKABLE) == pickable > 0
    assert found.parts("mosfet", "max_power_w") == known
    assert (found.parts("none", ALL), found.percent("none", "x")) == (None, "")
