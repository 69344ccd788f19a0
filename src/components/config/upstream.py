"""Where the catalogue and the artifacts come from."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, field_validator

from components.config.section import HttpUrl, Section, UrlPath
from components.core.project import VERSION

CREDENTIALS = ("JLC_APP_ID", "JLC_ACCESS_KEY", "JLC_SECRET_KEY")

# A header's value: printable ASCII.
UserAgent = Annotated[str, StringConstraints(pattern=r"^[!-~]([ -~]{0,198}[!-~])?$")]


class Upstream(Section):
    kind: Literal["bundled", "live"] = Field(
        "bundled", description="bundled: a generated catalogue on loopback; live: the services"
    )
    jlc_api_base_url: HttpUrl = Field("https://open.jlcpcb.com", description="JLC OpenAPI")
    jlc_component_infos_path: UrlPath = Field(
        "/overseas/openapi/component/getComponentInfos",
        description="The list: identity, stock and price of every part, page by page",
    )
    jlc_component_detail_path: UrlPath = Field(
        "/overseas/openapi/component/getComponentDetailByCode",
        description="Attributes: ...ByCode takes 1000 parts at once, any other route one",
    )
    easyeda_base_url: HttpUrl = Field("https://easyeda.com", description="CAD answers")
    easyeda_modules_base_url: HttpUrl = Field(
        "https://modules.easyeda.com", description="3D models"
    )
    lcsc_base_url: HttpUrl = Field("https://wmsc.lcsc.com", description="Product records")
    user_agent: UserAgent = Field(
        f"components-pipeline/{VERSION}", description="What every request calls itself"
    )
    allowed_private_hosts: tuple[str, ...] = Field(
        (), description="Hosts on private or loopback addresses that may be fetched from"
    )
    bundled_parts: int = Field(900, ge=100, le=100_000, description="Parts of the bundled upstream")
    bundled_faults: tuple[str, ...] = Field(
        (), description="Its misbehaviour, as `components upstream --faults` takes it: all=0.2"
    )
    bundled_port: int | None = Field(
        None, ge=1, le=65535, description="Port of one that runs already; null starts one"
    )
    bundled_requests_per_second: float = Field(
        0, ge=0, description="As requests_per_second, for each of its services; 0: no limit"
    )

    @field_validator("jlc_api_base_url")
    @classmethod
    def _keeps_credentials_secret(cls, url: str) -> str:
        if url.startswith("http://") and not is_loopback(urlsplit(url).hostname or ""):
            raise ValueError("must begin with https: credentials go there")
        return url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or its number.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.9", "::1", "localhost.example.org")]
    [True, True, True, False]
    """
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def test_jlc_is_asked_in_secret_or_on_this_machine() -> None:
    import pytest
    from pydantic import ValidationError

    for url in ("https://open.jlcpcb.com", "http://127.0.0.1:8/x", "http://[::1]:8"):
        assert Upstream(jlc_api_base_url=url)
    for url in ("http://open.jlcpcb.com", "http://localhost.example.org", "http://10.0.0.1"):
        with pytest.raises(ValidationError, match="must begin with https"):
            Upstream(jlc_api_base_url=url)
    with pytest.raises(ValidationError, match="user_agent"):
        Upstream(user_agent="a\nb")
