"""KiCad 9 takes the exported library as it is: a schematic and a board find all that they name."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from components.export.kicad_database import FILE, export_parts
from components.export.kicad_library.command import export_library
from components.export.kicad_library.parts import read_parts
from components.kicad_names.library import PARTS, Drawings, read_library
from components.testing.kicad import board, run_kicad
from components.testing.kicad_library import schematic, snapshot_of_answers, symbols
from components.testing.library import shared_data
from components.testing.model_places import exported_boxes

PITCH_MM = 150.0
# Small files: what they show matters less than that each is found.
STEPS = ("R_0603", "C_0603", "L_0402", "F_1206")
# What KiCad says of a library, symbol, footprint or link that it cannot find, or that differs.
LIBRARY_TROUBLE = {
    *("lib_symbol_issues", "lib_symbol_mismatch", "footprint_link_issues"),
    *("lib_footprint_issues", "lib_footprint_mismatch"),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project's folder with the library's tables, the library in ``library`` beside it."""
    folder = tmp_path_factory.mktemp("kicad-library")
    paths = [
        path
        for name in ("easyeda", "easyeda_new")
        for path in sorted((shared_data() / name).glob("C*.json"))
    ]
    answers = [path.read_bytes() for path in paths]
    assert len(answers) >= 60
    with tarfile.open(shared_data() / "step.tar.xz") as archive:
        members = (archive.extractfile(f"step/{name}.step") for name in STEPS)
        steps = [member.read() for member in members if member]
    first, second, *others = (int(path.stem[1:]) for path in paths)
    families = {first: "resistor", second: "led", **dict.fromkeys(others[:-1], "opamp")}
    snapshot = snapshot_of_answers(folder / "cache", answers, steps, families)
    for name in ("library", "again"):
        parts = read_parts(snapshot.detail, snapshot.fast, "is_basic -- all of them")
        counts = export_library(folder / name, parts, snapshot.store, "2026-01-01-abc", "is_basic")
    drawings = Drawings(read_library(folder / "library" / PARTS))
    export_parts(snapshot.fast, snapshot.detail, folder / "database", "2026-01-01-abc", drawings)
    assert counts.parts == len(answers)
    assert counts.symbols >= 60 and counts.footprints >= 60 and counts.models >= 60
    for name in ("sym-lib-table", "fp-lib-table"):
        shutil.copy(folder / "library" / name, folder)
    # KiCad looks for a project's tables beside its project file.
    for name in ("parts", "wrong"):
        (folder / f"{name}.kicad_pro").write_text("{}")
    return folder


def run(project: Path, *arguments: str | Path) -> None:
    ran = run_kicad(project, *arguments, COMPONENTS_LIBRARY=str(project / "library"))
    assert ran.returncode == 0, ran.stdout + ran.stderr


