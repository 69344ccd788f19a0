"""Contacts in all, from the rows and the contacts in each."""

from __future__ import annotations

from components.families.model import Part, Value


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Multiply rows and contacts in a row, where the contacts in all are not told."""
    rows, in_row = values["row_count"], values["positions_per_row"]
    if values["position_count"] is None and isinstance(rows, float) and isinstance(in_row, float):
        values["position_count"] = rows * in_row
    return None


def test_contacts_are_multiplied_where_they_are_not_told() -> None:
    for told, rows, in_row, expected in (
        (None, 2.0, 5.0, 10.0),
        (8.0, 2.0, 5.0, 8.0),
        (None, None, 5.0, None),
    ):
        values: dict[str, Value] = {
            "position_count": told,
            "row_count": rows,
            "positions_per_row": in_row,
        }
        assert settle(values, Part({}, "", "", "")) is None
        assert values["position_count"] == expected
