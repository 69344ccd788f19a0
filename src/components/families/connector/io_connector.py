"""RJ45, HDMI, D-Sub, audio, DC power, SIM, SD, other I/O sockets."""

from __future__ import annotations

from components.families.columns import whole, word
from components.families.model import Family
from components.families.shared_columns import mounting, rated_current, rated_voltage

FAMILY = Family(
    name="io_connector",
    title="RJ45, HDMI, D-Sub, audio, DC power, SIM, SD, other I/O sockets",
    categories=(
        "AC Power Connectors",
        "Audio Connectors",
        "Circular Connectors & Cable Connectors",
        "Circular DIN Connectors",
        "D-Sub / VGA Connectors",
        "DC Power Connectors",
        "DisplayPort (DP) Connector",
        "Ethernet Connectors / Modular Connectors (RJ45 RJ11)",
        "HDMI Connectors",
        "SD Card / Memory Card Connector",
        "SIM Card Connectors",
        "XLR (Cannon) Connectors",
    ),
    former=(
        "AC Power Connector",
        "AC/DC Power Connectors",
        "AC/DC Power Plugs & Receptacles",
        "Audio & Video Connectors",
        "Audio Connector (Headphone)",
        "Audio Connectors (Headphones)",
        "Card Sockets Connectors",
        "Circular Connectors",
        "D-Sub / VGA Connector",
        "D-Sub Connectors",
        "D-Sub/DVI/HDMI Connectors",
        "DC Power Connector",
        "SD Card Connectors",
        "XLR (Cannon) Connector",
    ),
    columns=(
        word(
            "connector_type",
            "Connector type",
            "Connector type",
            otherwise=("Socket specification", "Card type"),
            identifies=True,
        ),
        word("gender", "Gender", "Gender"),
        whole("port_count", "Number of ports", "Number of ports"),
        mounting(),
        rated_current(
            "Rated Current",
            "Current rating-signal",
            "Current rating-power",
            "Current rating-signal (max)",
        ),
        rated_voltage(
            "Voltage Rated",
            "Voltage rating (max)",
            "Rated voltage (max)",
        ),
        whole("row_count", "Rows of contacts", "Number of rows"),
    ),
)
