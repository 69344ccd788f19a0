"""One part or more of every family that no recipe makes, in the spellings that occur.

A line is a part: the name of its category, its package, and attributes. Parts that have every
spelling stand in ``spellings.tsv``, with what each is to be read as. None has drawings or
datasheets, so that a run fetches little for them.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

from components.bundled.part import Attribute, Draft

_LINES = """
AC-DC Controllers and Regulators|SOP-8|Topology=Flyback|Voltage - supply=10V~30V|Frequency - switching=60kHz~70kHz|Isolation=Non-Isolated
Analog to Digital Converters (ADC)|TSSOP-16|Resolution (bits)=16-Bit|Number of channels=Four channels|Sampling rate=500kHz|Interface=Parallel port
Analog to Digital Converters (ADC)|TSSOP-16|Resolution (bits)=12 Bits|Number of channels=Dual|Voltage - supply=2.7V~5.5V
Analog Switches, Multiplexers|SOP-16|Switch circuit=2:1|Ron=6Ω|Voltage - supply=2V~6V|Bandwidth=200MHz
Audio Amplifiers|SOP-8|Voltage - supply=2.5V~5.5V|Class=Class D|Speaker channels=1-Channel
Buzzers|SMD|Technology=Electromagnetic|Frequency=2.7kHz|Sound pressure level(spl)=85dB
Microphones|SMD|Direction=Omnidirectional|Sensitivity=-38dB
Battery Management|SOT-23-5|The chip type=Charging IC|Number of cells=2~4|Charge current - max=500mA|Charging saturation voltage=4.2V
Board-to-Board and Backplane Connector|SMD|Pitch=0.5mm|Number of rows=2|Mounting type=Surface Mount,Vertical|Gender=male
Real Time Clocks|SOP-8|Voltage - supply=3V~3.6V|Interface=Three-Wire Interface|Output frequency(max)=200MHz|Number of outputs=4
Common Mode Filters|SMD|Impedance @ Frequency=1kΩ@100MHz|Rated Current=1.2A|DC Resistance (DCR)=300mΩ|Number of lines=2
Common Mode Filters|SMD|Inductance @ frequency=10mH@1kHz|Rated Current=400mA
Comparators|SOP-8|Number of channels=Dual|Single supply=2V~36V;1V~18V|Propagation delay time=1.3us|Output type=Open Collector
Current Sense Amplifiers|SOT-23-5|Gain=50V/V|Vcm - common mode voltage=-300mV~26V|Bandwidth=250kHz
Digital to Analog Converters (DAC)|SOP-8|Resolution (bits)=12|Settling time=10us|Interface=SPI, QSPI
Digital Potentiometers|SOP-8|Number of taps=256|Resistance value=10kΩ
Darlington Transistor Arrays|SOP-16|Number of channels=Seven channels|Collector - emitter voltage vceo=50V|Current - Collector(Ic)=500mA
Digital Isolators|SOP-8|Number of forward channels=2|Number of reverse channels=0|Isolation voltage(vrms)=5000|Data rate(max)=150Mbps
Digital Transistors|SOT-23|Number=1 NPN (Pre-Biased)|Collector - emitter voltage vceo=50V|Current - Collector(Ic)=100mA|Input resistor=4.7kΩ|Resistor ratio=10
Energy Metering|SOP-16|Number of channels=3|Voltage - supply=3V~3.6V|Current - supply=3.9mA|Clock frequency=4.096MHz
FFC, FPC (Flat Flexible) Connector Assemblies|SMD|Pitch=0.3mm|Number of contacts=10P|Contact type=Bottom Contact|Locking feature=Slide Lock|Ffc, fcb thickness=0.2mm
Programmable Logic Device (CPLDs/FPGAs)|TQFP-144(20x20)|Number of logic elements/blocks=4320|Embedded block ram=65536bit
Disposable fuses|1206|Rated Current=2A|Voltage rating (dc)=32V|Interrupt rating=35A@250VAC|Type=Surface Mount Fuse
Gate Drivers|SOP-8|Number of drivers=2|Current - output high(ioh)=1.5A|Current - output low(iol)=4A|Driven configuration=Low Side, High Side|Rise time=25ns
Gas Discharge Tube Arresters (GDT)|SMD|Voltage - dc spark over (nom)=90V|Impulse discharge current=5kA|Inter-electrode capacitance=0.5pF
IGBT Transistors / Modules|TO-247|Collector-emitter breakdown voltage (vces)=1.2kV|Current - Collector(Ic)=40A|Vce saturation(vce(sat))=2.1V@40A,15V
RS-485 / RS-422 ICs|SOP-8|Data rate=250Kbps|Number of drivers=1|Number of receivers=1|Voltage - supply=3V~5.5V|Interface=I2C, SMBus
Ethernet Connectors / Modular Connectors (RJ45 RJ11)|SMD|Connector type=RJ45 Jack|Gender=Female|Number of ports=1|Rated Current=1.5A|Mounting type=Right Angle
LED Drivers|SOP-8|Number of channels=16|Voltage - input(dc)=2.7V~5.5V|Output current=25mA|Dimming=Analog, PWM|Topology=Buck
Hall Switches|SOT-23|Type=Omnipolar|Voltage - supply=1.8V~5.5V|Operation points=±3mT|Release points=20Gs|Operating current=1.6mA
Stepper Motor Driver|SOP-16|Voltage - supply=8V~52V|Output current=1.5A|RDS(on)=550mΩ|Number of h-bridges=2|Drive type=Bipolar Driver
Transistor, Photovoltaic Output Optoisolators|SMD-4P|Output type=Phototransistor|Isolation voltage(vrms)=3.75kV|Current transfer ratio (ctr) minimum=50%|Voltage - forward(vf)=1.25V
Crystal Oscillators|SMD3225-4P|Frequency=25MHz|Voltage - supply=1.62V~3.63V|Frequency stability=±500ppb|Current - supply=10mA
LED Segment Displays|SMD|Number of characters=4|Illumination color=Red|Led polarity=Common Cathode|Peak wavelength=940nm
Potentiometers, Variable Resistors|SMD|Resistance=50kΩ|Tolerance=±25%|Number of turns=12|Power(Watts)=250mW
Isolated Power Modules|SMD|Output voltage=5V|Voltage - supply=10.8V~13.2V|Output power=2W|Output current(max)=83mA|Isolation voltage(vrms)=1.5kV
Power Distribution Switches|SOT-23-5|Voltage - supply=2.5V~5.5V|Maximum continuous current=500mA|RDS(on)=70mΩ|Control input logic=Active Low|Type=High Side Switch
Power Relays|SMD|Coil voltage=24V|Contact form=1 Set Normally Open: 1A (SPST NO)|Switching current(max)=10A|Coil resistance=2.88kΩ
Power Relays|SMD|Coil voltage=5V|Contact form=2 Form C: 2C (DPDT-CO)|Coil rated power=360mW
Resettable Fuses|1206|Hold current=750mA|Trip current=1.5A|Voltage Rated=16V|Current - max=100A|Time to trip(max)=300ms
Resistor Networks, Arrays|0603x4|Resistance=4.7kΩ|Number of resistors=4|Tolerance=±5%|Power(Watts)=62.5mW
Ceramic Resonators|SMD|Frequency=16MHz
Coaxial Connectors (RF)|SMD|Rf series=IPEX|Interface=Inner Bore|Impedance=50Ω|Frequency=6GHz
RF Filters|0603|Frequency range=2.4GHz~2.5GHz|Insertion loss=1dB|Impedance=50Ω
WiFi Modules|SMD|Frequency=2.4GHz~2.4835GHz|Output power=20dBm|Sensitivity=-97dBm|Interface=UART
Temperature Sensors|SOT-23|Voltage - supply=3V~5.5V|Interface=SPI, I2C|Tolerance=±0.5℃
Solid State Relays (MOS Output)|SOP-4|Load voltage=350V|Load current=120mA|RDS(on)=35Ω|Contact form=1 Form A (SPST-NO)
Supervisor and Reset ICs|SOT-23|Threshold voltage=2.93V|Reset timeout=200ms|Output type=Push-pull|Voltage - supply=700mV~6V|Quiescent current=2uA
DIP Switches|SMD|Circuit=Double pole single throw|Rated Current=25mA|Voltage Rated=24V|Number of positions=8
Pogo Pin Spring Probe Connector|SMD|Rated Current=2A|Pitch=2.5mm|Type=Pogo Pin
Screw Terminal Blocks|插件,P=5.08mm|Pitch=5.08mm|Number of rows=1|Number of pins per row=3|Number of positions or pins=1x3P|Voltage rating (max)=300V
NTC Thermistors|0402|Resistance @ 25℃=10kΩ|Resistance tolerance=±1%|B constant (25℃/50℃)=3950K
Thyristors (SCR)/Modules|TO-220|Peak off - state voltage(vdrm)=800V|Current - on state(it(rms))=16A|Current - gate trigger(igt)=10mA, 5mA, 8mA, 22mA
Pulse Transformers(LAN)|SMD|Turns ratio=1CT:1CT|Inductance=350uH|Isolation voltage(vrms)=1.5kV
ESD and Surge Protection (TVS/ESD)|SOD-323|Reverse stand-off voltage (vrwm)=3.3V|Polarity=Bi-Directional|Clamping voltage=12V|Peak pulse current (ipp)=4A@8/20us
Varistors|插件,D=10mm|Varistor voltage=423V~517V|Maximum dc volts=385V|Peak current=2.5kA|Energy=70J
Voltage Reference|SOT-23|Output voltage=2.5V|Output type=Fixed|Tolerance=±0.5%|Temperature coefficient=50ppm/℃
Tactile Switches|SMD|Switch height=4.3mm|Operating force=160gf|Circuit=SPST-NO|Contact current=50mA
Logic Gates|SOP-14|Series=74LVC Series|Voltage - supply=1.65V~5.5V|Logic type=NAND Gate|Propagation delay=7.5ns@5V,50pF
Operational Amplifier|SOP-8|Number of channels=Dual|Slew rate=500V/ms|Gain bandwidth product=3MHz|Rail to rail=轨到轨
Microcontrollers (MCU/MPU/SOC)|LQFP-48|Cpu core=ARM Cortex-M0+|Program storage size=1.75KB|Ram size=2KB|Adc (bit)=12bit
EEPROM|SOP-8|Memory size=2Kbit|Interface=I2C|Clock frequency=400kHz
Pin Headers|插件|Pitch=2.54mm|Number of rows=2|Pin structure=2x5P|Mounting type=Brick nogging
Zener Diodes|SOD-123|Zener voltage (nom)=5.1V|Zener voltage (range)=4.8V~5.4V|Diode configuration=1 Independent
Power Management - Specialized|SOP-8|Voltage - supply=2.7V~5.5V|Operating temperature=-40℃~+85℃
DC-DC Converters|SOT-23-6|Topology=Step-down type|Voltage - supply=4.5V~18V|Output current=3A|Switch tube (built-in/external)=内置
"""  # noqa: E501


def drafts() -> list[Draft]:
    """The parts, in a fixed order."""
    return [_draft(line) for line in _LINES.strip().splitlines()]


class Spelling(NamedTuple):
    """One text of one part, and what a column is to have of it; empty where nothing is certain."""

    category: str
    part: str
    attribute: str
    text: str
    column: str
    expected: str


@cache
def spellings() -> tuple[Spelling, ...]:
    """All spellings, in the order of parts."""
    lines = Path(__file__).with_name("spellings.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Spelling(*line.split("\t")) for line in lines[1:])


def spelled() -> list[Draft]:
    """The parts that have them."""
    texts: dict[tuple[str, str], dict[str, str]] = {}
    for one in spellings():
        texts.setdefault((one.category, one.part), {})[one.attribute] = one.text
    # What they are for is their texts.
    return [
        replace(_made(category, "SMD", tuple(said.items())), has_images=False)
        for (category, _), said in texts.items()
    ]


def _draft(line: str) -> Draft:
    category, package, *texts = line.split("|")
    pairs = (one.partition("=") for one in texts)
    return _made(category, package, tuple((name, text) for name, _, text in pairs))


def _made(category: str, package: str, attributes: tuple[Attribute, ...]) -> Draft:
    title = " ".join(text or "" for _, text in attributes)
    return Draft(
        "Specimens",
        category,
        package,
        attributes,
        title,
        "none",
        0,
        stem="FX",
        stock=500,
        models="no-cad",
        datasheet="none",
        base_usd=0.2,
    )
