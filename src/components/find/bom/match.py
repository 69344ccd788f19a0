"""Which part each line of a bill of materials means, at which price, and why.

A line is matched by its LCSC number, else by its part number, else by value and package; basic and
preferred parts first, then the cheapest at the quantity. What is not certain is not chosen: the
line then tells the reason and what might be meant.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from components.find.bom.footprint import family_of_designators, meaning
from components.find.bom.read import Line
from components.find.quantity import read_quantity
from components.find.search import Readable, Search
from components.find.values import Reading, read_line
from components.find.vocabulary import Vocabulary
from components.source.prices import tiers, unit_price
from components.transform.search import fold_part_number

ALTERNATES_MAX = 5
# Of the usual order, in which basic and preferred parts come first; and of the cheapest.
USUAL, CHEAPEST = 16, 6
BOARDS_MAX = 100_000
# What makers add for the reel, the lead-free finish or both, and a bill often leaves out; any other
# ending may mean another device.
REEL_SUFFIX = re.compile(
    r"r|t|tr|rl|trl|tl|tp|g|rg|t1g?|t3g?|r2g?|7|13|r7|rl7|tr13|reel7?|7f|13f"
    r"|[12][123]5|118|pbf|trpbf|nopb"
)
PART_NUMBER_MIN = 4
# What a value without more is taken to allow, so that no poor part is chosen unasked.
UNSTATED: dict[str, tuple[tuple[str, str, float], ...]] = {
    "resistor": (("tolerance_pct", "maximum", 5.0),),
    "capacitor": (("tolerance_pct", "maximum", 20.0), ("max_voltage_v", "minimum", 10.0)),
    "capacitor_polarized": (("tolerance_pct", "maximum", 20.0),),
    "inductor": (("tolerance_pct", "maximum", 30.0),),
}
# What must be told beside the value: any part would fit it, few the circuit.
MUST_TELL = {
    "capacitor_polarized": ("max_voltage_v", "rated voltage"),
    "crystal": ("load_capacitance_f", "load capacitance"),
}
# Families that share designators or footprints.
ALIKE = (
    *({"capacitor", "capacitor_polarized"}, {"ferrite_bead", "inductor"}),
    {"ferrite_bead", "resistor"},
)
_SQL = """SELECT lcsc_id, manufacturer, part_number, package, description, stock, is_basic,
    is_preferred, price_json FROM components_full
