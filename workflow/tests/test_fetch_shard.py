"""Shards from end to end: the real command, the bundled upstream and whatever can go wrong.

With COMPONENTS_LONG=1 in the environment the same tests take 2,000 parts and 20 kills.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from components import cli
from components.fetch.easyeda import EasyEda
from components.fetch.endpoints import endpoints, parse_settings
from components.fetch.http import Client
from components.fetch.manifest import Entry, State, read_entries, read_states, reading
from components.fetch.shard import fetch_parts
from components.fetch.worklist import WorkItem, _address, format_worklist
from components.shared.layout import Layout
from components.shared.project import PROJECT
from components.shared.store.object_store import ObjectStore
from components.shared.testing import library, shared_data
from components.upstream.cad import cad_answer
from components.upstream.catalogue import parts
from components.upstream.documents import pdf
from components.upstream.images import picture
from components.upstream.mesh import obj_model
from components.upstream.part import Part
from components.upstream.server import Running, running
from components.upstream.step import step_model

LONG = bool(os.environ.get("COMPONENTS_LONG"))
COUNT = 2000 if LONG else 80
KILLS = 20 if LONG else 3
GROUPS = ("cad", "datasheet", "image", "lcsc")
PDF_KINDS = ("direct", "octet", "wrapped", "redirected")
WORKERS = 32


class Bench:
    """A cache directory with one shard, and the upstream that it is fetched from."""

    def __init__(self, folder: Path, upstream: Running, items: Sequence[WorkItem]) -> None:
        self.layout = Layout(folder)
        self.upstream = upstream
        self.worklist = folder / "plan" / "0000.tsv"
        self.worklist.parent.mkdir(parents=True)
        self.worklist.write_bytes(format_worklist(items))

    def receipt(self, group: str) -> Path:
        return self.layout.shards / f"0000.{group}.sqlite3"

    def arguments(self, group: str, *, cad: bool = True, **upstream: object) -> list[str]:
        settings = {
            "upstream": {"bundled_port": self.upstream.port, **upstream},
            "stage1": {
                "retry_backoff_s": 0.02,
                "throttle_cooldown_s": 0.1,
                "workers": WORKERS,
                "artifacts": {"lcsc_product": True, "part_image": True, "easyeda_cad_json": cad},
            },
        }
        return [
            *("fetch-shard", "--worklist", str(self.worklist), "--group", group),
            *("--settings", json.dumps(settings), "--cache-dir", str(self.layout.root)),
            *("--library", str(library()), "--output", str(self.receipt(group))),
        ]

    def fetch(self, group: str, *, cad: bool = True, **upstream: object) -> None:
        assert cli.main(self.arguments(group, cad=cad, **upstream)) == 0

    def rows(self, group: str) -> tuple[list[Entry], list[State]]:
        with reading(self.receipt(group)) as connection:
            return list(read_entries(connection)), list(read_states(connection))

    def requests(self) -> Counter[str]:
        services = self.upstream.stats()["services"]
        return Counter({name: service["requests"] for name, service in services.items()})


def work_items(chosen: Sequence[Part]) -> list[WorkItem]:
    return [
        WorkItem(
            part.lcsc,
            _address(part.datasheet),
            part.images[0]["900x900"] if part.images else "",
        )
        for part in chosen
    ]


def expected(part: Part) -> Iterator[tuple[str, bytes | None]]:
    """What the upstream has of a part: artifact types with their bytes (None: must be there)."""
    if part.models != "no-cad":
        yield "easyeda_cad_json", cad_answer(part)
        yield "kicad_footprint_mod", None
        yield "footprint_svg", None
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


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with running(parts=640) as upstream:
        yield Bench(tmp_path, upstream, work_items(parts()[:COUNT]))


def test_every_fault_is_overcome_and_nothing_wrong_is_stored(tmp_path: Path) -> None:
    count = max(640, COUNT)
    chosen = parts(count)[:COUNT]
    rate = 400.0 if LONG else 150.0
    with running(parts=count, faults={"all": 0.2}, slow_s=0.2) as upstream:
        bench = Bench(tmp_path, upstream, work_items(chosen))
        for group in GROUPS:
            bench.fetch(group, bundled_requests_per_second=rate)
        stats = upstream.stats()
    seen = {name.partition("/")[2] for name in stats["faults"]}
    assert {"reset", "truncated", "wrong_length", "another_part", "html_for_pdf"} <= seen

    store = ObjectStore(bench.layout.objects)
    stored: dict[tuple[int, str], Entry] = {}
    states: list[State] = []
    for group in GROUPS:
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


def test_a_second_run_asks_for_nothing(bench: Bench) -> None:
    for group in GROUPS:
        bench.fetch(group)
    before, first = bench.requests(), {group: bench.rows(group) for group in GROUPS}
    for group in GROUPS:
        bench.receipt(group).unlink()
        bench.fetch(group)
        assert bench.rows(group)[0] == first[group][0]
    # What failed is tried again; all else is known.
    asked = bench.requests() - before
    failed = [state for group in GROUPS for state in first[group][1] if state.status == "failed"]
    assert set(asked) <= {"datasheets"}
    assert asked.total() <= 8 * len(failed)
    assert not list(bench.layout.shards.glob("*.live.sqlite3*"))


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
        for group in ("cad", "datasheet"):
            share = KILLS - KILLS // 3 if group == "cad" else KILLS
            while not cut.receipt(group).is_file():
                process = subprocess.Popen(
                    [sys.executable, "-m", "components", *cut.arguments(group)],
                    env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
                    stderr=subprocess.DEVNULL,
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
                assert process.wait() in (0, -signal.SIGKILL)
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


def test_two_shards_at_once_share_manifest_and_state(tmp_path: Path) -> None:
    chosen = parts()[:COUNT]
    with running() as upstream:
        benches = []
        for half in (chosen[::2], chosen[1::2]):
            bench = Bench.__new__(Bench)
            bench.layout, bench.upstream = Layout(tmp_path), upstream
            bench.worklist = tmp_path / f"{len(benches)}.tsv"
            bench.worklist.write_bytes(format_worklist(work_items(half)))
            benches.append(bench)
        commands = [
            [argument.replace("0000.", f"{number}.") for argument in bench.arguments("cad")]
            for number, bench in enumerate(benches)
        ]
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "components", *command],
                env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
            )
            for command in commands
        ]
        assert [process.wait(300) for process in processes] == [0, 0]
    with reading(Layout(tmp_path).state) as connection:
        states = list(read_states(connection))
    assert len(states) == 5 * COUNT
    folded = tmp_path / "folded.sqlite3"
    shards = [str(Layout(tmp_path).shards / f"{n}.cad.sqlite3") for n in (0, 1)]
    fold = ["fold-manifests", "--cache-dir", str(tmp_path), "--output", str(folded)]
    assert cli.main([*fold, "--manifest", *shards]) == 0
    with reading(folded) as connection:
        assert list(read_states(connection)) == states


def test_real_answers_become_footprints(tmp_path: Path) -> None:
    answers = shared_data() / "easyeda"
    numbers = sorted(int(path.stem[1:]) for path in answers.glob("C*.json"))
    assert len(numbers) == 50
    with running(answers=answers) as upstream:
        bench = Bench(tmp_path, upstream, [WorkItem(number) for number in numbers])
        # The answers themselves are transient: they are large, and not asked for here.
        bench.fetch("cad", cad=False)
    entries, states = bench.rows("cad")
    store = ObjectStore(bench.layout.objects)
    footprints = {e.lcsc_id: e for e in entries if e.artifact_type == "kicad_footprint_mod"}
    previews = [e for e in entries if e.artifact_type == "footprint_svg"]
    assert sorted(footprints) == numbers and len(previews) == 50 and len(entries) == 100
    for number, entry in footprints.items():
        content = store.get(entry.stored_key)
        assert content.startswith(b"(footprint ") and b"(pad " in content
        assert f'"C{number}"'.encode() in content
    # The upstream has none of their models: all are missing, and none of them failed.
    models = [state for state in states if state.artifact_type in ("model_obj", "model_step")]
    assert {state.status for state in models} == {"missing"}


@pytest.mark.parametrize("kept", [True, False])
def test_another_converter_draws_anew_and_fetches_as_little_as_it_can(
    tmp_path: Path, kept: bool
) -> None:
    chosen = [part for part in parts()[:30] if part.models == "both"]
    stage1 = {"artifacts": {"easyeda_cad_json": kept}, "workers": 4}
    layout = Layout(tmp_path)
    with running() as upstream:
        content = {"upstream": {"bundled_port": upstream.port}, "stage1": stage1}
        settings = parse_settings(json.dumps(content))
        asked: list[Counter[str]] = []
        for converter in ("one", "two", "two"):
            with endpoints(settings) as services:
                client = Client(settings, services, layout.limits)
                source = EasyEda(client, services.easyeda, services.modules, converter)
                live = tmp_path / "live.sqlite3"
                items = work_items(chosen)
                got = fetch_parts("cad", items, source, settings, layout, live, library())
            assert {state.status for state in got[1]} == {"success"}
            stats = upstream.stats()["services"]
            asked.append(Counter({name: stats[name]["requests"] for name in stats}))
    drawn = {state.asked_url.rpartition("#")[2] for state in got[1] if "#" in state.asked_url}
    assert drawn == {"two"}
    assert asked[1]["easyeda"] - asked[0]["easyeda"] == (0 if kept else len(chosen))
    assert asked[2] == asked[1] and asked[1]["modules"] == asked[0]["modules"]
    assert 0 < asked[0]["modules"] < 2 * len(chosen)


def test_a_footprint_that_does_not_convert_fails_its_part(tmp_path: Path) -> None:
    good, bad, other = [part for part in parts()[:40] if part.models == "both"][:3]
    answers = tmp_path / "answers"
    answers.mkdir()
    content = json.loads(cad_answer(bad))
    content["result"]["packageDetail"]["dataStr"]["shape"] = ["PAD~ELLIPSE~nowhere"]
    (answers / f"{bad.code}.json").write_text(json.dumps(content))
    # An answer that nobody thought of, of the right part.
    content = {"success": True, "result": {"lcsc": {"number": other.code}, "packageDetail": [[]]}}
    (answers / f"{other.code}.json").write_text(json.dumps(content))
    with running(answers=answers) as upstream:
        bench = Bench(tmp_path, upstream, work_items([good, bad, other]))
        bench.fetch("cad")
        asked = bench.requests()
    states = bench.rows("cad")[1]
    statuses = {(state.lcsc_id, state.artifact_type): state.status for state in states}
    for name in ("kicad_footprint_mod", "footprint_svg", "model_obj", "model_step"):
        assert statuses[good.lcsc, name] == "success"
        assert statuses[bad.lcsc, name] == statuses[other.lcsc, name] == "failed"
    assert asked["easyeda"] == 3
    assert all(state.error for state in states if state.status == "failed")


def test_a_full_disk_stops_a_shard_with_one_line_and_it_goes_on_later(tmp_path: Path) -> None:
    # A limit on the size of files stands in for the disk; it meets objects, live file or receipt.
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}));"
        "from components.cli import main; raise SystemExit(main(sys.argv[1:]))"
    )
    with running() as upstream:
        for limit_bytes in (0, 200, 5000, 20_000):
            folder = tmp_path / str(limit_bytes)
            bench = Bench(folder, upstream, work_items(parts()[:40]))
            done = subprocess.run(
                [sys.executable, "-c", limited.format(limit_bytes), *bench.arguments("cad")],
                env=os.environ | {"PYTHONPATH": str(PROJECT / "src")},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 1, done.stderr
            assert "Traceback" not in done.stderr
            assert done.stderr.splitlines()[-1].startswith("components fetch-shard: ")
            assert not bench.receipt("cad").exists()
        bench.fetch("cad")
    assert {state.status for state in bench.rows("cad")[1]} == {"success", "missing"}


def test_one_part_by_number(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = next(part for part in parts() if part.models == "obj-only")
    config = tmp_path / "c.json"
    with running() as upstream:
        settings = {"bundled_port": upstream.port}
        config.write_text(json.dumps({"paths": {"cache_dir": str(tmp_path)}, "upstream": settings}))
        command = ["fetch", part.code, "--configfile", str(config), "--group", "cad", "lcsc"]
        assert cli.main(command) == 0
        table = capsys.readouterr().out
        asked = upstream.stats()["services"]["easyeda"]["requests"]
        assert cli.main(command) == 0
        assert upstream.stats()["services"]["easyeda"]["requests"] == asked
    rows = {line.split()[1]: line.split()[2] for line in table.splitlines()[1:]}
    assert rows == {
        **dict.fromkeys(("kicad_footprint_mod", "footprint_svg", "model_obj"), "success"),
        "lcsc_product": "success",
        "model_step": "missing",
    }
    with reading(Layout(tmp_path).manifest) as connection:
        assert {entry.lcsc_id for entry in read_entries(connection)} == {part.lcsc}
