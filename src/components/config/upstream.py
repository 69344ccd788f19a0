"""Where the catalogue and the artifacts come from."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from components.config.section import HttpUrl, Section, UrlPath

CREDENTIALS = ("JLC_APP_ID", "JLC_ACCESS_KEY", "JLC_SECRET_KEY")


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
