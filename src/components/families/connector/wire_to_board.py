"""Wire-to-board headers, housings."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.connector.positions import position_word, settle
from components.families.model import Family
from components.families.shared_columns import mounting, pitch, rated_current

FAMILY = Family(
    name="wire_to_board",
    title="Wire-to-board headers, housings",
    categories=(
        "Automobile Connectors",
        "Connector Housings",
        "Housings (Wire To Board / Wire To Wire )",
        "Wire To Board Connector",
    ),
    former=(
        "Connector Shells",
        "Connectors - Housings",
        "Pin Header & Female Header",
        "Power Connectors",
        "Rectangular Connectors Housings",
        "Wire To Board / Wire To Wire Connector",
    ),
    columns=(
        pitch("Pitch", "Hole/pin spacing", identifies=True),
        whole("row_count", "Rows of contacts", "Number of rows"),
        whole(
            "position_count",
            "Contacts in all",
            "Pin structure",
            "Holes structure",
            "Number of positions or pins",
            "Number of positions",
            word=position_word,
            identifies=True,
        ),
        whole("positions_per_row", "Contacts in a row", "Number of pins per row"),
        word("series", "Series", "Reference series"),
        mounting(),
        rated_current("Rated Current"),
        word("gender", "Gender", "Gender"),
    ),
    settle=settle,
)
