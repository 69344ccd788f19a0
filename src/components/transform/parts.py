"""The source's parts as ``detail.sqlite`` and ``search.sqlite`` have them, before either is there.

Both are made at the same time, from the source and the pick tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from components.core.database import PAGE_BYTES, Writer
from components.families import Family
from components.source.catalogue import catalogue_for_writing, categories, reading
from components.transform.pickability import load_status
from components.transform.records import add_functions, flag, integer, text

# Any type can stand in any SQLite column of the source, and in none of ours.
COLUMNS = {
    "lcsc_id": "p.lcsc",
    "manufacturer": text("m.name"),
    "part_number": text("p.mfr"),
    "package": text("p.package"),
    "joints": integer("p.joints"),
    "category": "coalesce(n.category, '')",
    "subcategory": "coalesce(n.subcategory, '')",
    "family": "s.family",
    "description": text("p.description"),
    "datasheet_url": text("p.datasheet"),
    "stock": integer("p.stock"),
    "is_basic": flag("p.basic"),
    "is_preferred": flag("p.preferred"),
}
"""SQL of a part's columns over :data:`PARTS`."""
PARTS = """part_rows p CROSS JOIN temp.status s ON s.lcsc_id = p.lcsc
LEFT JOIN main.manufacturers m ON m.id = p.manufacturer_id
LEFT JOIN temp.names n ON n.id = p.category_id"""

# Temporary tables are thrown away if the process dies. What fits in these caches is neither written
# nor read twice, and what does not spills to disk, so that memory stays bounded.
SETTINGS = (
    f"temp.page_size = {PAGE_BYTES}",
    "temp.journal_mode = OFF",
    f"temp.cache_size = -{64 << 10}",
    f"main.cache_size = -{16 << 10}",
)


@contextmanager
def opened_parts(
    source: Path, picks: Iterable[Path], families: Sequence[Family], max_components: int = 0
) -> Iterator[Writer]:
    """A connection on which :data:`PARTS` can be read.

    Raises :class:`SourceError` for a source that is missing or damaged, and
    :class:`SnapshotError` for such pick files, whether that shows at once or inside the block.
    """
    with closing(catalogue_for_writing(source, max_components)) as connection, reading(source):
        for setting in SETTINGS:
            connection.execute(f"PRAGMA {setting}")
        add_functions(connection)
        connection.execute(
            "CREATE TEMP TABLE names (id INTEGER PRIMARY KEY, category, subcategory)"
        )
        named = sorted(categories(connection))
        connection.executemany("INSERT INTO temp.names VALUES (?, ?, ?)", named)
        load_status(connection, picks, families)
        yield connection
