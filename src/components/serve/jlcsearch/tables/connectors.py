"""Connectors."""

from __future__ import annotations

from components.serve.jlcsearch.table import Columns, Flag, Number, Source, Table, Word

_RIGHT_ANGLE = ("RIGHT_ANGLE", "SURFACE_MOUNT_RIGHT_ANGLE")
_MOUNTED: Columns = {
    "mounting_style": Word("mounting"),
    "is_right_angle": Flag("mounting", _RIGHT_ANGLE),
}
_CURRENT: Columns = {"current_rating": Number("rated_current_a")}
_PITCH: Columns = {"pitch_mm": Number("pitch_mm")}
_ROWS: Columns = {
    "num_rows": Number("row_count"),
    "num_pins": Number("position_count"),
    "num_pins_per_row": Number("positions_per_row"),
}
_ALSO = {"pitch": "pitch_mm", "pin_count": "num_pins"}
_GENDER = Word("gender")
_HEADER_GENDER = Word(
    "gender",
    {
        "male": ("PIN_HEADER", "ROUND_PIN", "SQUARE_PINS"),
        "female": ("SQUARE_HOLE", "ROUND_HOLE", "BOARD_END_PIN_SOCKET"),
    },
)
_WIRE_TO_BOARD: Columns = {
    **_PITCH,
    **_ROWS,
    "reference_series": Word("series", is_code=True),
    **_MOUNTED,
    **_CURRENT,
}


def _usb(route: str, table: str, *types: str) -> Table:
    columns: Columns = {
        "num_pins": Number("position_count"),
        "gender": _GENDER,
        **_MOUNTED,
        **_CURRENT,
        "usb_standard": Word("usb_standard"),
    }
    source = Source("usb_connector", columns, where={"connector_type": types})
    return Table(route, (source,), covers=(table,), also={"pin_count": "num_pins"})


def _socket(route: str, table: str, *types: str) -> Table:
    columns: Columns = {
        "connector_type": Word("connector_type"),
        "gender": _GENDER,
        **_MOUNTED,
        **_CURRENT,
        "voltage_rating": Number("rated_voltage_v"),
    }
    source = Source("io_connector", columns, where={"connector_type": types})
    return Table(route, (source,), covers=(table,))


def _terminal_block(route: str, covers: tuple[str, ...], *categories: str) -> Table:
    columns: Columns = {**_PITCH, **_ROWS, **_CURRENT, "voltage_rating": Number("rated_voltage_v")}
    source = Source("terminal_block", columns, categories=categories)
    return Table(route, (source,), covers=covers, also=_ALSO)


def _board_to_board(route: str, table: str, *categories: str) -> Table:
    columns: Columns = {**_PITCH, "num_rows": Number("row_count"), "gender": _GENDER, **_MOUNTED}
    source = Source("board_to_board", columns, categories=categories)
    return Table(route, (source,), covers=(table,), also={"pitch": "pitch_mm"})


TABLES = (
    Table(
        "headers",
        (
            Source(
                "pin_header",
                {**_PITCH, **_ROWS, "gender": _HEADER_GENDER, **_MOUNTED, **_CURRENT},
                categories=("Pin Headers", "Female Headers"),
            ),
        ),
        covers=("header",),
        also=_ALSO,
    ),
    Table(
        "fpc_connectors",
        (
            Source(
                "fpc_connector",
                {
                    **_PITCH,
                    "number_of_contacts": Number("position_count"),
                    "contact_type": Word("contact_side"),
                    "locking_feature": Word("lock_type"),
                    "height_mm": Number("height_mm"),
                    **_MOUNTED,
                },
            ),
        ),
        covers=("fpc_connector",),
        also={"pitch": "pitch_mm", "num_contacts": "number_of_contacts"},
    ),
    Table(
        "jst_connectors",
        (Source("wire_to_board", _WIRE_TO_BOARD),),
        covers=("jst_connector",),
        also={**_ALSO, "series": "reference_series"},
        # Pins, where a housing has holes: tscircuit tells by it what goes onto a board.
        attributes={"Pins Structure": "Pin structure", "Reference Series": "Reference series"},
    ),
    Table(
        "wire_to_board_connectors",
        (Source("wire_to_board", {**_WIRE_TO_BOARD, "gender": _GENDER}),),
        covers=("wire_to_board_connector",),
        also=_ALSO,
    ),
    _terminal_block(
        "spring_clamp_terminal_blocks",
        ("spring_clamp_terminal_block",),
        "Spring Clamp System Terminal Block",
    ),
    _terminal_block("screw_terminal_blocks", (), "Screw Terminal Blocks", "Screw terminal"),
    _usb("usb_c_connectors", "usb_c_connector", "TYPE_C"),
    _usb("micro_usb_connectors", "micro_usb_connector", "MICRO_B", "MICRO_AB"),
    _socket("hdmi_ports", "hdmi_port", "HDMI", "HDMI_A", "HDMI_C", "HDMI_D"),
    _socket("barrel_jacks", "barrel_jack", "DC_POWER_JACK"),
    _board_to_board(
        "pcie_m2_connectors", "pcie_m2_connector", "Hard Disk Connector (SAS/SATA/M.2)"
    ),
    _board_to_board("dimm_connectors", "dimm_connector", "Memory Connector (DDR)"),
    Table(
        "battery_holders",
        (
            Source(
                "terminal",
                {"connector_type": Word("terminal_type"), **_CURRENT},
                categories=(
                    "Button And Strip Battery Connector",
                    "Battery Holders, Clips & Contacts",
                ),
            ),
        ),
        covers=("battery_holder",),
    ),
)
