"""``validate-snapshot``: whether built files may be sealed; a snapshot that may not never is.

Output: a receipt, written only where everything holds. It is the reason that ``publish`` can trust
the files, and lies outside the snapshot.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.core.database import open_database, read_mapped
from components.core.errors import SnapshotError, ValidationError
from components.core.files import write_text
from components.core.sums import make_sums
from components.transform.changes import Comparison
from components.transform.comparison import Fill, fills, losses, row_loss
from components.transform.search import check_search
from components.transform.soundness import check_agreement, check_detail, check_fast
from components.transform.summary import summary

PROBLEMS_MAX = 5
FILES = ("fast", "detail", "search", "index", "metadata")


@dataclass(frozen=True)
class Built:
    """The files of a snapshot that is not sealed yet."""

    fast: Path
    detail: Path
    search: Path
    index: Path
    metadata: Path

    def files(self) -> dict[str, Path]:
        """The paths by the names that the files will have."""
        return {
            "fast.sqlite": self.fast,
            "detail.sqlite": self.detail,
            "search.sqlite": self.search,
            "lookup.idx": self.index,
            "metadata.json": self.metadata,
        }


def configure(parser: argparse.ArgumentParser) -> None:
    for name in FILES:
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--published", type=Path, help="the published snapshot, to compare with")
    parser.add_argument("--max-row-loss-share", type=float, default=0.2)
    parser.add_argument("--max-fill-loss-share", type=float, default=0.1)
    parser.add_argument("--max-changed-readings-share", type=float, default=1.0)
    parser.add_argument("--summary", type=Path, help="also write a page for people here")
    parser.add_argument("--output", type=Path, required=True, help="the receipt")


def run(args: argparse.Namespace) -> int:
    built = Built(args.fast, args.detail, args.search, args.index, args.metadata)
    receipt = validate_snapshot(
        *(built, args.published, args.max_row_loss_share, args.max_fill_loss_share),
        args.max_changed_readings_share,
    )
    if args.summary:
        page = summary(_metadata(built.metadata), receipt)
        write_text(args.summary, page, durable=False)
    write_text(args.output, json.dumps(receipt, indent=1, sort_keys=True) + "\n", durable=False)
    if receipt["note"]:
        print(f"validate-snapshot: {receipt['note']}", file=sys.stderr)
    return 0


def validate_snapshot(
    built: Built,
    published: Path | None = None,
    max_row_loss_share: float = 0.2,
    max_fill_loss_share: float = 0.1,
    max_changed_readings_share: float = 1.0,
) -> dict[str, Any]:
    """The receipt: rows, fill, what they were compared with, and the hashes of the files.

    ``published`` is a sealed snapshot's folder; None, or a folder that is not there, compares with
    nothing, and so does a partial snapshot. Raises :class:`ValidationError` naming what is wrong,
    and :class:`SnapshotError` where a file is missing or no database.
    """
    metadata = _metadata(built.metadata)
    if not built.index.is_file() or not built.index.stat().st_size:
        raise SnapshotError(f"{built.index}: no such file; build it first")
    # SQLite works outside the interpreter's lock: the two databases are checked side by side.
    with ThreadPoolExecutor(2) as others:
        of_detail = others.submit(_detail_problems, built, metadata)
        sums = others.submit(make_sums, built.files())
        with closing(open_database(built.fast)) as fast:
            read_mapped(fast)
            problems = list(check_fast(fast))
            rows = {} if problems else fills(fast)
        # What the two contradict each other in says nothing where one of them is unsound.
        detail_problems, disagreements = of_detail.result()
    _refuse([*problems, *detail_problems] or disagreements)
    _refuse(_readings(built, published, max_changed_readings_share))
    compared, note, problems = _compare(
        metadata, rows, published, max_row_loss_share, max_fill_loss_share
    )
    _refuse(problems)
    return {
        "parts": metadata["parts"],
        "is_partial": metadata["is_partial"],
        "rows": {name: fill.rows for name, fill in rows.items()},
        "filled": {name: fill.filled for name, fill in rows.items()},
        "compared_with": compared,
        "note": note,
        "sums": sums.result().decode(),
    }


def _detail_problems(built: Built, metadata: dict[str, Any]) -> tuple[list[str], list[str]]:
    with closing(open_database(built.search)) as search:
        found = list(check_search(search, metadata["parts"]))
    if found:
        return found, []
    with closing(open_database(built.detail)) as detail:
        if problems := list(check_detail(detail)):
            return problems, []
        try:
            return [], list(check_agreement(built.fast, detail, metadata))
        except (sqlite3.DatabaseError, SnapshotError) as error:
            return [], [str(error)]


def _compare(
    metadata: dict[str, Any],
    rows: dict[str, Fill],
    published: Path | None,
    max_row_loss_share: float,
    max_fill_loss_share: float,
) -> tuple[str | None, str, list[str]]:
    if published is None or not published.is_dir():
        return None, "no published snapshot to compare with", []
    if metadata["is_partial"]:
        return None, "a partial snapshot is not compared with the published one", []
    name = published.resolve().name
    try:
        with closing(open_database(published / "fast.sqlite")) as fast:
            before = fills(fast)
        with closing(open_database(published / "detail.sqlite")) as detail:
            (parts,) = detail.execute("SELECT count(*) FROM components_full").fetchone()
    except (SnapshotError, sqlite3.DatabaseError) as error:
        # A damaged snapshot must not keep a sound one from taking its place.
        return None, f"the published snapshot {name} cannot be read, not compared: {error}", []
    problems = sorted(losses(rows, before, max_row_loss_share, max_fill_loss_share))
    fewer = row_loss(metadata["parts"], parts, max_row_loss_share)
    return name, "", [fewer, *problems] if fewer else problems


def _readings(built: Built, published: Path | None, max_share: float) -> list[str]:
    """Whether too many parts are read differently although their texts are the same."""
    if max_share >= 1 or published is None or not published.is_dir():
        return []
    try:
        with Comparison(published, built.fast.parent) as comparison:
            changed, compared = comparison.readings()
    except (SnapshotError, sqlite3.DatabaseError):
        return []
    if changed <= max_share * compared:
        return []
    return [
        f"{changed:,} of {compared:,} parts are read differently from the same texts, more than"
        f" stage2.max_changed_readings_share {max_share:g}; `components changes` lists them"
    ]


def _metadata(path: Path) -> dict[str, Any]:
    try:
        metadata = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise SnapshotError(f"{path}: no such file; build it first") from None
    except (OSError, ValueError) as error:
        raise ValidationError(f"{path}: not readable: {error}") from None
    wanted = {"schema_version", "is_partial", "source", "parts", "families", "quarantine"}
    if not isinstance(metadata, dict) or not wanted <= metadata.keys():
        raise ValidationError(f"{path}: lacks what metadata.json must tell; build it again")
    return metadata


def _refuse(problems: Iterable[str]) -> None:
    lines = list(problems)
    if lines:
        more = f"; and {len(lines) - PROBLEMS_MAX} more" if len(lines) > PROBLEMS_MAX else ""
        raise ValidationError(f"not fit to publish: {'; '.join(lines[:PROBLEMS_MAX])}{more}")


def test_a_sound_snapshot_gets_a_receipt(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path, rows=2)
    receipt = tmp_path / "receipt.json"
    flags = [text for name in FILES for text in (f"--{name}", str(getattr(built, name)))]
    flags += ["--summary", str(tmp_path / "summary.html")]
    assert main(["validate-snapshot", *flags, "--output", str(receipt)]) == 0
    assert "bjt.doping_type" in (tmp_path / "summary.html").read_text()
    content = json.loads(receipt.read_text())
    assert content["rows"]["bjt"] == 2 and content["filled"]["bjt"]["doping_type"] == 2
    assert content["note"] == "no published snapshot to compare with"


def test_each_contradiction_is_named(tmp_path: Path) -> None:
    import pytest

    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path, rows=2)

    def refuses(path: Path, change: str, reason: str) -> None:
        whole = path.read_bytes()
        with closing(sqlite3.connect(path)) as db:
            db.executescript(change)
        with pytest.raises(ValidationError, match=reason):
            validate_snapshot(built)
        path.write_bytes(whole)

    part = "WHERE lcsc_id = (SELECT min(lcsc_id) FROM bjt_pick)"
    refuses(built.fast, f"DELETE FROM bjt_pick {part}", "metadata.json: bjt has 2 pickable")
    refuses(built.fast, f"UPDATE bjt_pick SET stock = 7 {part}", "bjt_pick: 2 rows, of which")
    refuses(
        built.fast, "UPDATE resistor_pick SET resistance_min_ohm = 9", "is above resistance_ohm"
    )
    refuses(built.fast, "DROP INDEX led_pick_rank", "index led_pick_rank is missing")
    refuses(built.fast, "DROP TABLE led_pick", "table led_pick is missing")
    refuses(
        built.detail, "DELETE FROM components_full WHERE pickable = 0", "detail.sqlite has [0-9]+"
    )
    refuses(
        built.detail,
        "INSERT INTO assets VALUES (9, 1, '', '', 1, 1, 1, 1)",
        "1 assets belong to no part",
    )
    validate_snapshot(built)


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    import pytest

    from components.core.database import PAGE_BYTES
    from components.testing.transform import build_snapshot

    built = build_snapshot(tmp_path, rows=2)
    for path in (built.fast, built.detail):
        whole = path.read_bytes()
        path.write_bytes(whole[:PAGE_BYTES] + b"\x55" * 4000 + whole[PAGE_BYTES + 4000 :])
        with pytest.raises(ValidationError, match=path.name):
            validate_snapshot(built)
        path.write_bytes(whole)
    built.index.write_bytes(b"")
    with pytest.raises(SnapshotError, match="lookup"):
        validate_snapshot(built)


def test_a_poisoned_source_is_refused(tmp_path: Path) -> None:
    import pytest

    from components.testing.transform import build_snapshot

    published = build_snapshot(tmp_path / "old", rows=24).fast.parent
    half = build_snapshot(tmp_path / "new", rows=12)
    with pytest.raises(ValidationError, match=r"detail\.sqlite: [0-9]+ parts, 48% fewer") as caught:
        validate_snapshot(half, published)
    assert "ac_dc: 12 rows, 50% fewer than the published 24" in str(caught.value)
    assert validate_snapshot(half, published, max_row_loss_share=0.5)["compared_with"] == "old"
    (published / "fast.sqlite").write_bytes(b"damaged")
    assert "cannot be read" in validate_snapshot(half, published)["note"]


def test_a_column_that_empties_is_named(tmp_path: Path) -> None:
    import pytest

    from components.testing.transform import build_snapshot

    published = build_snapshot(tmp_path / "old", rows=4).fast.parent
    built = build_snapshot(tmp_path / "new", rows=4)
    with closing(sqlite3.connect(built.fast)) as db:
        db.execute("UPDATE resistor_pick SET max_power_w = NULL")
        db.commit()
    with pytest.raises(ValidationError, match=r"resistor\.max_power_w: filled in 0% of rows"):
        validate_snapshot(built, published)


def test_too_many_changed_readings_are_refused_where_asked(tmp_path: Path) -> None:
    import pytest

    from components.testing.transform import build_snapshot

    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = build_snapshot(tmp_path / "old", rows=2).fast.parent
    built = build_snapshot(tmp_path / "new", rows=2)
    with closing(sqlite3.connect(built.fast)) as db:
        db.executescript("UPDATE bjt_pick SET max_power_w = 2.0")
    validate_snapshot(built, old)
    validate_snapshot(built, old, max_changed_readings_share=0.5)
    with pytest.raises(ValidationError, match=r"2 of 1[0-9]{2} parts are read differently"):
        validate_snapshot(built, old, max_changed_readings_share=0.01)
