"""Texts that our own generators write, for the built-in dictionaries and for benchmarks.

``python -m components.bench.samples DIR/objects`` writes them as an object store, and ``components
train-dictionaries --objects DIR/objects --output src/components/store/dictionaries`` makes
the built-in dictionaries from it. Those that objects were written with must stay in that folder.
"""

from __future__ import annotations

import json
import random
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from components.bench.drawings import answers
from components.bundled.part import Part
from components.store.object_store import ObjectStore

PARTS = 640
_PAGE = 100
_HEAD = {
    "8.0": '(version 20240108) (generator "pcbnew") (generator_version "8.0")',
    "9.0": '(version 20241229) (generator "pcbnew") (generator_version "9.0")',
}
# What every footprint has that KiCad 8 or 9 saved.
_PROPERTIES = ("Footprint", "Datasheet", "Description")
# Where KiCad's users keep 3D models: a plugin's folder, and the project's.
_MODELS = {"8.0": "${KICAD8_3RD_PARTY}/3dmodels", "9.0": "${KIPRJMOD}/3dmodels"}
_DRAWN = ("fp_line", "fp_circle", "fp_arc", "fp_poly", "fp_rect")
# As LCSC's pages of brands spell them.
_MAKERS = (
    "YAGEO",
    "UNI-ROYAL(Uniroyal Elec)",
    "FH(Guangdong Fenghua Advanced Tech)",
    "Samsung Electro-Mechanics",
    "Murata Electronics",
    "TDK",
    "Sunlord",
    "Texas Instruments",
    "STMicroelectronics",
    "Analog Devices Inc./Maxim Integrated",
    "Microchip Tech",
    "onsemi",
    "Infineon Technologies",
    "Nexperia",
    "Diodes Incorporated",
    "ROHM Semicon",
    "Vishay Intertech",
    "PANASONIC",
    "KEMET",
    "BOURNS",
    "Littelfuse",
    "Jiangsu Changjing Electronics Technology Co., Ltd.",
    "MDD(Microdiode Semiconductor)",
    "Everlight Elec",
    "Lite-On",
    "Yangxing Tech",
    "RALEC",
    "Viking Tech",
    "Walsin Tech Corp",
    "CCTC",
)
_MACHINES = tuple(range(363, 760, 33))
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[()]|[^\s()"]+')
Tree = list[Any]


def samples() -> Iterator[tuple[str, bytes]]:
    """Artifact types and texts, always the same."""
    from components.bundled.cad import cad_answer
    from components.bundled.catalogue import parts
    from components.bundled.jlc import _info, _library_item, _success
    from components.bundled.shops import _record

    dice = random.Random(5)
    catalogue = [_sold(part, dice) for part in parts(PARTS)]
    for start in range(0, PARTS, _PAGE):
        rows = catalogue[start : start + _PAGE]
        last_key = f"{rows[-1].lcsc:012x}"
        for name, item in (("componentInfos", _info), ("componentLibraryInfoVOS", _library_item)):
            listed = {name: [item(part) for part in rows], "lastKey": last_key}
            yield "jlc_component_page", _json(_success(listed))
    seen = set()
    for part in catalogue:
        detail = _info(part) | {"rohsFlag": True, "eccnCode": "EAR99"}
        yield "jlc_component_detail", _json(_success(detail))
        yield "jlc_component_detail", _json(_success([_library_item(part)]))
        yield "lcsc_product", _json({"code": 200, "msg": None, "result": _record(part)})
        if part.models == "no-cad" or part.outline in seen:
            continue
        seen.add(part.outline)
        yield from _answered(json.loads(cad_answer(part)))
    for answer in answers():
        yield from _answered(answer)


def _sold(part: Part, dice: random.Random) -> Part:
    """A generated part with a real manufacturer's name, and a datasheet where JLC keeps them.

    A file's number there is a snowflake identifier: milliseconds, ten bits of a machine, and a
    counter of twelve bits.
    """
    number = dice.randrange(2_039_000_000_000, 2_064_000_000_000) << 22
    number |= dice.choice(_MACHINES) << 12 | (dice.random() < 0.05)
    address = f"https://jlcpcb.com/api/file/downloadByFileSystemAccessId/{number}"
    maker = part.manufacturer and dice.choice(_MAKERS)
    return replace(part, manufacturer=maker, datasheet=address)


def _answered(answer: Any) -> Iterator[tuple[str, bytes]]:
    """An answer, compact and laid out, and what its footprint becomes here and in KiCad."""
    from components.cad.footprint.convert import convert

    yield "easyeda_cad_json", _json(answer)
    yield "easyeda_cad_json", json.dumps(answer, ensure_ascii=False, indent=1).encode()
    converted = convert(answer)
    yield "kicad_footprint_mod", converted.kicad_mod
    for version in _HEAD:
        yield "kicad_footprint_mod", as_kicad_writes(converted.kicad_mod.decode(), version)


def as_kicad_writes(footprint: str, version: str) -> bytes:
    """One of our footprints in the layout of KiCad 8 or 9, with random UUIDs' places filled.

    Only the layout and the names of its lists are KiCad's; see its file format's documentation,
    "Footprint Library File Format".
    """
    tree = _parse(footprint)
    name = tree[1]
    head = _parse(f"(footprint {_HEAD[version]})")[1:]
    children = [child for child in tree[2:] if child[0] not in ("version", "generator", "property")]
    texts = [child for child in children if child[0] == "fp_text" and child[1] != "user"]
    others = [_modern(child, version) for child in children if child not in texts]
    properties = [_property(text[1].title(), text[2], text[3], version) for text in texts]
    properties += [_property(title, '""', ["at", "0", "0"], version) for title in _PROPERTIES]
    named = [[key, f'"{name[1:-1]} footprint"'] for key in ("descr", "tags")]
    others = [child for child in others if child[0] not in ("descr", "tags")]
    others[1:1] = named
    split = sum(child[0] in ("layer", "descr", "tags") for child in others)
    lines = _layout(["footprint", name, *head, *others[:split], *properties, *others[split:]], 0)
    stamped = (
        line.replace("UUID", str(uuid.uuid5(uuid.NAMESPACE_URL, f"{name}{version}{number}")))
        for number, line in enumerate(lines)
    )
    return ("\n".join(stamped) + "\n").encode()


def _property(title: str, value: str, place: Tree, version: str) -> Tree:
    hidden = title in _PROPERTIES
    size = "1.27" if hidden or version == "9.0" else "1"
    result: Tree = ["property", f'"{title}"', value, [*place[:3], "0"]]
    if hidden and version == "8.0":
        result.append(["unlocked", "yes"])
    result.append(["layer", '"F.SilkS"' if title == "Reference" else '"F.Fab"'])
    if hidden:
        result.append(["hide", "yes"])
    return [*result, ["uuid", '"UUID"'], _effects(size)]


def _effects(size: str) -> Tree:
    return ["effects", ["font", ["size", size, size], ["thickness", "0.15"]]]


def _modern(node: Tree, version: str) -> Tree:
    """A list of ours as KiCad 8 names and orders it."""
    lists = {child[0]: child for child in node if not isinstance(child, str)}
    if node[0] == "model":
        return ["model", f'"{_MODELS[version]}/{Path(node[1]).name}', *node[2:]]
    if "tstamp" not in lists:
        return node
    words = [child for child in node if isinstance(child, str)]
    stamp = ["uuid", '"UUID"']
    if node[0] in _DRAWN:
        stroke = ["stroke", lists["width"], ["type", "solid"]]
        moved = ("width", "fill", "layer", "tstamp")
        fill = [lists["fill"]] if "fill" in lists else []
        shape = [child for name, child in lists.items() if name not in moved]
        return [*words, *shape, stroke, *fill, lists["layer"], stamp]
    rest = [child for name, child in lists.items() if name not in ("tstamp", "effects")]
    if node[0] == "fp_text":
        return [*words, *rest, stamp, lists["effects"]]
    if node[0] == "pad":
        return _pad(words, rest, stamp)
    return [*words, *rest, stamp]


def _pad(words: list[str], rest: list[Tree], stamp: Tree) -> Tree:
    if words[2] == "thru_hole":
        rest = [*rest, ["remove_unused_layers", "no"]]
    elif words[3] == "rect" and words[1] != '"1"':
        words, rest = [*words[:3], "roundrect"], [*rest, ["roundrect_rratio", "0.25"]]
    return [*words, *rest, stamp]


def _layout(node: Tree, depth: int) -> list[str]:
    """Lists of words on one line, other lists with a line for each list that they hold."""
    indent = "\t" * depth
    words = [item for item in node if isinstance(item, str)]
    lists = [item for item in node if not isinstance(item, str)]
    if not lists:
        return [f"{indent}({' '.join(words)})"]
    lines = [f"{indent}({' '.join(words)}"]
    if node[0] == "pts":
        points = [_layout(item, 0)[0] for item in lists]
        lines += [indent + "\t" + " ".join(points[at : at + 6]) for at in range(0, len(points), 6)]
    else:
        for item in lists:
            lines += _layout(item, depth + 1)
    return [*lines, f"{indent})"]


def _parse(text: str) -> Tree:
    stack: list[Tree] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    tree: Tree = stack[0][0]
    return tree


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def main(folder: Path) -> None:
    store = ObjectStore(folder, library=None)
    for artifact_type, text in samples():
        store.put(artifact_type, text)


if __name__ == "__main__":
    main(Path(sys.argv[1]))


def test_a_footprint_is_laid_out_as_kicad_does() -> None:
    ours = (
        '(footprint "R" (version 20211014) (generator "components")\n  (layer "F.Cu")\n'
        '  (fp_line (start 0 0) (end 1 0) (layer "F.SilkS") (width 0.1) (tstamp "x"))\n'
        '  (fp_poly (pts (xy 0 0) (xy 1 0) (xy 1 1)) (layer "F.Fab") (width 0) (tstamp "y"))\n)\n'
    )
    lines = as_kicad_writes(ours, "8.0").decode().split("\n")
    assert lines[:5] == [
        '(footprint "R"',
        "\t(version 20240108)",
        '\t(generator "pcbnew")',
        '\t(generator_version "8.0")',
        '\t(layer "F.Cu")',
    ]
    start = lines.index("\t(fp_line")
    assert lines[start : start + 9] == [
        "\t(fp_line",
        "\t\t(start 0 0)",
        "\t\t(end 1 0)",
        "\t\t(stroke",
        "\t\t\t(width 0.1)",
        "\t\t\t(type solid)",
        "\t\t)",
        '\t\t(layer "F.SilkS")',
        lines[start + 8],
    ]
    assert re.fullmatch(r'\t\t\(uuid "[0-9a-f-]{36}"\)', lines[start + 8])
    assert "\t\t\t(xy 0 0) (xy 1 0) (xy 1 1)" in lines
    assert '\t(property "Datasheet" ""' in lines


def test_samples_are_the_same_every_time() -> None:
    import itertools

    first = list(itertools.islice(samples(), 40))
    assert first == list(itertools.islice(samples(), 40))
    assert {artifact_type for artifact_type, _ in first} >= {"jlc_component_page", "lcsc_product"}
