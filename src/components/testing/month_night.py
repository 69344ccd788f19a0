"""A night of a simulated month, and what must not be over all of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from components.core.layout import Layout

PRUNE_EVERY = 7
# Where a run's large files are; the store is looked at when it has ended.
GROWING = ("source", "plan", "fetch", "build", "snapshots")
# Of EasyEDA and the datasheets' hosts: an answer, two models, a datasheet by a page and a redirect.
REQUESTS_A_PART_MAX = 6
# The first, and stage1.retry_attempts.
ATTEMPTS_MAX = 4
# Parts whose entry in the list changed have their details asked for again.
DETAILS_A_REQUEST = 1000
SLACK = 5


@dataclass
class Night:
    """What one night was like. Sizes in MB of blocks on disk, memory in MiB."""

    night: int
    trouble: str
    new_parts: int
    listed: int = 0
    """Parts whose artifacts are asked for from this night on."""
    code: int = 0
    published: bool = False
    said: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    run_peak_mib: float = 0.0
    server_mib: float = 0.0
    disk_mb: dict[str, float] = field(default_factory=dict)
    peak_mb: float = 0.0
    requests: dict[str, int] = field(default_factory=dict)
    pruned: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def total_mb(self) -> float:
        return sum(self.disk_mb.values())

    @property
    def asked(self) -> int:
        """Requests for artifacts; the list of the catalogue is read whole every night."""
        return sum(count for name, count in self.requests.items() if name != "jlc")

    @property
    def attempts_max(self) -> int:
        return ATTEMPTS_MAX if self.trouble else 1


def disk_mb(layout: Layout) -> dict[str, float]:
    """What lies in each folder of a cache directory, in MB of blocks."""
    return {path.name: round(size_mb(path), 1) for path in sorted(layout.root.iterdir())}


def size_mb(path: Path) -> float:
    total = 0
    stack = [str(path)]
    while stack:
        try:
            entries = list(os.scandir(stack.pop()))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for entry in entries:
            try:
                if entry.is_dir(follow_symlinks=False):
                    stack.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
            except FileNotFoundError:
                continue
    return total / 1e6


def faults(nights: Sequence[Night]) -> list[str]:
    """What must not be, over all nights."""
    found = [f"night {night.night}: {text}" for night in nights for text in night.faults]
    waiting = 0
    for night in nights[1:]:
        # What could not be had is asked for again by the next night.
        waiting += night.listed
        most = REQUESTS_A_PART_MAX * night.attempts_max * waiting + SLACK
        if night.asked > most:
            found.append(f"night {night.night}: {night.asked} requests for {waiting} new parts")
        # The first night asked for the list and for the details of every part.
        details = nights[0].new_parts // DETAILS_A_REQUEST
        lists = night.attempts_max * (nights[0].requests.get("jlc", 0) - details + SLACK)
        if night.requests.get("jlc", 0) > lists:
            found.append(f"night {night.night}: {night.requests['jlc']} requests to JLC")
        if not night.trouble:
            waiting = 0
    third = len(nights) // 3
    if third >= PRUNE_EVERY:
        middle, late = nights[third : 2 * third], nights[2 * third :]
        for what, of, share in (
            ("MB on disk", lambda night: night.total_mb, 1.05),
            ("MiB of a run", lambda night: night.run_peak_mib, 1.1),
            ("MiB of the server", lambda night: night.server_mib, 1.2),
        ):
            before, after = max(map(of, middle)), max(map(of, late))
            if after > before * share:
                found.append(f"{what}: {before:.0f}, ten nights later {after:.0f}")
    return found


def table(nights: Sequence[Night]) -> str:
    """A line a night."""
    folders = [name for name in (*GROWING, "objects") if any(name in n.disk_mb for n in nights)]
    lines = [
        "| night | wrong | published | wall s | CPU s | run MiB | server MiB | "
        f"{' | '.join(folders)} | all MB | peak MB | JLC | others | new | listed |"
    ]
    lines.append("|" + "---|" * lines[0].count("|"))
    for n in nights:
        sizes = " | ".join(f"{n.disk_mb.get(name, 0):.0f}" for name in folders)
        lines.append(
            f"| {n.night} | {n.trouble} | {'yes' if n.published else 'no'} | {n.wall_s:.0f}"
            f" | {n.cpu_s:.0f} | {n.run_peak_mib:.0f} | {n.server_mib:.0f} | {sizes}"
            f" | {n.total_mb:.0f} | {n.peak_mb:.0f} | {n.requests.get('jlc', 0)} | {n.asked}"
            f" | {n.new_parts} | {n.listed} |"
        )
    return "\n".join(lines)


def test_a_month_that_grows_or_asks_too_much_is_told() -> None:
    def month(**late: float) -> list[str]:
        nights = []
        for number in range(1, 31):
            requests = {"jlc": 30 if number == 1 else 8, "easyeda": 60}
            night = Night(number, "", 20_000 if number == 1 else 200, listed=15, requests=requests)
            night.disk_mb, night.run_peak_mib, night.server_mib = {"objects": 100.0}, 200.0, 90.0
            if number == 29:
                night.disk_mb = {"objects": 100.0 + late.get("grown_mb", 0)}
                night.listed -= int(late.get("fewer", 0))
                night.requests = {**requests, "jlc": 8 + int(late.get("more", 0))}
            nights.append(night)
        return faults(nights)

    assert month() == []
    assert month(grown_mb=6) == ["MB on disk: 100, ten nights later 106"]
    assert month(fewer=7) == ["night 29: 60 requests for 8 new parts"]
    assert month(more=8) == ["night 29: 16 requests to JLC"]
