"""Names that KiCad, and the file systems that its libraries travel through, take as they are."""

from __future__ import annotations

from components.cad.footprint.writer import footprint_name

LIBRARY = "components"
"""The nickname of the footprint library, and what those of symbol libraries begin with."""
VARIABLE = "COMPONENTS_LIBRARY"
"""The path variable that KiCad finds the folder by."""
FOOTPRINTS = f"{LIBRARY}.pretty"
MODELS = f"{LIBRARY}.3dshapes"
SYMBOLS = "symbols"
# Windows takes no more than 255 characters, and some tools fewer bytes.
LENGTH_MAX = 100
_ILLEGAL_IN_FILES = str.maketrans(dict.fromkeys("?*|", "_"))


class Names:
    """Hands out names of which no two are equal, whatever the letters' case."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def unique(self, wanted: str, lcsc_id: int) -> str:
        """``wanted`` as a file may be called; with the part's number behind where it is taken."""
        name = safe(wanted)
        for chosen in (name, f"{name}_C{lcsc_id}"):
            if chosen.casefold() not in self._taken:
                self._taken.add(chosen.casefold())
                return chosen
        raise AssertionError(f"{name}: two of one part")


def safe(text: str) -> str:
    """A name for a symbol, a footprint and its file.

    >>> safe("a/b: c?*. ")
    'a_b_ c__'
    """
    return footprint_name(text).translate(_ILLEGAL_IN_FILES)[:LENGTH_MAX].rstrip(" .") or "_"


def symbol_library(family: str) -> str:
    """The nickname of a family's symbols: ``components-resistor``."""
    return f"{LIBRARY}-{family.replace('_', '-')}" if family else f"{LIBRARY}-other"


def test_no_two_names_are_equal_on_any_file_system() -> None:
    names = Names()
    given = [names.unique(text, n) for n, text in enumerate(("R0402", "r0402", "R0402", "R 1"))]
    assert given == ["R0402", "r0402_C1", "R0402_C2", "R 1"]
    assert len(safe("x" * 300)) == LENGTH_MAX
    assert safe("...") == "_"
