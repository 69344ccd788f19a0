"""Which symbol and footprint of KiCad's own libraries draws a part: one row a case.

A row holds where the part's columns have one of the values in ``where``, and gives the footprint
of the part's package. Footprints are named only where the package's name fixes the land pattern.
A pin order stands here only where it is the same for all parts: two contacts; a diode's cathode at
pad 1, as in every diode footprint of KiCad; a lead that is the package's die pad; and transistors
in packages in which all parts of KiCad's own libraries agree (SOT-23: gate or base, source or
emitter, drain or collector; not TO-92, SOT-89 or bipolar transistors in TO-220, where they do not).

Names are those of KiCad 9 and 10: https://gitlab.com/kicad/libraries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from components.kicad_names.packages import has_anode_and_cathode, has_two_ends

Where = Mapping[str, tuple[object, ...]]


@dataclass(frozen=True)
class Row:
    """One case of a family."""

    family: str
    symbol: str
    footprints: Mapping[str, str]
    """By a package's name in capitals."""
    where: Where = field(default_factory=dict)
    else_where: Callable[[str], bool] = lambda package: False
    """Other packages in which the symbol is right; the footprint is then the user's choice."""


def _chips(pattern: str, *sizes: str) -> dict[str, str]:
    return {size: pattern.format(f"{size}_{_METRIC[size]}Metric") for size in sizes}


_METRIC = {
    "01005": "0402", "0201": "0603", "0402": "1005", "0603": "1608", "0612": "1632",
    "0805": "2012", "1008": "2520", "1206": "3216", "1210": "3225", "1218": "3246",
    "1806": "4516", "1808": "4520", "1812": "4532", "1825": "4564", "2010": "5025",
    "2220": "5750", "2225": "5664", "2512": "6332", "2920": "7451",
}  # fmt: skip
_COMMON = ("0201", "0402", "0603", "0805", "1206", "1210")

