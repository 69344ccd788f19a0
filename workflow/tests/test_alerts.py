"""The alerts ask for metrics that server and pipeline really give, and each is explained."""

from __future__ import annotations

import re
from typing import Any

import yaml

from components.core.project import PROJECT
from components.operate.textfile import METRICS
from components.serve.all_routes import labels
from components.serve.http.metrics import Metrics

RULES = PROJECT / "deploy" / "prometheus" / "alerts.yml"
# Gauges that only a server with a snapshot has; their names stand in this module.
GAUGES = PROJECT / "src" / "components" / "serve" / "routes" / "status.py"


def known() -> set[str]:
    lines = Metrics(labels()).text([]).splitlines()
    names = {line.split()[2] for line in lines if line.startswith("# TYPE ")}
    histograms = {line.split()[2] for line in lines if line.endswith(" histogram")}
    names |= {f"{name}_bucket" for name in histograms}
    names |= set(re.findall(r'"(components_\w+)"', GAUGES.read_text()))
    return names | set(METRICS)


def alerts() -> list[dict[str, Any]]:
    content = yaml.safe_load(RULES.read_text())
    return [rule for group in content["groups"] for rule in group["rules"]]


def test_every_alert_can_fire_and_has_its_place_in_the_manual() -> None:
    manual = (PROJECT / "docs" / "operations.md").read_text()
    for rule in alerts():
        names = set(re.findall(r"\bcomponents_\w+", rule["expr"]))
        assert names <= known() and (names or "up{" in rule["expr"]), rule["alert"]
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert f"### {rule['alert']}\n" in manual, rule["alert"]


def test_every_alert_of_the_manual_is_one() -> None:
    manual = (PROJECT / "docs" / "operations.md").read_text()
    explained = set(re.findall(r"^### (Components\w+)$", manual, re.MULTILINE))
    assert explained == {rule["alert"] for rule in alerts()}
