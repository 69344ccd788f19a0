"""``components fold-manifests``: one list of all shards' frozen manifests, and a report on stage 1.

The list names each manifest with the digest of its artifacts, times aside: equal answers give equal
bytes, and ``detail.sqlite`` is built from what it names. The common files are completed on the way.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from components.core.errors import StoreError, UpstreamError
from components.core.files import write_text
from components.core.layout import Layout
from components.fetch.complete import complete
from components.fetch.frozen import Contents, read_contents, write_frozen
from components.fetch.manifest import (
    State,
    example_entry,
    read_entries,
    read_states,
    reading,
)
from components.fetch.report import Outcome, report

LIST_VERSION = 1


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manifest", type=Path, nargs="+", default=[], help="the shards' frozen manifests"
    )
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--max-failed-share", type=float, default=1.0, help="of each type")
    parser.add_argument("--output", type=Path, required=True, help="the list")


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
    found: dict[Path, Contents] = {}
    failed: list[State] = []
    counts: dict[str, dict[str, int]] = {}
    for path in sorted(manifests):
        if not path.is_file():
            raise StoreError(f"{path}: no such manifest; fetch its shard again")
        with reading(path) as connection:
            found[path] = read_contents(connection)
            for name, of_type in found[path].counts.items():
                for status, count in of_type.items():
                    sums = counts.setdefault(name, {})
                    sums[status] = sums.get(status, 0) + count
                if of_type.get("failed"):
                    states = read_states(connection, artifact_type=name)
                    failed += [state for state in states if state.status == "failed"]
    outcome = Outcome(dict(sorted(counts.items())), failed)
    complete(found.keys(), layout)
    _raise_if_too_much(outcome, max_failed_share)
    digests = {path.name: contents.digest for path, contents in found.items()}
    content = {"version": LIST_VERSION, "manifests": digests}
    write_text(output, json.dumps(content, indent=0, sort_keys=True) + "\n")
    # What earlier versions wrote in its place, of the size of all shards.
    output.with_suffix(".sqlite3").unlink(missing_ok=True)
    return outcome


def listed(folded: Path) -> list[Path]:
    """The frozen manifests that a list names, sorted. Raises :class:`StoreError`."""
    try:
        content = json.loads(folded.read_bytes())
        if content["version"] != LIST_VERSION:
            raise ValueError(f"version {content['version']}")
        names = sorted(content["manifests"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{folded}: not a list of manifests ({error}); fold them again") from None
    shards = folded.parent / "shards"
    for name in names:
        if Path(name).name != name or not (shards / name).is_file():
            raise StoreError(f"{shards / name}: no such manifest; fetch its shard again")
    return [shards / name for name in names]


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


def _shard(path: Path, numbers: range, status: str = "success", year: int = 2026) -> Path:
    entries, states = [], []
    for number in numbers:
        if status == "success":
            entries.append(example_entry(number, fetched=f"{year}-01-{number:02}"))
        sha = "ab" if status == "success" else None
        states.append(State(number, "datasheet_pdf", status, "u", sha, "why"))  # type: ignore[arg-type]
    write_frozen(path, entries, states)
    return path


def test_the_list_names_all_and_no_times(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    shards = [
        _shard(layout.shards / "1.sqlite3", range(5, 9)),
        _shard(layout.shards / "0.sqlite3", range(1, 5)),
    ]
    failed = _shard(layout.shards / "2.sqlite3", range(9, 10), "failed")
    folded = layout.shards.with_name("folded.json")
    outcome = fold([*shards, failed], layout, folded, 0.2)
    assert outcome.counts == {"datasheet_pdf": {"success": 8, "failed": 1}}
    assert [state.lcsc_id for state in outcome.failed] == [9]
    assert listed(folded) == sorted([*shards, failed])
    with reading(layout.manifest) as connection:
        rows = list(read_entries(connection))
    assert [row.fetched_at_utc for row in rows] == [f"2026-01-0{n}" for n in range(1, 9)]
    with reading(layout.state) as connection:
        assert [state.lcsc_id for state in read_states(connection)] == list(range(1, 10))
    before = folded.read_bytes()
    # Another time and another order are the same artifacts, other bytes are not.
    _shard(shards[0], range(5, 9), year=2027)
    fold([failed, *reversed(shards)], layout, folded, 0.2)
    assert folded.read_bytes() == before
    _shard(shards[0], range(5, 8))
    fold([failed, *shards], layout, folded, 0.2)
    assert folded.read_bytes() != before


def test_what_an_earlier_version_has_left_is_folded(tmp_path: Path) -> None:
    from components.testing.manifests import as_earlier_version

    layout = Layout(tmp_path)
    new = _shard(layout.shards / "0.sqlite3", range(1, 3))
    folded = layout.shards.with_name("folded.json")
    with reading(new) as connection:
        rows = list(read_entries(connection)), list(read_states(connection))
    fold([new], layout, folded)
    before = folded.read_bytes(), layout.manifest.read_bytes()
    for path in (new, layout.manifest, layout.state):
        path.unlink()
    folded.with_suffix(".sqlite3").touch()
    as_earlier_version(new, *rows)
    fold([new], layout, folded)
    assert folded.read_bytes() == before[0] and not folded.with_suffix(".sqlite3").exists()
    with reading(layout.manifest) as common, reading(layout.state) as state:
        assert (list(read_entries(common)), list(read_states(state))) == rows


def test_a_list_that_is_none_is_named(tmp_path: Path) -> None:
    import pytest

    folded = Layout(tmp_path).shards.with_name("folded.json")
    folded.parent.mkdir()
    for text in ("", "[]", '{"version": 9, "manifests": {}}', '{"version": 1}'):
        folded.write_text(text)
        with pytest.raises(StoreError, match="not a list of manifests"):
            listed(folded)
    for name in ("gone.sqlite3", "../folded.json"):
        folded.write_text(json.dumps({"version": 1, "manifests": {name: ""}}))
        with pytest.raises(StoreError, match="no such manifest"):
            listed(folded)


def test_too_many_failures_stop_the_run(tmp_path: Path) -> None:
    import pytest

    shards = [
        _shard(tmp_path / "0.sqlite3", range(1, 4)),
        _shard(tmp_path / "1.sqlite3", range(4, 6), "failed"),
    ]
    output = tmp_path / "folded.json"
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
        fold([tmp_path / "0.sqlite3"], Layout(tmp_path), tmp_path / "folded.json", 0.2)


def test_no_shards_make_an_empty_list(tmp_path: Path) -> None:
    assert fold([], Layout(tmp_path), tmp_path / "folded.json", 0).total() == 0
    assert listed(tmp_path / "folded.json") == []
