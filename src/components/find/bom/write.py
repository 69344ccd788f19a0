"""A matched bill of materials as CSV: what JLCPCB's assembly takes, or priced for people.

No cell begins what a spreadsheet takes for a formula (OWASP, "CSV Injection"): such text gets an
apostrophe before it, which spreadsheets read as "this is text".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

ASSEMBLY = ("Comment", "Designator", "Footprint", "LCSC Part #")
PRICED = (
    *("Designator", "Quantity", "Value", "Footprint", "LCSC Part #", "Manufacturer", "MPN"),
    *("Package", "Library Type", "Stock", "Unit Price", "Line Price", "Matched By", "Reason"),
    *("Notes", "Alternates"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "|", "%")


def assembly_csv(answer: Mapping[str, Any]) -> str:
    """The file that JLCPCB's assembly takes; lines without a part have an empty last column.

    Lines that are not to be placed are left out.
    """
    rows = []
    for line in answer["lines"]:
        if line["reason"] == "not to be placed":
            continue
        part = line["part"]
        comment = line["value"] or (part["part_number"] if part else "")
        number = f"C{part['lcsc_id']}" if part else ""
        rows.append((comment, ",".join(line["designators"]), line["footprint"], number))
    return _csv(ASSEMBLY, rows)


def priced_csv(answer: Mapping[str, Any]) -> str:
    """Every line with its part, price, stock, and why or why not."""
    return _csv(PRICED, map(_priced, answer["lines"]))


def _priced(line: Mapping[str, Any]) -> Sequence[Any]:
    part = line["part"] or {}
    kind = ""
    if part:
        kind = "Basic" if part["is_basic"] else "Preferred" if part["is_preferred"] else "Extended"
    return (
        *(",".join(line["designators"]), line["quantity"], line["value"], line["footprint"]),
        *(f"C{part['lcsc_id']}" if part else "", part.get("manufacturer", "")),
        *(part.get("part_number", ""), part.get("package", ""), kind, part.get("stock", "")),
        *(_number(line["unit_price"]), _number(line["line_price"]), line["why"] or ""),
        *(line["reason"] or "", "; ".join(line["notes"])),
        " ".join(f"C{other['lcsc_id']}" for other in line["alternates"]),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return file.getvalue()


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet calculates.

    >>> safe_cell("=1+1"), safe_cell("10k")
    ("'=1+1", '10k')
    """
    text = "".join(char for char in text if char >= " " or char in "\t\n")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def test_no_cell_begins_a_formula() -> None:
    from hypothesis import given
    from hypothesis import strategies as st

    part = {
        "lcsc_id": 7,
        "manufacturer": "@x",
        "part_number": "-1",
        "package": "=y",
        "stock": 5,
        "is_basic": False,
        "is_preferred": False,
    }

    @given(st.text(max_size=8), st.booleans())
    def holds(text: str, found: bool) -> None:
        line = {
            "designators": [text],
            "value": text,
            "footprint": text,
            "quantity": 1,
            "part": part if found else None,
            "why": "lcsc" if found else None,
            "reason": None if found else text,
            "unit_price": None,
            "line_price": None,
            "alternates": [],
            "notes": [text],
        }
        for write in (assembly_csv, priced_csv):
            for row in csv.reader(io.StringIO(write({"lines": [line]}), newline="")):
                assert not any(cell.lstrip(" ").startswith(_FORMULA) for cell in row)

    holds()
    assert safe_cell("-1") == "'-1" and safe_cell("") == ""
