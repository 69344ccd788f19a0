"""What each change rebuilds: the table of docs/rebuilds.md, row by row, as Snakemake runs it.

The module's pipeline is built once, from a ready source that the bundled upstream gave, with
artifacts fetched from it; each test makes one change and reads which jobs ran.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from components.core.project import copy_checkout
from components.testing.kicad import run_kicad
from components.testing.kicad_library import schematic, symbols
from components.testing.pipeline import Pipeline

# The index reads prices where the details are.
DETAIL = {
    "build_detail_db": 1,
    "build_index": 1,
    "build_metadata": 1,
    "validate_snapshot": 1,
    "publish_snapshot": 1,
}
TAIL = {"build_search": 1, **DETAIL}
FAMILY = {"build_pick_tables": 1, "build_fast_db": 1, **TAIL}
ARTIFACTS = {"model_obj": False, "datasheet_pdf": True, "part_image": False}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("stale")
    project = folder / "checkout"
    copy_checkout(project)
    # Without assets first: only the catalogue is wanted.
    origin_run = Pipeline(folder / "origin", {"stage1": {"enabled": False}}, project)
    receipt = origin_run.layout.source.with_name("receipt.json")
    origin_run.run("--", str(receipt)).check()
    source = folder / "cache.sqlite3"
    shutil.copy(origin_run.layout.source, source)
    pipeline = Pipeline(
        folder / "work",
        {
            "paths": {"source_sqlite": str(source)},
            "stage1": {
                "shards": 3,
                "artifacts": ARTIFACTS,
                "where": "stock > 0 AND lcsc % 4 = 0",
                "requests_per_second": {"jlc": 0, "easyeda": 0, "lcsc": 0},
            },
        },
        project,
    )
    # The same library: compiling it again would show nothing.
    shutil.copytree(origin_run.layout.root / "lib", pipeline.layout.root / "lib")
    first = pipeline.run().check()
    assert first.jobs["fetch_shard"] == 3 and first.jobs["build_pick_tables"] == 1
    yield pipeline


def source_of(pipeline: Pipeline) -> Path:
    return Path(pipeline.config["paths"]["source_sqlite"])


def change_source(pipeline: Pipeline, statement: str) -> None:
    """A new catalogue in the old one's place, as a nightly copy would be."""
    path = source_of(pipeline)
    changed = path.with_suffix(".new")
    shutil.copy(path, changed)
    with closing(sqlite3.connect(changed)) as db:
        db.execute(statement)
        db.commit()
    changed.replace(path)


def add(pipeline: Pipeline, module: str, text: str) -> None:
    """Add ``text`` to the end of one of the checkout's modules."""
    path = pipeline.project / "src" / "components" / module
    path.write_text(f"{path.read_text()}\n{text}\n")


def a_part(pipeline: Pipeline, family: str) -> int:
    with closing(sqlite3.connect(pipeline.layout.build / "fast.sqlite")) as db:
        query = f"SELECT min(lcsc_id) FROM {family}_pick WHERE lcsc_id % 4 = 0 AND stock > 10"
        return int(db.execute(query).fetchone()[0])


def test_nothing_changed_rebuilds_nothing(pipeline: Pipeline) -> None:
    ran = pipeline.run().check()
    assert not ran.jobs
    assert "Nothing to be done" in ran.output


def test_a_report_shows_what_the_run_gave(pipeline: Pipeline) -> None:
    report = pipeline.folder / "report.html"
    pipeline.run("--report", str(report)).check()
    page = report.read_text()
    assert "summary.html" in page and "build_pick_tables" in page
    assert "Families" in (pipeline.layout.build / "summary.html").read_text()


def test_a_touched_source_rebuilds_nothing(pipeline: Pipeline) -> None:
    os.utime(source_of(pipeline))
    assert not pipeline.run().check().jobs


def test_one_parts_stock_rebuilds_its_family_and_fetches_nothing(pipeline: Pipeline) -> None:
    part = a_part(pipeline, "resistor")
    before = written(pipeline)
    change_source(pipeline, f"UPDATE components SET stock = stock + 1 WHERE lcsc = {part}")
    assert pipeline.run().check().jobs == FAMILY
    after = written(pipeline)
    assert {room for room in before if before[room] != after[room]} == {"passive"}


def written(pipeline: Pipeline) -> dict[str, int]:
    """Which file each room's is now: another one where it was written again."""
    return {path.stem: path.stat().st_ino for path in (pipeline.layout.build / "pick").iterdir()}


