"""A simulated month: ``components daily`` night after night against a catalogue that changes.

``python -m components.testing.month`` (``make month``) runs 30 nights of 20,000 parts in a folder
of its own. In every third night the upstream misbehaves, or a service of it is away. A server
serves through all of it, and once a week ``prune`` runs, as an operator would have it. It ends with
0 where every night published or said why not, what was published is what the catalogue said,
requests stayed in proportion to what was new, disk and memory levelled off, and ``verify`` found
everything whole.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from components.core.layout import Layout
from components.core.project import PROJECT
from components.testing.month_night import (
    GROWING,
    PRUNE_EVERY,
    Night,
    disk_mb,
    faults,
    size_mb,
    table,
)
from components.testing.month_parts import Month
from components.testing.month_upstream import Nightly, running
from components.testing.operate import Server, Site

# 2026-01-01, the first night.
FIRST_NIGHT_S = 1_767_225_600
DAY_S = 86_400
SAMPLE_S = 0.2
# Every third night: what goes wrong, and which services do not answer at all.
TROUBLE: tuple[tuple[str, dict[str, float], tuple[str, ...]], ...] = (
    ("a fifth of all attempts fail", {"all": 0.2}, ()),
    ("JLC is away", {}, ("jlc",)),
    ("EasyEDA is away", {}, ("easyeda", "modules")),
    ("cursors are refused", {"jlc/refused_key": 0.02}, ()),
    ("datasheets' hosts are away", {}, ("datasheets",)),
)


def simulate(
    folder: Path,
    count: int,
    nights: int,
    source: Path | None,
    where: str,
    done: int = 0,
    minutes: float = 0,
    cores: int = 2,
) -> Iterator[Night]:
    """Run it, night by night; ``where`` is ``stage1.where``.

    It goes on after ``done`` nights in the same folder, and begins no other after ``minutes``.
    """
    end_s = time.monotonic() + 60 * minutes if minutes else math.inf
    month = Month(count, nights, source)
    site = Site(folder)
    site.take_library()
    with running(count, nights, source) as upstream:
        site.configure(
            {
                "upstream": {"kind": "bundled", "bundled_port": upstream.port},
                "stage1": {"where": where, "retry_backoff_s": 0.02, "throttle_cooldown_s": 0.1},
            }
        )
        if not done:
            first = _night(site, month, upstream, 1, cores)
            yield first
            if not first.published:
                return
        with site.serving() as server:
            for number in range(max(2, done + 1), nights + 1):
                if time.monotonic() > end_s:
                    return
                night = _night(site, month, upstream, number, cores)
                _follow(site, server, night)
                yield night


def _night(site: Site, month: Month, upstream: Nightly, number: int, cores: int) -> Night:
    what, faults, down = trouble(number)
    night = Night(number, what, len(month.new(number)))
    upstream.turn(number, faults, down)
    before, listed = site.current(), listed_parts(site.layout)
    epoch = str(FIRST_NIGHT_S + (number - 1) * DAY_S)
    with _watched(site.layout, night):
        _daily(site, night, cores, epoch)
    now = site.current()
    night.listed = len(listed_parts(site.layout) - listed)
    night.published = now != before
    night.requests = upstream.requests()
    night.disk_mb = disk_mb(site.layout)
    if night.published:
        night.faults += differences(site.layout, month, number)
    elif not night.code:
        night.faults.append("nothing was published, and nothing said why")
    elif "failed" not in night.said and "error" not in night.said.lower():
        night.faults.append(f"it failed without a reason: {night.said}")
    if not night.trouble and not night.published:
        night.faults.append(f"nothing was published: {night.said}")
    _let_a_day_pass(site.layout)
    if number % PRUNE_EVERY == 0:
        done = site.run("prune", "--yes")
        night.pruned = done.stderr.strip().splitlines()[-1]
        night.disk_mb = disk_mb(site.layout)
    return night


def trouble(number: int) -> tuple[str, dict[str, float], tuple[str, ...]]:
    """What is wrong on a night."""
    return TROUBLE[(number // 3 - 1) % len(TROUBLE)] if number and number % 3 == 0 else ("", {}, ())


def _daily(site: Site, night: Night, cores: int, epoch: str) -> None:
    command = [sys.executable, "-m", "components", "daily", "--cores", str(cores)]
    command += ["--configfile", str(site.root / "config.json")]
    environment = os.environ | {"PYTHONPATH": str(PROJECT / "src"), "SOURCE_DATE_EPOCH": epoch}
    log = site.root / f"night-{night.night:02d}.log"
    started_s = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = night.code = os.waitstatus_to_exitcode(status)
    night.wall_s = time.monotonic() - started_s
    night.cpu_s = usage.ru_utime + usage.ru_stime
    night.run_peak_mib = usage.ru_maxrss / 1024
    night.said = " / ".join(log.read_text(errors="replace").strip().splitlines()[-8:])


@contextmanager
def _watched(layout: Layout, night: Night) -> Iterator[None]:
    """Note the most that all but the store takes while the block runs, with what the store has."""
    over = threading.Event()
    store_mb = size_mb(layout.objects)

    def look() -> None:
        while not over.wait(SAMPLE_S):
            now_mb = sum(size_mb(layout.root / name) for name in GROWING)
            night.peak_mb = max(night.peak_mb, now_mb + store_mb)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _follow(site: Site, server: Server, night: Night) -> None:
    """The server answers from what is published now; what memory it has."""
    server.wait_for(site.current())
    status, _, body = server.get("/v1/components/search?q=10k+0402")
    if status != 200:
        night.faults.append(f"the server answered {status}: {body[:200]!r}")
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    night.server_mib = pages * 4096 / (1 << 20)


def listed_parts(layout: Layout) -> set[bytes]:
    """The numbers of all parts whose artifacts are asked for."""
    lists = (layout.plan / "shards").glob("[0-9]*.cad.tsv")
    return {line.partition(b"\t")[0] for path in lists for line in path.read_bytes().splitlines()}


def differences(layout: Layout, month: Month, number: int) -> list[str]:
    """Where what is published is not what the catalogue says on that night.

    A list that could not be read whole the night before is gone on with: its first pages are then
    of that night.
    """
    with closing(
        sqlite3.connect(f"file:{layout.current / 'detail.sqlite'}?mode=ro", uri=True)
    ) as db:
        rows = db.execute("SELECT lcsc_id, stock, price_json FROM components_full")
        found = {lcsc: (stock, len(json.loads(price or "[]"))) for lcsc, stock, price in rows}
    nights = (number, number - 1) if trouble(number - 1)[0] else (number,)
    said = [
        {part.lcsc: (part.stock, len(part.prices)) for part in month.parts(night)}
        for night in nights
    ]
    told = {n: {each[n] for each in said if n in each} for n in found}
    wrong = [n for n in found if told[n] and found[n] not in told[n]]
    lines = []
    if lost := len(set.intersection(*map(set, said)) - found.keys()):
        lines.append(f"{lost} parts of the catalogue were not published")
    if strange := len(found.keys() - set().union(*said)):
        lines.append(f"{strange} parts were published that the catalogue does not have")
    if wrong:
        lines.append(f"{len(wrong)} parts with another stock or price, as C{min(wrong)}")
    return lines


def _let_a_day_pass(layout: Layout) -> None:
    """Make every object a day older: `prune` leaves young ones alone."""
    for path in layout.objects.rglob("*"):
        if path.is_file() and not path.is_symlink():
            status = path.stat()
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns - DAY_S * 10**9))


def run(
    folder: Path,
    count: int,
    nights: int,
    source: Path | None,
    where: str = "stock > 0",
    minutes: float = 0,
) -> tuple[list[Night], list[str]]:
    """A whole month, or the rest of one that ``folder`` has begun; its nights and their faults."""
    notes = folder / "nights.jsonl"
    lines = notes.read_text().splitlines() if notes.exists() else []
    done = [Night(**json.loads(line)) for line in lines]
    for night in simulate(folder, count, nights, source, where, len(done), minutes):
        done.append(night)
        with notes.open("a") as file:
            file.write(json.dumps(asdict(night)) + "\n")
        print(f"{night.night}: {_line(night)}", file=sys.stderr, flush=True)
    found = faults(done)
    if len(done) < nights and not minutes:
        found.append(f"it ended with night {len(done)}")
    if len(done) == nights:
        verified = Site(folder).run("verify")
        print(verified.stderr.strip(), file=sys.stderr)
        if verified.returncode:
            found.append(f"verify: {verified.stdout[:500]}")
    return done, found


def _line(night: Night) -> str:
    told: Mapping[str, Any] = {
        "published": night.published,
        "s": round(night.wall_s),
        "MB": round(night.total_mb),
        "requests": night.requests,
        "wrong": night.trouble,
        "said": "" if night.published else night.said[-300:],
        "faults": night.faults,
    }
    return json.dumps(told)


def main() -> int:
    parser = argparse.ArgumentParser(prog="components.testing.month", description=__doc__)
    parser.add_argument("--parts", type=int, default=20_000)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--source", type=Path, help="a ready catalogue to take the parts from")
    parser.add_argument("--where", default="stock > 0", help="stage1.where: whose artifacts")
    parser.add_argument("--folder", type=Path, help="work there, go on there, and leave it")
    parser.add_argument(
        "--minutes", type=float, default=0, help="begin no night after; --folder goes on with it"
    )
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="month-") as name:
        folder = args.folder or Path(name)
        nights, found = run(folder, args.parts, args.nights, args.source, args.where, args.minutes)
    print(table(nights))
    for text in found:
        print(f"FAULT: {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
