"""Faults and kills: what a run must come through, whatever the services or the machine do.

With ``--long`` the same tests take 2,000 parts and 20 kills.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.bundled.cad import cad_answer
from components.bundled.catalogue import parts
from components.bundled.documents import pdf
from components.bundled.images import picture
from components.bundled.mesh import obj_model
from components.bundled.part import Part
from components.bundled.server import running
from components.bundled.step import step_model
from components.core.project import PROJECT
from components.fetch.manifest import Entry, State, read_entries, read_states, reading
from components.store.object_store import ObjectStore
from components.testing.extent import sized
from components.testing.shard import WORKERS, Bench, work_items

pytestmark = pytest.mark.long
COUNT = sized(80, 2000)
KILLS = sized(3, 20)
GROUPS = ("cad", "datasheet", "image", "lcsc")
PDF_KINDS = ("direct", "octet", "wrapped", "redirected")


def expected(part: Part) -> Iterator[tuple[str, bytes | None]]:
    """What the upstream has of a part: artifact types with their bytes (None: must be there)."""
    if part.models != "no-cad":
        yield "easyeda_cad_json", cad_answer(part)
        yield "kicad_footprint_mod", None
        yield "footprint_svg", None
        yield "kicad_symbol", None
        yield "symbol_svg", None
    if part.models in ("both", "obj-only"):
        yield "model_obj", obj_model(part.outline)
    if part.models in ("both", "step-only"):
        yield "model_step", step_model(part.outline)
    if part.datasheet_kind in PDF_KINDS:
        yield "datasheet_pdf", pdf(part)
    if part.images:
        name = f"C{part.lcsc}-front"
        yield "part_image", picture(name, 900, png=part.images[0]["900x900"].endswith("png"))
    yield "lcsc_product", None


def test_every_fault_is_overcome_and_nothing_wrong_is_stored(tmp_path: Path) -> None:
    count = max(640, COUNT)
    chosen = parts(count)[:COUNT]
    rate = sized(150.0, 400.0)
    with running(parts=count, faults={"all": 0.2}, slow_s=0.2) as upstream:
        bench = Bench(tmp_path, upstream, work_items(chosen))
        for group in GROUPS:
            bench.fetch(group, bundled_requests_per_second=rate)
        bench.draw()
        stats = upstream.stats()
    seen = {name.partition("/")[2] for name in stats["faults"]}
    assert {"reset", "truncated", "wrong_length", "another_part", "html_for_pdf"} <= seen

    store = ObjectStore(bench.layout.objects)
    stored: dict[tuple[int, str], Entry] = {}
    states: list[State] = []
    for group in (*GROUPS, "drawing"):
        entries, found = bench.rows(group)
        stored |= {(entry.lcsc_id, entry.artifact_type): entry for entry in entries}
        states += found
    wanted = {(part.lcsc, name): data for part in chosen for name, data in expected(part)}
    assert set(stored) == set(wanted)
    for key, data in wanted.items():
        content = store.get(stored[key].stored_key)
        assert data is None or content == data, key
        if key[1] == "lcsc_product":
            assert json.loads(content)["result"]["productCode"] == f"C{key[0]}"
        if key[1] == "kicad_footprint_mod":
            assert f'"C{key[0]}"'.encode() in content

    # The rest is named: what the upstream has not is missing, what it should not say is failed.
    kinds = {part.lcsc: part.datasheet_kind for part in chosen}
    failed = {state.lcsc_id for state in states if state.status == "failed"}
    assert all(state.error for state in states if state.status in ("failed", "missing"))
    assert {state.status for state in states} == {"success", "missing", "failed"}
    surely = {number for number, kind in kinds.items() if kind in ("bare", "hostile")}
    assert surely <= failed
    # An expired link among faults can look like a failure; nothing else may.
    assert {kinds[number] for number in failed - surely} <= {"expired"}
    _assert_rate_kept(stats, rate)


def _assert_rate_kept(stats: dict[str, Any], rate: float) -> None:
    for together in (("easyeda", "modules"), ("lcsc", "datasheets", "images")):
        times = sorted(t for name in together for t in stats["services"][name]["times_s"])
        assert len(times) > COUNT
        # Arrival is when the upstream gets round to it, so that a moment's hold-up may count.
        for width_s in (2.0, 10.0):
            first = 0
            for last, moment_s in enumerate(times):
                while times[first] <= moment_s - width_s:
                    first += 1
                assert last - first + 1 <= rate * (width_s + 0.5) + 1


def test_killed_at_random_moments_it_ends_like_an_undisturbed_run(tmp_path: Path) -> None:
    count = max(640, COUNT)
    items = work_items(parts(count)[:COUNT])
    chance = random.Random(7)
    with running(parts=count, latency_s=0.02) as upstream:
        whole = Bench(tmp_path / "whole", upstream, items)
        for group in ("cad", "datasheet"):
            whole.fetch(group)
        undisturbed = whole.requests()
        cut = Bench(tmp_path / "cut", upstream, items)
        kills, in_flight = 0, 0
        said = tmp_path / "said"
        for group in ("cad", "datasheet"):
            share = KILLS - KILLS // 3 if group == "cad" else KILLS
            while not cut.receipt(group).is_file():
                process = subprocess.Popen(
                    [sys.executable, "-m", "components", *cut.arguments(group)],
                    env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
                    stderr=said.open("w"),
                    start_new_session=True,
                )
                start = cut.requests().total()
                if kills < share:
                    wanted = start + chance.randint(1, max(2, COUNT * 2 // share))
                    while process.poll() is None and cut.requests().total() < wanted:
                        time.sleep(0.002)
                    time.sleep(chance.random() * 0.05)
                if kills < share and process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    kills += 1
                    in_flight += WORKERS
                assert process.wait() in (0, -signal.SIGKILL), said.read_text()
        repeated = (cut.requests() - undisturbed - undisturbed).total()
    assert kills == KILLS
    for group in ("cad", "datasheet"):
        entries, states = whole.rows(group)
        again, states_again = cut.rows(group)
        assert [e._replace(fetched_at_utc="") for e in again] == [
            e._replace(fetched_at_utc="") for e in entries
        ]
        assert states_again == states
    assert _keys(cut) == _keys(whole)
    for path, read in ((cut.layout.manifest, read_entries), (cut.layout.state, read_states)):
        with reading(path) as connection:
            counted = len(list(read(connection)))
        with reading(
            whole.layout.manifest if read is read_entries else whole.layout.state
        ) as connection:
            assert counted == len(list(read(connection)))
    with reading(cut.layout.state) as connection:
        assert "running" not in {state.status for state in read_states(connection)}
    # Under way at a kill: requests, and parts whose results were not yet committed.
    assert repeated <= 2 * in_flight


def _keys(bench: Bench) -> list[str]:
    store = ObjectStore(bench.layout.objects)
    keys = list(store.keys())
    assert all(store.get(key) for key in keys)
    return keys
