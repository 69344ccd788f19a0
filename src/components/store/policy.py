"""How each artifact type is compressed: one table, and the limits that reading keeps to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from components.core.layout import ARTIFACT_TYPES

# An object larger than this is refused when written and when read: no model or datasheet comes
# near it, and a damaged or hostile header must not make a reader allocate without bound.
RAW_SIZE_MAX_BYTES = 256 << 20
# The text model codes some 0.3 MB/s; what is larger goes to zstd.
TEXT_SIZE_MAX_BYTES = 4 << 20


@dataclass(frozen=True)
class Rule:
    """How the objects of one artifact type are written. Reading never needs it."""

    level: int
    """zstd level, 1 to 22: of columns, or of objects that no other codec fits."""
    columns: Literal["", "step", "obj"] = ""
    """The syntax whose values are put into columns first."""
    text: bool = False
    """Coded by a model that has read the type's dictionary."""

    @property
    def native(self) -> bool:
        """Whether writing needs the native library."""
        return bool(self.columns) or self.text


POLICY: dict[str, Rule] = {
    "jlc_component_page": Rule(level=15, text=True),
    "jlc_component_detail": Rule(level=15, text=True),
    "lcsc_product": Rule(level=15, text=True),
    "kicad_footprint_mod": Rule(level=15, text=True),
    # Drawn again from the footprint at any time: quick rather than small.
    "footprint_svg": Rule(level=6),
    # Columns are as small at level 15 as at 19, in half the time.
    "model_obj": Rule(level=15, columns="obj"),
    "model_step": Rule(level=15, columns="step"),
    "model_glb": Rule(level=10),
    # Datasheets and photographs are compressed inside: levels above 3 gain less than 0.5 %.
    "datasheet_pdf": Rule(level=3),
    "part_image": Rule(level=1),
    "easyeda_cad_json": Rule(level=15, text=True),
}


def plain(rule: Rule) -> Rule:
    """The same level without what needs the native library."""
    return Rule(level=rule.level)


def test_every_artifact_type_has_a_rule() -> None:
    assert sorted(POLICY) == sorted(ARTIFACT_TYPES)
    assert all(1 <= rule.level <= 22 for rule in POLICY.values())
    assert not any(rule.columns and rule.text for rule in POLICY.values())
    assert not any(plain(rule).native for rule in POLICY.values())
