"""Audio amplifiers, codecs, buzzers, microphones, speakers."""

from __future__ import annotations

import re

from components.families.columns import cost, guaranteed, nominal, rating, span, whole, word
from components.families.model import Family
from components.families.parse.quantity import clean
from components.families.parse.ratings import at_least

_TIMES_CHANNELS = re.compile(r"[xX×*][0-9]{1,2}(?=@|,|;|$)")


def channel_power(text: str) -> float | None:
    """The power that each channel gives in any case, in W.

    >>> channel_power("1.8W×1@8Ω, 2.9W×1@4Ω"), channel_power("30Wx2@8Ω")
    (1.8, 30.0)
    """
    return at_least("W")(_TIMES_CHANNELS.sub("", clean(text)))


FAMILY = Family(
    name="audio",
    title="Audio amplifiers, codecs, buzzers, microphones, speakers",
    categories=(
        "Audio Amplifiers",
        "Audio Interface ICs",
        "Buzzers",
        "MEMS Microphones",
        "Microphones",
        "Speakers",
    ),
    former=("Audio Power OpAmps",),
    columns=(
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Operating voltage",
            "Supply voltage",
        ),
        word("kind", "Kind", "Direction", otherwise=("Technology", "Class")),
        whole("speaker_count", "Number of speakers", "Speaker channels"),
        nominal(
            "resonant_frequency_hz",
            "Resonant frequency",
            "Frequency",
            "Resonant frequency",
            band=(1.0, 10000000.0),
        ),
        guaranteed(
            "sound_pressure_db", "Sound pressure", "Sound pressure level(spl)", band=(10.0, 200.0)
        ),
        nominal("sensitivity_db", "Sensitivity", "Sensitivity", signed=True),
        rating(
            "output_power_w",
            "Output power of a channel",
            "Output power",
            parse=channel_power,
            band=(1e-4, 5000.0),
        ),
        rating("sample_rate_hz", "Highest sample rate", "Sampling rate", band=(1e3, 1e8)),
        cost("quiescent_current_a", "Quiescent current", "Quiescent current", band=(1e-9, 10.0)),
    ),
)
