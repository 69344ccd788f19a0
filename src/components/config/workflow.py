"""What a run does."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from components.config.section import Section

Mode = Literal[
    "stage1-all", "stage2-build", "stage2-publish", "processor-once", "serve", "all-in-one-once"
]


class Workflow(Section):
    mode: Mode = Field("all-in-one-once", description="Which stages `apply` runs")
    snapshot_name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    ] = Field("auto", description="auto: <date of the data>-<12 hex of its content>")
    max_components: int = Field(
        0, ge=0, description="0: all; otherwise this many, and the snapshot is marked partial"
    )
