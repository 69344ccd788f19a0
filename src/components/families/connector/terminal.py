"""Solder terminals, battery contacts, pogo pins, test points, fuse and battery holders."""

from __future__ import annotations

from components.families.columns import word
from components.families.model import Family
from components.families.shared_columns import mounting, pitch, rated_current

FAMILY = Family(
    name="terminal",
    title="Solder terminals, battery contacts, pogo pins, test points, fuse and battery holders",
    categories=(
        "Blade / Shrapnel Contact Battery Connectors",
        "Button And Strip Battery Connector",
        "Cold-pressed Terminals",
        "Connector Accessories",
        "Fuseholders",
        "PCB Welding Terminal",
        "Pogo Pin Spring Probe Connector",
        "Quick Terminal",
        "SMD Quick Terminal",
        "Test Points / Test Rings",
    ),
    former=(
        "Banana Connectors / Alligator Clips / Test Rings",
        "Battery Connectors",
        "Battery Holders, Clips & Contacts",
        "Contacts / Springs",
        "Rail Terminal Blocks",
        "Thimble/Copper Rod/Test Ring",
    ),
    columns=(
        pitch(),
        rated_current("Rated Current"),
        mounting(),
        word("terminal_type", "Terminal type", "Type", otherwise=("Terminal type", "Fuse type")),
    ),
)
