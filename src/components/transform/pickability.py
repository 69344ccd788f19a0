"""What became of each part: its family, and pickable or why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from components.core.database import Writer, attached_input
from components.core.errors import SnapshotError
from components.families import Family
from components.transform.fast import pick_files


def load_status(connection: Writer, picks: Iterable[Path], families: Sequence[Family]) -> None:
    """Make ``temp.names`` and ``temp.status`` beside ``parts.sqlite``, attached as ``parts``.

    ``names`` has every category, ``status`` every part with its family and the reason why it is
    not pickable, NULL where it is. Raises :class:`SnapshotError` for pick files that are missing,
    damaged, or of other parts.
    """
    connection.execute("CREATE TEMP TABLE names (id INTEGER PRIMARY KEY, category, subcategory)")
    connection.execute("INSERT INTO temp.names SELECT * FROM parts.categories")
    _load_reasons(connection, picks, families)
    _check_same_source(connection)


def _load_reasons(connection: Writer, picks: Iterable[Path], families: Sequence[Family]) -> None:
    connection.execute("CREATE TEMP TABLE status (lcsc_id INTEGER PRIMARY KEY, family, reason)")
    files = pick_files(connection, picks, families)
    for path in sorted(set(files.values())):
        tables = [family for family in families if files[family.name] == path]
        with attached_input(connection, path, "pick"):
            selects = [
                f"SELECT lcsc_id, '{family.name}', NULL FROM pick.{family.table}"
                for family in tables
            ]
            for select in (*selects, "SELECT lcsc_id, family, reason FROM pick.rejected"):
                connection.execute(f"INSERT INTO temp.status {select}")


def _check_same_source(connection: Writer) -> None:
    stranger = connection.execute(
        "SELECT family, count(*) FROM temp.status WHERE lcsc_id NOT IN"
        " (SELECT lcsc_id FROM parts.parts) GROUP BY family LIMIT 1"
    ).fetchone()
    if stranger:
        raise SnapshotError(
            f"the pick table of {stranger[0]} is of another source ({stranger[1]} parts differ);"
            " build it again"
        )
    (told,) = connection.execute("SELECT count(*) FROM temp.status").fetchone()
    (parts,) = connection.execute("SELECT count(*) FROM parts.parts").fetchone()
    if told != parts:
        raise SnapshotError(
            f"the pick tables are of another source ({parts - told} parts are in none of them);"
            " build them again"
        )
