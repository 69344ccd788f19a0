"""Pictures of the page, for looking at it and for the docs: ``make pictures``.

``--pictures FOLDER`` makes three for the docs in the folder, and every view at both widths in both
schemes below it in ``views/``; without the option there is nothing to do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from components.testing.browser import looking
from components.testing.page import (
    NARROW,
    VIEWS,
    WIDE,
    Stage,
    as_json,
    by_value,
    staged,
    write_bill,
)

# Enough for a table that looks as one of a real catalogue does.
PARTS = 4000
DOCS = {"width": 1340, "height": 800}
SIZE_MAX_BYTES = 200_000
TABLE = (
    "/families/resistor?resistance_ohm.min=1k&resistance_ohm.max=100k&tolerance_pct.max=1"
    "&package=0402&package=0603"
)


def test_pictures_of_every_view(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    folder: Path | None = pytestconfig.getoption("--pictures")
    if folder is None:
        pytest.skip("--pictures names no folder")
    folder = Path(folder).resolve()
    with staged(tmp_path, PARTS) as stage:
        _docs(stage, folder, tmp_path)
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            for scheme in ("light", "dark"):
                _views(stage, folder / "views", width, size, scheme)


def _docs(stage: Stage, folder: Path, work: Path) -> None:
    options: Any = {"viewport": DOCS, "color_scheme": "light", "reduced_motion": "reduce"}
    with looking(stage.browser, stage.origin, **options) as seen:
        _picture(seen.go(stage.path("/parts")), folder / "part.png")
        _picture(seen.go(TABLE), folder / "family.png")
        page = seen.go("/bom")
        page.locator("input[type=file]").set_input_files(_bill(stage, work / "board.csv"))
        expect(page.locator("#total")).to_be_visible()
        page.get_by_label("Boards").fill("100")
        page.get_by_label("Boards").blur()
        expect(page.locator(".sums")).to_contain_text("100 boards")
        _picture(page, folder / "bom.png")
    for name in ("part", "family", "bom"):
        assert (folder / f"{name}.png").stat().st_size < SIZE_MAX_BYTES


def _bill(stage: Stage, path: Path) -> Path:
    def first(family: str) -> dict[str, Any]:
        part: dict[str, Any] = as_json(stage.server, f"/families/{family}")["parts"][0]
        return part

    return write_bill(
        path,
        [
            ("R1,R2,R5", *by_value(stage.resistors), ""),
            ("R3,R4", *by_value(stage.resistors[6:]), ""),
            ("C1-C4", "", "", f"C{first('capacitor')['lcsc_id']}"),
            ("U1", first("ldo")["part_number"], "SOT-23-5", ""),
            ("Q1", first("mosfet")["part_number"], "SOT-23", ""),
            ("J1", "Conn_01x04", "PinHeader_1x04", ""),
        ],
    )


def _views(stage: Stage, folder: Path, width: str, size: dict[str, int], scheme: str) -> None:
    options: Any = {"viewport": size, "color_scheme": scheme, "reduced_motion": "reduce"}
    with looking(stage.browser, stage.origin, **options) as seen:
        for view in VIEWS:
            page = seen.go(stage.path(view))
            if view == "/bom":
                page.locator("input[type=file]").set_input_files(stage.bill)
                expect(page.locator("#total")).to_be_visible()
            word = {"/": "start", "/?q=": "search"}.get(view, view.split("/")[-1])
            _picture(page, folder / f"{word}-{width}-{scheme}.png")


def _picture(page: Page, path: Path) -> None:
    # Drawings and models come when they are seen.
    page.wait_for_timeout(400)
    page.screenshot(path=path)
