"""What every reply says of a part, however much more it says."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Identity(BaseModel):
    """Which part it is, where it belongs, and how it is sold."""

    lcsc_id: int = Field(description="The LCSC part number without its C")
    manufacturer: str = Field(description="As the catalogue writes it")
    part_number: str = Field(description="The manufacturer's own")
    package: str = Field(description="As the family stores it: 0402 for R0402")
    family: str | None = Field(description="null: of none that this server knows")
    category: str = Field(description="As the catalogue names it")
    description: str = Field(description="The catalogue's")
    stock: int = Field(description="How many there are")
    is_basic: bool = Field(description="Of JLCPCB's basic library, which costs no setup")
    is_preferred: bool = Field(description="Of JLCPCB's preferred parts")
