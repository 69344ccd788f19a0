"""Packages as jlcsearch's clients spell them: JLC's own names, footprinter's, KiCad's.

A spelling matches a package of ours where both name the same land pattern for certain: the same
letters and digits (``SOT-23-5``, ``sot23-5``), another name of it (``sma`` for ``DO-214AC``), or a
name with the size of the body (``qfn32_w5_h5`` for ``QFN-32-EP(5x5)``). Anything else matches
nothing.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

# Names of one land pattern, folded; the first is footprinter's.
_SAME = (
    "sot23 sot233 sot233l to236 to2363 to236ab sot23to236",
    "sot235 sot25 sot235l tsop5",
    "sot236 sot26 sot236l",
    "sot89 sot893 sot893l",
    "sot223 sot2233 sot2234 sot2233l",
    "sot323 sc70 sc703",
    "sot353 sc705",
    "sot363 sc706",
    "sod80 sod80c minimelf ll34",
    "sma do214ac",
    "smb do214aa",
    "smc do214ab",
    "to92 to923 to923l",
    "to220 to220ab to2203",
    "to247 to2473 to247ac",
    "to252 dpak to2522 to2522l to2523 to2523l",
    "to263 d2pak to2632 to2633",
    "hc49 hc49s hc49us hc49u hc49s2p",
)
# Kinds of which only the number of pins is part of the name: narrow SO, and through-hole DIP.
_KINDS = (("soic", "sop", "so"), ("dip", "pdip"), ("msop",), ("tssop",))
# Land patterns of these are told apart by pins and body.
_BODIES = (
    ("qfn", "vqfn", "wqfn", "uqfn", "tqfn", "hvqfn"),
    ("dfn", "wdfn", "vdfn", "udfn", "son", "wson", "vson"),
    ("lqfp", "qfp", "tqfp"),
)
# How wide the body of such a part is, in mm, where nothing else is said.
_USUAL = {"soic": "3.9", "tssop": "4.4", "msop": "3"}
_KICAD_CHIP = re.compile(r"(?:[rcl]|led|d|fuse)_(\d{4,5})_\d{4}metric")
_KICAD_KIND = re.compile(r"^(?:[rcld]|led)_(?=[a-z])")
# Of footprinter (w5.3mm, thermalpad) and KiCad (3.9x4.9mm, p1.27mm, ep1.65x2.4mm).
_PARAMETER = re.compile(r"[a-z][\w.]*|[\d.]+x[\d.]+mm")
_CHIP = re.compile(r"(?:res|cap|ind|led|diode|fuse|fb|[rcld])?_?(\d{4,5})(?:metric)?")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)")
_COUNTED = re.compile(r"([a-z]+)(\d+)")


class Packages:
    """The packages of a family's parts, by all that they are called."""

    def __init__(self, packages: Iterable[str]) -> None:
        self._by_name: dict[str, list[str]] = {}
        for package in packages:
            for name in _names_of(package):
                self._by_name.setdefault(name, []).append(package)

    def matching(self, text: str) -> list[str]:
        """Those that ``text`` names, sorted."""
        wanted = _wanted(text)
        return sorted({package for name in wanted for package in self._by_name.get(name, ())})


@functools.lru_cache(maxsize=16384)
def _names_of(package: str) -> frozenset[str]:
    """What one of our packages is called, folded; ``kind#pins#AxB`` where the body is told."""
    names = {_fold(package)}
    inner = re.fullmatch(r"([^()]+)\(([^()]+)\)", package)
    if inner:
        outside, inside = inner[1], inner[2]
        size = _SIZE.fullmatch(inside.lower().removesuffix("mm"))
        if size is None:
            names |= {_fold(outside), _fold(inside)}
        else:
            base = _fold(re.sub(r"-EP$", "", outside))
            if counted := _COUNTED.fullmatch(base):
                kind = _first(_BODIES, counted[1])
                names.add(f"{kind}#{counted[2]}#{_body(size[1], size[2])}")
    if smd := re.fullmatch(r"SMD(\d{4})(?:-[24]P)?", package):
        names.add(smd[1])
    return frozenset(names)


@functools.lru_cache(maxsize=1024)
def _wanted(text: str) -> set[str]:
    """The folded names that a client's spelling stands for."""
    text = re.split(r"[:/]", text.strip())[-1].lower()
    if chip := _KICAD_CHIP.fullmatch(text):
        return {chip[1]}
    text = _KICAD_KIND.sub("", text)
    base, *parameters = text.split("_")
    folded = _fold(text)
    names = {folded, *_same(folded)}
    if not all(_PARAMETER.fullmatch(each) for each in parameters):
        return names
    if chip := _CHIP.fullmatch(base):
        return names | {chip[1]}
    base = _fold(base.removesuffix("-1ep"))
    names |= _same(base)
    if counted := _COUNTED.fullmatch(base):
        names |= _counted(counted[1], counted[2], parameters)
    return names


