"""``/parts/C2040``: all that is known of a part, its drawings and files, what could replace it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from components.artifacts import extension_of
from components.serve.http.asgi import Refusal
from components.serve.page.alternates import QUANTITY, alternates
from components.serve.page.families import Families
from components.serve.page.fields import told
from components.serve.page.origins import DESCRIPTION, origins, others
from components.serve.page.prices import plot
from components.serve.page.view import Ask, View
from components.serve.routes.lcsc_id import number_of
from components.serve.routes.part import read_part
from components.serve.routes.parts import read_assets
from components.serve.services import Services
from components.serve.snapshot import Snapshot

NAMES = {
    "kicad_footprint_mod": "KiCad footprint",
    "kicad_symbol": "KiCad symbol",
    "model_step": "3D model, STEP",
    "model_glb": "3D model, GLB",
    "model_obj": "3D model, OBJ",
    "datasheet_pdf": "Datasheet",
    "footprint_svg": "Footprint, drawn",
    "symbol_svg": "Symbol, drawn",
    "part_image": "Photograph",
    "lcsc_product": "LCSC record",
    "easyeda_cad_json": "EasyEDA answer",
}
"""In the order of the list of downloads; others come last under their own names."""

DRAWN = frozenset(("footprint_svg", "symbol_svg", "model_glb"))


class PartView:
    """Of one worker."""

    def __init__(self, services: Services) -> None:
        self._families = services.own(Families)
        self._tables = {name: each["table"] for name, each in self._families.by_name.items()}

    def __call__(self, ask: Ask, lcsc_id: str) -> View:
        digits = lcsc_id.removeprefix("c").removeprefix("C")
        if not (digits.isdecimal() and digits.isascii() and len(digits) <= 15):
            raise Refusal(404, f"lcsc_id: {lcsc_id[:60]} is no part number such as C25744")
        number = number_of(lcsc_id)
        part = read_part(ask.snapshot, number, self._tables)
        if part is None:
            raise Refusal(404, f"lcsc_id: C{number} is not in the catalogue")
        family = part["family"]
        fields = self._families.fields.get(family, [])
        values = part["parameters"] or {}
        read_from = origins(family, fields, part["attributes"], values) if values else {}
        found = alternates(ask.snapshot, part, fields)
        differing = {name for each in found for name in each.better}
        files = {asset["artifact_type"]: asset for asset in part["assets"]}
        shown = {
            "part": part,
            "number": f"C{number}",
            "family_title": self._families.titles.get(family),
            "parameters": [
                (field, text, read_from.get(field.name, []))
                for field, text in (told(fields, values) if values else [])
                if text
            ],
            "described": DESCRIPTION,
            "others": others(part["attributes"], read_from),
            "plot": plot(part["prices"]),
            "files": _files(number, files),
            "has": set(files),
            "is_drawn": not DRAWN.isdisjoint(files),
            "datasheet": web_address(part["datasheet_url"]),
            "reports": [
                (title, report)
                for name, title in (
                    ("kicad_footprint_mod", "footprint"),
                    ("kicad_symbol", "symbol"),
                )
                if name in files and (report := _report(ask.snapshot, number, name))
            ],
            "alternates": found,
            "alternates_quantity": QUANTITY,
            "differing": [field for field in fields if field.name in differing],
        }
        data = part | {
            "alternates": [
                {**each.part, "better": sorted(each.better), "is_cheaper": each.is_cheaper}
                for each in found
            ]
        }
        title = f"{part['part_number'] or f'C{number}'} · {part['manufacturer']}"
        return View("part_page.html", title, data, shown)


def web_address(text: object) -> str:
    """A stranger's address where it is one of the web, else nothing: ``javascript:`` is none.

    >>> web_address("https://x.test/a.pdf"), web_address("javascript:alert(1)")
    ('https://x.test/a.pdf', '')
    """
    if not isinstance(text, str) or len(text) > 2000:
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.hostname else ""


def file_name(number: int, artifact_type: str, mime: str) -> str:
    """``C2040.kicad_mod``; two drawings tell which.

    >>> file_name(7, "model_step", ""), file_name(7, "footprint_svg", "")
    ('C7.step', 'C7_footprint.svg')
    """
    extension = extension_of(artifact_type, mime)
    kind = f"_{artifact_type.removesuffix('_svg')}" if extension in ("svg", "json") else ""
    return f"C{number}{kind}.{extension}"


def _files(number: int, assets: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    order = [*(name for name in NAMES if name in assets), *sorted(set(assets) - set(NAMES))]
    return [
        {
            "title": NAMES.get(name, name),
            "name": file_name(number, name, assets[name]["media_type"]),
            "size_bytes": assets[name]["size_bytes"],
            "path": assets[name]["path"],
        }
        for name in order
    ]


def _report(snapshot: Snapshot, number: int, artifact_type: str) -> dict[str, Any] | None:
    """What converting a footprint or symbol told, in lines for people."""
    with snapshot.database() as detail:
        found = read_assets(detail, [number], [artifact_type])
    try:
        meta = json.loads(found[0].source_meta_json) if found else {}
    except ValueError:
        meta = {}
    report = meta.get("report") if isinstance(meta, dict) else None
    if not isinstance(report, dict):
        return None
    return {
        "name": str(meta.get("name") or ""),
        "is_sound": report.get("confidence") == "sound",
        "count": f"{report['pads']} pads" if "pads" in report else f"{report.get('pins')} pins",
        "lines": list(_lines(report)),
    }


def _lines(report: Mapping[str, Any]) -> Sequence[str]:
    lines = [str(text) for text in report.get("warnings") or ()]
    for name, what in (("pads_without_pin", "pads"), ("pins_without_pad", "pins")):
        if numbers := report.get(name):
            other = "no pin" if what == "pads" else "no pad"
            lines.append(f"{what} with {other}: {', '.join(map(str, numbers[:20]))}")
    for rule in report.get("design_rules") or ():
        if isinstance(rule, dict):
            lines.append(
                f"{rule.get('rule')}: {rule.get('least_mm')} mm at {rule.get('count')} places,"
                f" where JLCPCB's least is {rule.get('limit_mm')} mm"
            )
    for what, count in (report.get("not_understood") or {}).items():
        lines.append(f"not understood: {what}, {count} times")
    return lines


def test_a_report_in_lines() -> None:
    report = {
        "warnings": ["odd"],
        "pads_without_pin": ["3"],
        "design_rules": [{"rule": "clearance", "least_mm": 0.1, "limit_mm": 0.2, "count": 2}],
        "not_understood": {"X": 1},
    }
    assert _lines(report) == [
        "odd",
        "pads with no pin: 3",
        "clearance: 0.1 mm at 2 places, where JLCPCB's least is 0.2 mm",
        "not understood: X, 1 times",
    ]
