"""EasyEDA's layers, and where their shapes go in KiCad.

Source of the numbers: ``dataStr.layers`` of EasyEDA's answers.
"""

from __future__ import annotations

TOP, BOTTOM, MULTI = "1", "2", "11"
BODY, LEADS = "99", "100"

# Shapes that are drawn. Documentation, assembly, body and polarity marks are fabrication drawings.
DRAWN = {
    "1": "F.Cu",
    "2": "B.Cu",
    "3": "F.SilkS",
    "4": "B.SilkS",
    "5": "F.Paste",
    "6": "B.Paste",
    "7": "F.Mask",
    "8": "B.Mask",
    "10": "Edge.Cuts",
    "12": "F.Fab",
    "13": "F.Fab",
    "14": "B.Fab",
    "15": "Dwgs.User",
    "99": "F.Fab",
    "101": "F.Fab",
}
# Decoration: pictures of leads, of the board's drills and of the part. They are counted, not drawn.
DECORATION = {"19": "3D outline", "100": "lead art"}
COPPER = ("F.Cu", "B.Cu")
