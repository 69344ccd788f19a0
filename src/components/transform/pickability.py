"""What became of each part: its family, and pickable or why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from components.core.database import Writer, attached_input
from components.core.errors import SnapshotError, SourceError
from components.families import Family
from components.transform.fast import pick_files


def load_status(connection: Writer, picks: Iterable[Path], families: Sequence[Family]) -> None:
    """Make ``temp.status``: every part, its family, and why it is not pickable (NULL where it is).

    Raises :class:`SnapshotError` for pick files that are missing or damaged.
    """
    connection.execute("CREATE TEMP TABLE told (lcsc_id INTEGER, family, reason)")
    files = pick_files(connection, picks, families)
    for path in sorted(set(files.values())):
        tables = [family for family in families if files[family.name] == path]
        with attached_input(connection, path, "pick"):
            selects = [
                f"SELECT lcsc_id, '{family.name}', NULL FROM pick.{family.table}"
                for family in tables
            ]
            for select in (*selects, "SELECT lcsc_id, family, reason FROM pick.rejected"):
                connection.execute(f"INSERT INTO temp.told {select}")
    # In order: family by family, a table that no cache holds would be read for each of them.
    connection.execute("CREATE TEMP TABLE status (lcsc_id INTEGER PRIMARY KEY, family, reason)")
    connection.execute("INSERT INTO temp.status SELECT * FROM temp.told ORDER BY lcsc_id")
    connection.execute("DROP TABLE temp.told")


def check_same_source(connection: Writer, both: int) -> None:
    """Raise :class:`SnapshotError` unless the source and ``temp.status`` hold the same parts.

    ``both`` is how many they share. Raises :class:`SourceError` for a source that is damaged.
    """
    (told,) = connection.execute("SELECT count(*) FROM temp.status").fetchone()
    if told != both:
        strangers = connection.execute(
            "SELECT family, count(*) FROM temp.status WHERE lcsc_id NOT IN"
            " (SELECT lcsc FROM part_rows) GROUP BY family LIMIT 1"
        ).fetchone()
        if strangers is None:
            # An index of the source has parts that its table has not.
            raise SourceError(
                f"{connection.db_filename('main')}: damaged catalogue ({told - both} parts are"
                " in an index alone); fetch it again"
            )
        raise SnapshotError(
            f"the pick table of {strangers[0]} is of another source ({strangers[1]} parts differ);"
            " build it again"
        )
    (parts,) = connection.execute("SELECT count(*) FROM part_rows").fetchone()
    if parts != both:
        raise SnapshotError(
            f"the pick tables are of another source ({parts - both} parts are in none of them);"
            " build them again"
        )
