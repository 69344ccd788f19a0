"""Audio amplifiers, codecs, buzzers, microphones, speakers."""

from __future__ import annotations

from components.families.columns import guaranteed, nominal, span, whole, word
from components.families.model import Family

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
        nominal("resonant_frequency_hz", "Resonant frequency", "Frequency", band=(1.0, 10000000.0)),
        guaranteed(
            "sound_pressure_db", "Sound pressure", "Sound pressure level(spl)", band=(10.0, 200.0)
        ),
        nominal("sensitivity_db", "Sensitivity", "Sensitivity", signed=True),
    ),
)
