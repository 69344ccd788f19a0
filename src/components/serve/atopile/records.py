"""Records of parts as JSON, out of a snapshot's databases, kept while the snapshot is served."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from components.core.errors import SnapshotError
from components.serve.atopile.component import COLUMNS, component
from components.serve.http.asgi import Refusal
from components.serve.snapshot import Snapshot
from components.transform.search import fold_part_number

_NONE: Mapping[str, Any] = {}
# About 1 kB each; a design tool asks for the same common parts again and again.
KEPT_MAX = 20_000

_SQL = (
    f"SELECT {', '.join(COLUMNS)}, pickable FROM components_full"
    " WHERE lcsc_id IN (SELECT value FROM json_each(?))"
)
_NUMBER, _FAMILY = COLUMNS.index("lcsc_id"), COLUMNS.index("family")
_NAMED_SQL = (
    "SELECT r.lcsc_id FROM part_numbers n JOIN ranked r USING (rank)"
    " WHERE folded = ? ORDER BY rank LIMIT 1000"
)


class Records:
    """Of one worker; any number of threads may ask. ``tables`` are the pick tables by family."""

    def __init__(self, tables: Mapping[str, str]) -> None:
        self._tables = tables
        self._kept: tuple[str, dict[int, bytes]] = ("", {})

    def of(
        self, snapshot: Snapshot, wanted: Mapping[int, Mapping[str, Any] | None]
    ) -> dict[int, bytes]:
        """The records of these parts; those that are not in the catalogue are left out.

        A part's value is its columns of the pick table where they are known already, else None.
        """
        name, kept = self._kept
        if name != snapshot.name or len(kept) > KEPT_MAX:
            kept = {}
            self._kept = snapshot.name, kept
        found = {number: kept[number] for number in wanted if number in kept}
        if lacking := sorted(wanted.keys() - found.keys()):
            with snapshot.database() as detail:
                parts = detail.execute(_SQL, (json.dumps(lacking),)).fetchall()
            parameters = self._parameters(snapshot, parts, wanted)
            for *part, _ in parts:
                number = part[_NUMBER]
                found[number] = kept[number] = component(part, parameters.get(number, _NONE))
        return found

    def _parameters(
        self,
        snapshot: Snapshot,
        parts: Sequence[Sequence[Any]],
        known: Mapping[int, Mapping[str, Any] | None],
    ) -> dict[int, Mapping[str, Any]]:
        """Of every pickable part its columns of the pick table."""
        found: dict[int, Mapping[str, Any]] = {}
        unread: dict[str, list[int]] = {}
        for part in parts:
            number, family, pickable = part[_NUMBER], part[_FAMILY], part[-1]
            values = known[number]
            if values is not None:
                found[number] = values
            elif pickable and family in self._tables:
                unread.setdefault(family, []).append(number)
        for family, numbers in unread.items():
            table = self._tables[family]
            sql = f"SELECT * FROM {table} WHERE lcsc_id IN (SELECT value FROM json_each(?))"
            with snapshot.database("fast.sqlite") as fast:
                for row in fast.execute(sql, (json.dumps(numbers),)):
                    found[row["lcsc_id"]] = dict(row)
        return found


def numbers_named(
    snapshot: Snapshot, manufacturer: str, part_number: str, quantity: int = 1
) -> list[int]:
    """The LCSC numbers of a manufacturer's part, those with ``quantity`` in stock first.

    The part number must be the same but for case: punctuation tells parts apart (1.5KE6.8,
    15KE68). Of the manufacturer any of its names may be given, as for ``Makers``. Raises Refusal
    (503) where the snapshot was sealed before there was a search.
    """
    try:
        with snapshot.database("search.sqlite") as search:
            rows = search.execute(_NAMED_SQL, (fold_part_number(part_number),)).fetchall()
    except SnapshotError:
        text = "snapshot: has no search.sqlite; `make run` publishes one that has"
        raise Refusal(503, text) from None
    with snapshot.database() as detail:
        found = detail.execute(_SQL, (json.dumps([row[0] for row in rows]),)).fetchall()
    asked = part_number.casefold()
    names = {name.casefold() for name in snapshot.makers.find(manufacturer)}
    fitting = [
        part
        for part in found
        if part["part_number"].casefold() == asked and part["manufacturer"].casefold() in names
    ]
    fitting.sort(
        key=lambda part: (
            part["stock"] < quantity,
            not part["is_preferred"],
            not part["is_basic"],
            -part["stock"],
            part["lcsc_id"],
        )
    )
    return [part["lcsc_id"] for part in fitting]
