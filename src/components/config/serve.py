"""The HTTP server."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from components.config.section import Section


class Serve(Section):
    host: str = Field("127.0.0.1", min_length=1, description="Address to listen on")
    port: int = Field(8079, ge=1, le=65535, description="Port to listen on")
    workers: int = Field(1, ge=1, le=256, description="Server processes; they share the index")
    access_log: bool = Field(False, description="A structured line a request")
    max_body_bytes: int = Field(4 << 20, ge=1024, description="Larger requests are refused (413)")
    max_concurrency: int = Field(256, ge=1, description="Requests beyond are refused (429)")
    max_connections_per_client: int = Field(
        128,
        ge=0,
        description="Of one address (IPv6: /64) and worker; 0: any number, as behind a proxy",
    )
    max_reply_bytes: int = Field(
        96 << 20,
        ge=8 << 20,
        description="Of large replies not taken yet, a worker; past it 429, past half for a client",
    )
    max_bundle_bytes: int = Field(
        2 << 30, ge=1 << 20, description="Larger bundles, unpacked, are refused (413)"
    )
    max_bundles_bytes: int = Field(
        4 << 30,
        ge=1 << 20,
        description="Of all bundles being made or not taken yet, a worker; past it 429",
    )
    request_timeout_s: float = Field(30.0, gt=0, description="Time limit of a request's body")
    keep_alive_s: float = Field(75.0, gt=0, description="How long a connection may idle")
    kicad_parts_max: int = Field(
        7000,
        ge=1,
        le=1_000_000,
        description="Parts that KiCad's HTTP library lists; KiCad holds each in memory",
    )
    kicad_library: bool = Field(
        False,
        description="It also lists what the snapshot's exported KiCad library draws; who uses it"
        " has that library in KiCad too",
    )
    reload_interval_s: float = Field(1.0, gt=0, description="How often `current` is looked at")
    verify_hashes: bool = Field(
        False, description="Compare every file with SHA256SUMS before a snapshot is served"
    )
    stop_timeout_s: float = Field(10.0, gt=0, description="What running requests get at a stop")
    cors_origins: tuple[
        Annotated[str, StringConstraints(pattern=r"^(\*|https?://[a-z0-9.:\[\]-]+)$")], ...
    ] = Field((), description="Origins whose pages may ask: https://x.test, or *; empty: none")
    api_key_sha256: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")], ...] = (
        Field((), description="SHA-256 of each key that may ask; empty: no key needed")
    )
