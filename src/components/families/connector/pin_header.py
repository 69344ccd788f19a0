"""Pin and female headers, IDC, sockets, jumpers."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.connector.positions import position_word, settle
from components.families.model import Family
from components.families.shared_columns import mounting, pitch, rated_current

FAMILY = Family(
    name="pin_header",
    title="Pin and female headers, IDC, sockets, jumpers",
    categories=(
        "DIN41612 Connectors",
        "Female Headers",
        "IC / Transistor Socket",
        "IDC Connectors",
        "Pin Headers",
        "Shunts, Jumpers",
    ),
    former=("IC Sockets",),
    columns=(
        pitch(identifies=True),
        whole("row_count", "Rows of contacts", "Number of rows"),
        whole(
            "position_count",
            "Contacts in all",
            "Pin structure",
            "Holes structure",
            "Number of positions or pins",
            "Structure",
            # All of them, whatever the rows: 34P in two rows are 17 each.
            "Number of positions",
            # Some count those of one row alone.
            otherwise=("Number of holes",),
            word=position_word,
            identifies=True,
        ),
        whole(
            "positions_per_row",
            "Contacts in a row",
            "Number of pins per row",
            "Pin number in each row",
        ),
        mounting(),
        word(
            "gender",
            "Gender",
            "Circluar pins/square pins",
            otherwise=("Circular hole / square hole", "Connector type"),
        ),
        rated_current("Rated Current"),
    ),
    settle=settle,
)
