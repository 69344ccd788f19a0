"""Rectifying diodes: general purpose, switching, fast recovery, Schottky, and bridges of them."""

from __future__ import annotations

from components.families.columns import classified, cost, rating
from components.families.model import Family, Part, Value, fold
from components.families.parse.devices import diode_configuration, diode_count
from components.families.parse.packages import current_limit_a, has_two_pins
from components.families.shared_columns import configuration, element_count

_TYPES = {
    "schottky": "SCHOTTKY",
    "superbarrier": "SCHOTTKY",
    "sicdiode": "SIC",
    "switching": "SWITCHING",
    "bridge": "BRIDGE",
    "fastrecovery": "FAST_RECOVERY",
    "hyperfast": "FAST_RECOVERY",
    "higheffic": "FAST_RECOVERY",
    "avalanche": "AVALANCHE",
    "generalpurpose": "GENERAL_PURPOSE",
}


def diode_type(category: str) -> str | None:
    """What kind of junction a category's diodes have."""
    folded = fold(category)
    return next((code for word, code in _TYPES.items() if word in folded), None)


def settle(values: dict[str, Value], part: Part) -> str | None:
    """Count the diodes of bridges, and of what has two pins and says nothing."""
    if values["diode_type"] == "BRIDGE":
        three = "three-phase" in " ".join(part.attributes.values()).casefold()
        single = "single-phase" in " ".join(part.attributes.values()).casefold()
        values["configuration"] = "THREE_PHASE_BRIDGE" if three else "BRIDGE"
        values["element_count"] = 6.0 if three else 4.0 if single else None
    elif not {"element_count", "configuration"} & part.contradicted and (
        values["element_count"] is None and values["configuration"] is None
    ):
        values["element_count"] = 1.0 if has_two_pins(part.package) else None
    return None


FAMILY = Family(
    name="diode",
    title="Diodes",
    categories=(
        "Avalanche Diodes",
        "Bridge Rectifiers",
        "Diodes - General Purpose",
        "Fast Recovery / High Efficiency Diodes",
        "Schottky Diodes",
        "SiC Diodes",
        "Super Barrier Rectifiers (SBR)",
        "Switching Diodes",
    ),
    former=(
        "Diodes - Fast Recovery Rectifiers",
        "Diodes - Rectifiers - Fast Recovery",
        "Diodes - Rectifiers - Hyperfast",
        "Fast Recovery/High Efficiency Diode",
        "High Effic Rectifier",
        "Schottky Barrier Diodes (SBD)",
        "Super Barrier Rectifier (SBR)",
        "Switching Diode",
    ),
    package_prefixes=("D",),
    columns=(
        cost(
            "forward_voltage_v",
            "Highest forward voltage at the stated current",
            "Voltage - Forward(Vf@If)",
            "Forward Voltage (Vf@If)",
            "Forward voltage (vf) @ if",
            band=(0.05, 100.0),
            owns="V@A",
        ),
        rating(
            "reverse_working_voltage_v",
            "Repetitive peak reverse voltage",
            "Voltage - DC Reverse(Vr)",
            "Reverse Voltage (Vr)",
            "DC reverse voltage(Vr)",
            owns="V",
            required=True,
            band=(1.0, 50e3),
        ),
        rating(
            "max_current_a",
            "Average rectified current",
            "Rectified current",
            "Average rectified current (Io)",
            required=True,
            band=(1e-3, 1e3),
        ),
        cost(
            "reverse_leakage_current_a",
            "Reverse current at the stated voltage",
            "Reverse Leakage Current (Ir)",
            "Reverse leakage current",
            "Ir - reverse current",
            band=(0.0, 1.0),
            owns="A@V",
        ),
        cost(
            "recovery_time_s",
            "Reverse recovery time",
            "Reverse recovery time (trr)",
            band=(1e-11, 1e-3),
            owns="s",
        ),
        rating(
            "surge_current_a",
            "Peak forward surge current, not repetitive",
            "Non-repetitive peak forward surge current",
            "Peak forward surge current",
            band=(1e-2, 1e5),
        ),
        classified("diode_type", "SCHOTTKY, FAST_RECOVERY, SWITCHING, BRIDGE …", diode_type),
        element_count("Diode configuration", parse=diode_count),
        configuration(
            "INDEPENDENT, COMMON_CATHODE, COMMON_ANODE, SERIES, BRIDGE …",
            "Diode configuration",
            parse=diode_configuration,
        ),
    ),
    limits={"max_current_a": current_limit_a},
    settle=settle,
)


def test_bridges_and_two_pins_are_counted() -> None:
    for kind, package, texts, settled in (
        ("BRIDGE", "ABS", {"Type": "Single-Phase Rectifier"}, (4.0, "BRIDGE")),
        ("BRIDGE", "GBPC", {"Type": "Three-Phase Rectifier"}, (6.0, "THREE_PHASE_BRIDGE")),
        ("SCHOTTKY", "SOD-123", {}, (1.0, None)),
        ("SCHOTTKY", "TO-220AB", {}, (None, None)),
    ):
        values: dict[str, Value] = {
            "diode_type": kind, "element_count": None, "configuration": None
        }  # fmt: skip
        assert settle(values, Part(texts, "", "", package)) is None
        assert (values["element_count"], values["configuration"]) == settled
    assert diode_type("Super Barrier Rectifiers (SBR)") == "SCHOTTKY"
