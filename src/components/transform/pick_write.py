"""A room's file, from the rows that a pass has staged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.core.database import Writer, writer
from components.families import Family, families_of
from components.families.schema import create_table
from components.transform.pick_letters import UNKNOWN, trusted
from components.transform.pick_read import Findings
from components.transform.pick_readings import COLUMNS, TABLE
from components.transform.pick_shelf import staged_readings

PAGE_BYTES = 4096
SIDE_TABLES = """
CREATE TABLE rejected (
    lcsc_id INTEGER PRIMARY KEY NOT NULL, family TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE quarantine (
    family TEXT NOT NULL, column_name TEXT NOT NULL, text TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (family, column_name, text)
) WITHOUT ROWID;
CREATE TABLE disagreement (
    family TEXT NOT NULL, column_name TEXT NOT NULL, outcome TEXT NOT NULL,
    count INTEGER NOT NULL, PRIMARY KEY (family, column_name, outcome)
) WITHOUT ROWID;
CREATE TABLE unknown_category (name TEXT PRIMARY KEY NOT NULL, count INTEGER NOT NULL)
    WITHOUT ROWID;
CREATE TABLE made_from (key TEXT, code TEXT);
"""


def write_room(
    room: str, findings: Findings, path: Path, key: str | None, code: str | None = None
) -> dict[str, int]:
    """Write a new database at ``path``, keys in order, so that its bytes repeat.

    The pickable parts of each family. ``key`` and ``code`` are what the file and its readings were
    made from, as it records them.
    """
    families = families_of(room)
    connection = writer(str(path.absolute()))
    try:
        for setting in (f"page_size = {PAGE_BYTES}", "journal_mode = OFF", "synchronous = OFF"):
            connection.execute(f"PRAGMA {setting}")
        with _attached(connection, findings.staged) as halves:
            connection.execute("BEGIN")
            for family in families:
                connection.execute(create_table(family))
            for table in SIDE_TABLES.split(";"):
                connection.execute(table)
            counts = {family.name: _copy(connection, family, halves, findings)
                      for family in families}  # fmt: skip
            for half in halves:
                names = ", ".join(f"'{family.name}'" for family in families)
                connection.execute(
                    f"INSERT INTO rejected SELECT * FROM {half}.rejected WHERE family IN ({names})"
                )
            _write_counts(connection, room, families, findings)
            connection.execute("INSERT INTO made_from VALUES (?, ?)", (key, code))
            # Behind what every reader wants.
            connection.execute(f"CREATE TABLE {TABLE} {COLUMNS}")
            for half in halves:
                staged = f"{half}.{staged_readings(room)}"
                connection.execute(f"INSERT INTO {TABLE} SELECT * FROM {staged}")
            connection.execute("COMMIT")
    finally:
        connection.close()
    return counts


@contextmanager
def _attached(connection: Writer, staged: list[Path]) -> Iterator[list[str]]:
    names = []
    for number, path in enumerate(staged):
        connection.execute(f"ATTACH ? AS half{number}", (str(path),))
        names.append(f"half{number}")
    try:
        yield names
    finally:
        for name in names:
            connection.execute(f"DETACH {name}")


def _copy(connection: Writer, family: Family, halves: list[str], findings: Findings) -> int:
    table = family.table
    if family.letter is None:
        return sum(
            connection.execute(f"INSERT INTO {table} SELECT * FROM {half}.{table}").rowcount
            for half in halves
        )
    names = ", ".join(family.column_names)
    makers = {maker for name, maker, _ in findings.makers if name == family.name}
    good = [maker for maker in makers if trusted(findings.makers, family.name, maker)]
    marks = ", ".join("?" * len(good))
    derived = " UNION ALL ".join(f"SELECT * FROM {half}.{table}_derived" for half in halves)
    rows = " UNION ALL ".join(f"SELECT {names} FROM {half}.{table}" for half in halves)
    connection.execute(
        f"INSERT INTO rejected SELECT lcsc_id, '{family.name}', '{UNKNOWN}' FROM ({derived})"
        f" WHERE maker NOT IN ({marks}) OR maker IS NULL ORDER BY lcsc_id",
        good,
    )
    return connection.execute(
        f"INSERT INTO {table} SELECT {names} FROM ({rows} UNION ALL SELECT {names} FROM ({derived})"
        f" WHERE maker IN ({marks})) ORDER BY lcsc_id",
        good,
    ).rowcount


def _write_counts(
    connection: Writer, room: str, families: tuple[Family, ...], findings: Findings
) -> None:
    for table, counts in (
        ("quarantine", findings.quarantine),
        ("disagreement", findings.disagreed),
    ):
        connection.executemany(
            f"INSERT INTO {table} VALUES (?, ?, ?, ?)",
            [
                (family.name, *names, count)
                for family in families
                for names, count in sorted(counts[family.name].items())
            ],
        )
    connection.executemany(
        "INSERT INTO unknown_category VALUES (?, ?)",
        sorted((name, n) for (where, name), n in findings.unknown.items() if where == room),
    )
