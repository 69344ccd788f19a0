"""Names of one manufacturer, each read and found to be the same; what is not here is not merged.

A line is a manufacturer, its names parted by ``|``, spelled as they stand in JLCPCB's catalogue or
as people shorten them; letters' case, punctuation, legal forms and the spellings of company words
(``components.find.makers``) need no line. Brackets and slashes are part of a name here.

Several names that look alike are different companies: ``ST`` is STMicroelectronics, while
``ST(Semtech)`` is Semtech Electronics of Hong Kong, which makes diodes, and ``SEMTECH`` the
American Semtech Corporation; ``TA-I`` makes resistors, ``TAI-TECH`` inductors; under ``MAX`` stand
terminal blocks beside one chip, so that it is not Maxim.
"""

from __future__ import annotations

ALIASES = """
ABRACON
Ai-Thinker|Ai-Thinker(安信可)
AGM-Semi|AGMSEMI
AMD(Advanced Micro Devices)|AMD
AISHI(Aihua Group)|AISHI
Allegro MicroSystems|Allegro
Alpha & Omega Semiconductor|Alpha & Omega Semicon|AOS
ALPS ALPINE|Alps
Amphenol ICC|AMPHENOL ICC (COMMERCIAL PRODUCTS)|AMPHENOL ICC (FCI)|Amphenol FCI
Amphenol
ams OSRAM|AMS OSRAM GROUP|AMS-OSRAM USA INC.
Analog Devices|ADI|ADI(亚德诺)
Aosong (Guangzhou) Elec|Aosong
APEC(Advanced Power Elec)|APEC|Advanced Power Electronics
Asahi Kasei Microdevices|AKM
AVAGO(Broadcom)|Avago|Broadcom|BROADCOM (AVAGO)
AVX|Kyocera AVX|KYOCERA AVX COMPONENTS
Bel Fuse
baocheng(Shandong Baocheng Elec)|baocheng
BOCHEN(Chengdu Guosheng Tech)|BOCHEN
BOOMELE(Boom Precision Elec)|BOOMELE
Bosch Sensortec|BOSCH SENSORTECH
Bourns
Brightking Elec (TAIWAN)|Brightking
BrtLed(Bright LED Elec)|BrtLed|Bright LED Elec
CapXon|Capxon International Elec
Changjiang Electronics Tech (CJ)|Changjiang Electronics Tech
Chilisin Elec|Chilisin
Ckmtw(Shenzhen Cankemeng)|Ckmtw
cjiang(Changjiang Microelectronics Tech)|cjiang
Comchip|Comchip Technology
CONNFLY Elec|CONNFLY
CREE
CTS Electronic Components|CTS|CTS Electrocomponents
Cypress Semicon|Cypress
CUI Devices|CUI
DEGSON|DEGSON ELECTRONICS
Diodes Incorporated|Diodes Inc.|Diodes
Eaton|EATON(伊顿)|EATON - ELECTRONICS DIVISION
ECS|ECS INC INTERNATIONAL|ECS INTERNATIONAL
Espressif Systems|Espressif
Ever Ohms Tech|Ever Ohms
Everlight Elec|Everlight
FH(Guangdong Fenghua Advanced Tech)|FH|Fenghua
FTDI|FTDI CHIP|FTDI, FUTURE TECHNOLOGY DEVICES INTERNATIONAL LTD
Global Connector Technology|GCT|GLOBAL CONNECTOR TECHNOLOGY (GCT)
GigaDevice Semicon Beijing|GigaDevice
GOODWORK|GOODWORK(固得沃克)
hanxia|hanxia(韩下)
HARTING|HARTING TECHNOLOGY GROUP|Harting Tech|Harting(浩亭)
HCTL|HCTL(华灿天禄)
HKR(Hong Kong Resistors)|HKR
HONGFA|HF(Xiamen Hongfa Electroacoustic)|HF Xiamen Hongfa Electroacoustic
HOOYA|HOOYA(皓宇电子)
HRS(Hirose)|HRS|Hirose|Hirose Connector|Hirose Electric
Infineon Technologies|Infineon
ISSI(Integrated Silicon Solution)|ISSI|Integrated Silicon Solution
IXYS|Littelfuse IXYS|IXYS INTEGRATED CIRCUITS DIVISION
JAE Electronics|JAE
Johanson Technology
JST Sales America|JST|JST (JAPAN SOLDERLESS TERMINALS)|J.S.T.MFG.CO.,LTD|JST MANUFACTURING
KDS Daishinku|KDS|Daishinku
KEC Semicon|KEC
KEMET
Keystone Electronics|Keystone
Kingbright|KINGBRIGHT ELECTRONIC
KOA Speer Elec|KOA Speer|KOA
Lattice Semiconductor|Lattice
Littelfuse
Lite-On
MA/COM|MACOM
Maxim Integrated|Maxim|MAXIM(美信)
MCC(Micro Commercial Components)|MCC|Micro Commercial Components|MICRO COMMERCIAL CO\
|MICRO COMMERCIAL COMPONENTS (MCC)
MDD(Microdiode Electronics)|MDD(Microdiode Semiconductor)
Melexis
Micro Crystal
Microchip Tech|Microchip|MICROCHIP(美国微芯)
MICRONE(Nanjing Micro One Elec)|MICRONE
Micron Tech|Micron
Mini-Circuits
MOLEX
Monolithic Power Systems|MONOLITHIC POWER SYSTEMS (MPS)|MPS
Murata Electronics|Murata|Murata Manufacturing
MPD (Memory Protection Devices)|MPD|Memory Protection Devices\
|MEMORY PROTECTION DEVICES INC (MPD)
MXIC(Macronix)|MXIC|Macronix
NCC(Nippon Chemi-Con)|NCC|Nippon Chemi-Con|Chemi-Con
Nexperia|NEXPERIA USA INC.
Nextron(Nextronics Engineering)|Nextron
Nichicon
Nidec Copal Elec
Nisshinbo Micro Devices
Nordic Semicon|Nordic|NORDIC SEMICONDUCTOR ASA
Nuvoton Tech|Nuvoton
NXP Semicon|NXP|NXP USA INC.
Omron Electronics|Omron
onsemi|ON Semiconductor
OSRAM Opto Semicon|OSRAM OPTO (AMS OSRAM)|OSRAM
Panasonic|PANASONIC ELECTRONIC COMPONENTS|Panasonic Industrial Devices
PANJIT International|PANJIT
ProTek Devices|PROTEK
PSA(Prosperity Dielectrics)|PSA|Prosperity Dielectrics
PTC(Princeton Tech)|PTC|Princeton Tech
Pulse Elec|Pulse
PUYA|PUYA(普冉)
QT Brightek (QTB)|QT Brightek
Quectel|Quectel(移远)|Quectel Wireless Solutions
RAKwireless|RAKWIRELESS TECHNOLOGY LIMITED|RAK
Realtek Semicon|Realtek
Renesas Electronics|Renesas|RENESAS ELECTRONICS AMERICA INC
Richtek Tech|Richtek|RICHTEK USA INC.
ROHM Semicon|ROHM|ROHM(罗姆)
RUILON(Shenzhen Ruilongyuan Elec)|RUILON
Samsung Electro-Mechanics
Samtec
SEI(Stackpole Elec)|SEI(Stackpole Electronics Inc.)|Stackpole Electronics|Stackpole\
|SEI STACKPOLE ELECTRONICS
Seiko Epson|Epson|EPSON TIMING
Semtech|Semtech Corporation
ST(Semtech)|ST(先科)|Semtech Electronics
STMicroelectronics|ST|ST Microelectronics|STM|STMicro
SET(赛尔特)|SETsafe SETfuse
Silicon Labs|Silicon Laboratories|SKYWORKS SILICON LABS
SIMCom Wireless Solutions|SIMCOM|SIMCom Wireless Solutions Limited
Skyworks Solutions|Skyworks
Slkor(SLKORMICRO Elec.)|Slkor|SLKORMICRO Elec.
SRD(Shenzhen Sincerity Tech)|SRD
Stewart Connector|Stewart Connectors
Switchcraft
TA-I Tech|TA-I
TAI-TECH|TAI-TECH Advanced Electronics
Taiwan Semiconductor|Taiwan Semiconductor(Taiwan Semicon)|TSC
Taiyo Yuden
TDK|TDK Corporation
TDK EPCOS|EPCOS|EPCOS - TDK ELECTRONICS
TDK InvenSense|InvenSense
TE Connectivity|TE|TE Connectivity AMP Connectors|TE CONNECTIVITY ERNI\
|AMP - TE CONNECTIVITY|TE CONNECTIVITY MEASUREMENT SPECIALTIES\
|POTTER&BRUMFIELD - TE CONNECTIVITY|BUCHANAN - TE CONNECTIVITY
Techcode Semicon|Techcode
Texas Instruments|TI|TI(德州仪器)|Texas Instruements|Texas instrument|Texas
TM(Shenzhen Titan Micro Elec)|Titan Micro
Torex Semicon|Torex
Toshiba|Toshiba Semiconductor and Storage|TOSHIBA AMERICA ELECTRONIC COMPONENTS
TRACO POWER|TRACO ELECTRONIC AG|Traco
TXC
UNI-ROYAL(Uniroyal Elec)|UNI-ROYAL|Uniroyal Elec
UTC(Unisonic Tech)|UTC|Unisonic Tech|Unisonic
u-blox
Viking Tech|Viking
Vishay Intertech|Vishay|VISHAY(威世)|VISHAY INTERTECHNOLOGIES|Vishay Intertechnology\
|Vishay Semiconductors|VISHAY SEMICONDUCTOR OPTO DIVISION|VISHAY SILICONIX|Siliconix|Vishay Dale\
|VISHAY GENERAL SEMICONDUCTOR - DIODES DIVISION|VISHAY BEYSCHLAG|Vishay BC Components\
|VISHAY BEYSCHLAG/DRALORIC/BC COMPONENTS
Walsin Tech Corp|Walsin
WCH(Jiangsu Qin Heng)|WCH|WCH(南京沁恒)
WeEn Semiconductors|WeEn
WILLSEMI(Will Semicon)|WILLSEMI|Will Semicon
Winbond Elec|Winbond
Wolfspeed
Wurth Elektronik|Wurth|Wurth(伍尔特)|WURTH ELECTRONICS|Wurth Elektronics|W?RTH ELEKTRONIK\
|Wuerth Elektronik
XILINX
Altera
YAGEO
Yazaki (China) Investment|Yazaki
YXC|YXC Crystal Oscillators
"""
