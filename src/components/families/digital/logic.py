"""Logic: gates, buffers, flip-flops, counters, registers, latches, translators."""

from __future__ import annotations

from components.families.columns import cost, rating, span, whole, word
from components.families.model import Family
from components.families.parse.words import code

_FUNCTIONS = {
    "555_TIMERS_COUNTERS": "TIMER_555",
    "INVERTERS": "INVERTER",
    "MONOSTABLE_MULTIVIBRATORS": "MONOSTABLE",
    "SHIFT_REGISTERS": "SHIFT_REGISTER",
    "SHIFTING_REGISTER": "SHIFT_REGISTER",
    "TIMERS_COUNTERS": "TIMER",
}


def _by_category(category: str) -> str | None:
    """What all parts of a category do; most categories hold parts of several functions."""
    return _FUNCTIONS.get(code(category))


FAMILY = Family(
    name="logic",
    title="Logic: gates, buffers, flip-flops, counters, registers, latches, translators",
    categories=(
        "555 Timers / Counters",
        "Buffers, Drivers, Receivers, Transceivers",
        "Counters, Dividers",
        "Flip Flops",
        "Inverters",
        "Latches",
        "Logic Gates",
        "Monostable Multivibrators",
        "Shift Registers",
        "Signal Buffers, Repeaters, Splitters",
        "Specialty Logic",
        "Timers / Counters",
        "Translators, Level Shifters",
    ),
    former=(
        "4000 Series",
        "74 Series",
        "Buffer/Driver/Transceiver",
        "Buffers / Drivers",
        "Codec ICs",
        "Gates",
        "Gates and Inverters",
        "Level Translators,  Shifters",
        "Logic-Buffers, Drivers, Receivers, Transceivers",
        "Receivers & Transceivers",
        "Registers",
        "Shifting Register",
        "Special Logic ICs",
        "Timer",
        "Timers",
        "Timers / Clock Oscillators",
        "Universal Bus Function",
    ),
    columns=(
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Voltage - supply(vcca)",
            "Supply voltage",
            "Supply voltage (vcca)",
            "Supply voltage(single)",
        ),
        word("logic_series", "Logic series", "Series", "Logic family"),
        rating(
            "output_current_low_a",
            "Output current low",
            "Current - output low(iol)",
            "Sink current",
            band=(1e-05, 10.0),
        ),
        cost(
            "propagation_delay_s",
            "Propagation delay",
            "Propagation delay",
            "Propagation delay (tpd)",
            "Max propagation delay",
            "Maximum propagation delay",
            "Propagation delay time",
            band=(1e-12, 1.0),
        ),
        word(
            "function",
            "Function",
            "Logic type",
            otherwise=("Channel type", "Type"),
            classify=_by_category,
            identifies=True,
        ),
        whole(
            "channel_count",
            "Channels",
            "Number of elements",
            "Number of channels",
            "Number of circuits",
        ),
        whole(
            "bits_per_element",
            "Bits per element",
            "Number of bits per element",
            otherwise=("Channels per circuit",),
        ),
        whole("input_count", "Number of inputs", "Input number", "Number of inputs"),
        word("output_type", "Output type", "Output type"),
    ),
)


def test_categories_of_one_function_tell_it() -> None:
    from components.families.reading import Reader

    reader = Reader(FAMILY)
    place = [column.name for column in FAMILY.columns].index("function")
    for attributes, category, function in (
        ({"Series": "74LVC"}, "Inverters", "INVERTER"),
        ({"Logic type": "NAND Gate"}, "Logic Gates", "NAND_GATE"),
        ({}, "Logic Gates", None),
    ):
        assert reader.read(attributes, "", category).values[place] == function
