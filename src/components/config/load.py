"""The whole configuration, and how it is read: what operators' commands and the workflow use.

``config.yaml`` holds the defaults; a second file (``--configfile``, ``CONFIG=``) may hold only
what differs. Environment variables of :data:`ENVIRONMENT` win over both. Credentials come from the
environment only and are never part of the model. A job reads its own section alone, so that a key
of another section does not count as a change of its code.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import model_validator

from components.config.exports import Exports
from components.config.paths import Paths
from components.config.section import Section, validated
from components.config.serve import Serve
from components.config.stage1 import Stage1
from components.config.stage2 import Stage2
from components.config.upstream import Upstream
from components.config.workflow import Workflow
from components.core.errors import ConfigError
from components.core.project import PROJECT

ENVIRONMENT = {
    "ATOPILE_COMPONENTS_CACHE_DIR": ("paths", "cache_dir"),
    "ATOPILE_COMPONENTS_JLC_API_BASE_URL": ("upstream", "jlc_api_base_url"),
    "ATOPILE_COMPONENTS_JLC_COMPONENT_INFOS_PATH": ("upstream", "jlc_component_infos_path"),
    "ATOPILE_COMPONENTS_JLC_COMPONENT_DETAIL_PATH": ("upstream", "jlc_component_detail_path"),
}


class Config(Section):
    """The whole configuration; see ``config.yaml``."""

    paths: Paths = Paths()
    workflow: Workflow = Workflow()
    upstream: Upstream = Upstream()
    stage1: Stage1 = Stage1()
    stage2: Stage2 = Stage2()
    exports: Exports = Exports()
    serve: Serve = Serve()

    @model_validator(mode="after")
    def _possible(self) -> Config:
        publishes_only = self.workflow.mode in ("stage2-publish", "processor-once")
        if self.workflow.max_components and publishes_only and not self.stage2.allow_partial:
            raise ValueError(
                "workflow.max_components makes a partial snapshot, which "
                f"mode {self.workflow.mode} may publish only with stage2.allow_partial: true"
            )
        if self.paths.preferred_parts and self.paths.source_sqlite:
            raise ValueError(
                "paths.preferred_parts is for a catalogue from the JLC API; "
                "paths.source_sqlite says itself which parts are preferred"
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
        print(f"{path}: is empty; the defaults hold", file=sys.stderr)
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
    return validated(Config, content)


def load_config(overlays: Iterable[Path] = (), base: Path = PROJECT / "config.yaml") -> Config:
    """``base`` with every overlay on top, and the environment over all.

    Raises :class:`ConfigError`.
    """
    content = read_yaml(base)
    for overlay in overlays:
        content = merge(content, read_yaml(overlay))
    return parse_config(content)


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


def test_a_setting_that_has_gone_says_what_to_do() -> None:
    import pytest

    with pytest.raises(ConfigError, match=r"jlc_library_list_path: unknown key; remove it"):
        parse_config({"upstream": {"jlc_library_list_path": "/x"}}, {})
