"""How much work one answer may ask for: points read, drawn and measured.

Strangers wrote the answers, and a few kilobytes can describe millions of points (a curve, a circle
with a radius of metres) or take minutes (a pad of half a million corners). The largest of real
footprints take about a hundredth of what is allowed.
"""

from __future__ import annotations

from contextvars import ContextVar

from components.core.errors import CadError

POINTS_MAX = 400_000

_left: ContextVar[list[int] | None] = ContextVar("points left", default=None)


def begin() -> None:
    """A new answer, in this thread."""
    _left.set([POINTS_MAX])


def spend(points: int) -> None:
    """Raise :class:`CadError` where the answer has asked for more than it may."""
    left = _left.get()
    if left is None:
        return
    left[0] -= points
    if left[0] < 0:
        raise CadError(f"the drawing takes more than {POINTS_MAX} points; no real one does")


def test_an_answer_s_effort_is_bounded_and_the_next_begins_anew() -> None:
    import pytest

    begin()
    spend(POINTS_MAX)
    with pytest.raises(CadError, match="more than"):
        spend(1)
    begin()
    spend(1)
    _left.set(None)


def test_hostile_answers_end_in_seconds_with_a_named_error() -> None:
    import time

    import orjson

    from components.cad.convert import Undrawn, draw
    from components.testing.cad import answer_of

    corners = " ".join(f"{4000 + n % 997} {3000 + n % 991}" for n in range(600_000))
    curves = "M 4000 3000 " + "C 4100 3100 4200 2900 4001 3000 " * 200_000
    arcs = "M 4000 3000 " + "A 9000 9000 0 1 1 4001 3001 A 9000 9000 0 1 1 4000 3000 " * 100_000
    for shape in (
        f"PAD~POLYGON~4000~3000~9~9~1~~1~0~{corners}~0~gge1~0~~Y~0~0~0.2~4000,3000",
        f"SOLIDREGION~1~~{curves}~solid~gge2~~~~0",
        f"SOLIDREGION~1~~{arcs}~solid~gge2~~~~0",
        f"TRACK~1~3~~{corners}~gge3~0",
    ):
        started_s = time.monotonic()
        body = orjson.dumps(answer_of(shape))
        results = list(draw(body, 1, frozenset(["kicad_footprint_mod"])))
        assert time.monotonic() - started_s < 20
        (result,) = results
        if isinstance(result, Undrawn):
            assert result.reason
    _left.set(None)
