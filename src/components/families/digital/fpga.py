"""Programmable logic."""

from __future__ import annotations

from components.families.columns import cost, nominal, span, whole
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
            "Logic elements / cells",
            identifies=True,
        ),
        nominal("embedded_ram_bit", "Embedded ram", "Embedded block ram"),
        whole("logic_array_block_count", "Logic array blocks", "Logic array blocks"),
        whole("logic_gate_count", "Number of logic gates", "Number of logic gates"),
        *span(
            "io_supply_voltage_v",
            "Supply voltage of inputs and outputs",
            "Voltage - supply(vccio)",
            "Supply voltage range - vccio",
        ),
        cost(
            "propagation_delay_s", "Propagation delay", "Maximum delay time tpd", band=(1e-12, 1.0)
        ),
    ),
)
