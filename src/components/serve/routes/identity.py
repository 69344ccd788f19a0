"""What every reply says of a part, however much more it says."""

from __future__ import annotations

from pydantic import BaseModel


class Identity(BaseModel):
    """Which part it is, where it belongs, and how it is sold."""

    lcsc_id: int
    manufacturer: str
    part_number: str
    package: str
    family: str | None
    category: str
    description: str
    stock: int
    is_basic: bool
    is_preferred: bool
