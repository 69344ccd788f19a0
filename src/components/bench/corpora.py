"""What compression is measured on: real files, or where there are none those of our generators."""

from __future__ import annotations

import json
import lzma
import random
import tarfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from components.bench.meshes import obj_of_step
from components.bundled.cad import cad_answer
from components.bundled.catalogue import parts
from components.bundled.jlc import _detail, _info, _success
from components.bundled.part import Part, Price
from components.bundled.shops import _record

_PAGE = 100
_RECORDS = 600
_PAGES = 12
_MESHES = 24


class Corpus(NamedTuple):
    name: str
    artifact_type: str
    files: list[bytes]


def corpora(data: Path | None) -> Iterator[Corpus]:
    """Files by kind; ``data`` is the folder of real data."""
    if data is None:
        found: dict[str, list[bytes]] = {}
        for artifact_type, text in _generated():
            found.setdefault(artifact_type, []).append(text)
        for artifact_type, files in sorted(found.items()):
            yield Corpus(f"generated {artifact_type}", artifact_type, files)
        return
    steps = _tar(data / "step.tar.xz")
    yield Corpus("STEP models", "model_step", steps)
    meshes = (obj_of_step(step) for step in steps)
    yield Corpus("OBJ of STEP", "model_obj", list(islice(filter(None, meshes), _MESHES)))
    yield Corpus("KiCad library", "kicad_footprint_mod", _tar(data / "kicad_mod.tar.xz"))
    imported = sorted((data / "easyeda_kicad9").glob("*.kicad_mod"))
    yield Corpus("KiCad 9 imports", "kicad_footprint_mod", [path.read_bytes() for path in imported])
    answers = [path.read_bytes() for path in sorted((data / "easyeda").glob("*.json"))]
    yield Corpus("our footprints", "kicad_footprint_mod", list(_converted(answers)))
    yield Corpus("EasyEDA answers", "easyeda_cad_json", answers)
    yield from _records(data / "jlc-catalogue.jsonl.xz")


def _generated() -> Iterator[tuple[str, bytes]]:
    """What the bundled upstream answers."""
    for part in parts(_RECORDS):
        yield "jlc_component_detail", _json(_success(_info(part)))
        yield "lcsc_product", _json({"code": 200, "msg": None, "result": _record(part)})
        if part.models != "no-cad":
            yield "easyeda_cad_json", cad_answer(part)


def _tar(path: Path) -> list[bytes]:
    files = {}
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isfile() and (file := archive.extractfile(member)):
                files[member.name] = file.read()
    return [files[name] for name in sorted(files)]


def _converted(answers: list[bytes]) -> Iterator[bytes]:
    from components.cad.footprint.convert import convert
    from components.core.errors import CadError

    for answer in answers:
        try:
            yield convert(json.loads(answer)).kicad_mod
        except CadError:
            continue


def _records(path: Path) -> Iterator[Corpus]:
    """Real parts as the three services would tell of them."""
    with lzma.open(path) as lines:
        sold = [_part(json.loads(line)) for line in islice(lines, 0, None, 5)]
    sold.sort(key=lambda part: part.lcsc)
    dice = random.Random(7)
    chosen = dice.sample(sold, _RECORDS)
    details = [_json(_success([_detail(part)])) for part in chosen]
    yield Corpus("JLC details", "jlc_component_detail", details)
    records = [_json({"code": 200, "msg": None, "result": _record(part)}) for part in chosen]
    yield Corpus("LCSC records", "lcsc_product", records)
    pages = []
    for _ in range(_PAGES):
        start = dice.randrange(len(sold) - _PAGE)
        items = [_info(part) for part in sold[start : start + _PAGE]]
        listed = {"componentInfos": items, "lastKey": f"{start:012x}"}
        pages.append(_json(_success(listed)))
    yield Corpus("JLC pages", "jlc_component_page", pages)


def _part(row: dict[str, Any]) -> Part:
    prices = [Price(p["qFrom"], p["qTo"] or -1, p["price"]) for p in row["price"]]
    return Part(
        lcsc=row["lcsc"],
        category=row["category"],
        subcategory=row["subcategory"],
        mfr=row["mfr"],
        manufacturer=row["manufacturer"],
        package=row["package"],
        joints=row["joints"],
        is_basic=row.get("library") == "Basic",
        is_preferred=row.get("library") == "Preferred",
        description=row["description"],
        attributes=tuple(row["attributes"].items()),
        stock=row["stock"],
        prices=tuple(prices),
        outline="",
        models="no-cad",
        datasheet_kind="direct",
        datasheet=row["datasheet"],
        images=(),
    )


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