WHERE lcsc_id IN (SELECT value FROM json_each(?))"""
# Their capacitance falls by most of it with temperature and voltage: only where asked for.
POOR_DIELECTRICS = frozenset({"Y5V", "Z5U", "Y5U", "Z5V"})


@dataclass
class Match:
    """What became of one line."""

    line: Line
    quantity: int
    of_makers: frozenset[str] = frozenset()
    """The catalogue's names of the line's manufacturer."""
    why: str | None = None
    reason: str | None = None
    candidates: list[int] = field(default_factory=list)
    """The chosen part first where there is one, then alternates."""
    prices: dict[int, float | None] = field(default_factory=dict)
    """Of candidates, at the quantity, where the engine has told them."""
    notes: list[str] = field(default_factory=list)
    only_offers: bool = False
    """Whether what was asked for by number is not there: what fits otherwise is offered alone."""

    def price(self, part: dict[str, Any]) -> float | None:
        number = part["lcsc_id"]
        if number not in self.prices:
            self.prices[number] = unit_price(tiers(part["price_json"]), self.quantity)
        return self.prices[number]


def match_bom(
    search: Search, snapshot: Readable, lines: Sequence[Line], boards: int
) -> dict[str, Any]:
    """The answer of ``POST /v1/components/bom``: every line with its part, price and reasons."""
    makers = snapshot.makers
    matches = [
        Match(line, line.per_board * boards, makers.find(line.manufacturer)) for line in lines
    ]
    with snapshot.database("search.sqlite") as numbers, snapshot.database() as detail:
        by_value: list[tuple[Match, Reading]] = []
        for match in matches:
            if not match.line.is_placed:
                match.reason = "not to be placed"
            elif match.quantity == 0:
                match.reason = "the quantity is 0"
            elif not _by_number(match, numbers, detail):
                _prepare(match, search.vocabulary, by_value)
        _by_value(by_value, snapshot)
        wanted = {number for match in matches for number in match.candidates}
        parts = _parts(detail, wanted)
    answers = [_answer(match, parts) for match in matches]
    return {"boards": boards, "lines": answers, "totals": _totals(matches, answers)}


def _by_number(match: Match, numbers: sqlite3.Connection, detail: sqlite3.Connection) -> bool:
    """By LCSC number or part number; whether the line is settled by that, for good or ill."""
    line = match.line
    if (lcsc_id := line.lcsc_id()) is not None:
        if detail.execute("SELECT 1 FROM components_full WHERE lcsc_id = ?", (lcsc_id,)).fetchone():
            match.why = "lcsc"
            match.candidates = [lcsc_id]
            return True
        match.only_offers = True
        match.reason = f"C{lcsc_id} is not in the catalogue"
    if line.mpn and (_by_part_number(match, line.mpn, numbers, detail) or not line.value):
        return True
    # A chip's part number often stands where a resistor has its value.
    is_passive = family_of_designators(line.designators) is not None
    if is_passive or read_quantity(line.value) or not _is_part_number(line.value):
        return False
    return _by_part_number(match, line.value, numbers, detail) or not match.only_offers


def _is_part_number(text: str) -> bool:
    folded = fold_part_number(text)
    return (
        len(folded) >= PART_NUMBER_MIN
        and any(map(str.isdigit, folded))
        and any(map(str.isalpha, folded))
    )


def _by_part_number(
    match: Match, text: str, numbers: sqlite3.Connection, detail: sqlite3.Connection
) -> bool:
    folded = fold_part_number(text)
    sql = (
        "SELECT n.folded, r.lcsc_id FROM part_numbers n JOIN ranked r USING (rank)"
        " WHERE folded >= ? AND folded < ? ORDER BY n.rank LIMIT 200"
    )
    rows = numbers.execute(sql, (folded, folded + "\U0010ffff")).fetchall() if folded else []
    exact = [row[1] for row in rows if row[0] == folded]
    longer = {row[0] for row in rows if row[0] != folded}
    found = exact
    if not exact and len(longer) == 1 and REEL_SUFFIX.fullmatch(next(iter(longer))[len(folded) :]):
        found = [row[1] for row in rows]
        match.notes.append("the part number goes on, as for a reel")
    found = _of_maker(match, found, detail)
    if found:
        match.why = "mpn"
        match.candidates = found[: 1 + ALTERNATES_MAX]
        return True
    if match.reason is None:
        match.reason = f"no part number is {text[:60]}"
        match.reason += f"; {len(longer)} begin so" if longer else ""
    match.candidates = match.candidates or [row[1] for row in rows[:ALTERNATES_MAX]]
    match.only_offers = True
    return bool(match.candidates)


def _of_maker(match: Match, found: list[int], detail: sqlite3.Connection) -> list[int]:
    """Those of the line's manufacturer, the best first: basic or preferred, then the cheapest."""
    parts = _parts(detail, found)
    if fold_part_number(match.line.manufacturer):
        names = {name.casefold() for name in match.of_makers}
        of_maker = [number for number in found if parts[number]["manufacturer"].casefold() in names]
        if found and not of_maker:
            match.reason = f"no {match.line.manufacturer[:60]} makes it; others do"
            match.candidates = found[:ALTERNATES_MAX]
        found = of_maker
    elif len({parts[number]["manufacturer"] for number in found}) > 1:
        match.notes.append("several manufacturers make it, none is named")
    return sorted(found, key=lambda number: _rank(parts[number], match))


def _rank(part: dict[str, Any], match: Match) -> tuple[Any, ...]:
    price = match.price(part)
    return (
        part["stock"] < match.quantity,
        not (part["is_basic"] or part["is_preferred"]),
        price is None,
        price or 0.0,
        -part["stock"],
        part["lcsc_id"],
    )


def _prepare(match: Match, vocabulary: Vocabulary, by_value: list[tuple[Match, Reading]]) -> None:
    """Read a line's value and package into a query, or say what is missing."""
    reading = _read(match, vocabulary)
    if isinstance(reading, Reading):
        for column, how, value in UNSTATED.get(reading.family, ()):
            if column not in reading.ranges and column not in reading.exact:
                reading.ranges[column] = {how: value}
                match.notes.append(f"not stated, so {column} {how} {value:g}")
        by_value.append((match, reading))
    elif match.reason is None:
        match.reason = reading


def _read(match: Match, vocabulary: Vocabulary) -> Reading | str:
    """What a line's value and footprint ask for, or why that is not certain."""
    line = match.line
    place = meaning(line.footprint)
    told = family_of_designators(line.designators)
    if place.family and told and place.family != told and {place.family, told} not in ALIKE:
        return f"its designator says {told}, its footprint {place.family}"
    # A bead is drawn on an inductor's footprint; a polarized footprint says more than a C.
    family = told if told and place.family != "capacitor_polarized" else place.family
    if not line.value:
        return "neither LCSC number, part number nor value is given"
    reading, unread = read_line(line.value, family, vocabulary)
    if reading is None:
        return "neither designator, footprint nor value tells what kind of part it is"
    package = vocabulary.package_of(place.package, reading.family) if place.package else None
    if unread := [word for word in unread if not _is_told_by(package, word)]:
        return f"not understood: {' '.join(unread)[:80]}"
    if not _has_nominal(reading, vocabulary):
        return "the value that identifies the part is not given"
    if package is None:
        return f"no package is known for the footprint {line.footprint[:60] or '(none)'}"
    column, meant = MUST_TELL.get(reading.family, ("", ""))
    if column and column not in reading.ranges | reading.exact:
        match.only_offers = True
        match.reason = match.reason or f"the {meant} is not given"
    reading.package = package
    return reading


