"""Temperature, humidity, pressure, light, motion, touch, gas sensors."""

from __future__ import annotations

from components.families.columns import classified, span, word
from components.families.model import Family
from components.families.parse.words import category_code, raw
from components.families.shared_columns import interface

FAMILY = Family(
    name="sensor",
    title="Temperature, humidity, pressure, light, motion, touch, gas sensors",
    categories=(
        "Accelerometers",
        "Ambient Light Sensors",
        "Gas Sensors",
        "Human Body Sensing Sensor",
        "Image Sensors",
        "Pressure Sensors",
        "Specialized Sensors",
        "Temperature and Humidity Sensor",
        "Temperature Sensors",
        "Touch Sensors",
        "Ultrasonic Receivers, Transmitters",
        "Vibration Sensors",
    ),
    former=(
        "Angular Velocity Sensors",
        "Attitude Sensor/Gyroscope",
        "Attitude Sensors",
        "Biometric Sensors",
        "Flow Sensors",
        "Force Sensors",
        "Humidity Sensors/Temperature and Humidity Sensors",
        "Humidity, Moisture Sensors",
        "Motion Sensors - Accelerometers",
        "Optical Sensors",
    ),
    columns=(
        classified("kind", "Kind, by the part's category", category_code),
        *span(
            "supply_voltage_v",
            "Supply voltage",
            "Voltage - supply",
            "Supply voltage",
            "Operating voltage",
            "The power supply voltage",
        ),
        interface("Interface", "Interface type"),
        word("accuracy", "Accuracy", "Tolerance", parse=raw),
        word(
            "range",
            "Range",
            "Detection temperature range",
            otherwise=("Pressure range",),
            parse=raw,
        ),
    ),
)
