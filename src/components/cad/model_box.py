"""The box that a 3D model fills in the axes of its STEP file, and a shard's file of them.

The axes are KiCad's as well: x to the right, y to the back of the board, z up. The file maps the
SHA-256 of a STEP file to its box, or to the reason why it has none.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import orjson

from components.core.errors import StoreError
from components.core.files import write_bytes

Vector = tuple[float, float, float]
# Rotations nearer than this to quarter turns are quarter turns.
QUARTER_TOLERANCE_DEG = 1e-6


class ModelBox(NamedTuple):
    """The lowest and the highest corner, in millimetres."""

    low: Vector
    high: Vector

    @property
    def centre(self) -> Vector:
        x, y, z = ((a + b) / 2 for a, b in zip(self.low, self.high, strict=True))
        return x, y, z

    @property
    def size(self) -> Vector:
        x, y, z = (b - a for a, b in zip(self.low, self.high, strict=True))
        return x, y, z

    def turned(self, rotation_deg: Vector) -> ModelBox:
        """The box of this box turned counter-clockwise about x, then y, then z.

        That is the order in which KiCad turns models (pcbnew's `getModelLocation`). At quarter
        turns it is the turned model's own box; between them it may be larger.
        """
        x, y, z = rotation_deg
        rows = _product(_about(2, z), _product(_about(1, y), _about(0, x)))
        middle, half = self.centre, [edge / 2 for edge in self.size]
        at = [sum(a * b for a, b in zip(row, middle, strict=True)) for row in rows]
        reach = [sum(abs(a) * b for a, b in zip(row, half, strict=True)) for row in rows]
        low, high = ([a + sign * b for a, b in zip(at, reach, strict=True)] for sign in (-1, 1))
        return ModelBox((low[0], low[1], low[2]), (high[0], high[1], high[2]))


Rows = tuple[Vector, Vector, Vector]


def _about(axis: int, angle_deg: float) -> Rows:
    quarters = round(angle_deg / 90)
    if abs(angle_deg - 90 * quarters) < QUARTER_TOLERANCE_DEG:
        c, s = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))[quarters % 4]
    else:
        c, s = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    return (
        ((1, 0, 0), (0, c, -s), (0, s, c)),
        ((c, 0, s), (0, 1, 0), (-s, 0, c)),
        ((c, -s, 0), (s, c, 0), (0, 0, 1)),
    )[axis]


def _product(a: Rows, b: Rows) -> Rows:
    rows = [[sum(row[k] * b[k][column] for k in range(3)) for column in range(3)] for row in a]
    first, second, third = ((row[0], row[1], row[2]) for row in rows)
    return first, second, third


def write_boxes(path: Path, boxes: Mapping[str, ModelBox | str]) -> None:
    """The file of a shard; a text in place of a box tells why there is none."""
    content = {
        sha256: {"error": box} if isinstance(box, str) else {"box_mm": tuple(box)}
        for sha256, box in boxes.items()
    }
    write_bytes(path, orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))


def read_boxes(path: Path) -> dict[str, ModelBox]:
    """The boxes that :func:`write_boxes` wrote. Raises :class:`StoreError` for any other file."""
    try:
        content = orjson.loads(path.read_bytes())
        return {
            sha256: box_of(each["box_mm"]) for sha256, each in content.items() if "box_mm" in each
        }
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError, IndexError):
        raise StoreError(f"{path}: no boxes of models; remove it, it is made again") from None


def box_of(corners: list[list[float]]) -> ModelBox:
    """A box from its two corners as they stand in a manifest or a file."""
    low, high = ([float(value) for value in corner] for corner in corners)
    return ModelBox((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def test_turns_are_in_kicad_s_order() -> None:
    box = ModelBox((0.0, 0.0, 0.0), (1.0, 2.0, 3.0))
    assert box.turned((0, 0, 90)) == ((-2, 0, 0), (0, 1, 3))
    assert box.turned((90, 0, 0)) == ((0, -3, 0), (1, 0, 2))
    # About x first: what lay along y then points up, and stays up when z turns.
    assert box.turned((90, 0, 90)) == ((0, 0, 0), (3, 1, 2))
    assert box.turned((0, -90, 360)) == ((-3, 0, 0), (0, 2, 1))
    low, high = box.turned((0, 0, 45))
    assert math.isclose(low[0], -math.sqrt(2)) and math.isclose(high[1], 1.5 * math.sqrt(2))


def test_the_file_comes_back_and_damage_is_named(tmp_path: Path) -> None:
    import pytest

    path = tmp_path / "0.boxes.json"
    box = ModelBox((0.0, -0.5, 0.1), (1.0, 2.0, 3.0))
    write_boxes(path, {"b": box, "a": "the STEP file is no STEP file"})
    assert read_boxes(path) == {"b": box}
    for damage in (b"[]", b"{", b'{"a": {"box_mm": [[1]]}}', b'{"a": 1}'):
        path.write_bytes(damage)
        with pytest.raises(StoreError, match="no boxes"):
            read_boxes(path)
    with pytest.raises(StoreError, match="cannot be read"):
        read_boxes(tmp_path / "none")
