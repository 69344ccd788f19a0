"""What OpenAPI cannot say of a valid query: no minimum above its maximum, no unknown package.

Requests that schemathesis believes valid are mended in these respects; those that it knows to be
wrong stay as they are.
"""

from __future__ import annotations

from typing import Any

import schemathesis

# In a column that counts in ppm, a value up to this is a fraction, and so may be the larger one.
FRACTION_MAX = 0.01
# That parts of every snapshot have.
PACKAGE = "0402"


@schemathesis.hook
def before_call(context: object, case: Any, kwargs: dict[str, Any]) -> None:
    mode = case.meta.generation.mode if case.meta else None
    if mode is None or not mode.is_positive or not isinstance(case.body, dict):
        return
    for query in [case.body, *(case.body.get("queries") or [])]:
        if isinstance(query.get("package"), str):
            query["package"] = PACKAGE
        for bounds in (query.get("ranges") or {}).values():
            mend(bounds)


def mend(bounds: dict[str, Any]) -> None:
    """Leave out the maximum where it is, or may be, below the minimum."""
    minimum, maximum = bounds.get("minimum"), bounds.get("maximum")
    if minimum is None or maximum is None:
        return
    if minimum > maximum or min(abs(minimum), abs(maximum)) <= FRACTION_MAX:
        del bounds["maximum"]


def test_only_what_may_be_reversed_is_mended() -> None:
    for given, mended in (
        ({"minimum": 1, "maximum": 2}, {"minimum": 1, "maximum": 2}),
        ({"minimum": 2, "maximum": 1}, {"minimum": 2}),
        ({"minimum": 0.005, "maximum": 1}, {"minimum": 0.005}),
        ({"maximum": 1}, {"maximum": 1}),
    ):
        mend(given)
        assert given == mended
