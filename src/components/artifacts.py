"""What an artifact type is: one table that everything that names artifact types reads.

A new type is a row here, a switch in ``config.yaml`` where it has one, and the module that makes
it. Nothing else lists artifact types.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

JSON = "application/json"


@dataclass(frozen=True)
class Group:
    """Artifact types that one job makes for one shard; its manifest is named after the group."""

    made_by: Literal["crawl", "fetch", "conversion"]
    """Pages of the catalogue's crawl, answers to a shard's requests, or what is made of those."""
    module: str
    """The module that knows how: what the group's artifacts are depends on its code."""
    address: str = ""
    """The column of the work list that it fetches from; empty: part numbers are enough."""
    needs: str = ""
    """The group that a conversion reads."""


@dataclass(frozen=True)
class Storage:
    """How the objects of one artifact type are written. Reading never needs it."""

    level: int
    """zstd level, 1 to 22."""
    columns: Literal["", "step", "obj"] = ""
    """The syntax whose values are put into columns first."""
    dictionary: bool = False
    """May be written with a dictionary that was trained on the store."""
    packed: bool = False
    """Seldom read: `components pack` gathers it into packs."""


@dataclass(frozen=True)
class Artifact:
    """One artifact type."""

    name: str
    group: str
    media_type: str
    extension: str
    storage: Storage
    switch: str = ""
    """The key of ``stage1.artifacts`` that asks for it, its own name or another's; empty: none."""
    default: bool = True
    """The switch's value where the configuration says nothing."""
    meaning: str = ""
    """What the switch is described as; of the row that it is named after."""
    always_kept: bool = False
    """Made whenever its group is; the switch then says only whether snapshots refer to it."""
    served: bool = True
    """Whether snapshots refer to it at all."""


GROUPS: dict[str, Group] = {
    "catalogue": Group("crawl", "components.fetch.catalogue"),
    "cad": Group("fetch", "components.fetch.services.easyeda"),
    "datasheet": Group("fetch", "components.fetch.services.datasheet", address="datasheet_url"),
    "image": Group("fetch", "components.fetch.services.image", address="image_url"),
    "lcsc": Group("fetch", "components.fetch.services.lcsc"),
    "drawing": Group("conversion", "components.cad.convert", needs="cad"),
    "glb": Group("conversion", "components.fetch.convert_glb", needs="cad"),
}
_TEXT = Storage(level=12, dictionary=True)
_RECORD = Storage(level=12, dictionary=True, packed=True)

_TABLE = (
    Artifact(
        *("kicad_footprint_mod", "drawing", "application/x-kicad-footprint", "kicad_mod", _TEXT),
        switch="kicad_footprint_mod",
        meaning="KiCad footprints and symbols, converted from EasyEDA",
    ),
    Artifact(
        *("footprint_svg", "drawing", "image/svg+xml", "svg"),
        # Drawn again from the answer at any time: quick rather than small.
        Storage(level=6),
        switch="kicad_footprint_mod",
    ),
    Artifact(
        *("kicad_symbol", "drawing", "application/x-kicad-symbol", "kicad_sym", _TEXT),
        switch="kicad_footprint_mod",
    ),
    Artifact(
        *("symbol_svg", "drawing", "image/svg+xml", "svg"),
        Storage(level=6),
        switch="kicad_footprint_mod",
    ),
    Artifact(
        *("model_obj", "cad", "model/obj", "obj"),
        # Columns are as small at level 15 as at 19, in half the time.
        Storage(level=15, columns="obj"),
        switch="model_obj",
        meaning="3D models as OBJ",
    ),
    Artifact(
        *("model_step", "cad", "model/step", "step"),
        Storage(level=15, columns="step"),
        switch="model_step",
        meaning="3D models as STEP",
    ),
    # Asked for by stage2.convert_step_to_glb.
    Artifact("model_glb", "glb", "model/gltf-binary", "glb", Storage(level=10)),
    Artifact(
        *("datasheet_pdf", "datasheet", "application/pdf", "pdf"),
        # Compressed inside, as photographs are: higher levels gain less than 0.5 %.
        Storage(level=3),
        switch="datasheet_pdf",
        meaning="Datasheets",
    ),
    Artifact(
        *("lcsc_product", "lcsc", JSON, "json", _RECORD),
        switch="lcsc_product",
        default=False,
        meaning="LCSC product records",
    ),
    Artifact(
        # Of several media types: each manifest row names its own.
        *("part_image", "image", "image/jpeg", "img"),
        Storage(level=1),
        switch="part_image",
        default=False,
        meaning="Photographs of the part",
    ),
    Artifact(
        *("easyeda_cad_json", "cad", JSON, "json", _RECORD),
        switch="easyeda_cad_json",
        default=False,
        meaning="Serve the EasyEDA answers too; they are kept in any case",
        always_kept=True,
    ),
    Artifact("jlc_component_page", "catalogue", JSON, "json", _RECORD, served=False),
    Artifact("jlc_component_detail", "catalogue", JSON, "json", _RECORD, served=False),
)

