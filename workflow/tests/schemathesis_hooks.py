"""What OpenAPI cannot say of a valid query.

That no minimum is above its maximum, and a package or part that is asked for is there; that the
alternatives of atopile's sets are not too many. Requests that schemathesis believes valid are
mended in these respects alone; those that it knows to be wrong stay as they are.
"""

from __future__ import annotations

from typing import Any

import schemathesis

from components.families import FAMILIES
from components.testing.transform import FIRST_PART

# In a column that counts in ppm, a value up to this is a fraction, and so may be the larger one.
FRACTION_MAX = 0.01
# That parts of every snapshot have.
PACKAGE = "0402"
# The first part of the snapshot, as its catalogue names it.
NAMES = {"manufacturer_name": "Maker", "part_number": f"{FAMILIES[0].name}-0"}
# Two alternatives of each of six sets are as many as may be asked for.
MEMBERS_MAX = 2


@schemathesis.hook
def before_call(context: object, case: Any, kwargs: dict[str, Any]) -> None:
    mode = case.meta.generation.mode if case.meta else None
    if mode is None or not mode.is_positive or not isinstance(case.body, dict):
        return
    queries = [case.body, *(case.body.get("queries") or [])]
    if case.path.startswith("/v0/"):
        mend_picks(queries)
        return
    for query in queries:
        if isinstance(query.get("package"), str):
            query["package"] = PACKAGE
        for bounds in (query.get("ranges") or {}).values():
            mend(bounds)


def mend_picks(queries: list[dict[str, Any]]) -> None:
    """Ask for parts that are there, and leave no set with more than two members."""
    for query in queries:
        if "lcsc" in query:
            query["lcsc"] = FIRST_PART
        query.update({name: text for name, text in NAMES.items() if name in query})
        for literal in query.values():
            data = literal.get("data") if isinstance(literal, dict) else None
            intervals = data.get("intervals") if isinstance(data, dict) else None
            for members in (data, intervals and intervals.get("data")):
                for key in ("elements", "intervals"):
                    if isinstance(members, dict) and isinstance(members.get(key), list):
                        del members[key][MEMBERS_MAX:]


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
