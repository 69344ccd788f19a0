"""KiCad's HTTP library over the real catalogue: what KiCad 10 sent when a schematic was opened."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from components.core.files import write_text
from components.core.layout import Layout
from components.kicad_names.drawing import families_drawn
from components.serve.kicad.categories import PARTS_MAX
from components.testing.real import real_site
from components.testing.server import Server, serving

RECORD = json.loads((Path(__file__).parent / "data" / "kicad" / "requests.json").read_text())
LISTED_MAX = 7000
KEYS = {
    *("id", "name", "description", "symbolIdStr", "fields"),
    *("exclude_from_bom", "exclude_from_board", "exclude_from_sim"),
}
FIELDS = [
    *("value", "footprint", "datasheet", "LCSC", "MPN", "Manufacturer", "Stock", "Price"),
    "JLCPCB",
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return real_site(tmp_path_factory)


@pytest.fixture(scope="module")
def server(shared: Layout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    layout = Layout(tmp_path_factory.mktemp("kicad"))
    # What a server writes is its own.
    layout.snapshots.symlink_to(shared.snapshots)
    (layout.root / "lib").symlink_to(shared.root / "lib")
    with serving(layout) as started:
        started.wait_for(shared.current.resolve().name)
        yield started


def ask(server: Server, path: str) -> Any:
    answer = server.ask("GET", f"/kicad/v1/{path}")
    assert answer.status == 200, (path, answer.body)
    assert answer.headers["content-type"] == "application/json"
    return answer.json


def test_what_kicad_sent_is_answered(server: Server) -> None:
    asked = RECORD["paths"]
    assert asked[:2] == ["/kicad/v1/", "/kicad/v1/categories.json"]
    assert all(path.startswith("/kicad/v1/parts/category/") for path in asked[2:])
    assert ask(server, "") == {"categories": "", "parts": ""}
    for category in ask(server, "categories.json"):
        path = f"/kicad/v1/parts/category/{category['id']}.json"
        assert server.ask("GET", path, headers=RECORD["headers"]).status == 200


def test_listings_are_whole_and_bounded(server: Server) -> None:
    categories = ask(server, "categories.json")
    assert all(set(each) == {"id", "name", "description"} for each in categories)
    names: list[str] = []
    for category in categories:
        parts = ask(server, f"parts/category/{category['id']}.json")
        assert 0 < len(parts) <= PARTS_MAX, category
        for part in parts:
            assert set(part) == KEYS and list(part["fields"]) == FIELDS
            assert part["symbolIdStr"].count(":") == 1
            assert all(set(field) == {"value", "visible"} for field in part["fields"].values())
            assert all(isinstance(field["value"], str) for field in part["fields"].values())
        names += [part["name"] for part in parts]
    # KiCad tells parts by their names.
    assert len(set(names)) == len(names) == LISTED_MAX


def test_the_best_parts_of_every_family_are_listed(server: Server, shared: Layout) -> None:
    listed = {
        part["id"]
        for category in ask(server, "categories.json")
        for part in ask(server, f"parts/category/{category['id']}.json")
    }
    with closing(sqlite3.connect(shared.current / "fast.sqlite")) as fast:
        for family in families_drawn():
            found = fast.execute(f"SELECT lcsc_id FROM {family}_pick").fetchall()
            assert any(f"C{number}" in listed for (number,) in found), family
        basic = fast.execute(
            "SELECT lcsc_id FROM resistor_pick WHERE is_basic AND package = '0402'"
        ).fetchall()
    assert basic and all(f"C{number}" in listed for (number,) in basic)


def test_any_part_is_told_by_its_number(server: Server, shared: Layout) -> None:
    (category, *_) = ask(server, "categories.json")
    for part in ask(server, f"parts/category/{category['id']}.json")[:20]:
        assert ask(server, f"parts/{part['id']}.json") == part
    with closing(sqlite3.connect(shared.current / "fast.sqlite")) as fast:
        (number,) = fast.execute("SELECT lcsc_id FROM opamp_pick LIMIT 1").fetchone()
    undrawn = ask(server, f"parts/C{number}.json")
    assert (undrawn["symbolIdStr"], undrawn["fields"]["footprint"]["value"]) == ("", "")
    assert undrawn["fields"]["LCSC"]["value"] == f"C{number}"


def test_what_the_exported_library_draws_is_listed(
    shared: Layout, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = shared.current.resolve().name
    layout = Layout(tmp_path_factory.mktemp("kicad-library"))
    layout.snapshots.symlink_to(shared.snapshots)
    (layout.root / "lib").symlink_to(shared.root / "lib")
    with closing(sqlite3.connect(shared.current / "fast.sqlite")) as fast:
        best = "SELECT lcsc_id FROM {}_pick ORDER BY is_basic DESC, stock DESC LIMIT 3"
        amplifiers, resistors = (
            [number for (number,) in fast.execute(best.format(family))]
            for family in ("opamp", "resistor")
        )
    drawn = [
        (number, f"components-{family}:X_C{number}", "components:Y_0123456789")
        for family, numbers in (("opamp", amplifiers), ("resistor", resistors[:1]))
        for number in numbers
    ]
    lines = ["lcsc,symbol,footprint", *(f"C{n},{symbol},{pads}" for n, symbol, pads in drawn)]
    with serving(layout, kicad_library=True) as server:
        server.wait_for(name)
        before = {each["id"] for each in ask(server, "categories.json")}
        assert not any(each.startswith("opamp") for each in before)
        # The library is exported of a snapshot that is served already.
        path = layout.exports / name / "kicad_library" / "parts.csv"
        path.parent.mkdir(parents=True)
        write_text(path, "\n".join(lines) + "\n")
        listed = {
            part["id"]: part
            for category in ask(server, "categories.json")
            for part in ask(server, f"parts/category/{category['id']}.json")
        }
        for number, symbol, pads in drawn:
            part = listed[f"C{number}"]
            assert (part["symbolIdStr"], part["fields"]["footprint"]["value"]) == (symbol, pads)
            assert ask(server, f"parts/C{number}.json") == part
        ours = {f"C{number}" for number, *_ in drawn}
        assert len(listed) == LISTED_MAX
        assert all(
            part["symbolIdStr"].startswith("components") == (number in ours)
            for number, part in listed.items()
        )
        # What KiCad draws otherwise stands where it stood.
        after = {each["id"] for each in ask(server, "categories.json")}
        assert after - before == {"opamp"} and before <= after
    with serving(layout) as server:
        server.wait_for(name)
        assert {each["id"] for each in ask(server, "categories.json")} == before


@pytest.mark.parametrize(
    "path", ["parts/C999999999.json", "parts/C0.json", "parts/category/none.json", "parts"]
)
def test_what_is_not_there_is_404(server: Server, path: str) -> None:
    assert server.ask("GET", f"/kicad/v1/{path}").status == 404
