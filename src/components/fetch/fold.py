"""``components fold-manifests``: all shards' frozen manifests as one, and a report on stage 1.

The folded file is what ``detail.sqlite`` is built from. It holds no times, so that equal answers
give equal bytes. The common manifest and state are completed on the way: a shard that ran on
another node may not have reached them.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from components.artifacts import ARTIFACTS, GROUPS
from components.core.errors import StoreError, UpstreamError
from components.core.files import replacing
from components.core.layout import Layout
from components.fetch.manifest import (
    BUSY_TIMEOUT_S,
    MANIFEST_DDL,
    STATE_DDL,
    Entry,
    State,
    connect,
    example_entry,
    read_entries,
    read_states,
    reading,
    write_frozen,
    writing,
)
from components.fetch.report import Outcome, read_outcome, report

_CONVERTED = ", ".join(
    f"'{name}'"
    for name, artifact in sorted(ARTIFACTS.items())
    if GROUPS[artifact.group].made_by == "conversion"
)
# A state that a later run has reached is not set back to what a shard's receipt says; of what is
# converted, the receipt is the latest.
_COMPLETE = {
    "fetch_manifest": (
        "INSERT OR IGNORE INTO common.fetch_manifest SELECT * FROM gathered.fetch_manifest"
    ),
    "roundtrip_state": f"""INSERT INTO common.roundtrip_state
        SELECT * FROM gathered.roundtrip_state WHERE true
        ON CONFLICT (lcsc_id, artifact_type) DO UPDATE SET
            status = excluded.status, asked_url = excluded.asked_url,
            raw_sha256 = excluded.raw_sha256, error = excluded.error
        WHERE roundtrip_state.status = 'running'
            OR roundtrip_state.artifact_type IN ({_CONVERTED})""",
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manifest", type=Path, nargs="+", default=[], help="the shards' frozen manifests"
    )
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--max-failed-share", type=float, default=1.0, help="of each type")
    parser.add_argument("--output", type=Path, required=True, help="the folded manifest")


def run(args: argparse.Namespace) -> int:
    outcome = fold(args.manifest, Layout(args.cache_dir), args.output, args.max_failed_share)
    print(report(outcome), file=sys.stderr)
    return 0


def fold(
    manifests: Sequence[Path], layout: Layout, output: Path, max_failed_share: float = 1.0
) -> Outcome:
    """Write ``output`` and complete the common files; what became of all artifacts.

    Raises :class:`UpstreamError` where a larger share has failed (after the report has gone to the
    error stream), and :class:`StoreError` for a damaged manifest; ``output`` is not there then.
    """
    with (
        replacing(output) as temporary,
        writing(output),
        closing(sqlite3.connect(temporary, isolation_level=None, uri=True)) as connection,
    ):
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT_S * 1000)}")
        connection.execute("ATTACH '' AS gathered")
        _gather(connection, manifests)
        _complete(connection, layout)
        _write_sorted(connection)
        outcome = read_outcome(connection)
        _raise_if_too_much(outcome, max_failed_share)
    return outcome


def _gather(connection: sqlite3.Connection, manifests: Sequence[Path]) -> None:
    for ddl in (MANIFEST_DDL, STATE_DDL):
        connection.execute(ddl.replace("IF NOT EXISTS ", "IF NOT EXISTS gathered."))
    for path in sorted(manifests):
        with _attached(connection, path):
            for table in _COMPLETE:
                connection.execute(
                    f"INSERT OR REPLACE INTO gathered.{table} SELECT * FROM shard.{table}"
                )


def _complete(connection: sqlite3.Connection, layout: Layout) -> None:
    for path, ddl, table in (
        (layout.manifest, MANIFEST_DDL, "fetch_manifest"),
        (layout.state, STATE_DDL, "roundtrip_state"),
    ):
        connect(path, (ddl,)).close()
        connection.execute("ATTACH ? AS common", (str(path.absolute()),))
        connection.execute(_COMPLETE[table])
        connection.execute("DETACH common")


def _write_sorted(connection: sqlite3.Connection) -> None:
    # The times never reach the file: not even in the slack of its pages.
    columns = ", ".join("''" if name == "fetched_at_utc" else name for name in Entry._fields)
    connection.execute(MANIFEST_DDL)
    connection.execute(STATE_DDL)
    connection.execute(
        f"INSERT INTO main.fetch_manifest SELECT {columns} FROM gathered.fetch_manifest "
        "ORDER BY lcsc_id, artifact_type, source_url, raw_sha256, stored_key"
    )
    connection.execute(
        "INSERT INTO main.roundtrip_state SELECT * FROM gathered.roundtrip_state "
        "ORDER BY lcsc_id, artifact_type"
    )


@contextmanager
def _attached(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    if not path.is_file():
        raise StoreError(f"{path}: no such manifest; fetch its shard again")
    try:
        uri = f"file:{quote(str(path.absolute()))}?mode=ro"
        connection.execute("ATTACH ? AS shard", (uri,))
        try:
            yield
        finally:
            connection.execute("DETACH shard")
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: manifest cannot be read: {error}") from None


def _raise_if_too_much(outcome: Outcome, max_failed_share: float) -> None:
    lost = [
        f"{counts['failed']:,} of {total:,} {name}"
        for name, counts in outcome.counts.items()
        if counts.get("failed", 0) > max_failed_share * (total := sum(counts.values()))
    ]
    if lost:
        print(report(outcome), file=sys.stderr)
        raise UpstreamError(
            f"{', '.join(lost)} failed, more than the share of {max_failed_share:g} of a type that"
            " stage1.max_failed_share allows; run again, which asks for what failed alone, or"
            " raise it"
        )


def _shard(path: Path, numbers: range, status: str = "success") -> Path:
    entries, states = [], []
    for number in numbers:
        if status == "success":
            entries.append(example_entry(number, fetched=f"2026-01-{number:02}"))
        sha = "ab" if status == "success" else None
        states.append(State(number, "datasheet_pdf", status, "u", sha, "why"))  # type: ignore[arg-type]
    write_frozen(path, entries, states)
    return path


def test_the_folded_manifest_has_all_rows_and_no_times(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "cache")
    shards = [
        _shard(tmp_path / "1.sqlite3", range(5, 9)),
        _shard(tmp_path / "0.sqlite3", range(1, 5)),
    ]
    failed = _shard(tmp_path / "2.sqlite3", range(9, 10), "failed")
    outcome = fold([*shards, failed], layout, tmp_path / "folded.sqlite3", 0.2)
    assert outcome.counts == {"datasheet_pdf": {"success": 8, "failed": 1}}
    with reading(tmp_path / "folded.sqlite3") as connection:
        rows, states = list(read_entries(connection)), list(read_states(connection))
    assert [state.lcsc_id for state in states] == list(range(1, 10))
    assert b"2026-01" not in (tmp_path / "folded.sqlite3").read_bytes()
    assert [(row.lcsc_id, row.fetched_at_utc) for row in rows] == [(n, "") for n in range(1, 9)]
    with reading(layout.manifest) as connection:
        assert [row.fetched_at_utc for row in read_entries(connection)][-1] == "2026-01-08"
    with reading(layout.state) as connection:
        assert list(read_states(connection)) == states
    again = tmp_path / "again.sqlite3"
    fold([failed, *reversed(shards)], Layout(tmp_path / "other"), again, 0.2)
    assert again.read_bytes() == (tmp_path / "folded.sqlite3").read_bytes()


def test_what_a_later_run_has_reached_stays(tmp_path: Path) -> None:
    from components.fetch.manifest import write

    layout = Layout(tmp_path / "cache")
    later = [
        State(1, "datasheet_pdf", "success", "u", "cd"),
        State(2, "datasheet_pdf", "running", "u"),
    ]
    with closing(connect(layout.state, (STATE_DDL,))) as connection:
        write(connection, [], later)
    fold([_shard(tmp_path / "0.sqlite3", range(1, 3), "failed")], layout, tmp_path / "f.sqlite3")
    with reading(layout.state) as connection:
        assert [state.status for state in read_states(connection)] == ["success", "failed"]


def test_too_many_failures_stop_the_run(tmp_path: Path) -> None:
    import pytest

    shards = [
        _shard(tmp_path / "0.sqlite3", range(1, 4)),
        _shard(tmp_path / "1.sqlite3", range(4, 6), "failed"),
    ]
    output = tmp_path / "folded.sqlite3"
    with pytest.raises(UpstreamError, match="2 of 5 datasheet_pdf failed"):
        fold(shards, Layout(tmp_path), output, 0.3)
    assert not output.exists()
    assert fold(shards, Layout(tmp_path), output, 0.4).total() == 5
    (tmp_path / "1.sqlite3").write_bytes(b"damaged" * 1000)
    with pytest.raises(StoreError, match=r"1\.sqlite3"):
        fold(shards, Layout(tmp_path), output)
    with pytest.raises(StoreError, match=r"9\.sqlite3: no such manifest"):
        fold([tmp_path / "9.sqlite3"], Layout(tmp_path), output)


def test_one_type_lost_whole_is_not_outweighed_by_the_others(tmp_path: Path) -> None:
    import pytest

    many = [State(n, "model_obj", "missing", "u") for n in range(1000)]
    lost = [State(n, "datasheet_pdf", "failed", "u", None, "why") for n in range(9)]
    write_frozen(tmp_path / "0.sqlite3", [], [*many, *lost])
    with pytest.raises(UpstreamError, match=r"^9 of 9 datasheet_pdf failed"):
        fold([tmp_path / "0.sqlite3"], Layout(tmp_path), tmp_path / "folded.sqlite3", 0.2)


def test_no_shards_make_an_empty_manifest(tmp_path: Path) -> None:
    assert fold([], Layout(tmp_path), tmp_path / "folded.sqlite3", 0).total() == 0
    with reading(tmp_path / "folded.sqlite3") as connection:
        assert list(read_entries(connection)) == []