def _counted(kind: str, pins: str, parameters: Iterable[str]) -> set[str]:
    """What a kind with so many pins is called, by the sizes that are told."""
    width = height = body = ""
    for each in parameters:
        if size := _SIZE.fullmatch(each.removesuffix("mm")):
            body = _body(size[1], size[2])  # KiCad's: SOIC-8_3.9x4.9mm_P1.27mm
        elif each[0] == "w" and each[1:2].isdigit():
            width = each[1:].removesuffix("mm")
        elif each[0] == "h" and each[1:2].isdigit():
            height = each[1:].removesuffix("mm")
    if any(kind in group for group in _BODIES):
        body = body or _body(width, height)
        return {kind + pins} if body == "x" else {f"{_first(_BODIES, kind)}#{pins}#{body}"}
    # Another width is another land pattern than the one that goes without saying.
    group = next((each for each in _KINDS if kind in each), (kind,))
    if width or (body and body.split("x")[0] != _USUAL.get(group[0])):
        return set()
    return {each + pins for each in group}


def _same(folded: str) -> set[str]:
    return {name for line in _SAME if folded in line.split() for name in line.split()}


def _first(groups: Iterable[tuple[str, ...]], kind: str) -> str:
    return next((group[0] for group in groups if kind in group), kind)


def _body(width: str, height: str) -> str:
    try:
        sides = sorted((float(width), float(height)))
    except ValueError:
        return f"{width}x{height}"
    return f"{sides[0]:g}x{sides[1]:g}"


def _fold(text: str) -> str:
    """
    >>> _fold("SOT-23-5"), _fold("SMD,P=0.5mm")
    ('sot235', 'smdp0.5mm')
    """
    return re.sub(r"[^\w.]|_", "", text.lower())


def test_what_clients_write_finds_the_same_land_pattern() -> None:
    known = Packages(
        (
            *(
                "0402",
                "0603",
                "SOT-23",
                "SOT-23-3L",
                "SOT-23(TO-236)",
                "SOT-23-5",
                "SOT-25",
                "SOT-89",
            ),
            *("SOD-123", "SOD-123FL", "SMA(DO-214AC)", "DO-214AC(SMA)", "SMA", "SMAF", "SOIC-8"),
            *("SOP-8", "SO-8", "SOIC-8-EP", "SOIC-16-300mil", "QFN-32-EP(5x5)", "QFN-32-EP(4x4)"),
            *("WQFN-32-EP(5x5)", "HC-49S", "HC-49S-SMD", "SMD3225-4P", "LQFP-48(7x7)", "TO-252"),
        )
    )
    qfn = ["QFN-32-EP(5x5)", "WQFN-32-EP(5x5)"]
    for text, packages in (
        ("0402", ["0402"]),
        ("cap0402", ["0402"]),
        ("res0603", ["0603"]),
        ("R_0603_1608Metric", ["0603"]),
        ("kicad:Resistor_SMD:R_0402_1005Metric", ["0402"]),
        ("sot23", ["SOT-23", "SOT-23(TO-236)", "SOT-23-3L"]),
        ("SOT-23-5", ["SOT-23-5", "SOT-25"]),
        ("sot235", ["SOT-23-5", "SOT-25"]),
        ("sod123", ["SOD-123"]),
        ("sma", ["DO-214AC(SMA)", "SMA", "SMA(DO-214AC)"]),
        ("soic8", ["SO-8", "SOIC-8", "SOP-8"]),
        ("soic8_p1.27mm", ["SO-8", "SOIC-8", "SOP-8"]),
        ("soic8_w7.5mm", []),
        ("kicad:Package_SO/SOIC-8_3.9x4.9mm_P1.27mm", ["SO-8", "SOIC-8", "SOP-8"]),
        ("kicad:Package_SO/SOIC-8_5.3x5.3mm_P1.27mm", []),
        ("kicad:Package_DFN_QFN/QFN-32-1EP_5x5mm_P0.5mm_EP3.1x3.1mm", qfn),
        ("kicad:Diode_SMD/D_SOD-123", ["SOD-123"]),
        ("sot23_5", ["SOT-23-5", "SOT-25"]),
        ("qfn32_w5mm_h5mm_p0.5mm_thermalpad", qfn),
        ("QFN-32-EP(4x4)", ["QFN-32-EP(4x4)"]),
        ("qfn32", []),
        ("lqfp48_w7_h7", ["LQFP-48(7x7)"]),
        ("hc49", ["HC-49S"]),
        ("3225", ["SMD3225-4P"]),
        ("pushbutton", []),
        ("", []),
        ("'; DROP TABLE", []),
    ):
        assert known.matching(text) == packages, text
