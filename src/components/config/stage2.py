"""How snapshots are made, checked and kept."""

from __future__ import annotations

from pydantic import Field

from components.config.section import Section, Share


class Stage2(Section):
    keep_snapshots: int = Field(2, ge=2, description="How many snapshots `prune` leaves")
    allow_partial: bool = Field(False, description="Publish a snapshot of a part of the catalogue")
    convert_step_to_glb: bool = Field(True, description="STEP models as GLB too")
    glb_workers: int = Field(4, ge=1, le=256, description="STEP files converted at once")
    pack_dead_share: Share = Field(
        0.3, description="`prune` rewrites packs of which a larger share of bytes is dead"
    )
    max_row_loss_share: Share = Field(
        0.2,
        description="A larger loss of parts, or of a family's rows, stops the publish",
    )
    max_fill_loss_share: Share = Field(
        0.1, description="A column whose filled share falls by more stops the publish"
    )
    max_changed_readings_share: Share = Field(
        1.0,
        description="A larger share of parts that are read differently from the same texts stops"
        " the publish: our code has changed. 1: nothing stops it",
    )
