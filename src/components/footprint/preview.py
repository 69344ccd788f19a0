"""A picture of a footprint as SVG: pads, drills, silk, fabrication lines, courtyard, pin 1."""

from __future__ import annotations

from collections.abc import Sequence

from components.footprint.geometry import Box
from components.footprint.items import Item


def preview(items: Sequence[Item], courtyard: Box) -> bytes:
    return b"<svg xmlns='http://www.w3.org/2000/svg'/>"
