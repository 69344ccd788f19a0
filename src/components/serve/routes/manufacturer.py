"""``GET /v1/components/mfr/…``: parts by the manufacturer's own number."""

from __future__ import annotations

from urllib.parse import unquote

from fastapi import Request
from pydantic import BaseModel, Field

from components.serve.route import CurrentSnapshot, Routes

PREFIX = "/v1/components/mfr/"

routes = Routes("parts")

_SQL = """
SELECT lcsc_id FROM components_full
WHERE part_number = ? COLLATE NOCASE AND manufacturer = ? COLLATE NOCASE
"""


class Matches(BaseModel):
    """The parts of one name."""

    component_ids: list[int] = Field(description="LCSC part numbers without their C")
    total: int = Field(description="How many there are")


@routes.get(
    PREFIX + "{manufacturer}/{part_number:anything}",
    label="mfr",
    summary="Parts by the manufacturer's own number",
)
def mfr(
    manufacturer: str, part_number: str, request: Request, snapshot: CurrentSnapshot
) -> Matches:
    """Case does not matter, nor does the way in which a manufacturer's name is written: `Murata`
    is `Murata Electronics`. A number that nobody knows gives an empty list, as does a name that
    may mean two manufacturers.
    """
    manufacturer, part_number = _raw_names(request, manufacturer, part_number)
    with snapshot.database() as connection:
        numbers = {
            row[0]
            for name in snapshot.makers.find(manufacturer)
            for row in connection.execute(_SQL, (part_number, name))
        }
    return Matches(component_ids=sorted(numbers), total=len(numbers))


def _raw_names(request: Request, manufacturer: str, part_number: str) -> tuple[str, str]:
    """Both names as they were before decoding, since either may hold an escaped slash."""
    raw = request.scope.get("raw_path")
    if not isinstance(raw, bytes) or not raw.startswith(PREFIX.encode()):
        return manufacturer, part_number
    first, _, second = raw[len(PREFIX) :].decode("ascii", "replace").partition("/")
    return unquote(first), unquote(second)
