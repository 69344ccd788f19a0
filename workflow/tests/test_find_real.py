"""Search and bills of materials over 236,831 real parts."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from components.core.layout import Layout
from components.families.schema import lookup_schema
from components.find.bom.match import match_bom
from components.find.bom.read import Line, read_bom
from components.find.search import Search
from components.native.lookup import Lookup
from components.publish.hold import hold
from components.serve.snapshot import Snapshot
from components.testing.real import real_site

BILLS = Path(__file__).parent / "data" / "bom"
SAMPLE = 1000


class Real(NamedTuple):
    layout: Layout
    snapshot: Snapshot
    search: Search


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Real]:
    layout = real_site(tmp_path_factory)
    library = partial(Lookup.open, layout.library)
    snapshot = Snapshot.open(layout.current.resolve(), library, hold)
    yield Real(layout, snapshot, Search(snapshot, lookup_schema()["families"]))
    snapshot.retire()


def test_part_numbers_find_their_part_whole_or_cut(real: Real) -> None:
    chance = random.Random(5)
    with closing(sqlite3.connect(real.layout.current / "detail.sqlite")) as db:
        sql = "SELECT lcsc_id, part_number FROM components_full ORDER BY lcsc_id"
        parts = [(number, text) for number, text in db.execute(sql) if len(text) >= 8]
    found_cut = 0
    for number, text in chance.sample(parts, SAMPLE):
        exact = real.search.find(text, 100)["components"]
        assert number in {one["lcsc_id"] for one in exact}, text
        cut = real.search.find(text[: -chance.randrange(1, 5)], 50)["components"]
        found_cut += number in {one["lcsc_id"] for one in cut}
    assert found_cut >= 0.95 * SAMPLE


# Asked, and what every answer must be or say: keys of a part, or words of its texts.
ASKED: tuple[tuple[str, dict[str, str], tuple[str, ...]], ...] = (
    ("10k 0402 1%", {"family": "resistor", "package": "0402"}, ("10kΩ",)),
    ("4k7 0603", {"family": "resistor", "package": "0603"}, ("4.7kΩ",)),
    ("10 ohm 2512", {"family": "resistor", "package": "2512"}, ("10Ω",)),
    ("0.1% 10k 0603", {"family": "resistor", "package": "0603"}, ("10kΩ",)),
    ("100n 50V X7R 0603", {"family": "capacitor", "package": "0603"}, ("100nF", "X7R")),
    ("100 nF 50 V 0603", {"family": "capacitor", "package": "0603"}, ("100nF",)),
    ("10uF 25V 1206 capacitor", {"family": "capacitor", "package": "1206"}, ("10uF",)),
    ("2.2uH inductor 4A", {"family": "inductor"}, ("2.2uH",)),
    ("ferrite bead 600R 0603", {"family": "ferrite_bead", "package": "0603"}, ("600Ω",)),
    ("120R@100MHz 0402", {"family": "ferrite_bead", "package": "0402"}, ("120Ω",)),
    ("8MHz crystal", {"family": "crystal"}, ("8MHz",)),
    ("SOT-23 LDO 3.3V", {"family": "ldo", "package": "SOT-23"}, ("3.3V",)),
    ("red led 0603", {"family": "led", "package": "0603"}, ()),
    ("schottky diode SMA 40V", {"family": "diode", "package": "SMA"}, ()),
    ("5.1V zener SOD-123", {"family": "zener", "package": "SOD-123"}, ()),
    ("TVS diode 24V SMB", {"family": "tvs", "package": "SMB"}, ()),
    ("n-channel mosfet 30V SOT-23", {"family": "mosfet", "package": "SOT-23"}, ()),
    ("PNP SOT-23", {"package": "SOT-23"}, ("PNP",)),
    ("fuse 500mA 1206", {"family": "fuse", "package": "1206"}, ()),
    ("opamp rail to rail", {}, ("rail",)),
    ("opamp 5V SOT-23-5", {"family": "opamp", "package": "SOT-23-5"}, ()),
    ("usb c connector", {}, ("usb",)),
    ("tactile switch", {"family": "tactile_switch"}, ()),
    ("pin header 2.54mm", {"family": "pin_header"}, ("2.54mm",)),
    ("relay 5V", {"family": "relay"}, ("5V",)),
    ("temperature sensor i2c", {"family": "sensor"}, ("I2C",)),
    ("esp32", {}, ("esp32",)),
    ("STM32F103C8T6", {"family": "microcontroller"}, ("STM32F103C8T6",)),
    ("optocoupler", {"family": "optocoupler"}, ()),
    ("buzzer", {}, ("buzzer",)),
    ("murata capacitor 0402", {"package": "0402"}, ("murata",)),
    ("texas instruments ldo", {}, ("Texas Instruments", "ldo")),
)


def test_words_find_what_they_say(real: Real) -> None:
    assert len(ASKED) >= 30
    for text, must, words in ASKED:
        found = real.search.find(text, 10)
        assert found["components"] and not found["left_out"], text
        for part in found["components"]:
            assert must.items() <= part.items(), (text, part)
            told = _texts(real, part)
            assert all(word.casefold() in told for word in words), (text, part)


def _texts(real: Real, part: dict[str, Any]) -> str:
    """All that a part's row says; where the row has no description its values, as people do."""
    with real.snapshot.database() as detail:
        sql = "SELECT attributes_json FROM components_full WHERE lcsc_id = ?"
        (attributes,) = detail.execute(sql, (part["lcsc_id"],)).fetchone()
    names = ("description", "part_number", "manufacturer", "category", "family", "package")
    return " ".join([*(str(part[name]) for name in names), attributes]).casefold()


