"""Where things lie in the library's folder."""

from components.kicad_names.library import LIBRARY

VARIABLE = "COMPONENTS_LIBRARY"
"""The path variable that KiCad finds the folder by."""
FOOTPRINTS = f"{LIBRARY}.pretty"
MODELS = f"{LIBRARY}.3dshapes"
SYMBOLS = "symbols"
