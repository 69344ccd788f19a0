"""tscircuit's own engine, in Node, finds its parts here: over the whole catalogue of real parts."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from components.core.layout import Layout
from components.core.project import PROJECT
from components.serve.jlcsearch.tables import TABLES
from components.testing.extent import missing
from components.testing.real import real_site
from components.testing.server import Server, serving

CLIENTS = Path(__file__).parent / "clients"

# What the catalogue's own texts must say of every part that is found: category, package, words.
EXPECTED = {
    "R1": (r"Resistor", r"R?0402", r"\b10kΩ"),
    "C1": (r"Ceramic Capacitors", r"C?0603", r"\b100nF"),
    "L1": (r"Inductor", r"1210", r"\b10uH"),
    "X1": (r"Crystals", r"HC-49(S|US|U|S-2P)", r"(?=.*\b16MHz).*\b20pF"),
    "D1": (r"LED", r"(LED)?_?0603.*", r"(?i)\bred\b"),
    "Q1": (r"Bipolar|BJT", r"SOT-23.*|TO-236.*", r"\bNPN\b"),
    "M1": (r"MOSFET", r"SOT-23.*|TO-236.*", r"(?i)\b(1 )?N[- ]?Channel\b"),
    "D2": (r"Diode|Rectifier", r"SOD-123", ""),
    "J1": (r"Pin Header", r".*2\.54.*", r"(?=.*\b(1x4P|2x2P)\b).*\b2\.54mm"),
    "J2": (r"Wire To Board", "", r"(?=.*\b(1x4P|2x2P)\b).*\bPH\b"),
    "J3": (r"USB", "", r"(?i)Type-C"),
    "F1": (r"Fuse", r"1206", ""),
    "U1": ("", r"(SOIC|SOP|SO)-8", ""),
}


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return real_site(tmp_path_factory)


@pytest.fixture(scope="module")
def server(layout: Layout) -> Iterator[Server]:
    with serving(layout) as running:
        yield running


def modules() -> Path:
    """npm's packages, installed once below ``build/``; a failure in CI where there is no npm."""
    folder = PROJECT / "build" / "clients" / "tscircuit"
    lock = (CLIENTS / "package-lock.json").read_bytes()
    installed = folder / "package-lock.json"
    if not installed.is_file() or installed.read_bytes() != lock:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as name:
            new = Path(name) / "new"
            new.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(CLIENTS / file, new)
            options = ["--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"]
            found = shutil.which("npm") and shutil.which("node")
            done = found and subprocess.run(
                ["npm", "ci", *options], cwd=new, capture_output=True, text=True
            )
            if not done or done.returncode:
                said = done.stderr if done else ""
                missing(f"tscircuit cannot be installed: node and npm are needed: {said}")
            shutil.rmtree(folder, ignore_errors=True)
            new.rename(folder)
    return folder / "node_modules"


def ask(server: Server, path: str, **parameters: object) -> Any:
    """A list's parts, or a search's."""
    answer = server.ask("GET", f"/jlcsearch/{path}?{urlencode(parameters)}")
    assert answer.status == 200, (path, answer.body)
    (parts,) = answer.json.values()
    return parts


