"""``/bom``: a bill of materials as a file or pasted, each line matched, and the assembly's file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qs

from components.find.bom.match import BOARDS_MAX, match_bom
from components.find.bom.read import LINES_MAX, BomError, expand, read_bom
from components.find.bom.write import assembly_csv
from components.find.search import briefs
from components.serve.http.asgi import Refusal
from components.serve.page.view import Ask, View
from components.serve.routes.bom import BOM_PATH, Matching
from components.serve.services import Services

EXAMPLE = """Reference,Value,Footprint
"R1,R2,R5",10k,Resistor_SMD:R_0402_1005Metric
R3,4k7 1%,Resistor_SMD:R_0603_1608Metric
"C1-C4",100nF 16V X7R,Capacitor_SMD:C_0402_1005Metric
C5,10uF 10V,Capacitor_SMD:C_0805_2012Metric
Y1,16MHz,Crystal:Crystal_SMD_3225-4Pin
U1,LM358,Package_SO:SOIC-8_3.9x4.9mm_P1.27mm
J1,conn,
"""
FORM = "application/x-www-form-urlencoded"
WHY = {"lcsc": "by its LCSC number", "mpn": "by its part number", "value": "by value and package"}
_NUMBER = re.compile(r"C(\d{1,15})")


class BillView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._matching = services.own(Matching)

    def empty(self, ask: Ask) -> View:
        """The form."""
        text = EXAMPLE if ask.is_on("example") else ""
        data = {"boards": 1, "lines": [], "totals": None}
        return View("bom.html", "Bill of materials", data, self._shown(text, ""), BOM_PATH)

    def priced(self, ask: Ask, body: bytes, content_type: str) -> View:
        """The form and what became of each line."""
        fields = form_fields(body, content_type)
        text = fields.get("file") or fields.get("text") or b""
        boards = _boards(fields.get("boards", b"").decode("ascii", "replace") or ask.text("boards"))
        pasted = text.decode("utf-8", "replace") if not fields.get("file") else ""
        try:
            lines = read_bom(text)
        except BomError as error:
            data = {"boards": boards, "lines": [], "totals": None}
            shown = self._shown(pasted, str(error))
            return View("bom.html", "Bill of materials", data, shown, status=422)
        search = self._matching.searches.of(ask.snapshot)
        with self._matching.free:
            found = match_bom(search, ask.snapshot, lines, boards)
        return View("bom.html", "Bill of materials", found, self._shown(pasted, ""), BOM_PATH)

    def _shown(self, text: str, wrong: str) -> Mapping[str, Any]:
        return {"text": text, "wrong": wrong, "why": WHY, "boards_max": BOARDS_MAX}

    def assembly(self, ask: Ask, body: bytes) -> str:
        """The file for JLCPCB's assembly, of the lines that a form sends with the parts chosen."""
        fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
        columns = [fields.get(name, []) for name in ("designators", "value", "footprint", "lcsc")]
        if not columns[0] or len({len(column) for column in columns}) != 1:
            raise Refusal(422, "lines: each needs designators, value, footprint and lcsc")
        if len(columns[0]) > LINES_MAX:
            raise Refusal(422, f"lines: more than {LINES_MAX}")
        numbers = [_number(text) for text in columns[3]]
        with ask.snapshot.database() as detail:
            parts = {p["lcsc_id"]: p for p in briefs(detail, [n for n in numbers if n])}
        lines = [
            {
                "designators": _expanded(designators),
                "value": value,
                "footprint": footprint,
                "reason": None,
                "part": parts.get(number) if number else None,
            }
            for designators, value, footprint, number in zip(*columns[:3], numbers, strict=True)
        ]
        return assembly_csv({"lines": lines})


def form_fields(body: bytes, content_type: str) -> dict[str, bytes]:
    """A form's fields; a body that is no form is the file itself.

    >>> form_fields(b"text=R1%2C10k&boards=5", FORM)
    {'text': b'R1,10k', 'boards': b'5'}
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == FORM:
        pairs = parse_qs(body.decode("utf-8", "replace"))
        return {name: values[0].encode("utf-8", "replace") for name, values in pairs.items()}
    if kind != "multipart/form-data":
        return {"file": body}
    head = b"Content-Type: " + content_type.encode("latin-1", "replace") + b"\r\n\r\n"
    found: dict[str, bytes] = {}
    message = message_from_bytes(head + body)
    for part in message.get_payload() if message.is_multipart() else []:
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        content = part.get_payload(decode=True)  # type: ignore[union-attr]
        if isinstance(name, str) and isinstance(content, bytes) and content:
            found[name] = content
    return found


def _boards(text: str) -> int:
    text = text.strip() or "1"
    if not (text.isdecimal() and len(text) < 9 and 1 <= int(text) <= BOARDS_MAX):
        raise Refusal(422, f"boards: must be a whole number from 1 to {BOARDS_MAX}")
    return int(text)


def _number(text: str) -> int | None:
    if not text:
        return None
    if match := _NUMBER.fullmatch(text):
        return int(match[1])
    raise Refusal(422, f"lcsc: {text[:60]} is no part number such as C25744")


def _expanded(text: str) -> list[str]:
    try:
        return expand(text)
    except BomError as error:
        raise Refusal(422, f"lines: {error}") from None


def test_a_file_comes_out_of_a_form_as_it_went_in() -> None:
    data = "Ref,Value\r\nR1,10µ\r\n".encode("cp1252") + b"\x00\xff\r\n"
    body = (
        b'--x\r\nContent-Disposition: form-data; name="boards"\r\n\r\n7\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + data + b"\r\n--x--\r\n"
    )
    assert form_fields(body, "multipart/form-data; boundary=x") == {"boards": b"7", "file": data}
    assert form_fields(data, "text/csv") == {"file": data}
    assert form_fields(b"junk", "multipart/form-data; boundary=x") == {}
