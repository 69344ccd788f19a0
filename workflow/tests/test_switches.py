"""Every switch of the config, off and on again, in every order of two: nothing is lost by it.

A small catalogue has been fetched with everything switched on. A run then has a switch changed, and
its neighbour in the next run, and both changed back, one after the other. Each run succeeds, asks
no service for anything, and publishes what there was. Every day some pairs are tried, with
``--long`` all of them.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import BaseModel

from components.bundled.catalogue import parts
from components.bundled.server import Running, running
from components.config.load import Config
from components.testing.extent import sized
from components.testing.operate import Site, write_ready_source

Asset = tuple[int, str, str]


def switches(model: type[BaseModel], *before: str) -> Iterator[tuple[str, ...]]:
    """The path of every switch of a section and its own sections."""
    for name, field in model.model_fields.items():
        if field.annotation is bool:
            yield (*before, name)
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from switches(field.annotation, *before, name)


ALL = [".".join(path) for path in switches(Config)]
SERVED_ONLY = "stage1.artifacts.easyeda_cad_json"
"""It says what of the fetched is served; the others, what is fetched or made."""
OF_RUNS = [name for name in ALL if name.startswith(("stage1.", "stage2."))]
EXPORTS = [name for name in ALL if name.startswith("exports.")]
EVERY_DAY = [("stage1.artifacts.model_step", "stage1.enabled")]
PAIRS = sized(EVERY_DAY, list(permutations(OF_RUNS, 2)))
pytestmark = pytest.mark.long


class Fetched(NamedTuple):
    """A site whose switches are all on, and what its snapshot refers to."""

    site: Site
    upstream: Running
    assets: frozenset[Asset]


@pytest.fixture(scope="module")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetched]:
    with running() as upstream:
        site = Site(tmp_path_factory.mktemp("switches"))
        write_ready_source(site.source, parts())
        pictured = {part.lcsc: json.dumps(part.images) for part in parts() if part.images}
        with closing(sqlite3.connect(site.source)) as db, db:
            db.executemany(
                "UPDATE components SET extra = json_set(extra, '$.images', json(?)) WHERE lcsc = ?",
                [(images, lcsc) for lcsc, images in pictured.items()],
            )
        site.configure(
            {
                "paths": {"source_sqlite": str(site.source)},
                "upstream": {"bundled_port": upstream.port},
                "stage1": {
                    "where": "stock > 0 AND lcsc % 16 = 0",
                    "shards": 2,
                    "requests_per_second": {"jlc": 0, "easyeda": 0, "lcsc": 0},
                },
            }
        )
        for name in OF_RUNS:
            turn(site, name, True)
        site.take_library()
        site.must("apply", "--cores", "2")
        yield Fetched(site, upstream, assets(site))


def turn(site: Site, name: str, on: bool) -> None:
    """Set one switch."""
    value: Any = on
    for key in reversed(name.split(".")):
        value = {key: value}
    site.configure(value)


def assets(site: Site) -> frozenset[Asset]:
    """What the current snapshot refers to."""
    path = site.layout.current / "detail.sqlite"
    query = "SELECT lcsc_id, artifact_type, stored_key FROM component_assets"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return frozenset(db.execute(query))


def requests(upstream: Running) -> int:
    return sum(told["requests"] for told in upstream.stats()["services"].values())


def test_every_switch_is_tried() -> None:
    assert {name.partition(".")[0] for name in ALL} == {"stage1", "stage2", "exports", "serve"}
    assert len(ALL) == len(set(ALL)) and SERVED_ONLY in OF_RUNS
    assert set(sum(EVERY_DAY, ())) <= set(OF_RUNS)


def test_everything_is_there_at_first(fetched: Fetched) -> None:
    kinds = {kind for _, kind, _ in fetched.assets}
    assert kinds == {
        *("kicad_footprint_mod", "footprint_svg", "kicad_symbol", "symbol_svg"),
        *("model_obj", "model_step", "model_glb", "datasheet_pdf", "lcsc_product"),
        *("part_image", "easyeda_cad_json"),
    }


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_off_and_on_again_loses_nothing(fetched: Fetched, one: str, other: str) -> None:
    site, upstream, before = fetched
    asked = requests(upstream)
    off: set[str] = set()
    for name in (one, other, one, other):
        off ^= {name}
        turn(site, name, name not in off)
        site.must("apply", "--cores", "2")
        served = {a for a in before if a[1] != "easyeda_cad_json" or SERVED_ONLY not in off}
        assert assets(site) == served, f"with {sorted(off)} off"
        assert requests(upstream) == asked, f"with {sorted(off)} off"


def test_switches_of_servers_and_exports_concern_no_run(fetched: Fetched) -> None:
    site = fetched.site
    others = sorted(set(ALL) - set(OF_RUNS))
    for name in others:
        turn(site, name, True)
    assert "nothing to be done" in site.must("plan")
    for name in others:
        turn(site, name, False)
    assert "nothing to be done" in site.must("plan")


@pytest.mark.parametrize(
    ("one", "other"), sized([tuple(EXPORTS[:2])], list(permutations(EXPORTS, 2)))
)
def test_an_export_that_is_off_stays_as_it_was(fetched: Fetched, one: str, other: str) -> None:
    site = fetched.site
    for name in EXPORTS:
        turn(site, name, name in (one, other))
    site.must("export")
    before = files(site.layout.exports)
    assert all(
        any(f"/{name.partition('.')[2]}/" in path for path in before) for name in (one, other)
    )
    for name, on in ((one, False), (other, False), (one, True), (other, True)):
        turn(site, name, on)
        done = site.run("export")
        if all(not site.config["exports"][each.partition(".")[2]] for each in EXPORTS):
            assert done.returncode and "none is switched on" in done.stderr
        else:
            assert done.returncode == 0, done.stderr
        assert files(site.layout.exports).keys() == before.keys()


def files(folder: Path) -> dict[str, int]:
    """Every file below a folder, with its size."""
    found = (Path(name, file) for name, _, names in os.walk(folder) for file in names)
    return {str(path): path.stat().st_size for path in found}
