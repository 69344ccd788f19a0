"""The soak, short: what `make soak` does for five minutes."""

from __future__ import annotations

from pathlib import Path

from components.testing.soak import soak

DURATION_S = 8.0


def test_publishes_and_killed_workers_under_load_leave_no_wrong_reply(tmp_path: Path) -> None:
    report = soak(tmp_path, DURATION_S, publish_every_s=0.5, kill_every_s=2.5)
    assert report.faults() == []
    assert report.replies > 100
    assert len(report.swaps) > 2 and len(report.killed_ns) >= 2
    assert len(report.seen) > 1
