"""The configuration: one documented model, read by the workflow, the commands and the server alike.

``config.yaml`` holds the defaults; a second file (``--configfile``, ``CONFIG=``) may hold only
what differs. Environment variables of :data:`ENVIRONMENT` win over both. Credentials come from the
environment only and are never part of the model.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from components.core.errors import ConfigError
from components.core.project import PROJECT

ENVIRONMENT = {
    "ATOPILE_COMPONENTS_CACHE_DIR": ("paths", "cache_dir"),
    "ATOPILE_COMPONENTS_JLC_API_BASE_URL": ("upstream", "jlc_api_base_url"),
    "ATOPILE_COMPONENTS_JLC_COMPONENT_INFOS_PATH": ("upstream", "jlc_component_infos_path"),
    "ATOPILE_COMPONENTS_JLC_COMPONENT_DETAIL_PATH": ("upstream", "jlc_component_detail_path"),
}
CREDENTIALS = ("JLC_APP_ID", "JLC_ACCESS_KEY", "JLC_SECRET_KEY")

HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")]
UrlPath = Annotated[str, StringConstraints(pattern=r"^/[^\s?#]*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Mode = Literal[
    "stage1-all", "stage2-build", "stage2-publish", "processor-once", "serve", "all-in-one-once"
]


class Section(BaseModel):
    """A part of the configuration: unknown keys are errors, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Paths(Section):
    cache_dir: Path = Field(Path("results"), description="Everything that the pipeline writes")
    source_sqlite: Path | None = Field(
        None,
        description="A ready jlcparts-style cache.sqlite3; null builds it from the JLC API",
    )


class Workflow(Section):
    mode: Mode = Field("all-in-one-once", description="Which stages `apply` runs")
    snapshot_name: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    ] = Field("auto", description="auto: <date of the data>-<12 hex of its content>")
    max_components: int = Field(
        0, ge=0, description="0: all; otherwise this many, and the snapshot is marked partial"
    )


class Upstream(Section):
    kind: Literal["bundled", "live"] = Field(
        "bundled", description="bundled: a generated catalogue on loopback; live: the services"
    )
    jlc_api_base_url: HttpUrl = Field("https://open.jlcpcb.com", description="JLC OpenAPI")
    jlc_api_generation: Literal["infos", "library"] = Field(
        "infos", description="Which generation of JLC endpoints the account has"
    )
    jlc_component_infos_path: UrlPath = Field(
        "/overseas/openapi/component/getComponentInfos", description="Paged list (infos)"
    )
    jlc_component_detail_path: UrlPath = Field(
        "/overseas/openapi/component/getComponentDetail", description="Detail of a part (infos)"
    )
    jlc_library_list_path: UrlPath = Field(
        "/overseas/openapi/component/getComponentLibraryList", description="Paged list (library)"
    )
    jlc_library_detail_path: UrlPath = Field(
        "/overseas/openapi/component/getComponentDetailByCode", description="Details (library)"
    )
    easyeda_base_url: HttpUrl = Field("https://easyeda.com", description="CAD answers")
    easyeda_modules_base_url: HttpUrl = Field(
        "https://modules.easyeda.com", description="3D models"
    )
    lcsc_base_url: HttpUrl = Field("https://wmsc.lcsc.com", description="Product records")
    allowed_private_hosts: tuple[str, ...] = Field(
        (), description="Hosts on private or loopback addresses that may be fetched from"
    )
    bundled_parts: int = Field(640, ge=100, le=100_000, description="Parts of the bundled upstream")
    bundled_faults: tuple[str, ...] = Field(
        (), description="Its misbehaviour, as `components upstream --faults` takes it: all=0.2"
    )
    bundled_port: int | None = Field(
        None, ge=1, le=65535, description="Port of one that runs already; null starts one"
    )
    bundled_requests_per_second: float = Field(
        0, ge=0, description="As requests_per_second, for each of its services; 0: no limit"
    )


class Rates(Section):
    """Requests a second to each service, shared by all workers; 0 is without limit."""

    jlc: float = Field(5, ge=0, description="JLC OpenAPI")
    easyeda: float = Field(5, ge=0, description="EasyEDA, CAD answers and models together")
    lcsc: float = Field(5, ge=0, description="LCSC: records, datasheets and images together")


class Artifacts(Section):
    """Which artifact types stage 1 fetches."""

    kicad_footprint_mod: bool = Field(True, description="KiCad footprints, converted from EasyEDA")
    model_obj: bool = Field(True, description="3D models as OBJ")
    model_step: bool = Field(True, description="3D models as STEP")
    datasheet_pdf: bool = Field(True, description="Datasheets")
    lcsc_product: bool = Field(False, description="LCSC product records")
    part_image: bool = Field(False, description="Photographs of the part")
    easyeda_cad_json: bool = Field(False, description="The EasyEDA answers themselves")


class Stage1(Section):
    enabled: bool = Field(True, description="false: snapshots without assets")
    where: str = Field(
        "stock > 0", min_length=1, description="SQL over the source's components: whose artifacts"
    )
    shards: Literal["auto"] | Annotated[int, Field(ge=1, le=4096)] = Field(
        "auto", description="auto: about 5,000 parts each; or a number"
    )
    workers: int = Field(32, ge=1, le=1024, description="Concurrent requests in a shard")
    retry_attempts: int = Field(3, ge=0, le=20, description="Tries after the first")
    retry_backoff_s: float = Field(2.0, ge=0, le=600, description="Wait before the first retry")
    throttle_cooldown_s: float = Field(
        120.0, ge=0, le=3600, description="Pause of a host after a 403 that gives no reason"
    )
    timeout_s: float = Field(30.0, gt=0, le=600, description="Time limit of a request")
    max_failed_share: Share = Field(
        0.2, description="Above this share of failed artifacts, stage 2 does not run"
    )
    requests_per_second: Rates = Rates()
    artifacts: Artifacts = Artifacts()


