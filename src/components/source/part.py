"""A part as JLC's API tells of it, as a row of the jlcparts schema (UPSTREAMS: JLC OpenAPI).

The list (``getComponentInfos``) and the details (``getComponentDetailByCode``) name the same things
differently. Only the list knows the manufacturer, only the details the attributes; neither knows
whether a part is preferred.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

NAMES: dict[str, tuple[str, ...]] = {
    "code": ("lcscPart", "componentCode"),
    "category": ("firstCategory", "firstTypeName"),
    "subcategory": ("secondCategory", "secondTypeName"),
    "mfr": ("mfrPart", "componentModel"),
    "package": ("package", "componentSpecification"),
    "joints": ("solderJoint", "solderJointCount"),
    "manufacturer": ("manufacturer",),
    "library": ("libraryType",),
    "preferred": ("preferredComponentFlag", "preferred", "isPreferred"),
    "description": ("description",),
    "datasheet": ("datasheet", "datasheetUrl", "dataManualUrl", "dataManualOfficialLink"),
    "stock": ("stock", "stockCount"),
    "price": ("price", "priceRanges"),
    "attributes": ("parameters", "attributes"),
    "images": ("images",),
}
# What changes from day to day; a part's detail need not be asked for again because of it.
VOLATILE = frozenset((*NAMES["stock"], *NAMES["price"]))
INTEGER_MAX = (1 << 62) - 1
# Addresses of one document that differ now and then: the one in use does not replace the others.
_DOCUMENTS = frozenset(NAMES["datasheet"][1:])
_USED = frozenset(name for names in NAMES.values() for name in names) - _DOCUMENTS
_RANGE = re.compile(r"\s*(\d+)\s*-\s*(\d*)\s*:\s*([\d.eE+-]+)\s*")


class Row(NamedTuple):
    """A part, before categories and manufacturers have numbers. ``price`` and the rest are JSON.

    ``preferred`` is None where it is unknown.
    """

    lcsc: int
    category: str
    subcategory: str
    mfr: str
    package: str
    joints: int
    manufacturer: str
    basic: int
    preferred: int | None
    description: str
    datasheet: str
    stock: int
    price: str
    extra: str
    jlc_extra: str


def part_number(item: Mapping[str, Any]) -> int | None:
    """The number in the part's code; None for an item that has none.

    >>> part_number({"lcscPart": "C2040"}), part_number({"componentCode": "2040"}), part_number({})
    (2040, None, None)
    """
    match = re.fullmatch(r"C([1-9]\d{0,11})", str(_first(item, "code")))
    return int(match[1]) if match and match[1].isascii() else None


def part_row(
    item: Mapping[str, Any], detail: Mapping[str, Any], preferred: int | None = None
) -> Row | None:
    """The row of a list's item, with what only its detail tells; None where it has no number.

    The item is the newer of the two, so that its stock and price stand. ``preferred`` is what is
    known of it from elsewhere.
    """
    number = part_number(item)
    if number is None:
        return None
    found = {
        name: value if (value := _first(item, name)) is not None else _first(detail, name)
        for name in NAMES
    }
    texts = {name: value.strip() if isinstance(value, str) else "" for name, value in found.items()}
    library = texts["library"].lower()
    known = {**detail, **{key: value for key, value in item.items() if value is not None}}
    rest = {key: value for key, value in known.items() if key not in _USED}
    return Row(
        lcsc=number,
        category=texts["category"],
        subcategory=texts["subcategory"],
        mfr=texts["mfr"],
        package=texts["package"],
        joints=integer(found["joints"]),
        manufacturer=texts["manufacturer"],
        basic=int(library in ("basic", "base")),
        preferred=_preferred(found["preferred"], preferred),
        description=texts["description"],
        datasheet=texts["datasheet"],
        stock=integer(found["stock"]),
        price=_json(prices(found["price"])),
        extra=_json({"images": found["images"]} if found["images"] else {}),
        jlc_extra=_json({"attributes": found["attributes"] or [], **rest}),
    )


def _preferred(told: Any, known: int | None) -> int | None:
    if told is None:
        return known
    return int(told in (True, 1, "true", "1"))


def prices(value: Any) -> list[dict[str, int | float | None]]:
    """Price breaks as jlcparts has them; ``qTo`` is None where a range is open.

    >>> prices("1-49:0.012,50-:0.009")
    [{'qFrom': 1, 'qTo': 49, 'price': 0.012}, {'qFrom': 50, 'qTo': None, 'price': 0.009}]
    >>> prices([{"startQuantity": 1, "endQuantity": -1, "unitPrice": "0.5"}, None, {}])
    [{'qFrom': 1, 'qTo': None, 'price': 0.5}]
    """
    found: list[dict[str, int | float | None]] = []
    if isinstance(value, str):
        for match in filter(None, map(_RANGE.fullmatch, value.split(","))):
            unit = _real(match[3])
            if unit is not None:
                end = integer(match[2]) or None
                found.append({"qFrom": integer(match[1]), "qTo": end, "price": unit})
    elif isinstance(value, list):
        for row in value:
            if not isinstance(row, dict):
                continue
            unit = _real(row.get("unitPrice", row.get("price")))
            if unit is not None:
                end = integer(row.get("endQuantity", row.get("qTo")))
                start = integer(row.get("startQuantity", row.get("qFrom")))
                found.append({"qFrom": start, "qTo": end if end > 0 else None, "price": unit})
    return found


def integer(value: Any) -> int:
    """A count, however it is written; 0 for what is none.

    >>> [integer(value) for value in (7, "7", "1,234", 7.0, None, "many", -1, 1e300, True)]
    [7, 7, 1234, 7, 0, 0, -1, 0, 0]
    """
    if isinstance(value, str):
        text = value.strip().replace(",", "")
        value = int(text[:20]) if re.fullmatch(r"[+-]?[0-9]+", text) else None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else None
    usable = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= INTEGER_MAX
    return int(value) if usable else 0


def _real(value: Any) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and 0 <= number < float("inf") else None


def _first(part: Mapping[str, Any], name: str) -> Any:
    values = (part.get(key) for key in NAMES[name])
    return next((value for value in values if value not in (None, "", [])), None)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_list_and_details_give_the_same_row() -> None:
    parameters = [
        {"parameterName": "Resistance", "parameterValue": "10K"},
        {"parameterName": "Resistance", "parameterValue": None},
    ]
    first = {
        "lcscPart": "C7",
        "firstCategory": "Resistors",
        "secondCategory": "Chip",
        "mfrPart": "R-7 ",
        "package": "0402",
        "solderJoint": "2",
        "manufacturer": None,
        "libraryType": "base",
        "description": "d",
        "datasheet": "http://d/7.pdf",
        "stock": 1000,
        "price": "1-:0.01",
    }
    second = {
        "componentCode": "C7",
        "firstTypeName": "Resistors",
        "secondTypeName": "Chip",
        "componentModel": "R-7",
        "componentSpecification": "0402",
        "solderJointCount": 2,
        "manufacturer": None,
        "libraryType": "basic",
        "description": "d",
        "dataManualUrl": "http://d/7.pdf",
        "stockCount": 1000,
        "priceRanges": [{"startQuantity": 1, "endQuantity": -1, "unitPrice": 0.01}],
    }
    detail = {"parameters": parameters, "rohsFlag": True, "stock": 5, "stockCount": 5}
    detail["dataManualUrl"] = "http://d/7.pdf"
    rows = [part_row(item, detail) for item in (first, second)]
    assert (
        rows[0]
        == rows[1]
        == Row(
            *(7, "Resistors", "Chip", "R-7", "0402", 2, "", 1, None, "d", "http://d/7.pdf", 1000),
            price='[{"price":0.01,"qFrom":1,"qTo":null}]',
            extra="{}",
            jlc_extra=_json(
                {"attributes": parameters, "dataManualUrl": "http://d/7.pdf", "rohsFlag": True}
            ),
        )
    )


def test_nonsense_becomes_an_empty_part() -> None:
    row = part_row({"lcscPart": "C7", "stock": "lots", "price": {"a": 1}, "package": 402}, {})
    assert row is not None and (row.stock, row.price, row.package) == (0, "[]", "")
    assert part_row({"lcscPart": "7"}, {}) is None


def test_preferred_is_unknown_unless_somebody_says_so() -> None:
    for item, known, expected in (
        ({}, None, None),
        ({}, 1, 1),
        ({}, 0, 0),
        ({"preferredComponentFlag": True}, None, 1),
        ({"preferredComponentFlag": False}, 1, 0),
    ):
        row = part_row({"lcscPart": "C7", **item}, {}, known)
        assert row is not None and row.preferred == expected