def test_what_no_table_holds_rebuilds_the_details_alone(pipeline: Pipeline) -> None:
    part = a_part(pipeline, "resistor")
    change_source(pipeline, f"UPDATE components SET last_update = 1 WHERE lcsc = {part}")
    assert pipeline.run().check().jobs == TAIL


def test_one_new_part_fetches_one_shard(pipeline: Pipeline) -> None:
    part = a_part(pipeline, "resistor")
    columns = "category_id, mfr, package, joints, manufacturer_id, basic, preferred"
    columns += ", description, datasheet, stock, price, last_update, extra"
    with closing(sqlite3.connect(source_of(pipeline))) as db:
        taken = {row[0] for row in db.execute("SELECT lcsc FROM components")}
    new = next(number for number in range(part, part + 10_000, 4) if number not in taken)
    change_source(
        pipeline,
        f"INSERT INTO components (lcsc, {columns}) "
        f"SELECT {new}, {columns} FROM components WHERE lcsc = {part}",
    )
    ran = pipeline.run().check()
    fetched = {"fetch_shard": 1, "convert_cad": 1, "convert_glb": 1, "fold_manifests": 1}
    assert ran.jobs == {**FAMILY, **fetched}


def test_a_night_s_stocks_fetch_for_the_shards_of_new_parts_alone(pipeline: Pipeline) -> None:
    """Of 1 % of the parts every second one crosses `stock > 0`, one way and the other."""

    def night(stock: int) -> tuple[Counter[str], set[str]]:
        changed = (
            "lcsc % 4 = 0 AND lcsc IN (SELECT lcsc FROM components ORDER BY lcsc % 97 LIMIT 80)"
        )
        before = {path.name: path.read_bytes() for path in lists.glob("*.tsv")}
        change_source(pipeline, f"UPDATE components SET stock = {stock} WHERE {changed}")
        planned = pipeline.run("--dry-run").check().jobs
        after = {path.name: path.read_bytes() for path in lists.glob("*.tsv")}
        assert pipeline.run().check().jobs == planned
        return planned, {name for name in after if after[name] != before[name]}

    lists = pipeline.layout.plan / "shards"
    with closing(sqlite3.connect(source_of(pipeline))) as db:
        rows = db.execute("SELECT lcsc FROM components WHERE lcsc % 4 = 0 AND stock = 0").fetchall()
    never = {row[0] for row in rows}
    assert night(0) == (FAMILY, set())
    jobs, changed = night(70)
    # What is new was never in stock before.
    listed = {item for name in changed for item in (lists / name).read_text().split()}
    assert all(any(f"{part}" in listed for part in never) for _ in changed)
    shards = {name.partition(".")[0] for name in changed}
    assert jobs["fetch_shard"] == len(shards) < 3
    assert night(0) == (FAMILY, set())
    assert night(9) == (FAMILY, set())


def test_a_family_module_rebuilds_its_table_and_what_follows(pipeline: Pipeline) -> None:
    module = pipeline.project / "src" / "components" / "families" / "passive" / "crystal.py"
    module.write_text(module.read_text() + "\nUNUSED = 1\n")
    before = written(pipeline)
    assert pipeline.run().check().jobs == FAMILY
    after = written(pipeline)
    assert {room for room in before if before[room] != after[room]} == {"passive"}


def test_a_docstring_or_a_unit_test_rebuilds_nothing(pipeline: Pipeline) -> None:
    module = pipeline.project / "src" / "components" / "families" / "passive" / "crystal.py"
    module.write_text(module.read_text() + "\n\ndef test_more() -> None:\n    assert FAMILY\n")
    assert not pipeline.run().check().jobs


@pytest.mark.parametrize(
    ("name", "added"),
    [
        ("serve/app.py", "UNUSED = 1"),
        ("operate/status.py", "UNUSED = 1"),
        ("publish/sync.py", "UNUSED = 1"),
        ("bundled/catalogue.py", "UNUSED = 1"),
        ("testing/library.py", "UNUSED = 1"),
        ("core/errors.py", "class NewError(ComponentsError):\n    pass"),
        ("core/files.py", "UNUSED = 1"),
        ("net/http.py", "UNUSED = 1"),
        ("store/object_store.py", "UNUSED = 1"),
        ("cli.py", 'VERBS["new"] = Verb("components.operate.status", "a new verb")'),
        (
            "transform/pick.py",
            "def _one() -> int:\n    return 1\n\n\ndef test_one() -> None:\n    assert _one()",
        ),
    ],
)
def test_what_cannot_change_a_product_rebuilds_nothing(
    pipeline: Pipeline, name: str, added: str
) -> None:
    add(pipeline, name, added)
    assert not pipeline.run().check().jobs


