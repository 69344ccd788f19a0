"""Where the services are: as configured, or the bundled upstream, started for as long as needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from components import artifacts
from components.config.section import Section, validated
from components.config.stage1 import Stage1
from components.config.upstream import Upstream
from components.core.errors import ConfigError

BUNDLED_SERVICES = ("jlc", "easyeda", "modules", "lcsc", "datasheets", "images")


class FetchSettings(Section):
    """The sections of the configuration that stage 1 reads, as its jobs are given them."""

    upstream: Upstream = Upstream()
    stage1: Stage1 = Stage1()

    def wanted(self, group: str) -> tuple[str, ...]:
        """The artifact types of ``group`` that a job makes."""
        return artifacts.wanted(group, self.stage1.artifacts.model_dump())

    def rates(self) -> dict[str, float]:
        """Requests a second by service."""
        if self.upstream.kind == "bundled":
            rate = self.upstream.bundled_requests_per_second
            return dict.fromkeys(("jlc", "easyeda", "lcsc"), rate)
        return self.stage1.requests_per_second.model_dump()


def identity(settings: FetchSettings, group: str) -> str:
    """What a shard's artifacts depend on, as text for a rule's ``params``.

    Workers, rates and timeouts are not in it: they change how soon, not what.
    """
    upstream = settings.upstream
    names: tuple[str, ...] = ("easyeda_base_url", "easyeda_modules_base_url", "lcsc_base_url")
    if upstream.kind == "bundled":
        names = ("bundled_parts",)
    chosen = {name: getattr(upstream, name) for name in names}
    return json.dumps({"kind": upstream.kind, "types": settings.wanted(group), **chosen})


def parse_settings(text: str) -> FetchSettings:
    """Settings from JSON, or from a file of that name; what is left out has its default.

    Raises :class:`ConfigError`.
    """
    try:
        content = json.loads(text if text.lstrip().startswith("{") else Path(text).read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigError(f"--settings: neither JSON nor a file of it: {error}") from None
    if not isinstance(content, dict) or set(content) - {"upstream", "stage1"}:
        raise ConfigError("--settings: must be an object of `upstream` and `stage1`")
    # Jobs depend on what they are told and not on the environment.
    return validated(FetchSettings, content)


@dataclass(frozen=True)
class Endpoints:
    """Base addresses without a slash at the end, and where hosts are that DNS does not know."""

    jlc: str
    easyeda: str
    modules: str
    lcsc: str
    resolve: Mapping[str, tuple[str, int]] = field(default_factory=dict)


@contextmanager
def endpoints(settings: FetchSettings) -> Iterator[Endpoints]:
    """The services' addresses; a bundled upstream runs for as long as the block."""
    upstream = settings.upstream
    if upstream.kind == "live":
        yield Endpoints(
            upstream.jlc_api_base_url.rstrip("/"),
            upstream.easyeda_base_url.rstrip("/"),
            upstream.easyeda_modules_base_url.rstrip("/"),
            upstream.lcsc_base_url.rstrip("/"),
        )
    elif upstream.bundled_port is not None:
        yield _bundled(upstream.bundled_port)
    else:
        from components.bundled.faults import parse_rates
        from components.bundled.server import running

        rates = parse_rates(upstream.bundled_faults)
        with running(parts=upstream.bundled_parts, faults=rates) as started:
            yield _bundled(started.port)


def _bundled(port: int) -> Endpoints:
    resolve = {f"{name}.upstream.test": ("127.0.0.1", port) for name in BUNDLED_SERVICES}
    return Endpoints(
        jlc="http://jlc.upstream.test",
        easyeda="http://easyeda.upstream.test",
        modules="http://modules.upstream.test",
        lcsc="http://lcsc.upstream.test",
        resolve=resolve,
    )


def test_settings_come_back_from_their_own_json(tmp_path: Path) -> None:
    import pytest

    content = {"upstream": {"kind": "live"}, "stage1": {"artifacts": {"model_obj": False}}}
    settings = parse_settings(json.dumps(content))
    assert parse_settings(settings.model_dump_json()) == settings
    (tmp_path / "s.json").write_text(settings.model_dump_json())
    assert parse_settings(str(tmp_path / "s.json")) == settings
    assert settings.wanted("cad") == ("model_step", "easyeda_cad_json")
    for wrong in ("{", "[]", '{"serve": {}}', '{"stage1": {"worker": 1}}', "none.json"):
        with pytest.raises(ConfigError):
            parse_settings(wrong)


def test_what_does_not_change_artifacts_is_not_in_their_identity() -> None:
    base = FetchSettings()
    faster = FetchSettings(stage1=Stage1(workers=4, timeout_s=1))
    assert identity(base, "cad") == identity(faster, "cad")
    live = FetchSettings(upstream=Upstream(kind="live"))
    assert identity(base, "cad") != identity(live, "cad")
    assert base.rates()["jlc"] == 0 and live.rates()["jlc"] == 5
