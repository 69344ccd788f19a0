"""The dashboard asks for metrics that exist, by labels that they have."""

from __future__ import annotations

import json
import re
from pathlib import Path

from components.core.project import PROJECT
from components.operate.textfile import METRICS
from components.testing.server import ANY_QUERY, FULL, QUERY, Site, first_part, serving

SERIES = re.compile(r"(components_[a-z_]+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)(?:=~|!=|=)"([^"]*)"')


def test_every_panel_finds_its_metrics(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.build("only", rows=1)
    site.point("only")
    with serving(site.layout) as server:
        server.wait_for("only")
        for path, body in (
            (QUERY, ANY_QUERY),
            (QUERY + "/batch", {"queries": [ANY_QUERY]}),
            (FULL, {"component_ids": [first_part("resistor", 1)]}),
        ):
            assert server.ask("POST", path, body).status == 200
        exposed = server.ask("GET", "/metrics").body.decode()
    samples = [line.rsplit(" ", 1)[0] for line in exposed.splitlines() if not line.startswith("#")]
    dashboard = json.loads((PROJECT / "docs" / "grafana.json").read_text())
    expressions = [t["expr"] for panel in dashboard["panels"] for t in panel.get("targets", [])]
    assert len(expressions) > 20
    for expression in expressions:
        for name, selector in SERIES.findall(expression):
            if name in METRICS:
                continue
            wanted = [
                f'{label}="{value}"' for label, value in LABEL.findall(selector) if label == "route"
            ]
            found = [s for s in samples if s.partition("{")[0] == name]
            assert any(all(each in s for each in wanted) for s in found), (name, selector)


def test_every_metric_of_the_server_is_on_the_dashboard() -> None:
    from components.serve.all_routes import labels
    from components.serve.http.metrics import Metrics

    dashboard = (PROJECT / "docs" / "grafana.json").read_text()
    for name in re.findall(r"^# TYPE (\S+) ", Metrics(labels()).text([]), re.MULTILINE):
        assert name in dashboard, name
