"""A catalogue that somebody gives: which kind it is, and a copy in our schema where it needs one.

The older kinds of jlcparts' ``cache.sqlite3`` are read as they are. One of the kind
``source-db-v2`` has other tables and no index by category; it is copied once into
``source/imported.sqlite``, and again when it has changed.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from components.core.errors import SourceError
from components.core.files import sync, write_text
from components.core.layout import Layout
from components.source.catalogue import check_file, reading
from components.source.origin import read_meta
from components.source.schema import take, workspace, write
from components.source.source_db_v2 import FORMAT, rows

# Another way of copying is another copy.
COPY = 1


def catalogue_path(ready: Path | None, layout: Layout) -> Path:
    """The catalogue that everything reads: a given one, its copy, or the crawl's.

    Raises :class:`SourceError` for a given one of an unknown format.
    """
    if ready is None:
        return layout.source
    return layout.source.with_name("imported.sqlite") if needs_copy(ready) else ready


def needs_copy(path: Path) -> bool:
    """Whether ``path`` is of the kind ``source-db-v2``.

    False for what is no catalogue at all: who reads it says what is wrong with it. Raises
    :class:`SourceError` where it says that it is of a kind which this version does not know.
    """
    try:
        with closing(_opened(path)) as connection, reading(path):
            named = read_meta(connection).get("format")
    except SourceError:
        return False
    if named not in (None, FORMAT):
        raise SourceError(
            f"{path}: meta.format is {named[:40]!r}; this version reads {FORMAT} and jlcparts' "
            "older files, which have none"
        )
    return named == FORMAT


def copy_if_changed(path: Path, output: Path) -> None:
    """Bring ``output`` up to date with the ``source-db-v2`` file at ``path``.

    Raises :class:`SourceError` where that is damaged; ``output`` is then as it was.
    """
    stat = path.stat()
    stamp = json.dumps([COPY, str(path.absolute()), stat.st_size, stat.st_mtime_ns, stat.st_ino])
    record = output.with_suffix(".json")
    if output.is_file() and record.is_file() and record.read_text() == stamp:
        return
    copy = output.with_name(f"{output.stem}.new.sqlite")
    with (
        closing(_opened(path)) as connection,
        reading(path),
        workspace(output.parent) as work,
    ):
        take(work, rows(connection, path))
        count = write(work, copy, {"origin": "file", "format": FORMAT})
    if not count:
        copy.unlink()
        raise SourceError(f"{path}: the catalogue holds no parts; fetch it again")
    sync(copy)
    record.unlink(missing_ok=True)
    copy.replace(output)
    write_text(record, stamp)


def count_parts(path: Path) -> int:
    """How many parts a ``source-db-v2`` file lists. Raises :class:`SourceError`."""
    with closing(_opened(path)) as connection, reading(path):
        return sum(1 for _ in rows(connection, path))


def _opened(path: Path) -> sqlite3.Connection:
    check_file(path)
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def test_a_new_file_is_copied_into_our_schema(tmp_path: Path) -> None:
    from components.source.catalogue import open_catalogue
    from components.testing.source_db_v2 import write_v2
    from components.transform.attributes import attributes_of

    path = write_v2(tmp_path / "cache.sqlite3", 200)
    layout = Layout(tmp_path / "cache")
    output = catalogue_path(path, layout)
    assert output.name == "imported.sqlite"
    copy_if_changed(path, output)
    with closing(open_catalogue(output)) as db:
        assert db.execute("SELECT count(*) FROM parts").fetchone() == (198,)
        rows = db.execute(
            "SELECT lcsc, subcategory, mfr, manufacturer, basic, preferred, stock, price, "
            "last_update, extra, jlc_extra FROM parts WHERE lcsc IN (13, 14)"
        ).fetchall()
    assert [row[:7] for row in rows] == [
        (13, "Chip Resistor - Surface Mount", "R-13", "Maker", 0, 0, 14),
        (14, "Chip Resistor - Surface Mount", "R-14", "LCSC maker", 1, 1, 15),
    ]
    assert json.loads(rows[0][7]) == [
        {"qFrom": 1, "qTo": 9, "price": 0.1},
        {"qFrom": 10, "qTo": None, "price": 0.05},
    ]
    assert rows[0][8] == 1_780_000_000
    assert attributes_of(*rows[0][9:]) == {
        "Resistance": "14Ω",
        "Tolerance": "±1%",
        "Power(Watts)": "62.5mW",
    }
    assert json.loads(rows[0][10])["attrition"] == {"lossNumber": 3}
    first = output.read_bytes()
    inode = output.stat().st_ino
    copy_if_changed(path, output)
    assert output.stat().st_ino == inode
    path.touch()
    copy_if_changed(path, output)
    assert output.stat().st_ino != inode and output.read_bytes() == first


def test_what_cannot_be_read_is_one_clear_error(tmp_path: Path) -> None:
    import pytest

    from components.testing.source_db_v2 import write_v2

    path = write_v2(tmp_path / "cache.sqlite3", 2000, format="source-db-v9")
    with pytest.raises(SourceError, match=r"meta.format is 'source-db-v9'; this version reads"):
        catalogue_path(path, Layout(tmp_path))
    output = tmp_path / "imported.sqlite"
    write_v2(path, 0)
    with pytest.raises(SourceError, match="holds no parts"):
        copy_if_changed(path, output)
    write_v2(path, 2000)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE jlc_components DROP COLUMN stock")
    with pytest.raises(SourceError, match="jlc_components lacks stock"):
        copy_if_changed(path, output)
    whole = write_v2(path, 2000).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="truncated"):
        copy_if_changed(path, output)
    path.write_bytes(whole[: len(whole) // 2] + b"\xff" * (len(whole) - len(whole) // 2))
    with pytest.raises(SourceError, match="damaged"):
        copy_if_changed(path, output)
    assert not output.exists() and not list(tmp_path.glob(".tmp*"))
    assert needs_copy(tmp_path / "none") is False
