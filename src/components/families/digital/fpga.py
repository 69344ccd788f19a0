"""Programmable logic."""

from __future__ import annotations

from components.families.columns import nominal, whole
from components.families.model import Family

FAMILY = Family(
    name="fpga",
    title="Programmable logic",
    categories=("Programmable Logic Device (CPLDs/FPGAs)",),
    former=("CPLD/FPGA",),
    columns=(
        whole(
            "logic_element_count",
            "Number of logic elements",
            "Number of logic elements/blocks",
            identifies=True,
        ),
        nominal("embedded_ram_bit", "Embedded ram", "Embedded block ram"),
    ),
)