class Stage2(Section):
    keep_snapshots: int = Field(2, ge=2, description="How many snapshots `prune` leaves")
    allow_partial: bool = Field(False, description="Publish a snapshot of a part of the catalogue")
    convert_step_to_glb: bool = Field(True, description="STEP models as GLB too")
    glb_workers: int = Field(4, ge=1, le=256, description="STEP files converted at once")
    max_row_loss_share: Share = Field(
        0.2, description="A family that loses a larger share of its rows stops the publish"
    )
    max_fill_loss_share: Share = Field(
        0.1, description="A column whose filled share falls by more stops the publish"
    )


class Serve(Section):
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on")
    port: int = Field(8079, ge=1, le=65535, description="Port to listen on")
    workers: int = Field(1, ge=1, le=256, description="Server processes; they share the index")
    access_log: bool = Field(False, description="A structured line a request")
    max_body_bytes: int = Field(4 << 20, ge=1024, description="Larger requests are refused (413)")
    max_concurrency: int = Field(256, ge=1, description="Requests beyond are refused (429)")
    max_bundle_bytes: int = Field(
        2 << 30, ge=1 << 20, description="Larger bundles, unpacked, are refused (413)"
    )
    request_timeout_s: float = Field(30.0, gt=0, description="Time limit of a request's body")
    keep_alive_s: float = Field(75.0, gt=0, description="How long a connection may idle")
    reload_interval_s: float = Field(1.0, gt=0, description="How often `current` is looked at")
    verify_hashes: bool = Field(
        False, description="Compare every file with SHA256SUMS before a snapshot is served"
    )
    stop_timeout_s: float = Field(10.0, gt=0, description="What running requests get at a stop")
    api_key_sha256: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")], ...] = (
        Field((), description="SHA-256 of each key that may ask; empty: no key needed")
    )


class Config(Section):
    """The whole configuration; see ``config.yaml``."""

    paths: Paths = Paths()
    workflow: Workflow = Workflow()
    upstream: Upstream = Upstream()
    stage1: Stage1 = Stage1()
    stage2: Stage2 = Stage2()
    serve: Serve = Serve()

    @model_validator(mode="after")
    def _possible(self) -> Config:
        publishes_only = self.workflow.mode in ("stage2-publish", "processor-once")
        if self.workflow.max_components and publishes_only and not self.stage2.allow_partial:
            raise ValueError(
                "workflow.max_components makes a partial snapshot, which "
                f"mode {self.workflow.mode} may publish only with stage2.allow_partial: true"
            )
        return self


def merge(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """``overlay`` over ``base``, section by section; neither is changed."""
    merged = dict(base)
    for key, value in overlay.items():
        old = merged.get(key)
        merged[key] = (
            merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
        )
    return merged


def read_yaml(path: Path) -> dict[str, Any]:
    """One configuration file as it stands.

    Raises :class:`ConfigError` where it is missing, not YAML, or not a mapping.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such configuration file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path}: not valid YAML: {reason}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path}: must be a mapping of sections, not {type(content).__name__}")
    return content


def parse_config(
    content: Mapping[str, Any], environment: Mapping[str, str] | None = None
) -> Config:
    """The validated configuration of merged ``content``; ``environment`` defaults to the process's.

    Raises :class:`ConfigError`, one line that names each wrong key.
    """
    environment = os.environ if environment is None else environment
    for variable, (section, key) in ENVIRONMENT.items():
        if value := environment.get(variable):
            content = merge(content, {section: {key: value}})
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        raise ConfigError("; ".join(map(_complaint, error.errors()))) from None


def load_config(overlays: Iterable[Path] = (), base: Path = PROJECT / "config.yaml") -> Config:
    """``base`` with every overlay on top, and the environment over all.

    Raises :class:`ConfigError`.
    """
    content = read_yaml(base)
    for overlay in overlays:
        content = merge(content, read_yaml(overlay))
    return parse_config(content)


def _complaint(error: Any) -> str:
    key = ".".join(str(part) for part in error["loc"]) or "config"
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key"
    message = error["msg"].removeprefix("Value error, ")
    given = "" if isinstance(error["input"], dict) else f", not {error['input']!r}"
    return f"{key}: {message}{given}"


def test_overlays_and_environment_win_in_turn() -> None:
    content = merge({"serve": {"port": 1, "host": "a"}}, {"serve": {"port": 8080}})
    config = parse_config(content, {"ATOPILE_COMPONENTS_CACHE_DIR": "/elsewhere"})
    assert (config.serve.port, config.serve.host) == (8080, "a")
    assert config.paths.cache_dir == Path("/elsewhere")


def test_each_wrong_key_is_named_in_one_line() -> None:
    import pytest

    content = {"serve": {"prot": 1, "port": "x"}, "stage2": {"keep_snapshots": 0}}
    with pytest.raises(ConfigError) as caught:
        parse_config(content, {})
    message = str(caught.value)
    assert "serve.prot: unknown key" in message
    assert "serve.port: " in message and "not 'x'" in message
    assert "stage2.keep_snapshots: " in message
    assert "\n" not in message


def test_the_shipped_file_holds_the_defaults() -> None:
    assert parse_config(read_yaml(PROJECT / "config.yaml"), {}) == Config()


def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    import pytest

    for text in ("- 1", "a: [", "\x00"):
        (tmp_path / "bad.yaml").write_text(text)
        with pytest.raises(ConfigError, match=r"bad\.yaml"):
            read_yaml(tmp_path / "bad.yaml")
    with pytest.raises(ConfigError, match="no such"):
        read_yaml(tmp_path / "none.yaml")