def test_a_new_key_of_the_server_rebuilds_nothing(pipeline: Pipeline) -> None:
    add(pipeline, "config/serve.py", "    brand_new: bool = Field(True, description='New')")
    assert not pipeline.run().check().jobs
    pipeline.set({"serve": {"brand_new": False}})
    assert not pipeline.run().check().jobs


def test_a_service_of_one_group_asks_for_that_group_again_and_fetches_nothing(
    pipeline: Pipeline,
) -> None:
    add(pipeline, "fetch/services/datasheet.py", "UNUSED = 1")
    assert pipeline.run().check().jobs == {"fetch_shard": 3, "fold_manifests": 1, **DETAIL}
    for log in (pipeline.layout.root / "logs" / "fetch_shard").glob("*.log"):
        said = log.read_text()
        assert "parts, 0 stored" in said and f"cad {log.stem}: kept as it is" in said


def test_a_comment_in_the_config_rebuilds_nothing(pipeline: Pipeline) -> None:
    config = pipeline.project / "config.yaml"
    config.write_text(config.read_text() + "# A remark.\n")
    assert not pipeline.run().check().jobs


def test_serve_keys_and_speeds_rebuild_nothing(pipeline: Pipeline) -> None:
    pipeline.set({"serve": {"port": 9999, "workers": 2}, "stage1": {"workers": 3}})
    assert not pipeline.run().check().jobs


@pytest.mark.parametrize("module", ["footprint/pads.py", "symbol/pins.py"])
def test_a_converter_s_module_draws_anew_and_fetches_nothing(
    module: str, pipeline: Pipeline
) -> None:
    add(pipeline, f"cad/{module}", "UNUSED = 1")
    assert pipeline.run().check().jobs == {"convert_cad": 3, "fold_manifests": 1, **DETAIL}


def test_answers_are_served_without_being_fetched_again(pipeline: Pipeline) -> None:
    def served() -> int:
        with closing(sqlite3.connect(pipeline.layout.build / "detail.sqlite")) as db:
            query = "SELECT count(*) FROM component_assets WHERE artifact_type = ?"
            return int(db.execute(query, ("easyeda_cad_json",)).fetchone()[0])

    assert not served()
    pipeline.set({"stage1": {"artifacts": {"easyeda_cad_json": True}}})
    assert pipeline.run().check().jobs == DETAIL
    assert served()


def test_an_artifact_switched_on_runs_that_group_only(pipeline: Pipeline) -> None:
    pipeline.set({"stage1": {"artifacts": {"part_image": True}}})
    ran = pipeline.run().check()
    assert ran.jobs == {"fetch_shard": 3, "fold_manifests": 1, **DETAIL}
    assert not list(pipeline.layout.shards.glob("*.lcsc.sqlite3"))
    assert len(list(pipeline.layout.shards.glob("*.image.sqlite3"))) == 3


def test_an_artifact_switched_off_and_on_again_fetches_no_shard(pipeline: Pipeline) -> None:
    for wanted in (False, True):
        pipeline.set({"stage1": {"artifacts": {"part_image": wanted}}})
        assert "fetch_shard" not in pipeline.run().check().jobs


def test_what_one_group_of_a_shard_fails_with_costs_the_others_nothing(
    pipeline: Pipeline,
) -> None:
    """The engine deletes what the failed job had; the next run puts it back as it was."""
    shards = pipeline.layout.shards
    before = {path.name: path.read_bytes() for path in shards.glob("[0-9]*.sqlite3")}
    add(pipeline, "fetch/services/datasheet.py", "LESS = 1")
    in_the_way = shards / "0000.datasheet.live.sqlite3"
    in_the_way.mkdir()
    ran = pipeline.run()
    assert ran.returncode != 0 and not (shards / "0000.cad.sqlite3").exists()
    # Other shards go on.
    assert (shards / "0001.datasheet.sqlite3").exists()
    in_the_way.rmdir()
    planned = pipeline.run("--dry-run").check().jobs
    ran = pipeline.run().check()
    assert ran.jobs == planned and ran.jobs["fetch_shard"] == 1
    said = (pipeline.layout.root / "logs" / "fetch_shard" / "0000.log").read_text()
    assert "cad 0000: kept as it is" in said and "image 0000: kept as it is" in said
    assert "parts, 0 stored" in said
    after = {path.name: path.read_bytes() for path in shards.glob("[0-9]*.sqlite3")}
    assert after == before
    assert not pipeline.run().check().jobs


