"""Every key of a profile is an option that Snakemake or the profile's executor really has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from snakemake.cli import get_argument_parser

from components.core.project import PROJECT
from components.graph.graph import CODE

PROFILES = PROJECT / "workflow" / "profiles"
# Settings of plugins that the development environment does not install:
# snakemake-executor-plugin-kubernetes 0.5.1, ExecutorSettings.
PLUGIN_OPTIONS = {
    "kubernetes-namespace": str,
    "kubernetes-cpu-scalar": float,
    "kubernetes-service-account-name": str,
    "kubernetes-privileged": bool,
    "kubernetes-persistent-volumes": list,
}


def profile(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PROFILES / name / "config.yaml").read_text())
    return content


def options() -> set[str]:
    actions = get_argument_parser()._actions
    words = {word for action in actions for word in action.option_strings}
    return {word.removeprefix("--") for word in words if word.startswith("--")}


@pytest.mark.parametrize("path", sorted(PROFILES.iterdir()), ids=lambda path: path.name)
def test_every_key_is_an_option(path: Path) -> None:
    content = profile(path.name)
    unknown = set(content) - options() - set(PLUGIN_OPTIONS)
    assert not unknown
    for key, kind in PLUGIN_OPTIONS.items():
        assert key not in content or isinstance(content[key], kind)
    assert not (set(content) & set(PLUGIN_OPTIONS)) or content["executor"] == "kubernetes"


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_a_cluster_treats_reruns_as_one_machine_does(name: str) -> None:
    local, cluster = profile("default"), profile(name)
    changed = {key for key in local if cluster.get(key) != local[key]}
    assert changed <= {"cores"}, "what decides about reruns must not depend on where jobs run"


@pytest.mark.parametrize("name", ["slurm", "kubernetes"])
def test_resources_are_of_rules_that_there_are(name: str) -> None:
    content = profile(name)
    assert content["executor"] == name
    assert set(content["set-resources"]) <= set(CODE)
    for resource in content["default-resources"]:
        key, _, value = resource.partition("=")
        assert key in ("mem_mb", "runtime") and int(value) > 0
    assert content["retries"] >= 1


def test_kubernetes_mounts_the_cache_where_the_image_expects_it() -> None:
    (volume,) = profile("kubernetes")["kubernetes-persistent-volumes"]
    mounted = volume.partition(":")[2]
    assert f"ATOPILE_COMPONENTS_CACHE_DIR={mounted}" in (PROJECT / "Dockerfile").read_text()
