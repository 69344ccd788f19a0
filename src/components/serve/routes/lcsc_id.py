"""A part's number as people and programs write it: ``C2040``, ``"2040"``, ``2040``."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import Path
from pydantic import BeforeValidator, Field, WithJsonSchema

from components.serve.http.asgi import Refusal

# The largest number that every JSON reader takes as it is.
LCSC_ID_MAX = 2**53 - 1
_WRITTEN = re.compile(r"[cC]?([0-9]{1,15})", re.ASCII)


def whole(value: Any) -> Any:
    # JSON has one kind of number: 5.0 is an integer.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: Any) -> Any:
    if isinstance(value, str) and (written := _WRITTEN.fullmatch(value)):
        return int(written[1])
    return whole(value)


LcscId = Annotated[
    int,
    Field(ge=1, le=LCSC_ID_MAX),
    BeforeValidator(_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": LCSC_ID_MAX},
                {"type": "string", "pattern": "^[cC]?[1-9][0-9]{0,14}$"},
            ],
            "description": "C2040, or 2040 as a text or a number",
        }
    ),
]
"""In a body."""

LcscNumber = Annotated[
    str,
    Path(pattern=r"^[cC]?[0-9]{1,15}$", description="LCSC part number", examples=["C25804"]),
]
"""In a path."""


def number_of(text: str) -> int:
    """``C25804`` or ``25804`` as a number. Raises Refusal (404) for what can be none."""
    number = int(text.lstrip("cC"))
    if not 1 <= number <= LCSC_ID_MAX:
        raise Refusal(404, f"lcsc_id: C{number} is not in the catalogue")
    return number


def test_a_number_is_read_however_it_is_written() -> None:
    import pytest
    from pydantic import TypeAdapter, ValidationError

    reader = TypeAdapter(LcscId)
    for written in (2040, 2040.0, "2040", "C2040", "c2040"):
        assert reader.validate_python(written, strict=True) == 2040
    for wrong in (0, -1, 2.5, True, None, "", "C", "CC1", "C 1", "1e3", "٣", 1 << 53, "9" * 16):
        with pytest.raises(ValidationError):
            reader.validate_python(wrong, strict=True)
    assert number_of("C2040") == 2040
