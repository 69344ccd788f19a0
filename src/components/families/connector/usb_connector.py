"""USB connectors."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.connector.positions import position_word
from components.families.model import Family
from components.families.shared_columns import mounting, rated_current

FAMILY = Family(
    name="usb_connector",
    title="USB connectors",
    categories=("USB Connectors",),
    columns=(
        word("connector_type", "Connector type", "Connector type", identifies=True),
        word("gender", "Gender", "Gender"),
        whole(
            "position_count",
            "Contacts in all",
            "Number of contacts",
            word=position_word,
            identifies=True,
        ),
        whole("port_count", "Number of ports", "Number of ports"),
        mounting(),
        rated_current(
            "Current rating-power",
            "Current rating - power (max)",
            "Rated Current",
        ),
        word("usb_standard", "Usb standard", "Protocol standard", "Standard"),
    ),
)