def rows(project: Path) -> list[dict[str, str]]:
    with (project / "library" / "parts.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_same_snapshot_gives_the_same_bytes(project: Path) -> None:
    files = [path for path in sorted((project / "library").rglob("*")) if path.is_file()]
    assert len(files) > 140
    for path in files:
        again = project / "again" / path.relative_to(project / "library")
        assert path.read_bytes() == again.read_bytes()


def test_a_schematic_finds_every_symbol_and_footprint(project: Path) -> None:
    placed = list(symbols(project / "library"))
    sheet = project / "parts.kicad_sch"
    sheet.write_text(schematic(placed, "parts"))
    run(project, "sch", "erc", "--format", "json", "--severity-all", "-o", "erc.json", sheet)
    found = [
        violation
        for page in json.loads((project / "erc.json").read_text())["sheets"]
        for violation in page["violations"]
    ]
    trouble = [each for each in found if each["type"] in LIBRARY_TROUBLE]
    assert trouble == []
    run(project, "sch", "export", "netlist", "--format", "kicadxml", "-o", "net.xml", sheet)
    components = ElementTree.parse(project / "net.xml").findall("components/comp")
    netlist = {
        f"{source.get('lib')}:{source.get('part')}": each.findtext("footprint") or ""
        for each in components
        if (source := each.find("libsource")) is not None
    }
    listed = {row["symbol"]: row["footprint"] for row in rows(project) if row["symbol"]}
    assert len(listed) >= 60
    assert netlist == listed


def test_the_database_library_names_what_kicad_finds_there(project: Path) -> None:
    with closing(sqlite3.connect(project / "database" / FILE)) as db:
        tables = db.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        told = {
            symbol: footprint
            for (table,) in tables
            for symbol, footprint in db.execute(f"SELECT symbol, footprint FROM {table}")
        }
    held = {each.lib_id: each for each in symbols(project / "library")}
    assert told == {
        row["symbol"]: row["footprint"]
        for row in rows(project)
        if row["footprint"] and row["symbol"].partition(":")[0] not in ("", "components-other")
    }
    assert len(told) >= 60
    sheet = project / "listed.kicad_sch"
    placed = [held[symbol]._replace(footprint=footprint) for symbol, footprint in told.items()]
    sheet.write_text(schematic(placed, "listed"))
    (project / "listed.kicad_pro").write_text("{}")
    run(project, "sch", "erc", "--format", "json", "--severity-all", "-o", "listed.json", sheet)
    found = json.loads((project / "listed.json").read_text())["sheets"]
    types = {violation["type"] for page in found for violation in page["violations"]}
    assert not types & LIBRARY_TROUBLE
    assert "COMPONENTS_LIBRARY" in (project / "library" / "README.md").read_text()
    assert "kicad_library/README.md" in (project / "database" / "README.md").read_text()


def test_a_missing_footprint_would_be_told(project: Path) -> None:
    first = next(iter(symbols(project / "library")))
    sheet = project / "wrong.kicad_sch"
    sheet.write_text(schematic([first._replace(footprint="components:none")], "wrong"))
    run(project, "sch", "erc", "--format", "json", "--severity-all", "-o", "wrong.json", sheet)
    told = (project / "wrong.json").read_text()
    assert '"footprint_link_issues"' in told and "'none' not found" in told
    assert '"lib_symbol_issues"' not in told


def test_a_board_finds_every_footprint_and_model(project: Path) -> None:
    library = project / "library"
    paths = sorted((library / "components.pretty").glob("*.kicad_mod"))
    assert {f"components:{path.stem}" for path in paths} == {
        row["footprint"] for row in rows(project) if row["footprint"]
    }
    footprints, modelled = [], set()
    for number, path in enumerate(paths):
        data = path.read_bytes()
        head, _, rest = data.partition(b" (version")
        assert head == f'(footprint "{path.stem}"'.encode()
        linked = f'(footprint "components:{path.stem}" (version'.encode() + rest
        footprints.append((f"P{number}", linked))
        modelled |= {f"P{number}"} if b"\n  (model " in data else set()
    file = project / "parts.kicad_pcb"
    file.write_text(board(footprints, PITCH_MM))
    run(project, "pcb", "drc", "--format", "json", "--severity-all", "-o", "drc.json", file)
    violations = json.loads((project / "drc.json").read_text())["violations"]
    trouble = [each for each in violations if each["type"] == "lib_footprint_issues"]
    assert trouble == []
    variables = {"COMPONENTS_LIBRARY": str(library)}
    assert len(modelled) >= 60
    assert modelled <= exported_boxes(project, file, variables).keys()


def test_parts_say_what_the_catalogue_knows(project: Path) -> None:
    by_library = {row["symbol"].partition(":")[0] for row in rows(project)}
    assert {"components-resistor", "components-led", "components-other"} <= by_library
    text = (project / "library" / "symbols" / "components-resistor.kicad_sym").read_text()
    (row,) = (row for row in rows(project) if row["symbol"].startswith("components-resistor:"))
    assert row["value"] == "1R"
    for key, value in (
        ("Value", "1R"),
        ("LCSC", row["lcsc"]),
        ("MPN", row["part_number"]),
        ("Manufacturer", row["manufacturer"]),
        ("Footprint", row["footprint"]),
        ("ki_description", f"{row['part_number']} of a test"),
    ):
        assert f'(property "{key}" "{value}"' in text
    assert f'(property "ki_keywords" "{row["lcsc"]} ' in text
    guide = (project / "library" / "README.md").read_text()
    assert "COMPONENTS_LIBRARY" in guide and "2026-01-01-abc" in guide