_RESISTOR = {
    **_chips("Resistor_SMD:R_{}", "01005", *_COMMON, "0612", "1218", "1812", "2010", "2512"),
    "MELF-0102": "Resistor_SMD:R_MicroMELF_MMU-0102",
    "MELF-0204": "Resistor_SMD:R_MiniMELF_MMA-0204",
    "MELF-0207": "Resistor_SMD:R_MELF_MMB-0207",
    "插件,D2.3XL6.3MM": "Resistor_THT:R_Axial_DIN0207_L6.3mm_D2.5mm_P10.16mm_Horizontal",
    "插件,D2.4XL6.3MM": "Resistor_THT:R_Axial_DIN0207_L6.3mm_D2.5mm_P10.16mm_Horizontal",
    "插件,D2.5XL6.3MM": "Resistor_THT:R_Axial_DIN0207_L6.3mm_D2.5mm_P10.16mm_Horizontal",
}
_CAPACITOR = _chips("Capacitor_SMD:C_{}", "01005", *_COMMON, "1808", "1812", "1825", "2220", "2225")
_CANS = tuple(
    f"{diameter}x{height}"
    for diameter, heights in {
        "4": ("4.5", "5.3", "5.4", "5.7", "5.8"),
        "5": ("4.5", "5.3", "5.4", "5.7", "5.8", "5.9"),
        "6.3": ("4.5", "5.3", "5.4", "5.7", "5.8", "5.9", "7.7", "9.9"),
        "8": ("5.4", "6.2", "6.5", "6.7", "10", "10.5", "11.9"),
        "10": ("7.7", "10", "10.5", "12.5", "12.6"),
        "16": ("17.5",),
        "18": ("17.5",),
    }.items()
    for height in heights
)
_POLARIZED = {
    **{f"SMD,D{can.upper().replace('X', 'XL')}MM": f"Capacitor_SMD:CP_Elec_{can}" for can in _CANS},
    # The same can of the same base, in another maker's measure.
    "SMD,D8XL10.2MM": "Capacitor_SMD:CP_Elec_8x10",
    "SMD,D10XL10.2MM": "Capacitor_SMD:CP_Elec_10x10",
    **{
        size: f"Capacitor_Tantalum_SMD:CP_EIA-{size}_Kemet-{letter}"
        for size, letter in {
            "2012-12": "R", "3216-10": "I", "3216-12": "S", "3216-18": "A", "3528-12": "T",
            "3528-21": "B", "6032-15": "U", "6032-28": "C", "7343-15": "W", "7343-20": "V",
            "7343-31": "D", "7343-40": "Y", "7343-43": "X",
        }.items()
    },
}  # fmt: skip
_INDUCTOR = _chips("Inductor_SMD:L_{}", "01005", *_COMMON, "1008", "1806", "1812")
_FUSE = _chips("Fuse:Fuse_{}", *_COMMON[1:], "1812", "2010", "2512", "2920")
_LED = {
    **_chips("LED_SMD:LED_{}", *_COMMON),
    "插件,D=3MM": "LED_THT:LED_D3.0mm",
    "插件,D=5MM": "LED_THT:LED_D5.0mm",
}
_DIODE = {
    "SOD-123": "Diode_SMD:D_SOD-123",
    "SOD-123F": "Diode_SMD:D_SOD-123F",
    "SOD-123FL": "Diode_SMD:D_SOD-123F",
    "SOD-123W": "Diode_SMD:Nexperia_CFP3_SOD-123W",
    "SOD-128": "Diode_SMD:D_SOD-128",
    "SOD-323": "Diode_SMD:D_SOD-323",
    "SOD-323F": "Diode_SMD:D_SOD-323F",
    "SOD-523": "Diode_SMD:D_SOD-523",
    "SOD-882": "Diode_SMD:D_SOD-882",
    "SOD-923": "Diode_SMD:D_SOD-923",
    **dict.fromkeys(("SMA", "DO-214AC"), "Diode_SMD:D_SMA"),
    **dict.fromkeys(("SMB", "DO-214AA"), "Diode_SMD:D_SMB"),
    **dict.fromkeys(("SMC", "DO-214AB"), "Diode_SMD:D_SMC"),
    **dict.fromkeys(("LL-34", "MINIMELF", "SOD-80"), "Diode_SMD:D_MiniMELF"),
    **dict.fromkeys(("LL-41", "MELF"), "Diode_SMD:D_MELF"),
    "DO-15": "Diode_THT:D_DO-15_P12.70mm_Horizontal",
    "DO-35": "Diode_THT:D_DO-35_SOD27_P7.62mm_Horizontal",
    "DO-41": "Diode_THT:D_DO-41_SOD81_P10.16mm_Horizontal",
    "DO-201AD": "Diode_THT:D_DO-201AD_P15.24mm_Horizontal",
    "R-6": "Diode_THT:D_P600_R-6_P20.00mm_Horizontal",
    "P600": "Diode_THT:D_P600_R-6_P20.00mm_Horizontal",
    "TO-220AC": "Package_TO_SOT_THT:TO-220-2_Vertical",
}
_TVS = {
    **_DIODE,
    **_chips("Diode_SMD:D_{}", "0201", "0402", "0603"),
    **dict.fromkeys(("DFN1006-2", "DFN1006-2L"), "Diode_SMD:D_SOD-882"),
}
_SOT23 = {
    **dict.fromkeys(
        ("SOT-23", "SOT-23-3", "TO-236", "TO-236AB"), "Package_TO_SOT_SMD:SOT-23"
    ),
}  # fmt: skip
_SOT323 = {"SOT-323": "Package_TO_SOT_SMD:SOT-323_SC-70"}
_SOT223 = {"SOT-223": "Package_TO_SOT_SMD:SOT-223-3_TabPin2"}
_TABBED = {
    **dict.fromkeys(("TO-252", "TO-252-2L", "DPAK"), "Package_TO_SOT_SMD:TO-252-2"),
    **dict.fromkeys(("TO-263", "D2PAK"), "Package_TO_SOT_SMD:TO-263-2"),
    **dict.fromkeys(("TO-220", "TO-220AB", "TO-220-3"), "Package_TO_SOT_THT:TO-220-3_Vertical"),
    "TO-220F": "Package_TO_SOT_THT:TO-220F-3_Vertical",
    **dict.fromkeys(("TO-247", "TO-247-3", "TO-247AC"), "Package_TO_SOT_THT:TO-247-3_Vertical"),
}
_ONE: Where = {"element_count": (1,)}
_NOTHING_ELSE = (None, "STANDALONE", "SINGLE", "INDEPENDENT", "DISCRETE_DIODE")


def _single(**columns: object) -> Where:
    named = {name: (value,) for name, value in columns.items()}
    return {**named, **_ONE, "configuration": _NOTHING_ELSE}


def _pair(configuration: str, *kinds: str | None) -> Where:
    found: Where = {"element_count": (2,), "configuration": (configuration,), "diode_type": kinds}
    return found


_PLAIN = ("SWITCHING", "GENERAL_PURPOSE", "FAST_RECOVERY", "SIC", "AVALANCHE", None)

