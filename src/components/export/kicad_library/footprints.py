"""The footprints of the library: one for each land pattern, whatever parts use it.

A stored footprint is of one part and says so. What is of the part alone is left out here; parts
whose footprints are then equal share one file, which names a 3D model where one of them has it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from components.cad.footprint.writer import MODEL_FOLDER
from components.cad.sexpr import quoted
from components.core.errors import CadError
from components.core.files import write_bytes
from components.export.kicad_library.names import FOOTPRINTS, MODELS, VARIABLE
from components.export.kicad_library.parts import Part
from components.kicad_names.library import land_pattern_name
from components.store.object_store import ObjectStore

FOOTPRINT, MODEL = "kicad_footprint_mod", "model_step"
_OF_THE_PART = ("  (property ", "  (descr ")
_HEAD = re.compile(r'^\(footprint ("(?:[^"\\]|\\.)*")')


class Footprints:
    """Writes what it is given, once, below ``folder``."""

    def __init__(self, folder: Path, store: ObjectStore) -> None:
        self._folder = folder
        self._store = store
        self._digests: dict[str, str] = {}
        """By name."""
        self._modelled: set[str] = set()
        """Names of those whose file has its model."""
        self._models: set[str] = set()

    def __len__(self) -> int:
        return len(self._digests)

    @property
    def models(self) -> int:
        return len(self._models)

    def add(self, part: Part) -> tuple[str, str]:
        """The names of the part's footprint and of its 3D model's file; empty for what has none.

        Raises :class:`StoreError` for an object that cannot be read, :class:`CadError` where two
        land patterns would share a name.
        """
        asset = part.assets.get(FOOTPRINT)
        if asset is None:
            return "", ""
        model = self._model(part)
        stored = self._store.get(asset.stored_key).decode()
        digest = hashlib.sha256(generic(stored, keeps_model=True).encode()).hexdigest()
        name = land_pattern_name(str(asset.meta.get("name") or part.package), digest)
        if self._digests.get(name, digest) != digest:
            raise CadError(f"{part.lcsc}: another land pattern is called {name}: please report it")
        if name not in self._digests or (model and name not in self._modelled):
            text = generic(stored, keeps_model=bool(model))
            named = _HEAD.sub(lambda _: f"(footprint {quoted(name)}", text, count=1)
            path = self._folder / FOOTPRINTS / f"{name}.kicad_mod"
            write_bytes(path, named.encode(), durable=False)
            self._digests[name] = digest
            self._modelled |= {name} if model else set()
        return name, model

    def _model(self, part: Part) -> str:
        """The file of the model that the footprint names, where it is stored; else nothing."""
        named = (part.assets[FOOTPRINT].meta.get("model") or {}).get("uuid")
        asset = part.assets.get(MODEL)
        if asset is None or not named or asset.meta.get("uuid") != named:
            return ""
        name = f"{named}.step"
        if name not in self._models:
            data = self._store.get(asset.stored_key)
            write_bytes(self._folder / MODELS / name, data, durable=False)
            self._models.add(name)
        return name


def generic(text: str, *, keeps_model: bool) -> str:
    """A stored footprint without what is of its part alone, its model looked for in the library."""
    lines = [line for line in text.splitlines() if not line.startswith(_OF_THE_PART)]
    if not keeps_model:
        lines = [line for line in lines if not line.startswith("  (model ")]
    library = f'"${{{VARIABLE}}}/{MODELS}/'
    return (
        "\n".join(
            line.replace(f'"{MODEL_FOLDER}/', library, 1) if line.startswith("  (model ") else line
            for line in lines
        )
        + "\n"
    )


def test_what_is_of_the_part_alone_is_left_out() -> None:
    from components.cad.footprint.convert import convert
    from components.cad.footprint.reader import read
    from components.testing.cad import NODE, answer_of

    stored = convert(answer_of(NODE)).kicad_mod
    with_model = read(generic(stored.decode(), keeps_model=True).encode())
    assert with_model.properties == {}
    assert with_model.pads == read(stored).pads
    uuid = "0123456789abcdef" * 2
    assert with_model.models[0][0] == f"${{COMPONENTS_LIBRARY}}/components.3dshapes/{uuid}.step"
    assert read(generic(stored.decode(), keeps_model=False).encode()).models == []
