"""Board-to-board, card edge, backplane."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.model import Family
from components.families.shared_columns import mounting, pitch, rated_current

FAMILY = Family(
    name="board_to_board",
    title="Board-to-board, card edge, backplane",
    categories=(
        "Board-to-Board and Backplane Connector",
        "Edgeboard Connectors",
        "Hard Disk Connector (SAS/SATA/M.2)",
        "Memory Connector (DDR)",
        "PCI / PCIe Connector",
    ),
    former=(
        "Backplane Connector",
        "Card Edge Connectors",
        "Mezzanine Connectors (Board to Board)",
    ),
    columns=(
        pitch(identifies=True),
        whole("row_count", "Rows of contacts", "Number of rows"),
        mounting(),
        word("gender", "Gender", "Gender"),
        rated_current("Rated Current"),
    ),
)
