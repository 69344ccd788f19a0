"""What is drawn from one EasyEDA answer: an entry of :data:`CONVERTERS` for each drawing.

A new drawing is a function from a decoded answer to artifacts, an entry here, and a row of
:mod:`components.artifacts` in the group ``drawing``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from components.cad.footprint.convert import convert as convert_footprint
from components.cad.footprint.model import NO_BOXES
from components.cad.footprint.writer import model_path
from components.cad.model_box import ModelBox
from components.cad.symbol.convert import convert as convert_symbol
from components.core.errors import CadError


@dataclass(frozen=True)
class Drawn:
    """One artifact made of an answer. ``meta`` is the same for the same answer."""

    artifact_type: str
    data: bytes
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Undrawn:
    """Why there is none."""

    artifact_type: str
    reason: str


def footprint(answer: object, lcsc_id: int, boxes: Mapping[str, ModelBox]) -> list[Drawn]:
    """The KiCad footprint and its preview. Raises :class:`CadError`."""
    converted = convert_footprint(answer, lcsc_id, boxes)
    model = converted.model._asdict() if converted.model else None
    return [
        Drawn(
            "kicad_footprint_mod",
            converted.kicad_mod,
            {
                "model": model,
                "model_path": model_path(converted.model.uuid) if converted.model else None,
                "name": converted.name,
                "report": converted.report,
            },
        ),
        Drawn("footprint_svg", converted.svg),
    ]


def symbol(answer: object, lcsc_id: int, _boxes: Mapping[str, ModelBox]) -> list[Drawn]:
    """The KiCad symbol and its picture. Raises :class:`CadError`."""
    converted = convert_symbol(answer, lcsc_id)
    # Its name is in the symbol; a report without it is that of many parts, and kept once.
    meta = {"report": converted.report}
    return [Drawn("kicad_symbol", converted.kicad_sym, meta), Drawn("symbol_svg", converted.svg)]


# Of a decoded answer, the part's number, and the boxes of 3D models by their UUID.
Converter = Callable[[object, int, Mapping[str, ModelBox]], list[Drawn]]
# Each with the artifact types that it makes, all of them or none.
CONVERTERS: tuple[tuple[tuple[str, ...], Converter], ...] = (
    (("kicad_footprint_mod", "footprint_svg"), footprint),
    (("kicad_symbol", "symbol_svg"), symbol),
)


def draw(
    body: bytes,
    lcsc_id: int,
    wanted: frozenset[str],
    boxes: Mapping[str, ModelBox] = NO_BOXES,
) -> Iterator[Drawn | Undrawn]:
    """One result for each type of ``wanted``, of the answer ``body`` of part ``lcsc_id``.

    ``boxes`` are those of 3D models whose STEP file is known, by UUID.

    One drawing that cannot be made stops no other.
    """
    answer, broken = _decoded(body)
    for types, converter in CONVERTERS:
        asked = wanted.intersection(types)
        if not asked:
            continue
        try:
            if broken:
                raise CadError(broken)
            yield from (
                made for made in converter(answer, lcsc_id, boxes) if made.artifact_type in asked
            )
        except CadError as error:
            yield from (Undrawn(name, str(error)) for name in sorted(asked))
        except Exception as error:
            # An answer that nobody thought of: the part's failure, and never the shard's.
            reason = f"an unexpected answer: {type(error).__name__}: {error}"
            yield from (Undrawn(name, reason) for name in sorted(asked))


def _decoded(body: bytes) -> tuple[object, str]:
    try:
        return orjson.loads(body), ""
    except orjson.JSONDecodeError as error:
        return None, f"the answer is not JSON: {error}"


def test_every_drawing_of_the_table_is_made_and_damage_is_told() -> None:
    from components.artifacts import types_of
    from components.testing.cad import symbol_answer

    assert [name for types, _ in CONVERTERS for name in types] == list(types_of("drawing"))
    wanted = frozenset(types_of("drawing"))
    body = orjson.dumps(symbol_answer())
    made = list(draw(body, 1, wanted))
    assert [drawn.artifact_type for drawn in made] == list(types_of("drawing"))
    assert all(isinstance(drawn, Drawn) and drawn.data for drawn in made)
    assert [drawn.artifact_type for drawn in draw(body, 1, frozenset(["footprint_svg"]))] == [
        "footprint_svg"
    ]
    for damaged in (b"{", b"[]", b'{"result": {"packageDetail": [[]]}}', body[:-2]):
        results = list(draw(damaged, 1, wanted))
        assert {result.artifact_type for result in results} == wanted
        assert all(isinstance(result, Undrawn) and result.reason for result in results)
