"""``components convert-glb``: the STEP models of a shard as GLB objects, and the boxes they fill.

Reads the shard's frozen manifests, writes ``model_glb`` objects with one more frozen manifest, and
the file of boxes by which footprints place their models; or the boxes alone. A part whose model
cannot be converted gets a ``failed`` state with the reason; it stops nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from components.cad.glb.bounds import bounds_mm
from components.cad.glb.pool import CPU_LIMIT_S, MEMORY_LIMIT_BYTES, GlbPool
from components.cad.model_box import ModelBox, box_of, read_boxes, write_boxes
from components.core.errors import CadError, ComponentsError, ConfigError, StoreError
from components.fetch import glb_cache
from components.fetch.frozen import write_frozen
from components.fetch.glb_cache import GlbCache, Outcome
from components.fetch.kept import mark
from components.fetch.manifest import Entry, State, read_entries, reading
from components.store.object_store import ObjectStore

SOURCE, PRODUCT, MIME = "model_step", "model_glb", "model/gltf-binary"
PROGRESS_EVERY = 500


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manifest", nargs="+", type=Path, required=True, help="frozen manifests of the shard"
    )
    parser.add_argument("--objects", type=Path, required=True, help="the object store")
    parser.add_argument("--workers", type=int, default=1, help="STEP files converted at once")
    parser.add_argument("--cpu-limit-s", type=int, default=CPU_LIMIT_S, help="for one STEP file")
    parser.add_argument(
        "--memory-limit-mib", type=int, default=MEMORY_LIMIT_BYTES >> 20, help="for one STEP file"
    )
    parser.add_argument("--boxes", type=Path, required=True, help="file of boxes to write")
    parser.add_argument("--mark", type=Path, help="file to leave once all is done")
    parser.add_argument("--output", type=Path, help="frozen manifest to write; none: boxes alone")


def run(args: argparse.Namespace) -> int:
    """Convert what is new and write the files; 0 however many models could not be converted."""
    for name in ("workers", "cpu_limit_s", "memory_limit_mib"):
        if getattr(args, name) < 1:
            raise ConfigError(f"--{name.replace('_', '-')} must be at least 1")
    steps = list(_steps(args.manifest))
    check_converter()
    store = ObjectStore(args.objects)
    live = args.boxes.with_name(f"{args.boxes.name.partition('.')[0]}.glb.live.sqlite3")
    with ExitStack() as stack:
        cache = stack.enter_context(glb_cache.opened(live))
        pool = stack.enter_context(
            GlbPool(args.workers, args.cpu_limit_s, args.memory_limit_mib << 20)
        )
        outcomes = _outcomes(steps, store, cache, pool, args.workers, keep=bool(args.output))
    store.sync()
    if args.output:
        write_frozen(args.output, _entries(steps, outcomes), _states(steps, outcomes))
    write_boxes(args.boxes, {sha256: _box(outcome) for sha256, outcome in outcomes.items()})
    if args.mark:
        mark(args.mark)
    failed = sum(bool(outcome.error) for outcome in outcomes.values())
    did = "converted" if args.output else "measured"
    print(f"{len(outcomes) - failed} models {did}, {failed} not", file=sys.stderr)
    return 0


def measure(steps: Iterable[Entry], store: ObjectStore) -> dict[str, ModelBox]:
    """The boxes of a few STEP files, by SHA-256; without those that cannot be read."""
    boxes: dict[str, ModelBox] = {}
    with GlbPool(1) as pool:
        for step in steps:
            if step.raw_sha256 not in boxes:
                box = _box(_convert(step.stored_key, store, pool, keep=False))
                boxes |= {} if isinstance(box, str) else {step.raw_sha256: box}
    return boxes


def _box(outcome: Outcome) -> ModelBox | str:
    return outcome.error or box_of(json.loads(outcome.bounds_json))


def check_converter() -> None:
    """Raise :class:`ComponentsError` where no model could be converted, whatever it holds."""
    command = [sys.executable, "-c", "import cascadio"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["it ended at once"])[-1]
        raise ComponentsError(f"cascadio cannot be loaded ({reason}); `make setup` installs it")


def _steps(manifests: Iterable[Path]) -> Iterator[Entry]:
    """The latest model of each part: a part may have had others before."""
    latest: dict[int, Entry] = {}
    for path in manifests:
        with reading(path) as connection:
            for entry in read_entries(connection):
                before = latest.get(entry.lcsc_id)
                if entry.artifact_type == SOURCE and (before is None or _age(before) < _age(entry)):
                    latest[entry.lcsc_id] = entry
    return iter(sorted(latest.values()))


def _age(entry: Entry) -> tuple[str, str]:
    return entry.fetched_at_utc, entry.raw_sha256


def _outcomes(
    steps: Iterable[Entry],
    store: ObjectStore,
    cache: GlbCache,
    pool: GlbPool,
    workers: int,
    *,
    keep: bool,
) -> dict[str, Outcome]:
    """What became of each distinct STEP file, by its SHA-256; without ``keep`` its box alone."""
    outcomes: dict[str, Outcome] = {}
    waiting: dict[str, Future[Outcome]] = {}
    with ThreadPoolExecutor(workers) as threads:
        for step in steps:
            sha256 = step.raw_sha256
            if sha256 in outcomes or sha256 in waiting:
                continue
            known = cache.get(sha256)
            if known and (not keep or (known.stored_key and store.contains(known.stored_key))):
                outcomes[sha256] = known
            else:
                waiting[sha256] = threads.submit(_convert, step.stored_key, store, pool, keep=keep)
        for count, (sha256, future) in enumerate(waiting.items(), start=1):
            outcome = outcomes[sha256] = future.result()
            if not outcome.error:
                # The index must not promise an object before it is there for good.
                store.sync()
                cache.put(sha256, outcome)
            if count % PROGRESS_EVERY == 0:
                print(f"{count} of {len(waiting)} models", file=sys.stderr)
    return outcomes


def _convert(key: str, store: ObjectStore, pool: GlbPool, *, keep: bool) -> Outcome:
    try:
        glb = pool.convert(store.get(key))
        bounds = json.dumps(bounds_mm(glb))
        if not keep:
            return Outcome("", 0, "", "", bounds)
        stored = store.put(PRODUCT, glb)
    except (CadError, StoreError) as error:
        return Outcome("", 0, "", "", "", str(error))
    return Outcome(stored.sha256, stored.raw_size_bytes, stored.encoding, stored.key, bounds)


def _entries(steps: Iterable[Entry], outcomes: dict[str, Outcome]) -> Iterator[Entry]:
    for step in steps:
        outcome = outcomes[step.raw_sha256]
        if not outcome.error:
            meta = {
                "bounds_mm": json.loads(outcome.bounds_json),
                "converter": glb_cache.converter(),
                "model_step_sha256": step.raw_sha256,
            }
            yield Entry(
                lcsc_id=step.lcsc_id,
                artifact_type=PRODUCT,
                source_url=step.source_url,
                raw_sha256=outcome.raw_sha256,
                raw_size_bytes=outcome.raw_size_bytes,
                mime=MIME,
                encoding=outcome.encoding,
                stored_key=outcome.stored_key,
                # Nothing was fetched: a time of its own would make equal runs differ.
                fetched_at_utc=step.fetched_at_utc,
                source_meta_json=json.dumps(meta, sort_keys=True),
                compare_ok=1,
            )


def _states(steps: Iterable[Entry], outcomes: dict[str, Outcome]) -> Iterator[State]:
    for step in steps:
        outcome = outcomes[step.raw_sha256]
        if outcome.error:
            yield State(step.lcsc_id, PRODUCT, "failed", step.source_url, None, outcome.error)
        else:
            yield State(step.lcsc_id, PRODUCT, "success", step.source_url, outcome.raw_sha256)


def _shard(folder: Path, models: dict[int, bytes]) -> argparse.Namespace:
    """A shard's manifest and objects, as stage 1 leaves them, and the arguments to convert it."""
    store = ObjectStore(folder / "objects", library=None)
    entries = []
    for lcsc_id, data in models.items():
        kept = store.put(SOURCE, data)
        url, time = f"http://modules.upstream.test/{lcsc_id}", "2026-01-01T00:00:00Z"
        content = (kept.sha256, len(data), "model/step", kept.encoding, kept.key)
        entries.append(Entry(lcsc_id, SOURCE, url, *content, time, "{}", 1))
    write_frozen(folder / "0.step.sqlite3", entries, [])
    parser = argparse.ArgumentParser()
    configure(parser)
    paths = ["--manifest", str(folder / "0.step.sqlite3"), "--objects", str(folder / "objects")]
    paths += ["--boxes", str(folder / "0.boxes.json"), "--output", str(folder / "0.glb.sqlite3")]
    return parser.parse_args([*paths, "--workers", "2"])


