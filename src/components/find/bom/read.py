"""Bills of materials as KiCad, EAGLE, Altium, JLCPCB and spreadsheets write them: text in columns.

Columns are told by their headers (:data:`HEADERS`), wherever the header row stands among the first
lines. The separator is the one that makes most columns known; the encoding is told by a byte order
mark, else UTF-8, else Windows' Western one, in which Altium writes ``µ``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from components.core.errors import ComponentsError
from components.transform.search import fold_part_number

SIZE_MAX_BYTES = 4 << 20
LINES_MAX = 2000
COLUMNS_MAX = 200
CELL_MAX = 10_000
PARTS_MAX = 20_000
HEADER_ROWS_MAX = 30
SEPARATORS = ",;\t|"
# Folded: letters and digits alone, lower case.
HEADERS: dict[str, tuple[str, ...]] = {
    "designators": (
        *("designator", "designators", "reference", "references", "refdes", "ref", "refs"),
        *(
            "referencedesignator",
            "referencedesignators",
            "parts",
            "partreference",
            "partdesignator",
        ),
    ),
    "value": (
        "value",
        "comment",
        "val",
        "designation",
        "values",
        "componentvalue",
        "descriptionvalue",
    ),
    "footprint": (
        *("footprint", "package", "footprints", "pcbfootprint", "pattern", "packagereference"),
        *("case", "casepackage", "packagecase", "footprintname", "packagefootprint"),
    ),
    "quantity": ("quantity", "qty", "qnty", "count", "quantityperpcb", "qtypcb", "amount"),
    "mpn": (
        *("mpn", "manufacturerpartnumber", "manufacturerpart", "mfrpart", "mfrpartnumber"),
        *("mfgpart", "mfgpartnumber", "partnumber", "mfrpn", "mfpn", "manufacturerpn", "pn"),
        *("manufacturerpartnumber1", "mfrpartno", "manufacturerpartno", "partno"),
    ),
    "manufacturer": ("manufacturer", "mfr", "mfg", "maker", "manufacturer1", "manufacturername"),
    "lcsc": ("supplierpart", "supplierpartnumber", "supplierpartnumber1", "supplierandref"),
    "dnp": ("dnp", "dnf", "donotpopulate", "donotplace", "donotfit", "dontpopulate", "nofit"),
    "fitted": ("fitted", "populate", "populated"),
}
# Names that mean one thing beside what they mean elsewhere: EAGLE lists single parts by "Part",
# OrCAD has values there, EasyEDA under "Name".
OTHERWISE = (("part", "designators"), ("part", "value"), ("name", "value"))
_FIELD_OF = {name: field for field, names in HEADERS.items() for name in names}
_NOT_PLACED = frozenset({"dnp", "dnf", "dni", "donotpopulate", "donotplace", "notfitted", "nofit"})
_NO = frozenset({"", "0", "no", "n", "false", "fitted", "populate", "populated"})
_RANGE = re.compile(r"([A-Za-z_]+)(\d{1,6})\s*(?:-|–|\.\.+|:)\s*(?:\1)?(\d{1,6})")
_LCSC = re.compile(r"(?<![A-Za-z0-9])[cC](\d{1,10})(?![A-Za-z0-9])")


class BomError(ComponentsError):
    """A bill of materials cannot be read."""


@dataclass
class Line:
    """One line: parts of one kind on a board."""

    designators: list[str] = field(default_factory=list)
    value: str = ""
    footprint: str = ""
    mpn: str = ""
    manufacturer: str = ""
    lcsc: str = ""
    """As it was written; :meth:`lcsc_id` reads it."""
    quantity: int | None = None
    """On one board; None: as many as there are designators."""
    is_placed: bool = True

    @property
    def per_board(self) -> int:
        """How many a board takes: what designators say wins over a count."""
        return len(self.designators) or (1 if self.quantity is None else self.quantity)

    def lcsc_id(self) -> int | None:
        match = _LCSC.search(self.lcsc)
        return int(match[1]) if match else None


def read_bom(data: bytes) -> list[Line]:
    """The lines of a bill of materials. Raises :class:`BomError`, which says what is wrong."""
    text = _decoded(data)
    rows, columns = _table(text)
    lines = list(_lines(rows, columns))
    if not lines:
        raise BomError("the bill of materials has a header, but no line with a part")
    return lines


def expand(text: str) -> list[str]:
    """Designators as they were listed, ranges written out.

    >>> expand("R1-R3, R7; C2")
    ['R1', 'R2', 'R3', 'R7', 'C2']
    """
    found: list[str] = []
    text = re.sub(r"\s*(-|–|\.\.+)\s*(?=[A-Za-z_]*\d)", r"\1", text)
    for word in re.split(r"[\s,;]+", text):
        match = _RANGE.fullmatch(word)
        first, last = (int(match[2]), int(match[3])) if match else (0, -1)
        if match and first <= last < first + PARTS_MAX:
            found += [f"{match[1]}{number}" for number in range(first, last + 1)]
        elif word:
            found.append(word)
        if len(found) > PARTS_MAX:
            raise BomError(f"designators: more than {PARTS_MAX} in one line")
    return list(dict.fromkeys(found))


def _decoded(data: bytes) -> str:
    if len(data) > SIZE_MAX_BYTES:
        raise BomError(f"the bill of materials is larger than {SIZE_MAX_BYTES >> 20} MiB")
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BomError("this is a workbook, not text; save it as CSV")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\0" in data[:2000]:
        even, odd = data[:2000:2].count(0), data[1:2000:2].count(0)
        encoding = "utf-16-le" if odd > 4 * even else "utf-16-be" if even > 4 * odd else "binary"
    else:
        encoding = "utf-8-sig"
    try:
        text = data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        text = data.decode("cp1252", "replace") if encoding == "utf-8-sig" else "\0"
    if any(ord(char) < 32 and char not in "\t\r\n\f" for char in text):
        raise BomError("this is no text: it holds control characters; save it as CSV")
    return text


def _table(text: str) -> tuple[list[list[str]], dict[int, str]]:
    """The rows below the header, and the field of each column."""
    best: tuple[int, list[list[str]], dict[int, str]] = (0, [], {})
    for separator in SEPARATORS:
        if separator not in text:
            continue
        rows = _rows(text, separator)
        for number, row in enumerate(rows[:HEADER_ROWS_MAX]):
            columns = _columns(row)
            if _is_header(columns) and len(columns) > best[0]:
                best = len(columns), rows[number + 1 :], columns
                break
    if not best[0]:
        raise BomError(
            "no header row was found: a line must name a column Designator (Reference, Parts) and"
            " one of Value (Comment), LCSC Part #, MPN, Footprint (Package), Quantity"
        )
    return best[1], best[2]


def _rows(text: str, separator: str) -> list[list[str]]:
    # Excel's own way to say the separator.
    text = re.sub(r"\A\s*sep=.\r?\n", "", text)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            if len(row) > COLUMNS_MAX:
                raise BomError(f"a line has {len(row)} columns, more than {COLUMNS_MAX}")
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) > LINES_MAX + HEADER_ROWS_MAX:
                raise BomError(f"the bill of materials has more than {LINES_MAX} lines")
    except csv.Error as error:
        raise BomError(f"line {len(rows) + 1}: {error}") from None
    return rows


def _columns(row: Sequence[str]) -> dict[int, str]:
    """The field of each column; of two that say the same, the first counts."""
    found: dict[int, str] = {}
    for place, cell in enumerate(row):
        folded = fold_part_number(cell[:200])
        # LCSC Part #, JLCPCB Part #(optional), JLC
        is_number = folded.startswith(("lcsc", "jlc"))
        name = "lcsc" if is_number else _FIELD_OF.get(folded)
        if name is not None and name not in found.values():
            found[place] = name
    for name, meant in OTHERWISE:
        if meant not in found.values():
            for place, cell in enumerate(row):
                if fold_part_number(cell[:200]) == name and place not in found:
                    found[place] = meant
                    break
    return found


def _is_header(columns: dict[int, str]) -> bool:
    told = set(columns.values())
    return "designators" in told and bool(told & {"value", "lcsc", "mpn", "footprint", "quantity"})


def _lines(rows: Iterable[Sequence[str]], columns: dict[int, str]) -> Iterator[Line]:
    for row in rows:
        cells = {name: _cell(row, place) for place, name in columns.items()}
        line = Line(
            expand(cells.get("designators", "")),
            value=cells.get("value", ""),
            footprint=cells.get("footprint", ""),
            mpn=cells.get("mpn", ""),
            manufacturer=cells.get("manufacturer", ""),
            lcsc=cells.get("lcsc", ""),
            quantity=_quantity(cells.get("quantity", "")),
        )
        dnp = fold_part_number(cells.get("dnp", ""))
        fitted = fold_part_number(cells.get("fitted", "yes"))
        words = set(re.split(r"[\s/,;()]+", line.value.lower()))
        line.is_placed = not (
            dnp not in _NO or fitted in ("", "0", "no", "n", "false", *_NOT_PLACED)
        ) and not (words & _NOT_PLACED)
        # A sum at the end, or a remark, names no part.
        if line.designators and (line.value or line.mpn or line.lcsc or line.footprint):
            yield line


def _cell(row: Sequence[str], place: int) -> str:
    text = row[place].strip() if place < len(row) else ""
    if len(text) > CELL_MAX:
        raise BomError(f"a cell is longer than {CELL_MAX} characters")
    # A spreadsheet's text mark before what looks like a formula or a number.
    return text[1:] if text[:1] == "'" else text


def _quantity(text: str) -> int | None:
    match = re.fullmatch(r"(\d{1,6})(?:[.,]0+)?", text)
    return int(match[1]) if match else None


def test_dialects_are_told_by_their_headers() -> None:
    line = Line(["R1", "R2"], "10k", "R_0402_1005Metric")
    for text in (
        'Reference,Value,Footprint,Qty\n"R1,R2",10k,R_0402_1005Metric,2\n',
        "\ufeffComment;Designator;Footprint\n10k;R1-R2;R_0402_1005Metric\n",
        '"Qty"\t"Value"\t"Package"\t"Parts"\n"2"\t"10k"\t"R_0402_1005Metric"\t"R1, R2"\n',
        "My board\n\nsep on 2 sheets\nDesignator|Comment|Footprint\nR1 R2|10k|R_0402_1005Metric\n",
    ):
        for encoding in ("utf-8", "utf-16"):
            found = read_bom(text.encode(encoding))
            assert [(each.designators, each.value, each.footprint) for each in found] == [
                (line.designators, line.value, line.footprint)
            ], text


def test_what_is_not_placed_and_what_numbers_mean() -> None:
    text = "Reference,Value,LCSC Part #,DNP,Qty\nR1,10k,C25804,,1\nR2,1k,,DNP,1\n"
    text += "R3,DNP,,0,\n,Total,,,3\n"
    lines = read_bom(text.encode())
    assert [(each.lcsc_id(), each.is_placed, each.per_board) for each in lines] == [
        *((25804, True, 1), (None, False, 1), (None, False, 1))
    ]


def test_hostile_files_get_a_clear_error() -> None:
    import pytest

    for data, reason in (
        (b"x" * (10 << 20), "larger than 4 MiB"),
        (bytes(range(256)) * 50, "no text"),
        (b"PK\x03\x04" + b"x" * 99, "workbook"),
        (b"," * 1_000_000, "columns, more than 200"),
        (b"a,b\n1,2\n", "no header row"),
        (b"", "no header row"),
        (b"Designator,Value\n", "no line"),
        (b"Designator,Value\n" + b"R1,1k\n" * 3000, "more than 2000 lines"),
        (b"Designator,Value\n" + b'"R1-R9999,R10000-R19999,C1-C9999",1k\n', "more than 20000"),
        (b'Designator,Value\nR1,"' + b"x" * 200_000, "field larger"),
        (b"\xff\xfe\x00", "no text"),
    ):
        with pytest.raises(BomError, match=reason):
            read_bom(data)
    assert expand("R1-R999999") == ["R1-R999999"]
