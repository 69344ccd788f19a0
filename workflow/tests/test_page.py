"""The page in a real Chromium, over the bundled catalogue as the pipeline publishes it."""

from __future__ import annotations

import csv
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from components.serve.page.figures import typed
from components.testing.browser import axe_script, looking
from components.testing.page import NARROW, VIEWS, WIDE, Stage, as_json, staged


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with staged(tmp_path_factory.mktemp("page")) as found:
        yield found


def test_search_answers_as_one_types_and_says_how_it_read(stage: Stage) -> None:
    part = stage.resistors[0]
    with looking(stage.browser, stage.origin, viewport=WIDE) as seen:
        page = seen.go("/")
        page.locator("#q").press_sequentially(part["part_number"])
        first = page.locator("table.parts tbody tr").first
        expect(first).to_contain_text(f"C{part['lcsc_id']}")
        value = typed(part["pick_parameters"]["resistance_ohm"], "Ω")
        page.locator("#q").fill(f"{value}ohm resistor")
        expect(page.locator(".reading")).to_contain_text("Resistors")
        assert "q=" in page.url
        page.get_by_label("Family").select_option("ldo")
        expect(page.locator(".empty, table.parts")).to_be_visible()
        page.get_by_label("Family").select_option("")
        expect(page.locator(".reading")).to_be_visible()
        page.locator(".reading a", has_text="as a table").click()
        page.wait_for_url("**/families/resistor?*")
        expect(page.locator(".asked")).to_contain_text("Resistance")


def test_a_family_is_filtered_sorted_and_compared(stage: Stage) -> None:
    with looking(stage.browser, stage.origin, viewport=WIDE) as seen:
        page = seen.go("/families/resistor")
        total = page.locator(".tally strong")
        everything = int(total.inner_text().replace("\u202f", ""))
        page.locator("input[name='resistance_ohm.min']").fill("1k")
        expect(page.locator(".asked")).to_contain_text("≥ 1\xa0kΩ")
        fewer = int(total.inner_text().replace("\u202f", ""))
        expected = [
            one
            for one in as_json(stage.server, "/families/resistor?resistance_ohm.min=1k")["parts"]
            if one["pick_parameters"]["resistance_min_ohm"] < 999.98
        ]
        assert 0 < fewer < everything and not expected
        page.locator("input[name='resistance_ohm.min']").fill("apples")
        expect(page.locator(".wrong")).to_contain_text("apples")
        page.locator("input[name='resistance_ohm.min']").fill("")
        expect(total).to_have_text(f"{everything:,}".replace(",", "\u202f"))
        # Drawn over the distribution, from the middle to its end.
        page.locator("#bars-resistance_ohm").scroll_into_view_if_needed()
        expect(page.locator("#bars-resistance_ohm")).to_have_class("bars ready")
        box = page.locator("#bars-resistance_ohm").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 10)
        page.mouse.up()
        expect(page.locator(".asked")).to_contain_text("Resistance")
        page.get_by_label("Sort by").select_option("price")
        expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Price")
        prices = [float(text) for text in _column(page, -1) if text != "—"]
        assert prices == sorted(prices) and len(prices) > 1
        page.goto("/families/resistor")
        boxes = page.locator("input[name=ids]")
        for place in (0, 1):
            boxes.nth(place).check()
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/compare?*")
        for part in stage.resistors[:2]:
            expect(page.locator("table.compare thead")).to_contain_text(f"C{part['lcsc_id']}")


def test_scripts_that_come_late_lose_nothing(stage: Stage) -> None:
    with looking(stage.browser, stage.origin, viewport=WIDE) as seen:
        late: list[Any] = []
        page = seen.page
        page.route("**/filters.js", lambda route: late.append(route))
        page.goto("/families/resistor")
        with page.expect_request("**/filters.js"):
            page.locator("#bars-resistance_ohm").scroll_into_view_if_needed()
        # The bars that asked for the script are swapped for others before it comes.
        page.locator("input[name='resistance_ohm.min']").fill("1m")
        expect(page.locator(".asked")).to_contain_text("≥ 1\xa0mΩ")
        box = page.locator("input[name=ids]").nth(1)
        box.check()
        late.pop().continue_()
        expect(page.locator("#bars-resistance_ohm")).to_have_class("bars ready")
        expect(page.locator("#picked")).to_contain_text("1 of")
        assert box.is_checked() and not late


def _column(page: Any, place: int) -> list[str]:
    rows = page.locator("table.grid tbody tr").all()
    return [row.locator("td").nth(place).inner_text() for row in rows]


def _see_frames(page: Any) -> None:
    """Wait until what was asked for has been drawn, however long a frame takes."""
    frame = "() => new Promise(requestAnimationFrame)"
    for _ in range(3):
        page.evaluate(frame)


