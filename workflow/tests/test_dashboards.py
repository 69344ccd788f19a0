"""The dashboard and the alerts name metrics that the server and the pipeline really give."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml

from components.operate.textfile import METRICS
from components.serve.metrics import Metrics
from components.shared.config import PROJECT

DEPLOY = PROJECT / "deploy"
# Gauges that only a server with a snapshot has; their names stand in components.serve.status.
STATUS_SOURCE = (PROJECT / "src" / "components" / "serve" / "status.py").read_text()


def known() -> set[str]:
    lines = Metrics().text([]).splitlines()
    names = {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    histograms = {line.split()[2] for line in lines if line.endswith(" histogram")}
    names |= {f"{name}_bucket" for name in histograms}
    names |= set(re.findall(r'"(components_\w+)"', STATUS_SOURCE))
    return names | set(METRICS)


def used(expression: str) -> set[str]:
    return set(re.findall(r"\bcomponents_\w+", expression))


def alerts() -> list[dict[str, Any]]:
    content = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    return [rule for group in content["groups"] for rule in group["rules"]]


def test_the_dashboard_shows_metrics_that_there_are() -> None:
    board = json.loads((DEPLOY / "grafana" / "components.json").read_text())
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels) >= 12
    shown: set[str] = set()
    for panel in panels:
        for target in panel["targets"]:
            names = used(target["expr"])
            assert names and names <= known(), (panel["title"], names - known())
            shown |= names
    assert set(METRICS) - shown <= {"components_pipeline_snapshot_mismatch"}


def test_every_alert_can_fire_and_has_its_place_in_the_manual() -> None:
    manual = (PROJECT / "docs" / "operations.md").read_text()
    for rule in alerts():
        names = used(rule["expr"])
        assert names <= known() and (names or "up{" in rule["expr"]), rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert f"### {rule['alert']}\n" in manual, rule["alert"]
