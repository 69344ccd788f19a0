"""The page for tests to look at: the bundled catalogue as the pipeline publishes it, served."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser

from components.serve.page.figures import typed
from components.testing.browser import chromium
from components.testing.pipeline import Pipeline
from components.testing.server import Server, serving

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
VIEWS = ("/", "/families", "/families/resistor", "/compare", "/parts", "/bom", "/snapshot", "/?q=")
BEFORE = "2025-12-31-000000000000"


class Stage(NamedTuple):
    browser: Browser
    server: Server
    origin: str
    resistors: list[dict[str, Any]]
    """As their table lists them."""
    modelled: str
    """The number of a part with a footprint and a model."""
    bill: Path
    """Two lines that have a part, and one that has none."""

    def path(self, view: str) -> str:
        """The address of one of :data:`VIEWS`."""
        ids = "&".join(f"ids=C{part['lcsc_id']}" for part in self.resistors[:3])
        return {
            "/compare": f"/compare?{ids}",
            "/parts": f"/parts/{self.modelled}",
            "/?q=": f"/?q={self.resistors[0]['part_number']}",
        }.get(view, view)


@contextmanager
def staged(folder: Path, parts: int | None = None) -> Iterator[Stage]:
    """A run of the pipeline with so many bundled parts, a server and a browser."""
    overlay = {"upstream": {"bundled_parts": parts}} if parts else {}
    pipeline = Pipeline(folder / "pipeline", overlay)
    pipeline.run().check()
    snapshots = pipeline.layout.snapshots
    # A snapshot before it, as alike as can be.
    shutil.copytree(pipeline.layout.current.resolve(), snapshots / BEFORE)
    (snapshots / "previous").symlink_to(BEFORE)
    with serving(pipeline.layout) as server, chromium() as browser:
        resistors = as_json(server, "/families/resistor")["parts"]
        regulators = [one["lcsc_id"] for one in as_json(server, "/families/ldo")["parts"]]
        modelled = next(
            number
            for number in regulators
            if {"model_glb", "footprint_svg"} <= _types(server, number)
        )
        bill = write_bill(
            folder / "bill.csv",
            [
                ("R1,R2", *by_value(resistors), ""),
                ("R3", "", "", f"C{resistors[1]['lcsc_id']}"),
                ("J1", "nothing that is known", "", ""),
            ],
        )
        origin = f"http://127.0.0.1:{server.port}"
        yield Stage(browser, server, origin, resistors, f"C{modelled}", bill)


def as_json(server: Server, path: str) -> Any:
    answer = server.ask("GET", path, headers={"Accept": "application/json"})
    assert answer.status == 200, (path, answer.body)
    return answer.json


def _types(server: Server, number: int) -> set[str]:
    return {one["artifact_type"] for one in as_json(server, f"/v1/components/C{number}")["assets"]}


def by_value(resistors: Iterable[dict[str, Any]]) -> tuple[str, str]:
    """Value and footprint of a chip resistor, as a bill has them."""
    part = next(one for one in resistors if one["package"] in ("0402", "0603", "0805"))
    value = typed(part["pick_parameters"]["resistance_ohm"], "Ω")
    tolerance = typed(part["pick_parameters"]["tolerance_pct"], "%")
    return f"{value} {tolerance}%", f"R_{part['package']}_1005Metric"


def write_bill(path: Path, lines: Iterable[Sequence[str]]) -> Path:
    """A CSV of designators, values, footprints and LCSC numbers."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("Reference", "Value", "Footprint", "LCSC"), *lines])
    return path