def test_the_plan_says_which_group_of_a_shard_is_made_anew(pipeline: Pipeline) -> None:
    add(pipeline, "fetch/services/image.py", "LESS = 1")
    told = pipeline.components("plan", "--configfile", str(pipeline.configfile), "--json")
    assert told.returncode == 0, told.stderr
    summary = json.loads(told.stdout)
    assert summary["rules"]["fetch_shard"]["reasons"] == [
        {"why": "code changed: components.fetch.services.image", "jobs": 3}
    ]
    assert "convert_cad" not in summary["rules"]
    # Of all groups' artifacts those of one.
    parts = {
        line
        for path in (pipeline.layout.plan / "shards").glob("*.image.tsv")
        for line in path.read_text().splitlines()[1:]
    }
    assert summary["artifacts"] == len(parts)
    assert pipeline.run().check().jobs["fetch_shard"] == 3


def test_fetching_switched_off_and_on_keeps_what_was_fetched(pipeline: Pipeline) -> None:
    folded = pipeline.layout.folded
    before = folded.read_bytes()
    for enabled in (False, True):
        pipeline.set({"stage1": {"enabled": enabled}})
        assert not pipeline.run().check().jobs
        assert folded.read_bytes() == before


def test_a_deleted_product_rebuilds_it_and_what_follows(pipeline: Pipeline) -> None:
    (pipeline.layout.build / "fast.sqlite").unlink()
    follows = {"build_index": 1, "validate_snapshot": 1, "publish_snapshot": 1}
    assert pipeline.run().check().jobs == {"build_fast_db": 1, **follows}


def test_an_export_is_made_once_a_snapshot_and_condition(pipeline: Pipeline) -> None:
    """KiCad 9 then finds what the bundled parts' library names."""

    pipeline.set({"exports": {"kicad_library": True}})
    ran = pipeline.components("export", "--configfile", str(pipeline.configfile))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (folder,) = pipeline.layout.exports.glob("*/kicad_library")
    assert str(folder) in ran.stdout
    assert folder.parent.name == pipeline.layout.current.resolve().name
    rows = list(csv.DictReader((folder / "parts.csv").read_text().splitlines()))
    assert rows and all(row["symbol"] and row["footprint"] and row["model"] for row in rows)
    assert len(list((folder / "components.3dshapes").glob("*.step"))) > 1
    project = pipeline.folder / "project"
    project.mkdir()
    for name in ("sym-lib-table", "fp-lib-table"):
        shutil.copy(folder / name, project)
    (project / "parts.kicad_pro").write_text("{}")
    sheet = project / "parts.kicad_sch"
    sheet.write_text(schematic(list(symbols(folder)), "parts"))
    arguments = ("sch", "erc", "--format", "json", "--severity-all", "-o", project / "erc.json")
    said = run_kicad(project, *arguments, sheet, COMPONENTS_LIBRARY=str(folder))
    assert said.returncode == 0, said.stdout + said.stderr
    pages = json.loads((project / "erc.json").read_text())["sheets"]
    found = {each["type"] for page in pages for each in page["violations"]}
    assert not found & {"lib_symbol_issues", "lib_symbol_mismatch", "footprint_link_issues"}
    assert not pipeline.run("--", "export").check().jobs
    pipeline.set({"exports": {"kicad_library_where": f"lcsc_id = {rows[0]['lcsc'][1:]}"}})
    assert pipeline.run("--", "export").check().jobs == {"export_kicad_library": 1, "export": 1}
    assert len((folder / "parts.csv").read_text().splitlines()) == 2


def test_a_zig_file_rebuilds_the_library_and_what_uses_it(pipeline: Pipeline) -> None:
    root = pipeline.project / "zig" / "src" / "root.zig"
    root.write_text(root.read_text() + "\n// A remark.\n")
    follows = {"build_index": 1, "validate_snapshot": 1, "publish_snapshot": 1}
    assert pipeline.run().check().jobs == {"build_library": 1, **follows}