ARTIFACTS: dict[str, Artifact] = {artifact.name: artifact for artifact in _TABLE}
ARTIFACT_TYPES: tuple[str, ...] = tuple(ARTIFACTS)
FETCHED_GROUPS: tuple[str, ...] = tuple(
    sorted(name for name, group in GROUPS.items() if group.made_by == "fetch")
)
JSON_TYPES = frozenset(artifact.name for artifact in _TABLE if artifact.media_type == JSON)
_IMAGES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/gif": "gif"}


def types_of(group: str) -> tuple[str, ...]:
    """The artifact types of ``group``, in order of the table."""
    return tuple(artifact.name for artifact in _TABLE if artifact.group == group)


def wanted(group: str, switches: Mapping[str, bool]) -> tuple[str, ...]:
    """What a job of ``group`` makes with these ``switches`` (``stage1.artifacts``).

    What is always kept is made where anything of the group, or of what is made of it, is wanted.

    >>> wanted("drawing", {"kicad_footprint_mod": True})
    ('kicad_footprint_mod', 'footprint_svg', 'kicad_symbol', 'symbol_svg')
    >>> wanted("cad", {"kicad_footprint_mod": True}), wanted("cad", {})
    (('easyeda_cad_json',), ())
    """
    asked = any(
        switches.get(artifact.switch)
        for artifact in _TABLE
        if group in (artifact.group, GROUPS[artifact.group].needs)
    )
    return tuple(
        name
        for name in types_of(group)
        if switches.get(ARTIFACTS[name].switch) or (ARTIFACTS[name].always_kept and asked)
    )


def unserved(switches: Mapping[str, bool]) -> tuple[str, ...]:
    """What is kept and no snapshot refers to, with these ``switches``.

    >>> unserved({"easyeda_cad_json": True})
    ('jlc_component_page', 'jlc_component_detail')
    """
    return tuple(
        artifact.name
        for artifact in _TABLE
        if not artifact.served or (artifact.always_kept and not switches.get(artifact.switch))
    )


def media_type(artifact_type: str) -> str:
    """The media type of all artifacts of one type, but for pictures.

    >>> media_type("model_step")
    'model/step'
    """
    return ARTIFACTS[artifact_type].media_type


def extension_of(artifact_type: str, media_type: str = "") -> str:
    """The file extension of one artifact, without a dot; pictures have that of their own type.

    >>> extension_of("model_step"), extension_of("part_image", "image/png")
    ('step', 'png')
    """
    if artifact_type == "part_image":
        return _IMAGES.get(media_type, ARTIFACTS[artifact_type].extension)
    return ARTIFACTS[artifact_type].extension


def test_every_row_is_complete() -> None:
    for artifact in _TABLE:
        group = GROUPS[artifact.group]
        assert not group.needs or GROUPS[group.needs].made_by == "fetch"
        assert artifact.extension and "/" in artifact.media_type
        assert 1 <= artifact.storage.level <= 22
        assert not (artifact.storage.columns and artifact.storage.packed)
        if artifact.switch == artifact.name:
            assert artifact.meaning, artifact.name
        elif artifact.switch:
            assert ARTIFACTS[artifact.switch].meaning, artifact.name
    assert len(ARTIFACTS) == len(_TABLE)
