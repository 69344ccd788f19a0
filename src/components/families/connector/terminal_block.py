"""Terminal blocks."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.connector.positions import settle
from components.families.model import Family
from components.families.shared_columns import mounting, pitch, rated_current, rated_voltage

FAMILY = Family(
    name="terminal_block",
    title="Terminal blocks",
    categories=(
        "Barrier Terminal Blocks",
        "Pluggable System Terminal Block",
        "Screw Terminal Blocks",
        "Spring Clamp System Terminal Block",
    ),
    former=(
        "Screw terminal",
        "Terminals",
    ),
    columns=(
        pitch(identifies=True),
        whole("row_count", "Rows of contacts", "Number of rows"),
        whole("positions_per_row", "Contacts in a row", "Number of pins per row", identifies=True),
        whole(
            "position_count",
            "Contacts in all",
            "Number of positions or pins",
            "Structure",
            identifies=True,
        ),
        rated_current("Rated Current"),
        rated_voltage("Voltage rating (max)", "Voltage Rated"),
        mounting(),
        word("block_type", "Block type", "Connector type", otherwise=("Barrier type",)),
    ),
    settle=settle,
)