def test_a_shard_is_converted_once_and_a_bad_model_stops_nothing(tmp_path: Path) -> None:
    from components.testing.step import example_step

    good = example_step()
    args = _shard(tmp_path, {1: good, 2: b"not a model", 3: good, 4: example_step(round_=True)})
    assert run(args) == 0
    first = args.output.read_bytes()
    with reading(args.output) as connection:
        entries = {entry.lcsc_id: entry for entry in read_entries(connection)}
        states = connection.execute(
            "SELECT lcsc_id, status, error FROM roundtrip_state ORDER BY lcsc_id"
        ).fetchall()
    assert sorted(entries) == [1, 3, 4]
    assert entries[1].raw_sha256 == entries[3].raw_sha256 != entries[4].raw_sha256
    assert [status for _, status, _ in states] == ["success", "failed", "success", "success"]
    assert states[1][2] == "the STEP file is no STEP file that can be read"
    assert json.loads(entries[1].source_meta_json)["bounds_mm"] == [[-1, -0.5, 0], [1, 0.5, 0.5]]
    glb = ObjectStore(args.objects).get(entries[1].stored_key)
    assert glb[:4] == b"glTF"
    assert len(glb) == entries[1].raw_size_bytes
    boxes = read_boxes(args.boxes)
    assert len(boxes) == 2
    assert boxes[json.loads(entries[1].source_meta_json)["model_step_sha256"]] == (
        (-1, -0.5, 0),
        (1, 0.5, 0.5),
    )
    # The second run has no STEP files to convert again; what it knows, it needs not.
    args.output.unlink()
    converted = {json.loads(e.source_meta_json)["model_step_sha256"] for e in entries.values()}
    for path in (tmp_path / "objects" / SOURCE).iterdir():
        if path.name.removesuffix(".zst") in converted:
            path.unlink()
    assert run(args) == 0
    assert args.output.read_bytes() == first
    assert read_boxes(args.boxes) == boxes


def test_boxes_alone_keep_no_glb(tmp_path: Path) -> None:
    from components.testing.step import example_step

    args = _shard(tmp_path, {1: example_step(), 2: b"not a model"})
    manifest, args.output = args.output, None
    assert run(args) == 0
    assert len(read_boxes(args.boxes)) == 1
    assert not (tmp_path / "objects" / PRODUCT).exists()
    # What is known by its box alone is converted once a GLB is asked for.
    args.output = manifest
    assert run(args) == 0
    assert len(list((tmp_path / "objects" / PRODUCT).iterdir())) == 1


def test_a_converter_that_cannot_be_loaded_is_no_fault_of_the_models(tmp_path: Path) -> None:
    import os

    import pytest

    (tmp_path / "cascadio.py").write_text("raise ModuleNotFoundError('no numpy')")
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{before}"
    try:
        with pytest.raises(ComponentsError, match=r"no numpy.*make setup"):
            check_converter()
    finally:
        os.environ["PYTHONPATH"] = before
    check_converter()