ROWS = (
    Row("resistor", "Device:R", _RESISTOR, else_where=has_two_ends),
    Row("capacitor", "Device:C", _CAPACITOR, else_where=has_two_ends),
    Row("capacitor_polarized", "Device:C_Polarized", _POLARIZED, else_where=has_two_ends),
    Row("inductor", "Device:L", _INDUCTOR, else_where=has_two_ends),
    Row("ferrite_bead", "Device:FerriteBead", _INDUCTOR, {"circuit_count": (1, None)}),
    Row("fuse", "Device:Fuse", _FUSE, else_where=has_two_ends),
    Row("resettable_fuse", "Device:Polyfuse", _FUSE, else_where=has_two_ends),
    Row("varistor", "Device:Varistor", _RESISTOR, else_where=has_two_ends),
    Row("thermistor", "Device:Thermistor", _RESISTOR, else_where=has_two_ends),
    *(
        Row(
            "resistor_network",
            f"Device:R_Pack{count:02}",
            {f"{size}X{count}": f"Resistor_SMD:R_Array_Convex_{count}x{size}" for size in sizes},
            {"element_count": (count,), "pin_count": (2 * count,)},
        )
        for count, sizes in ((2, ("0402", "0603")), (4, ("0402", "0603")))
    ),
    Row(
        "crystal",
        "Device:Crystal_GND24",
        {
            f"SMD{size}-4P": f"Crystal:Crystal_SMD_{size}-4Pin_"
            f"{size[0]}.{size[1]}x{size[2]}.{size[3]}mm"
            for size in ("2016", "2520", "3225", "5032")
        },
    ),
    Row(
        "crystal",
        "Device:Crystal",
        {
            **{
                f"SMD{size}-2P": f"Crystal:Crystal_SMD_{size}-2Pin_"
                f"{size[0]}.{size[1]}x{size[2]}.{size[3]}mm"
                for size in ("2012", "3215", "5032")
            },
            **dict.fromkeys(("HC-49S", "HC-49S-2P"), "Crystal:Crystal_HC49-4H_Vertical"),
            "HC-49S-SMD": "Crystal:Crystal_SMD_HC49-SD",
        },
    ),
    Row("led", "Device:LED", _LED, {**_single(), "built_in_ic": ("NO",)}),
    Row(
        "diode", "Device:D_Schottky", _DIODE, _single(diode_type="SCHOTTKY"), has_anode_and_cathode
    ),
    Row("diode", "Device:D", _DIODE, {**_single(), "diode_type": _PLAIN}, has_anode_and_cathode),
    *(
        Row("diode", f"Device:{prefix}_Dual_CommonCathode_{order}_Parallel", packages, where)
        for prefix, kinds in (("D_Schottky", ("SCHOTTKY",)), ("D", _PLAIN))
        for order, packages in (("AAK", {**_SOT23, **_SOT323}), ("AKA", _TABBED))
        for where in (_pair("COMMON_CATHODE", *kinds),)
    ),
    *(
        Row(
            "diode",
            f"Device:{prefix}_Dual_CommonAnode_KKA_Parallel",
            {**_SOT23, **_SOT323},
            _pair("COMMON_ANODE", *kinds),
        )
        for prefix, kinds in (("D_Schottky", ("SCHOTTKY",)), ("D", _PLAIN))
    ),
    Row(
        "zener",
        "Device:D_Zener",
        _DIODE,
        _single(),
        has_anode_and_cathode,
    ),
    Row("tvs", "Device:D_TVS", _TVS, {"polarity": ("BIDIRECTIONAL",), "line_count": (1, None)}),
    Row("tvs", "Device:D_Zener", _TVS, {"polarity": ("UNIDIRECTIONAL",), "line_count": (1, None)}),
    *(
        Row("bjt", f"Transistor_BJT:Q_{kind}_{order}", packages, _single(doping_type=kind))
        for kind in ("NPN", "PNP")
        for order, packages in (("BEC", {**_SOT23, **_SOT323}), ("BCE", _SOT223))
    ),
    *(
        Row(
            "mosfet",
            f"Transistor_FET:Q_{kind[0]}MOS_{order}",
            packages,
            _single(channel_type=kind),
        )
        for kind in ("N_CHANNEL", "P_CHANNEL")
        for order, packages in (
            ("GSD", {**_SOT23, **_SOT323}),
            ("GDS", {**_SOT223, **_TABBED}),
        )
    ),
)


def test_families_and_columns_are_ours() -> None:
    from components.families import family_named

    for row in ROWS:
        names = {column.name for column in family_named(row.family).columns}
        assert set(row.where) <= names, row
        assert row.symbol.count(":") == 1
        assert all(name == name.upper() for name in row.footprints), row.symbol


def test_no_part_fits_two_rows() -> None:
    for index, row in enumerate(ROWS):
        for other in ROWS[index + 1 :]:
            if row.family == other.family and set(row.footprints) & set(other.footprints):
                shared = set(row.where) & set(other.where)
                assert any(not set(row.where[c]) & set(other.where[c]) for c in shared), row.symbol
