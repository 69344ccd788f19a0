"""What failed for a passing reason is tried again by a later run, in growing intervals.

A shard's receipt also names what failed. Beside a receipt with passing failures stands
``<shard>.<group>.retry.json``: how many runs have tried again, and when the next one may. From it
comes a value in the parameters of the shard's rule, which changes once the time has come; that
makes the shard stale for the graph, so that a dry run shows it, and nothing is removed. What the
shard has is not asked for again, since that is known from the common manifest.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from components.core.errors import StoreError
from components.core.files import write_text
from components.core.layout import Layout
from components.fetch.frozen import read_contents
from components.fetch.manifest import State, reading

INTERVALS_S = (0.0, 60.0, 300.0, 1800.0, 7200.0, 43200.0)
"""Between the end of a try and the next; the last one for good."""
LASTING = "; stays so until its address changes"
"""What the reason of a failure ends with that another try cannot mend."""


class Retry(NamedTuple):
    """``tries`` so far after the first; ``due_at_s`` since the epoch, None for no other."""

    tries: int = 0
    due_at_s: float | None = None


def is_passing(state: State) -> bool:
    """Whether an artifact failed for a reason that may pass."""
    return state.status == "failed" and not (state.error or "").endswith(LASTING)


def retry_of(receipt: Path) -> Retry:
    """What is noted beside a shard's receipt; nothing to try where there is no note."""
    try:
        content = json.loads(_note(receipt).read_bytes())
        due_at_s = content["due_at_s"]
        return Retry(int(content["tries"]), None if due_at_s is None else float(due_at_s))
    except (OSError, ValueError, KeyError, TypeError):
        return Retry()


def next_try(receipt: Path, now_s: float) -> int:
    """The number of the try that the shard is due for, or has had: it changes when one is due."""
    retry = retry_of(receipt)
    return retry.tries + (retry.due_at_s is not None and retry.due_at_s <= now_s)


def note_outcome(receipt: Path, tries: int, states: Sequence[State], now_s: float) -> None:
    """After try number ``tries``: when the next may be, where something may do better then."""
    due_at_s = None
    if any(map(is_passing, states)):
        due_at_s = now_s + INTERVALS_S[min(tries, len(INTERVALS_S) - 1)]
    if tries or due_at_s is not None:
        _write(receipt, Retry(tries, due_at_s))


def waiting(layout: Layout) -> Iterator[tuple[Path, float]]:
    """The receipts with passing failures, sorted, and when each is tried again."""
    for receipt in _receipts(layout):
        if (due_at_s := retry_of(receipt).due_at_s) is not None:
            yield receipt, due_at_s


def try_now(layout: Layout) -> list[Path]:
    """Let every shard with a failure be due now: a new day, a new try; which they are, sorted.

    A receipt that cannot be read is one of them.
    """
    stale = [receipt for receipt in _receipts(layout) if _has_failed(receipt)]
    for receipt in stale:
        _write(receipt, retry_of(receipt)._replace(due_at_s=0.0))
    return stale


def _note(receipt: Path) -> Path:
    return receipt.with_name(receipt.name.removesuffix(".sqlite3") + ".retry.json")


def _write(receipt: Path, retry: Retry) -> None:
    write_text(_note(receipt), json.dumps(retry._asdict()) + "\n", durable=False)


def _receipts(layout: Layout) -> list[Path]:
    found = sorted(layout.shards.glob("*.*.sqlite3"))
    return [path for path in found if not path.name.endswith(".live.sqlite3")]


def _has_failed(receipt: Path) -> bool:
    try:
        with reading(receipt) as connection:
            return any(
                of_type.get("failed") for of_type in read_contents(connection).counts.values()
            )
    except StoreError:
        return True


def test_passing_failures_are_tried_again_in_growing_intervals(tmp_path: Path) -> None:
    receipt = tmp_path / "0000.datasheet.sqlite3"
    passing = [State(1, "datasheet_pdf", "failed", "u", None, "HTTP 500, after 4 attempts")]
    tries, due_at_s = [], []
    now_s = 1000.0
    for _ in range(9):
        tries.append(next_try(receipt, now_s))
        note_outcome(receipt, tries[-1], passing, now_s)
        noted = retry_of(receipt).due_at_s
        assert noted is not None
        due_at_s.append(noted - now_s)
        # Between two tries nothing is stale.
        assert noted == now_s or next_try(receipt, noted - 1) == tries[-1]
        now_s = noted
    assert tries == list(range(9))
    assert due_at_s == [*INTERVALS_S, *INTERVALS_S[-1:] * 3]
    note_outcome(receipt, 9, [State(1, "datasheet_pdf", "success", "u", "ab")], now_s)
    assert next_try(receipt, now_s + 1e9) == 9


def test_what_cannot_be_mended_is_not_tried(tmp_path: Path) -> None:
    receipt = tmp_path / "0000.datasheet.sqlite3"
    reason = f"file:///x: refused{LASTING}"
    lasting = [State(1, "datasheet_pdf", "failed", "u", None, reason)]
    note_outcome(receipt, 0, lasting, time.time())
    assert list(tmp_path.iterdir()) == [] and next_try(receipt, time.time()) == 0


def test_a_new_day_is_a_new_try(tmp_path: Path) -> None:
    from components.fetch.frozen import write_frozen
    from components.fetch.manifest import connect

    layout = Layout(tmp_path)
    layout.shards.mkdir(parents=True)
    good = [State(1, "model_obj", "missing", "u"), State(1, "model_step", "success", "u", "ab")]
    write_frozen(layout.shards / "0000.cad.sqlite3", [], good)
    failed = State(2, "datasheet_pdf", "failed", "u", None, "HTTP 500")
    receipt = layout.shards / "0001.datasheet.sqlite3"
    write_frozen(receipt, [], [failed])
    note_outcome(receipt, 3, [failed], time.time())
    (layout.shards / "0002.cad.sqlite3").write_bytes(b"damaged" * 1000)
    connect(layout.shards / "0001.cad.live.sqlite3").close()
    assert [path for path, _ in waiting(layout)] == [receipt]
    assert next_try(receipt, time.time()) == 3
    names = [path.name for path in try_now(layout)]
    assert names == ["0001.datasheet.sqlite3", "0002.cad.sqlite3"]
    assert next_try(receipt, time.time()) == 4
    assert next_try(layout.shards / "0002.cad.sqlite3", time.time()) == 1