@pytest.mark.parametrize(
    "file", sorted(path.name for path in BILLS.iterdir() if path.suffix != ".json")
)
def test_a_bill_in_each_dialect_gets_its_parts(file: str, real: Real) -> None:
    wanted = json.loads((BILLS / "expected.json").read_text())[file]
    lines = read_bom((BILLS / file).read_bytes())
    answer = match_bom(real.search, real.snapshot, lines, 10)
    assert len(wanted) == len(answer["lines"])
    for one, (designators, quantity, number, told, *says) in zip(
        answer["lines"], wanted, strict=True
    ):
        assert (" ".join(one["designators"]), one["quantity"]) == (designators, quantity)
        part = one["part"]
        assert (part and part["lcsc_id"], one["why"] or one["reason"]) == (number, told)
        if part:
            texts = part["description"] + part["part_number"]
            assert all(word in texts for word in says), (one, says)


def test_there_are_enough_dialects() -> None:
    assert len([path for path in BILLS.iterdir() if path.suffix != ".json"]) >= 12


def test_a_manufacturer_is_named_as_people_do(real: Real) -> None:
    with real.snapshot.database() as detail:
        sql = "SELECT manufacturer, part_number, min(lcsc_id) FROM components_full GROUP BY 1"
        parts = {name: (number, lcsc_id) for name, number, lcsc_id in detail.execute(sql)}
    makers = real.snapshot.makers
    assert all(name.lower() in {found.lower() for found in makers.find(name)} for name in parts)
    asked = (
        *(("Murata", "Murata Electronics"), ("uniroyal", "UNI-ROYAL(Uniroyal Elec)")),
        *(("TI", "Texas Instruments"), ("Semtech Corp.", "SEMTECH"), ("TAI-TECH", "TAI-TECH")),
    )
    others = (("ST", "ST(Semtech)"), ("Semtech", "ST(Semtech)"), ("Maxim", "MAX"))
    others += (("TA-I", "TAI-TECH"), ("STMicroelectronics", "SEMTECH"))
    lines = [
        Line(["U1"], manufacturer=short, mpn=parts[name][0]) for short, name in (*asked, *others)
    ]
    answers = match_bom(real.search, real.snapshot, lines, 1)["lines"]
    for (short, name), answer in zip(asked, answers[: len(asked)], strict=True):
        assert answer["part"]["manufacturer"] in makers.find(name), (short, answer)
    for (short, name), answer in zip(others, answers[len(asked) :], strict=True):
        assert answer["part"] is None, (short, name, answer)
        assert answer["reason"] == f"no {short} makes it; others do"


def test_a_word_finds_the_manufacturer_by_its_other_names(real: Real) -> None:
    for asked, maker in (("ti opamp", "Texas Instruments"), ("adi adc spi", "Analog Devices")):
        found = real.search.find(asked)
        names = {one["manufacturer"] for one in found["components"]}
        assert found["total"] == 20 and maker in names, asked
        assert names <= real.snapshot.makers.find(maker), asked
