"""Land patterns of standard packages, by the dimensions of JEDEC and IPC-7351, roughly.

Their titles are formed as EasyEDA's library forms them: pins, length, width, pitch, lead span.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Land(NamedTuple):
    """One pad, in millimetres."""

    number: int
    x: float
    y: float
    width: float
    height: float
    drill: float = 0.0


class Package(NamedTuple):
    title: str
    prefix: str
    lands: list[Land]
    length: float
    width: float
    shape: str


def packages() -> Iterator[Package]:
    """Standard packages, always the same."""
    for name, length, width in (("0402", 1.0, 0.5), ("0603", 1.6, 0.8), ("0805", 2.0, 1.25)):
        for prefix, gap in (("R", 0.43), ("C", 0.55), ("L", 0.6)):
            lands = [Land(n + 1, (2 * n - 1) * gap * length, 0, 0.6, width) for n in (0, 1)]
            yield Package(f"{prefix}{name}", prefix, lands, length, width, "RECT")
    for name, pins, pitch, body, span in (
        ("SOIC", 8, 1.27, 3.9, 6.0),
        ("SOP", 16, 1.27, 3.9, 6.0),
        ("TSSOP", 14, 0.65, 4.4, 6.4),
        ("TSSOP", 20, 0.65, 4.4, 6.4),
        ("MSOP", 10, 0.5, 3.0, 4.9),
        ("SOT-23", 6, 0.95, 1.6, 2.8),
        ("SSOP", 28, 0.65, 5.3, 7.8),
        ("VSSOP", 8, 0.5, 2.3, 3.1),
    ):
        length = round(pins / 2 * pitch + 0.2, 1)
        title = f"{name}-{pins}_L{length}-W{body}-P{pitch:.2f}-LS{span:.1f}-BL"
        lands = _rows(pins, pitch, span / 2 - 0.35, pitch * 0.48, 1.6)
        yield Package(title, "U", lands, length, body, "OVAL")
    for name, pins, pitch, body in (
        ("QFN", 16, 0.5, 3.0),
        ("QFN", 32, 0.5, 5.0),
        ("LQFP", 48, 0.5, 7.0),
        ("TQFP", 32, 0.8, 7.0),
        ("LQFP", 64, 0.5, 10.0),
    ):
        lead = 0.0 if name == "QFN" else 1.0
        span = body + 2 * lead
        ending = f"LS{span:.1f}-BL" if lead else f"EP{body * 0.6:.1f}"
        title = f"{name}-{pins}_L{body}-W{body}-P{pitch:.2f}-{ending}"
        lands = _quad(pins, pitch, span / 2 - 0.1, pitch * 0.56, 0.8 + lead * 0.8)
        if not lead:
            lands.append(Land(pins + 1, 0, 0, body * 0.6, body * 0.6))
        yield Package(title, "U", lands, body, body, "RECT" if not lead else "OVAL")
    for pins, pitch in ((2, 2.54), (4, 2.54), (6, 2.0), (10, 1.27), (3, 5.08)):
        lands = [
            Land(n + 1, (n - (pins - 1) / 2) * pitch, 0, pitch * 0.63, pitch * 0.63, pitch * 0.39)
            for n in range(pins)
        ]
        title = f"HDR-TH_{pins}P-P{pitch:.2f}-V-M"
        yield Package(title, "J", lands, pins * pitch, 2.5, "ELLIPSE")


def _rows(pins: int, pitch: float, reach: float, width: float, height: float) -> list[Land]:
    half = pins // 2
    xs = [(n - (half - 1) / 2) * pitch for n in range(half)]
    lands = [Land(n + 1, x, reach, width, height) for n, x in enumerate(xs)]
    return lands + [
        Land(half + n + 1, x, -reach, width, height) for n, x in enumerate(reversed(xs))
    ]


def _quad(pins: int, pitch: float, reach: float, width: float, height: float) -> list[Land]:
    side = pins // 4
    steps = [(n - (side - 1) / 2) * pitch for n in range(side)]
    lands = []
    for n, step in enumerate(steps):
        lands.append(Land(n + 1, -reach, step, height, width))
        lands.append(Land(side + n + 1, step, reach, width, height))
        lands.append(Land(2 * side + n + 1, reach, -step, height, width))
        lands.append(Land(3 * side + n + 1, -step, -reach, width, height))
    return sorted(lands)


def test_titles_tell_dimensions_and_pads_do_not_overlap() -> None:
    found = {package.title: package for package in packages()}
    assert "SOIC-8_L5.3-W3.9-P1.27-LS6.0-BL" in found and "HDR-TH_4P-P2.54-V-M" in found
    for package in found.values():
        assert [land.number for land in package.lands] == list(range(1, len(package.lands) + 1))
        for at, land in enumerate(package.lands):
            for other in package.lands[:at]:
                across = abs(land.x - other.x) - (land.width + other.width) / 2
                along = abs(land.y - other.y) - (land.height + other.height) / 2
                assert max(across, along) > 0, (package.title, land, other)
