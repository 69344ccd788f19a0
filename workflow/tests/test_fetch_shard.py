"""Shards from end to end: the real command against the bundled upstream."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from components import cli
from components.bundled.cad import cad_answer
from components.bundled.catalogue import parts
from components.bundled.server import running
from components.core.layout import Layout
from components.core.project import PROJECT
from components.fetch.fold import listed
from components.fetch.kept import Key
from components.fetch.manifest import read_entries, read_states, reading
from components.fetch.shard import Shard, side_by_side
from components.fetch.worklist import WorkItem, format_worklist
from components.store.object_store import ObjectStore
from components.testing.library import shared_data
from components.testing.shard import Bench, work_items

COUNT = 80
GROUPS = ("cad", "datasheet", "image", "lcsc")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with running(parts=640) as upstream:
        yield Bench(tmp_path, upstream, work_items(parts()[:COUNT]))


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


def of_engine_deleted(bench: Bench) -> None:
    """What the engine does before a job starts, and after one has failed."""
    for group in GROUPS:
        bench.receipt(group).unlink(missing_ok=True)


def test_a_group_that_fails_costs_the_others_of_its_shard_nothing(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = dict.fromkeys(GROUPS, str(Key("list", "code", "settings", 0)))
    list_of_images = bench.worklist.with_name("0000.image.tsv")
    list_of_images.write_text("damaged")
    assert bench.fetch_together(keys) != 0
    said = capsys.readouterr().err
    assert "components fetch-shard: " in said.splitlines()[-1] and "image.tsv" in said
    others = [group for group in GROUPS if group != "image"]
    before = {group: bench.receipt(group).read_bytes() for group in others}
    asked = bench.requests()
    assert {"easyeda", "lcsc", "datasheets"} <= set(+asked) and not asked["images"]
    of_engine_deleted(bench)
    list_of_images.unlink()
    assert bench.fetch_together(keys) == 0
    assert {group: bench.receipt(group).read_bytes() for group in others} == before
    assert set(bench.requests() - asked) == {"images"}


def test_groups_made_from_the_same_are_put_back_and_ask_for_nothing(bench: Bench) -> None:
    """Not even for what had failed, whose time has not come."""
    first = Key("list", "code", "settings", 0)
    keys = dict.fromkeys(GROUPS, str(first))
    assert bench.fetch_together(keys) == 0
    receipts = {group: bench.receipt(group).read_bytes() for group in GROUPS}
    assert any(state.status == "failed" for state in bench.rows("datasheet")[1])
    notes = {path.name: path.read_bytes() for path in bench.layout.shards.glob("*.retry.json")}
    assert notes
    asked = bench.requests()
    of_engine_deleted(bench)
    assert bench.fetch_together(keys) == 0
    assert bench.requests() == asked
    for change in ({"parts": "more"}, {"code": "new"}, {"identity": "other"}):
        of_engine_deleted(bench)
        assert bench.fetch_together(keys | {"cad": str(first._replace(**change))}) == 0
        # Its answers are known; the failed datasheets are another group's.
        assert bench.requests() == asked
        assert {group: bench.receipt(group).read_bytes() for group in GROUPS} == receipts
    told = {path.name: path.read_bytes() for path in bench.layout.shards.glob("*.retry.json")}
    assert told == notes
    of_engine_deleted(bench)
    assert bench.fetch_together(keys | {"datasheet": str(first._replace(tries=1))}) == 0
    assert set(bench.requests() - asked) == {"datasheets"}


def test_groups_of_a_shard_are_fetched_side_by_side(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=120)
    shards = [Shard(name, tmp_path, tmp_path, Layout(tmp_path)) for name in ("cad", "image")]
    # Broken, and so raised, if the second waits for the first.
    side_by_side(shards, lambda _: print(both.wait()))


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
    assert len(states) == 3 * COUNT
    folded = Layout(tmp_path).folded
    Layout(tmp_path).state.unlink()
    shards = [str(Layout(tmp_path).shards / f"{n}.cad.sqlite3") for n in (0, 1)]
    fold = ["fold-manifests", "--cache-dir", str(tmp_path), "--output", str(folded)]
    assert cli.main([*fold, "--manifest", *shards]) == 0
    assert list(map(str, listed(folded))) == shards
    with reading(Layout(tmp_path).state) as connection:
        assert list(read_states(connection)) == states


def test_real_answers_become_footprints(tmp_path: Path) -> None:
    answers = shared_data() / "easyeda"
    numbers = sorted(int(path.stem[1:]) for path in answers.glob("C*.json"))
    assert len(numbers) == 50
    with running(answers=answers) as upstream:
        bench = Bench(tmp_path, upstream, [WorkItem(number) for number in numbers])
        bench.fetch("cad")
        bench.draw()
    states = bench.rows("cad")[1]
    entries = bench.rows("drawing")[0]
    store = ObjectStore(bench.layout.objects)
    footprints = {e.lcsc_id: e for e in entries if e.artifact_type == "kicad_footprint_mod"}
    previews = [e for e in entries if e.artifact_type == "footprint_svg"]
    symbols = {e.lcsc_id for e in entries if e.artifact_type == "kicad_symbol"}
    assert sorted(footprints) == sorted(symbols) == numbers
    assert len(previews) == 50 and len(entries) == 200
    for number, entry in footprints.items():
        content = store.get(entry.stored_key)
        assert content.startswith(b"(footprint ") and b"(pad " in content
        assert f'"C{number}"'.encode() in content
    # The upstream has none of their models: all are missing, and none of them failed.
    models = [state for state in states if state.artifact_type in ("model_obj", "model_step")]
    assert {state.status for state in models} == {"missing"}


def test_another_converter_draws_anew_and_fetches_nothing(tmp_path: Path) -> None:
    chosen = [part for part in parts()[:30] if part.models == "both"]
    with running() as upstream:
        bench = Bench(tmp_path, upstream, work_items(chosen))
        bench.fetch("cad")
        before = bench.requests()
        bench.draw("one")
        first = bench.rows("drawing")
        bench.draw("two")
        again = bench.rows("drawing")
        assert bench.requests() == before
    assert again[0] == first[0] and len(first[0]) == 4 * len(chosen)
    assert {state.status for state in again[1]} == {"success"}
    assert {state.asked_url.partition("#")[2].split(".")[1] for state in again[1]} == {"two"}


def test_a_footprint_that_does_not_convert_fails_alone(tmp_path: Path) -> None:
    good, bad, other = [part for part in parts()[:40] if part.models == "both"][:3]
    answers = tmp_path / "answers"
    answers.mkdir()
    content = json.loads(cad_answer(bad))
    content["result"]["packageDetail"]["dataStr"]["shape"].append("PAD~ELLIPSE~nowhere")
    (answers / f"{bad.code}.json").write_text(json.dumps(content))
    # An answer that nobody thought of, of the right part.
    content = {"success": True, "result": {"lcsc": {"number": other.code}, "packageDetail": [[]]}}
    (answers / f"{other.code}.json").write_text(json.dumps(content))
    with running(answers=answers) as upstream:
        bench = Bench(tmp_path, upstream, work_items([good, bad, other]))
        bench.fetch("cad")
        bench.draw()
        asked = bench.requests()
    states = [*bench.rows("cad")[1], *bench.rows("drawing")[1]]
    statuses = {(state.lcsc_id, state.artifact_type): state.status for state in states}
    for name in ("kicad_footprint_mod", "footprint_svg"):
        assert statuses[good.lcsc, name] == "success"
        assert statuses[bad.lcsc, name] == statuses[other.lcsc, name] == "failed"
    for name in ("model_obj", "model_step"):
        assert statuses[good.lcsc, name] == statuses[bad.lcsc, name] == "success"
        assert statuses[other.lcsc, name] == "missing"
    assert asked["easyeda"] == 3
    assert all(state.error for state in states if state.status == "failed")


def test_a_link_that_is_dead_for_many_parts_is_tried_as_for_one(tmp_path: Path) -> None:
    part = next(part for part in parts() if part.datasheet_kind == "bare")
    good = next(part for part in parts() if part.datasheet_kind == "wrapped")
    items = [WorkItem(number, (part if number % 2 else good).datasheet) for number in range(1, 101)]
    with running() as upstream:
        bench = Bench(tmp_path, upstream, items)
        bench.fetch("datasheet")
        # Four tries in each of two rounds; a page and its document.
        assert bench.requests()["datasheets"] == 2 * 4 + 2
    entries, states = bench.rows("datasheet")
    assert Counter(state.status for state in states) == {"failed": 50, "success": 50}
    assert len({entry.stored_key for entry in entries}) == 1


def test_a_full_disk_stops_a_shard_with_one_line_and_it_goes_on_later(tmp_path: Path) -> None:
    # A limit on the size of files stands in for the disk; it meets objects, live file or receipt.
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}));"
        "from components.cli import main; raise SystemExit(main(sys.argv[1:]))"
    )
    with running() as upstream:
        for limit_bytes in (0, 5000, 20_000):
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
        assert cli.main([*command, "-o", str(tmp_path / "plain")]) == 0
        table = capsys.readouterr().out
        asked = upstream.stats()["services"]["easyeda"]["requests"]
        assert cli.main(command) == 0
        assert upstream.stats()["services"]["easyeda"]["requests"] == asked
    rows = {line.split()[1]: line.split()[2] for line in table.splitlines()[1:]}
    assert rows == {
        **dict.fromkeys(("kicad_footprint_mod", "footprint_svg", "model_obj"), "success"),
        **dict.fromkeys(("kicad_symbol", "symbol_svg"), "success"),
        "easyeda_cad_json": "success",
        "lcsc_product": "success",
        "model_step": "missing",
    }
    files = {path.name: path.read_bytes() for path in (tmp_path / "plain").iterdir()}
    stored = {name for name, status in rows.items() if status == "success"}
    assert {Path(name).stem for name in files} == {f"{part.code}_{name}" for name in stored}
    assert files[f"{part.code}_kicad_footprint_mod.kicad_mod"].startswith(b"(footprint ")
    assert f"{part.code}_model_obj.obj" in table
    with reading(Layout(tmp_path).manifest) as connection:
        assert {entry.lcsc_id for entry in read_entries(connection)} == {part.lcsc}
