"""From EasyEDA's canvas to the footprint's own plane."""

from __future__ import annotations

from typing import NamedTuple

from components.cad.geometry import Point
from components.cad.numbers import MM_PER_UNIT
from components.core.errors import CadError

# No part is that large; KiCad's plane ends at 2147 mm.
REACH_MM = 2000.0


class Frame(NamedTuple):
    """The canvas point, in EasyEDA units, that becomes (0, 0)."""

    origin: Point

    def point(self, point: Point) -> Point:
        """Millimetres from the origin; :class:`CadError` beyond reach."""
        x = (point[0] - self.origin[0]) * MM_PER_UNIT
        y = (point[1] - self.origin[1]) * MM_PER_UNIT
        if not (abs(x) <= REACH_MM and abs(y) <= REACH_MM):
            raise CadError(f"{x:g}, {y:g} mm is metres away from the origin")
        return x, y


def test_units_are_ten_mil_from_the_origin() -> None:
    import pytest

    assert Frame((4000.0, 3000.0)).point((4100.0, 2900.0)) == (25.4, -25.4)
    with pytest.raises(CadError, match="metres away"):
        Frame((0.0, 0.0)).point((8000.0, 0.0))