def test_a_part_shows_its_drawing_and_turns_its_model(stage: Stage) -> None:
    with looking(stage.browser, stage.origin, viewport=WIDE, accept_downloads=True) as seen:
        page = seen.go(f"/parts/{stage.modelled}")
        pad = page.locator(".footprint_svg svg [data-pad]").first
        pad.hover()
        number = pad.get_attribute("data-pad")
        expect(page.locator(".footprint_svg output")).to_contain_text(f"pad {number}")
        pin = page.locator(f".symbol_svg svg [data-pin='{number}']")
        expect(pin).to_have_class("at")
        canvas = page.locator("canvas[data-shown]")
        canvas.scroll_into_view_if_needed()
        expect(canvas).to_have_attribute("data-around", re.compile(r"-?\d"))
        first = canvas.get_attribute("data-around")
        expect(canvas, "it turns by itself").not_to_have_attribute("data-around", str(first))
        before = _pixels(page)
        assert len(before) > 3, "more than one colour is drawn"
        canvas.focus()
        for _ in range(5):
            page.keyboard.press("ArrowLeft")
        _see_frames(page)
        held = canvas.get_attribute("data-around")
        page.wait_for_timeout(200)
        _see_frames(page)
        assert canvas.get_attribute("data-around") == held, "it stays where it was turned"
        with page.expect_download() as download:
            page.get_by_role("link", name="All as one archive").click()
        names = _zip_names(download.value.path())
        assert f"{stage.modelled}.kicad_mod" in names and f"{stage.modelled}.glb" in names
        expect(page.get_by_role("table", name="Values")).to_contain_text("Output voltage")


def _pixels(page: Any) -> set[str]:
    """Colours on a grid of the model's canvas, from a screenshot's bytes as the page sees them."""
    picture = page.locator("canvas[data-model]").screenshot()
    data, at = b"", 8
    while at < len(picture):
        size, kind = int.from_bytes(picture[at : at + 4], "big"), picture[at + 4 : at + 8]
        data += picture[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += 12 + size
    raw = zlib.decompress(data)
    return {raw[place : place + 3].hex() for place in range(0, len(raw) - 3, 997)}


def _zip_names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as pack:
        assert pack.testzip() is None
        return pack.namelist()


def test_a_bill_is_matched_chosen_from_and_downloaded(stage: Stage) -> None:
    with looking(stage.browser, stage.origin, viewport=WIDE, accept_downloads=True) as seen:
        page = seen.go("/bom")
        page.locator("input[type=file]").set_input_files(stage.bill)
        expect(page.locator("#matched")).to_have_text("2")
        lines = page.locator("#priced tbody tr")
        expect(lines).to_have_count(3)
        expect(lines.nth(0)).to_contain_text("by value and package")
        expect(lines.nth(1)).to_contain_text("by its LCSC number")
        one = float(page.locator("#total").inner_text())
        page.get_by_label("Boards").fill("100")
        page.get_by_label("Boards").blur()
        expect(page.locator(".sums")).to_contain_text("100 boards")
        assert float(page.locator("#total").inner_text().replace("\u202f", "")) > one
        chosen = lines.nth(1).locator("select")
        chosen.select_option("")
        expect(page.locator("#matched")).to_have_text("1")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download for assembly").click()
        with Path(download.value.path()).open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["Designator"] for row in rows] == ["R1,R2", "R3", "J1"]
        assert rows[0]["LCSC Part #"].startswith("C") and rows[1]["LCSC Part #"] == ""


@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide-light", "narrow-dark"]
)
def test_every_view_is_sound_in_every_window(
    stage: Stage, size: dict[str, int], scheme: Any
) -> None:
    axe = axe_script()
    with looking(stage.browser, stage.origin, viewport=size, color_scheme=scheme) as seen:
        for view in VIEWS:
            page = seen.go(stage.path(view))
            assert seen.faults(axe) == [], view
            # Nothing reaches beyond the window's side: tables scroll within themselves.
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], view
        page = seen.go(stage.path("/bom"))
        page.locator("input[type=file]").set_input_files(stage.bill)
        expect(page.locator("#total")).to_be_visible()
        assert seen.faults(axe) == []
        expect(seen.go("/snapshot").locator("#changes .facts")).to_contain_text("new")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()


def test_everything_can_be_read_without_scripts(stage: Stage) -> None:
    with looking(stage.browser, stage.origin, java_script_enabled=False, viewport=WIDE) as seen:
        part = stage.resistors[0]
        page = seen.go("/")
        page.locator("#q").fill(part["part_number"])
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name=part["part_number"], exact=True).first.click()
        expect(page.get_by_role("table", name="Values")).to_contain_text("Resistance")
        page.goto("/families/resistor")
        page.locator("input[name='resistance_ohm.max']").fill("10k")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator(".asked")).to_contain_text("≤ 10\xa0kΩ")
        page.goto("/bom")
        page.locator("input[type=file]").set_input_files(stage.bill)
        page.get_by_role("button", name="Match it").click()
        expect(page.locator("#matched")).to_have_text("2")
        page.goto(f"/parts/{stage.modelled}")
        loaded = page.locator(".footprint_svg img")
        expect(loaded).to_be_visible()
        for view in VIEWS:
            assert page.goto(stage.path(view)).status == 200  # type: ignore[union-attr]


def test_pages_keep_their_promises_in_headers_and_as_json(stage: Stage) -> None:
    for view in VIEWS:
        path = stage.path(view)
        answer = stage.server.ask("GET", path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        text = answer.body.decode()
        assert "style=" not in text and "onclick" not in text and "<script>" not in text
        data = stage.server.ask("GET", path, headers={"Accept": "application/json"})
        assert data.headers["content-type"] == "application/json"
        assert isinstance(json.loads(data.body), dict)
    for path in ("/parts/C999999999", "/families/nonesuch", "/compare?ids=x"):
        answer = stage.server.ask("GET", path)
        assert answer.status in (404, 422) and b"<h1>" in answer.body
    part = stage.server.ask("GET", f"/v1/components/{stage.modelled}/footprint_svg")
    assert "sandbox" in part.headers["content-security-policy"]
