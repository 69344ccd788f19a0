"""KiCad's HTTP library (KiCad 8 and later): the parts of a snapshot in the symbol chooser.

Protocol: https://dev-docs.kicad.org/en/apis-and-binding/http-libraries/.
"""
