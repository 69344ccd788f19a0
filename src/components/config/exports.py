"""What a published snapshot is written as for other programs."""

from __future__ import annotations

from pydantic import Field

from components.config.section import Section


class Exports(Section):
    parquet: bool = Field(False, description="A Parquet file a family, for dataframes")
    kicad_database: bool = Field(False, description="A database library for KiCad 8 and later")
    kicad_library: bool = Field(
        False, description="Symbols, footprints and 3D models as one KiCad library"
    )
    kicad_library_where: str = Field(
        "is_basic OR is_preferred",
        min_length=1,
        description="SQL over detail.sqlite's components_full: which parts that library has",
    )
    kicad_jlcpcb_tools: bool = Field(
        False, description="The parts database of the KiCad plugin kicad-jlcpcb-tools"
    )
