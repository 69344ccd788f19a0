"""What is fetched, and how fast."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from components.artifacts import ARTIFACTS
from components.config.section import Section, Share


class Rates(Section):
    """Requests a second to each service, shared by all workers; 0 is without limit."""

    jlc: float = Field(5, ge=0, description="JLC OpenAPI")
    easyeda: float = Field(5, ge=0, description="EasyEDA, CAD answers and models together")
    lcsc: float = Field(5, ge=0, description="LCSC: records, datasheets and images together")


_SWITCHES: dict[str, Any] = {
    artifact.name: (bool, Field(artifact.default, description=artifact.meaning))
    for artifact in ARTIFACTS.values()
    if artifact.switch == artifact.name
}
_Switches: Any = create_model("_Switches", __base__=Section, **_SWITCHES)


class Artifacts(_Switches):
    """Which artifact types stage 1 fetches: a switch for each that has one."""


class Stage1(Section):
    enabled: bool = Field(
        True, description="false: nothing is fetched; what is there stays in snapshots"
    )
    where: str = Field(
        "stock > 0", min_length=1, description="SQL over the source's components: whose artifacts"
    )
    shards: Literal["auto"] | Annotated[int, Field(ge=1, le=4096)] = Field(
        "auto", description="auto: about 5,000 parts each; or a number"
    )
    workers: int = Field(
        32, ge=1, le=1024, description="Concurrent requests of one artifact group of a shard"
    )
    retry_attempts: int = Field(3, ge=0, le=20, description="Tries after the first")
    retry_backoff_s: float = Field(2.0, ge=0, le=600, description="Wait before the first retry")
    crawl_budget_s: float = Field(
        21600.0,
        ge=0,
        description="Time for a run's crawl of the catalogue, which then goes on next time; 0: all",
    )
    detail_max_age_days: float = Field(
        30.0, ge=0, description="A part's attributes are asked for again after so long; 0: never"
    )
    throttle_cooldown_s: float = Field(
        120.0, ge=0, le=3600, description="Pause of a host after a 403 that gives no reason"
    )
    timeout_s: float = Field(30.0, gt=0, le=600, description="Time limit of a request")
    max_failed_share: Share = Field(
        0.2, description="Above this failed share of any artifact type, stage 2 does not run"
    )
    requests_per_second: Rates = Rates()
    artifacts: Artifacts = Artifacts()