def _is_told_by(package: str | None, word: str) -> bool:
    """Whether a package holds no other kind than the word says: cans, and moulded chips."""
    forms = {"electrolytic": ("SMD,D", "插件,D"), "tantalum": ("CASE-",)}.get(word.casefold())
    return package is not None and forms is not None and package.startswith(forms)


def _has_nominal(reading: Reading, vocabulary: Vocabulary) -> bool:
    columns = vocabulary.families[reading.family]["columns"]
    nominal = {column["name"] for column in columns if column["minimum_column"]}
    if reading.family == "ferrite_bead":
        nominal = {"impedance_ohm"}
    return bool(nominal & set(reading.exact))


def _by_value(asked: list[tuple[Match, Reading]], snapshot: Readable) -> None:
    """Ask the engine for all lines at once: in the usual order, and for the cheapest."""
    for begin in range(0, len(asked), 400):
        some = asked[begin : begin + 400]
        queries = []
        for match, reading in some:
            queries.append(reading.query(USUAL, match.quantity))
            queries.append(reading.query(CHEAPEST, match.quantity, "price"))
        status, body = snapshot.query_batch(orjson.dumps({"queries": queries}))
        results = orjson.loads(body)
        if status != 200:
            raise ValueError(f"lookup: {results.get('detail')}")
        results = results["results"]
        for place, (match, reading) in enumerate(some):
            both = results[2 * place]["candidates"] + results[2 * place + 1]["candidates"]
            found = {one["lcsc_id"]: one for one in both if _is_sound(one, reading)}
            best = sorted(found.values(), key=_order)[: 1 + ALTERNATES_MAX]
            match.candidates = [one["lcsc_id"] for one in best]
            match.prices = {one["lcsc_id"]: one["unit_price"] for one in best}
            if match.candidates:
                match.why = "value"
            elif match.reason is None:
                match.reason = "no part in stock has this value, package and quantity"


def _is_sound(candidate: dict[str, Any], reading: Reading) -> bool:
    dielectric = candidate["pick_parameters"].get("tempco_code")
    return dielectric not in POOR_DIELECTRICS or "tempco_code" in reading.exact


def _order(candidate: dict[str, Any]) -> tuple[Any, ...]:
    price = candidate["unit_price"]
    is_cheap_to_place = candidate["is_basic"] or candidate["is_preferred"]
    return not is_cheap_to_place, price is None, price or 0.0, -candidate["stock"]


def _parts(detail: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    found = {}
    for row in detail.execute(_SQL, (orjson.dumps(sorted(numbers)).decode(),)):
        found[row[0]] = {
            "lcsc_id": row[0],
            "manufacturer": row[1],
            "part_number": row[2],
            "package": row[3],
            "description": row[4],
            "stock": row[5],
            "is_basic": bool(row[6]),
            "is_preferred": bool(row[7]),
            "price_json": row[8],
        }
    return found


def _answer(match: Match, parts: dict[int, dict[str, Any]]) -> dict[str, Any]:
    is_chosen = match.why is not None and not match.only_offers
    chosen = parts[match.candidates[0]] if is_chosen else None
    others = match.candidates[1:] if is_chosen else match.candidates
    price = match.price(chosen) if chosen else None
    notes = list(match.notes)
    if chosen and chosen["stock"] < match.quantity:
        notes.append(f"{chosen['stock']} in stock, {match.quantity} wanted")
    line = match.line
    return {
        "designators": line.designators,
        "value": line.value,
        "footprint": line.footprint,
        "quantity": match.quantity if line.is_placed else 0,
        "part": _shown(chosen, match) if chosen else None,
        "why": match.why if is_chosen else None,
        "reason": match.reason if chosen is None else None,
        "unit_price": price,
        "line_price": None if price is None else round(price * match.quantity, 6),
        "alternates": [
            _shown(parts[number], match) for number in others[:ALTERNATES_MAX] if number in parts
        ],
        "notes": notes if chosen else [],
    }


def _shown(part: dict[str, Any], match: Match) -> dict[str, Any]:
    told = {name: value for name, value in part.items() if name != "price_json"}
    return told | {"unit_price": match.price(part)}


def _totals(matches: Sequence[Match], answers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    placed = [one for match, one in zip(matches, answers, strict=True) if match.line.is_placed]
    prices = [one["line_price"] for one in placed if one["line_price"] is not None]
    return {
        "lines": len(answers),
        "matched": sum(one["part"] is not None for one in placed),
        "not_placed": len(answers) - len(placed),
        "unmatched": sum(one["part"] is None for one in placed),
        "without_price": sum(
            one["part"] is not None and one["line_price"] is None for one in placed
        ),
        "price": round(sum(prices), 6),
    }
