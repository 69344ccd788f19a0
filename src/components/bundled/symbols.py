"""The symbols of EasyEDA's answers: units of pins on both sides of a box."""

from __future__ import annotations

from components.bundled.geometry import Outline


def draw_symbol(shape: Outline) -> list[list[str]]:
    """The units: four gates of a package of 14, else one, with pins on both sides of a box."""
    numbers = list(dict.fromkeys(pad.number for pad in shape.pads if pad.number))
    if shape.name == "tssop-14":
        # Each gate repeats the supply, as EasyEDA's own do; the output is inverted.
        return [
            _unit([(a, "A"), (b, "B"), ("7", "GND")], [(y, "Y"), ("14", "VCC")], inverted=y)
            for a, b, y in (("1", "2", "3"), ("4", "5", "6"), ("9", "10", "8"), ("12", "13", "11"))
        ]
    half = (len(numbers) + 1) // 2
    left, right = numbers[:half], numbers[half:]
    return [_unit([(n, n) for n in left], [(n, n) for n in reversed(right)])]


def _unit(
    left: list[tuple[str, str]], right: list[tuple[str, str]], inverted: str = ""
) -> list[str]:
    rows = max(len(left), len(right))
    lines = [f"R~370~290~2~2~60~{10 * rows + 10}~#880000~1~0~none~gge1~0~"]
    for x, way, rotation, pins in ((350, 1, 180, left), (450, -1, 0, right)):
        for row, (number, name) in enumerate(pins):
            y, body = 300 + 10 * row, x + 20 * way
            dot = int(number == inverted)
            # The circle stands between the line and the body.
            length = 14 if dot else 20
            lines.append(
                f"P~show~0~{number}~{x}~{y}~{rotation}~gge{len(lines) + 1}~0^^{x}~{y}"
                f"^^M {x} {y} h {length * way}~#880000^^1~{body + 4 * way}~{y + 4}~0~{name}"
                f"~{'start' if way > 0 else 'end'}~~~#0000FF^^1~{body - 2 * way}~{y - 1}~0~{number}"
                f"~{'end' if way > 0 else 'start'}~~~#0000FF^^{dot}~{body - 3 * way}~{y}"
                f"^^0~M {body} {y - 3} L {body + 3 * way} {y} L {body} {y + 3}"
            )
    return lines