def test_a_circuit_gets_its_parts_with_stock_and_price(layout: Layout) -> None:
    script = [CLIENTS / "tscircuit.mjs", modules()]
    # It has no setting for a key, and keeps the path of its address.
    with serving(layout, api_key_sha256=[hashlib.sha256(b"secret").hexdigest()]) as guarded:
        address = f"http://127.0.0.1:{guarded.port}/key/secret/jlcsearch"
        done = subprocess.run(
            ["node", *map(str, [*script, address, CLIENTS / "circuit.tsx"])],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    assert {status for _, status in told["asked"]} == {200}
    # It fetches footprints of parts from there, and does without.
    assert set(told["refused"]) <= {"easyeda.com", "modelcdn.tscircuit.com"}
    found = {each["name"]: each["supplier_part_numbers"]["jlcpcb"] for each in told["components"]}
    assert set(found) == set(EXPECTED)
    with closing(sqlite3.connect(layout.current / "detail.sqlite")) as detail:
        for name, numbers in found.items():
            assert 1 <= len(numbers) <= 3, name
            category, package, words = EXPECTED[name]
            for number in numbers:
                row = detail.execute(
                    "SELECT subcategory || ' ' || description || ' ' || attributes_json, package,"
                    " stock FROM components_full WHERE lcsc_id = ?",
                    (int(number[1:]),),
                ).fetchone()
                assert re.search(category, row[0]) and re.search(words, row[0]), (name, row)
                assert not package or re.fullmatch(package, row[1]), (name, row)
                known = told["availability"][number]
                assert known["stock"] == row[2] > 0, name
                assert known["price"] > 0 and known["currency"] == "USD", name


def test_every_list_has_parts_the_best_stocked_first(server: Server) -> None:
    for route, table in TABLES.items():
        parts = ask(server, f"{route}/list", json="true")
        assert parts == ask(server, f"{route}/list.json", package="undefined")
        assert 1 <= len(parts) <= 100, route
        stock = [part["stock"] for part in parts]
        assert stock == sorted(stock, reverse=True) and stock[-1] > 0
        assert len({part["lcsc"] for part in parts}) == len(parts)
        assert any(part[name] is not None for name in table.names for part in parts), route


def test_what_every_column_is_shown_as_can_be_asked_for(server: Server) -> None:
    asked = 0
    for route, table in TABLES.items():
        for name in table.names:
            for part in ask(server, f"{route}/list"):
                value = part[name]
                if value is None or value == "":
                    continue
                text = json.dumps(value) if not isinstance(value, str) else value
                found = ask(server, f"{route}/list", **{name: text})
                assert found, (route, name, value)
                close = pytest.approx(value, 2e-4) if isinstance(value, float) else value
                assert all(other[name] == close for other in found), (route, name, value)
                asked += 1
                break
    assert asked > 250


def test_what_is_dangerous_in_another_s_place_is_not_among_the_others(server: Server) -> None:
    for part in ask(server, "capacitors/list", capacitance="10uF"):
        assert part["is_polarized"] is False
    for part in ask(server, "capacitors/list", capacitance="100uF", is_polarized="true"):
        assert part["is_polarized"] is True and 99e-6 < part["capacitance"] < 101e-6
    kinds = [(part["is_zener"], part["is_tvs"]) for part in ask(server, "diodes/list")]
    assert set(kinds) == {(False, False)}
    assert {part["is_zener"] for part in ask(server, "diodes/list", is_zener="true")} == {True}
    assert ask(server, "mosfets/list", mosfet_mode="depletion") == []
    assert ask(server, "transistors/list", transistor_type="jfet") == []


def test_the_docs_describe_what_is_asked(server: Server) -> None:
    described = server.ask("GET", "/openapi.json").json["paths"]
    paths = ("tables", "{table}/list", "components/list", "api/search")
    assert {f"/jlcsearch/{path}" for path in paths} <= set(described)
    assert all(route in str(described["/jlcsearch/{table}/list"]) for route in TABLES)


def test_search_and_numbers(server: Server) -> None:
    (part,) = ask(server, "api/search", q="C25804", limit=1)
    assert part["lcsc"] == 25804 and part["is_basic"] is True and part["price"] > 0
    name = part["mfr"]
    assert ask(server, "components/list", search=name, json="true")[0]["mfr"] == name
    assert len(ask(server, "api/search", q="resistor", limit=100000)) == 100
    assert ask(server, "api/search", q="C999999999999") == []


def test_what_is_not_there_is_named_with_what_is_near(server: Server) -> None:
    for path, status, words in (
        ("resistor/list", 404, "near: resistors"),
        ("frobnicators/list?json=true", 404, "/jlcsearch/tables names all"),
        ("ble_chips/list", 404, "ble_modules; /jlcsearch/tables"),
        ("resistors/list?ohms=5", 422, "ohms: resistors cannot be asked for it, but package"),
        ("resistors/list?resistance=many", 422, "resistance: many is no value"),
        ("leds/list?is_rgb=perhaps", 422, "is_rgb: must be true or false"),
        ("api/search", 422, "q"),
        ("api/search?q=x&limit=0", 422, "limit"),
        ("components/list", 422, "search"),
    ):
        answer = server.ask("GET", f"/jlcsearch/{path}")
        assert (answer.status, words in answer.json["detail"]) == (status, True), answer.body
