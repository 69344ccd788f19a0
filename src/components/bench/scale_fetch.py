"""Stage 1 at full size: planning, manifests, folding, and what of them reaches ``detail.sqlite``.

The artifacts are made up: of as many parts as JLC had in stock, of five types, as EasyEDA's and the
catalogue's addresses and our metadata are. One in nine parts has a model and a package of its own.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.bench import scale_jobs
from components.bench.cost import measure
from components.bench.scale_row import MB, SOURCE, Row, disk_bytes, measured
from components.bench.sources import change_stocks
from components.config.load import parse_config
from components.core.layout import Layout
from components.families import rooms
from components.fetch.fold import fold
from components.fetch.frozen import write_frozen
from components.fetch.manifest import Entry, State
from components.graph.planning import make_plan

if TYPE_CHECKING:
    from pytest import MonkeyPatch

SHARD = 5000
"""Parts of a shard."""
WITH_ARTIFACTS = 566_000
"""Parts that have artifacts, at most: 2.83 million of them."""
TYPES = 5
DETAIL_MAX = 1_000_000
"""Parts of which `detail.sqlite` is made: its rows are another table's."""


def rows(parts: int, folder: Path) -> Iterator[Row]:
    source = folder / SOURCE
    config: dict[str, Any] = {
        "paths": {"cache_dir": str(folder / "cache"), "source_sqlite": str(source)}
    }
    (folder / "config.json").write_text(json.dumps(config))
    yield _step("plan of a new source", f"{parts:,} parts", "plan", folder)
    changed = change_own_stocks(source)
    before = _lists(folder)
    yield _step("plan after stocks changed", f"{changed:,} parts", "plan", folder)
    after = _lists(folder)
    stale = sum(after[name] != before.get(name) for name in after)
    yield Row("work lists that this makes stale", f"{stale} of {len(after)}")
    # As many as shards of 5,000 parts would be, whatever the catalogue's size makes of them.
    shards = max(1, parts // SHARD)
    config |= {"stage1": {"shards": shards}}
    (folder / "config.json").write_text(json.dumps(config))
    yield _step("plan of as many shards", f"{shards:,} shards", "plan", folder)
    command = [sys.executable, "-m", "components", "plan", "--configfile"]
    command += [str(folder / "config.json")]
    yield measured("components plan, all pending", f"{shards:,} shards", command)
    yield from scale_jobs.rows(folder)
    numbers = with_artifacts(source)
    made = len(numbers)
    size = f"{TYPES * made:,} artifacts"
    layout = Layout(folder / "cache")
    yield _step(
        "writing the shards' manifests", size, "write", folder, shards, "cache/fetch/shards"
    )
    yield _step("folding all", size, "fold", folder, 0, "cache/fetch")
    for path in (layout.shards, layout.manifest, layout.state):
        yield Row(f"fetch/{path.name}", size, disk_mb=disk_bytes(path) / MB)
    _write_shard(layout.shards, 0, artifacts(numbers[1 : made // shards]))
    yield _step("folding after one shard changed", size, "fold", folder, 0, "cache/fetch")
    if parts <= DETAIL_MAX:
        yield from _detail(folder, layout, size)


def _detail(folder: Path, layout: Layout, size: str) -> Iterator[Row]:
    picks, output = layout.build / "pick", layout.build / "detail.sqlite"
    given = ["--source", str(folder / SOURCE)]
    measure([sys.executable, "-m", "components", "build-pick", *given, "--output", str(picks)])
    command = [sys.executable, "-m", "components", "build-detail", *given]
    command += ["--pick", *(str(picks / f"{room}.sqlite") for room in rooms())]
    command += ["--output", str(output)]
    yield measured("detail.sqlite without assets", size, command, output)
    command += ["--manifest", str(layout.folded)]
    yield measured("detail.sqlite with them", size, command, output)


def _step(what: str, size: str, step: str, folder: Path, number: int = 0, made: str = "") -> Row:
    return measured(what, size, _command(step, folder, number), *([folder / made] if made else []))


def _command(step: str, folder: Path, number: int = 0) -> list[str]:
    program = f"from {__name__} import run_step; run_step({step!r}, {str(folder)!r}, {number})"
    return [sys.executable, "-c", program]


def _run(step: str, folder: Path) -> None:
    run_step(step, str(folder), 0)


def run_step(step: str, folder: str, number: int) -> None:
    """One of the steps, in a process of its own."""
    root = Path(folder)
    layout = Layout(root / "cache")
    if step == "plan":
        config = parse_config(json.loads((root / "config.json").read_bytes()), {})
        make_plan(root / SOURCE, layout, config)
    elif step == "write":
        write_shards(layout.shards, with_artifacts(root / SOURCE), number)
    else:
        fold(sorted(layout.shards.glob("*.sqlite3")), layout, layout.folded)


def with_artifacts(source: Path) -> list[int]:
    """The parts of a catalogue that have artifacts: all of them, or as many as there may be."""
    with closing(sqlite3.connect(source)) as db:
        (parts,) = db.execute("SELECT count(*) FROM components").fetchone()
        chosen = min(parts, WITH_ARTIFACTS)
        numbers = (row[0] for row in db.execute("SELECT lcsc FROM components ORDER BY lcsc"))
        # Evenly over all of them.
        return [
            n for at, n in enumerate(numbers) if at * chosen // parts < (at + 1) * chosen // parts
        ]


def write_shards(folder: Path, numbers: Sequence[int], shards: int) -> None:
    """Frozen manifests of these parts' artifacts, evenly in as many shards."""
    folder.mkdir(parents=True, exist_ok=True)
    each = -(-len(numbers) // shards)
    for shard in range(shards):
        first = shard * each
        _write_shard(folder, shard, artifacts(numbers[first : first + each], first))


def _write_shard(folder: Path, shard: int, made: Iterable[tuple[Entry, State]]) -> None:
    rows = list(made)
    for group, names in (
        ("cad", ("easyeda_cad_json", "model_step")),
        ("datasheet", ("datasheet_pdf",)),
        ("drawing", ("kicad_footprint_mod", "kicad_symbol")),
    ):
        mine = [pair for pair in rows if pair[0].artifact_type in names]
        path = folder / f"{shard:04d}.{group}.sqlite3"
        write_frozen(path, [entry for entry, _ in mine], [state for _, state in mine])


def artifacts(numbers: Sequence[int], first: int = 0) -> Iterator[tuple[Entry, State]]:
    """What parts have: an answer, a model, a footprint and a symbol, a datasheet."""
    for number, part in enumerate(numbers, first):
        package = number // 9
        cad = f"https://easyeda.com/api/products/C{part}/components?version=6.4.19.5"
        uuid = _sha256(f"model {package}")[:32]
        place = {"confidence": "exact", "offset": [0.0, 0.0, package % 7], "uuid": uuid}
        sheet = f"https://datasheet.lcsc.com/lcsc/18{number:08d}_Maker-PART{number}_C{part}.pdf"
        answer = _sha256(f"answer {part}")
        drawn = f"#{answer[:16]}.0123456789abcdef.{uuid[:8]}"
        for name, url, sha256, mime, meta, asked in (
            ("easyeda_cad_json", cad, answer, "application/json", {"model_uuid": uuid}, cad),
            (
                *("model_step", f"https://modules.easyeda.com/qAxj6KHrDKw4blvCG8QJPs7Y/{uuid}"),
                *(_sha256(uuid), "model/step", {"uuid": uuid}, cad),
            ),
            (
                *("kicad_footprint_mod", cad, _sha256(f"footprint {package}"), "text/plain"),
                {"model": place, "model_path": f"{uuid}.step", "name": f"PACKAGE-{package}"},
                drawn,
            ),
            (
                *("kicad_symbol", cad, _sha256(f"symbol {part}"), "text/plain"),
                {"report": {"confidence": "sound", "pins": 2 + package % 99}},
                drawn,
            ),
            (
                *("datasheet_pdf", sheet, _sha256(sheet), "application/pdf"),
                {
                    "content_type": "application/pdf",
                    "original_url": sheet,
                    "resolved_url": sheet,
                    "status": 200,
                },
                sheet,
            ),
        ):
            key = f"objects/{name}/{sha256}.zst"
            text = json.dumps(meta, sort_keys=True, separators=(",", ":"))
            size = 1000 + number % 100_000
            rest = (size, mime, "zstd", key, "2026-01-01T00:00:00Z", text, 1)
            yield Entry(part, name, url, sha256, *rest), State(part, name, "success", asked, sha256)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def change_own_stocks(source: Path, night: int = 2) -> int:
    """:func:`change_stocks` of a copy that takes the source's place; how many."""
    own = source.with_suffix(".changed")
    with closing(sqlite3.connect(source)) as db, closing(sqlite3.connect(own)) as copy:
        db.backup(copy)
    changed = change_stocks(own, night)
    # The given file is another's too.
    own.replace(source)
    return changed


def _lists(folder: Path) -> dict[str, bytes]:
    paths = (Layout(folder / "cache").plan / "shards").glob("*.tsv")
    return {path.name: hashlib.sha256(path.read_bytes()).digest() for path in paths}


def test_every_row_is_measured(tmp_path: Path, monkeypatch: MonkeyPatch) -> None:
    from components.bench.transform import generated_source

    monkeypatch.setattr("components.bench.scale_jobs.JOBS", 2)
    monkeypatch.setattr("components.bench.scale_jobs.SHARDS", 1)
    generated_source(tmp_path / SOURCE, rows=3)
    with closing(sqlite3.connect(tmp_path / SOURCE)) as db:
        (parts,) = db.execute("SELECT count(*) FROM components").fetchone()
    found = {row.what: row for row in rows(parts, tmp_path)}
    assert len(found) == 16
    without_cost = {"work lists that this makes stale"} | {n for n in found if "fetch/" in n}
    assert all(row.cpu_s for name, row in found.items() if name not in without_cost)
    with closing(sqlite3.connect(tmp_path / "cache" / "build" / "detail.sqlite")) as db:
        (assets,) = db.execute("SELECT count(*) FROM component_assets").fetchone()
    assert assets == TYPES * parts - TYPES
    assert disk_bytes(tmp_path / "cache" / "fetch") > 0
