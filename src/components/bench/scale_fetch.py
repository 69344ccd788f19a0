"""Stage 1 at full size: planning, manifests, folding, and what of them reaches ``detail.sqlite``.

The artifacts are made up: of one part in ten, of four types, as EasyEDA's and the catalogue's
addresses and our metadata are. One in nine parts has a model and a package of its own.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from components.bench.scale_row import SOURCE, Row, disk_bytes, measured
from components.config.load import parse_config
from components.core.database import attached_output, writer
from components.core.layout import Layout
from components.fetch.fold import fold
from components.fetch.frozen import write_frozen
from components.fetch.manifest import Entry, State
from components.graph.planning import make_plan
from components.transform.assets import SCHEMA, fill_assets

SHARD = 5000
"""Parts of a shard."""
ONE_IN = 10
"""Parts that one with artifacts stands for."""


def rows(parts: int, folder: Path) -> Iterator[Row]:
    source = folder / SOURCE
    config: dict[str, Any] = {
        "paths": {"cache_dir": str(folder / "cache"), "source_sqlite": str(source)}
    }
    (folder / "config.json").write_text(json.dumps(config))
    yield _step("plan of a new source", f"{parts:,} parts", "plan", folder)
    changed = _change_stocks(source, parts)
    before = _lists(folder)
    yield _step("plan after stocks changed", f"{changed:,} parts", "plan", folder)
    after = _lists(folder)
    stale = sum(after[name] != before.get(name) for name in after)
    yield Row("work lists that this makes stale", f"{stale} of {len(after)}")
    # As many as shards of 5,000 parts would be, whatever the catalogue's size makes of them.
    config |= {"stage1": {"shards": max(1, parts // SHARD)}}
    (folder / "config.json").write_text(json.dumps(config))
    _run("plan", folder)
    command = [sys.executable, "-m", "components", "plan", "--configfile"]
    command += [str(folder / "config.json")]
    yield measured("components plan, all pending", f"{max(1, parts // SHARD):,} shards", command)
    made = 4 * (parts // ONE_IN)
    size = f"{made:,} artifacts"
    yield _step("writing the shards' manifests", size, "write", folder, parts, "cache/fetch/shards")
    yield _step("folding all", size, "fold", folder, 0, "cache/fetch")
    next(iter(sorted(Layout(folder / "cache").shards.glob("*.cad.sqlite3")))).touch()
    yield _step("folding after one shard changed", size, "fold", folder, 0, "cache/fetch")
    yield _step("assets of detail.sqlite", size, "assets", folder, parts, "assets.sqlite")


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
        write_shards(layout.shards, number // ONE_IN)
    elif step == "fold":
        fold(sorted(layout.shards.glob("*.sqlite3")), layout, layout.folded)
    else:
        _write_assets(layout.folded, root / "assets.sqlite", number // ONE_IN)


def write_shards(folder: Path, parts: int) -> None:
    """Frozen manifests of ``parts`` parts with artifacts, in as many shards as hold them."""
    folder.mkdir(parents=True, exist_ok=True)
    each = max(1, SHARD // ONE_IN)
    for shard, first in enumerate(range(0, parts, each)):
        numbers = range(first, min(first + each, parts))
        made = list(artifacts(numbers))
        for group, names in (
            ("cad", ("easyeda_cad_json", "model_step")),
            ("datasheet", ("datasheet_pdf",)),
            ("drawing", ("kicad_footprint_mod",)),
        ):
            mine = [pair for pair in made if pair[0].artifact_type in names]
            path = folder / f"{shard:04d}.{group}.sqlite3"
            write_frozen(path, [entry for entry, _ in mine], [state for _, state in mine])


def artifacts(numbers: Sequence[int]) -> Iterator[tuple[Entry, State]]:
    """What parts have: an answer, a model, a footprint, a datasheet."""
    for number in numbers:
        part, package = 1000 + number * ONE_IN, number // 9
        cad = f"https://easyeda.com/api/products/C{part}/components?version=6.4.19.5"
        uuid = _sha256(f"model {package}")[:32]
        place = {"confidence": "exact", "offset": [0.0, 0.0, package % 7], "uuid": uuid}
        sheet = f"https://datasheet.lcsc.com/lcsc/18{number:08d}_Maker-PART{number}_C{part}.pdf"
        answer = _sha256(f"answer {part}")
        for name, url, sha256, mime, meta, asked in (
            ("easyeda_cad_json", cad, answer, "application/json", {"model_uuid": uuid}, cad),
            (
                *("model_step", f"https://modules.easyeda.com/qAxj6KHrDKw4blvCG8QJPs7Y/{uuid}"),
                *(_sha256(uuid), "model/step", {"uuid": uuid}, cad),
            ),
            (
                *("kicad_footprint_mod", cad, _sha256(f"footprint {package}"), "text/plain"),
                {"model": place, "model_path": f"{uuid}.step", "name": f"PACKAGE-{package}"},
                f"#{answer[:16]}.0123456789abcdef.{uuid[:8]}",
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


def _write_assets(folded: Path, output: Path, parts: int) -> None:
    with closing(writer()) as db, attached_output(db, output):
        # The parts' own columns are no matter here: their numbers alone, some bytes a part.
        db.execute("CREATE TABLE out.components_full (lcsc_id INTEGER PRIMARY KEY)")
        numbers = ((1000 + number * ONE_IN,) for number in range(parts))
        db.executemany("INSERT INTO out.components_full VALUES (?)", numbers)
        db.execute(SCHEMA)
        fill_assets(db, folded, [])


def _change_stocks(source: Path, parts: int) -> int:
    """Another stock for one part in a hundred, none for every second of those."""
    own = source.with_suffix(".changed")
    with closing(sqlite3.connect(source)) as db, closing(sqlite3.connect(own)) as copy:
        db.backup(copy)
        changed = copy.execute(
            "UPDATE components SET stock = (lcsc / 100 % 2) * 77 WHERE lcsc * 7919 % 100 = 0"
        ).rowcount
        copy.commit()
    # The given file is another's too.
    own.replace(source)
    return changed


def _lists(folder: Path) -> dict[str, bytes]:
    paths = (Layout(folder / "cache").plan / "shards").glob("*.tsv")
    return {path.name: hashlib.sha256(path.read_bytes()).digest() for path in paths}


def test_every_row_is_measured(tmp_path: Path) -> None:
    from components.bench.transform import generated_source

    generated_source(tmp_path / SOURCE, rows=3)
    with closing(sqlite3.connect(tmp_path / SOURCE)) as db:
        (parts,) = db.execute("SELECT count(*) FROM components").fetchone()
    found = {row.what: row for row in rows(parts, tmp_path)}
    assert len(found) == 8
    assert all(row.cpu_s for row in found.values() if not row.what.startswith("work lists"))
    with closing(sqlite3.connect(tmp_path / "assets.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM component_assets").fetchone()[0] == 4 * (
            parts // 10
        )
    assert disk_bytes(tmp_path / "cache" / "fetch") > 0
