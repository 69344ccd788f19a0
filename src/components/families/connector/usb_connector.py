"""USB connectors."""

from __future__ import annotations

from components.families.columns import mounting, rating, whole, word
from components.families.model import Family

FAMILY = Family(
    name="usb_connector",
    title="USB connectors",
    categories=("USB Connectors",),
    columns=(
        word("connector_type", "Connector type", "Connector type", identifies=True),
        word("gender", "Gender", "Gender"),
        whole("position_count", "Contacts in all", "Number of contacts", identifies=True),
        whole("port_count", "Number of ports", "Number of ports"),
        mounting(),
        rating(
            "rated_current_a",
            "Rated current",
            "Current rating-power",
            otherwise=("Current rating - power (max)", "Rated Current"),
            band=(0.0001, 5000.0),
        ),
        word("usb_standard", "Usb standard", "Protocol standard", otherwise=("Standard",)),
    ),
)
