"""What became of each part of the families: pickable, or why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from components.core.database import Writer, attached_input
from components.core.errors import SnapshotError
from components.families import Family, family_of
from components.transform.fast import pick_files

OUTSIDE = "not in a family"


def load_status(connection: Writer, picks: Iterable[Path], families: Sequence[Family]) -> None:
    """Make ``temp.names`` and ``temp.status`` beside ``parts.sqlite``, attached as ``parts``.

    ``names`` has every category with its family or NULL, ``status`` every part of a family with
    the reason why it is not pickable, NULL where it is. Raises :class:`SnapshotError` for pick
    files that are missing, damaged, or of other parts.
    """
    _name_categories(connection)
    _load_reasons(connection, picks, families)
    _check_same_source(connection)


def _name_categories(connection: Writer) -> None:
    connection.execute(
        "CREATE TEMP TABLE names (id INTEGER PRIMARY KEY, category, subcategory, family)"
    )
    rows = connection.execute("SELECT id, category, subcategory FROM parts.categories").fetchall()
    connection.executemany(
        "INSERT INTO temp.names VALUES (?, ?, ?, ?)",
        [
            (number, *names, family.name if (family := family_of(*names)) else None)
            for number, *names in rows
        ],
    )


def _load_reasons(connection: Writer, picks: Iterable[Path], families: Sequence[Family]) -> None:
    connection.execute("CREATE TEMP TABLE status (lcsc_id INTEGER PRIMARY KEY, family, reason)")
    files = pick_files(connection, picks, families)
    for family in families:
        with attached_input(connection, files[family.name], "pick"):
            connection.execute(
                "INSERT INTO temp.status"
                f" SELECT lcsc_id, '{family.name}', NULL FROM pick.{family.table}"
                f" UNION ALL SELECT lcsc_id, '{family.name}', reason FROM pick.rejected"
            )


def _check_same_source(connection: Writer) -> None:
    strangers = connection.execute(
        "SELECT s.family, count(*) FROM temp.status s LEFT JOIN parts.parts p USING (lcsc_id)"
        " LEFT JOIN temp.names n ON n.id = p.category_id"
        " WHERE n.family IS NOT s.family GROUP BY s.family"
    ).fetchone()
    lacking = connection.execute(
        "SELECT n.family, sum(k.parts) - (SELECT count(*) FROM temp.status s"
        " WHERE s.family = n.family) AS missing FROM temp.names n JOIN (SELECT category_id,"
        " count(*) AS parts FROM parts.parts GROUP BY category_id) k ON k.category_id = n.id"
        " WHERE n.family IS NOT NULL GROUP BY n.family HAVING missing <> 0"
    ).fetchone()
    if wrong := strangers or lacking:
        raise SnapshotError(
            f"the pick table of {wrong[0]} is of another source ({abs(wrong[1])} parts differ);"
            " build it again"
        )
