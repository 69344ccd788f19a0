"""The pipeline's figures for node_exporter's textfile collector (Prometheus' text format)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

METRICS = {
    "components_pipeline_status": "Worst of `components status`: 0 ok, 1 warning, 2 critical.",
    "components_pipeline_run_active": "1 while a run holds the cache directory.",
    "components_pipeline_artifacts": "Artifacts by type and state.",
    "components_pipeline_failed_share": "Share of a type's artifacts that failed.",
    "components_pipeline_manifest_rows": "Stored artifacts by type.",
    "components_pipeline_manifest_raw_bytes": "Bytes before compression by type.",
    "components_pipeline_details_lacking": "Selected parts whose attributes are not known yet.",
    "components_pipeline_details_stale": "Selected parts whose attributes are overdue.",
    "components_pipeline_crawl_pages": "Pages of a crawl that is not whole yet.",
    "components_pipeline_snapshots": "Whole snapshots on disk.",
    "components_pipeline_snapshot_parts": "Parts in the published snapshot.",
    "components_pipeline_data_age_seconds": "Age of the published data.",
    "components_pipeline_disk_free_bytes": "Free bytes where the cache directory lies.",
    "components_pipeline_snapshot_mismatch": "1 where the server serves another snapshot.",
}


def exposition(facts: dict[str, Any], severity: int) -> str:
    """The facts of :func:`components.operate.facts.collect`; unknown ones are left out."""
    lines: list[str] = []
    last = ""
    for name, labels, value in _samples(facts, severity):
        if value is None:
            continue
        if name != last:
            lines += [f"# HELP {name} {METRICS[name]}", f"# TYPE {name} gauge"]
            last = name
        lines.append(f"{name}{labels} {value:.15g}")
    return "\n".join(lines) + "\n"


def _samples(facts: dict[str, Any], severity: int) -> Iterator[tuple[str, str, float | None]]:
    prefix = "components_pipeline_"
    yield f"{prefix}status", "", severity
    yield f"{prefix}run_active", "", facts["run_active"]
    for name in ("details_lacking", "details_stale", "crawl_pages"):
        yield f"{prefix}{name}", "", facts["catalogue"].get(name)
    for kind, counts in facts["states"].items():
        for status, count in counts.items() if isinstance(counts, dict) else ():
            yield f"{prefix}artifacts", f'{{type="{kind}",state="{status}"}}', count
    for kind, counts in facts["states"].items():
        if isinstance(counts, dict) and (total := sum(counts.values())):
            share = counts.get("failed", 0) / total
            yield f"{prefix}failed_share", f'{{type="{kind}"}}', share
    for name, key in (("manifest_rows", "artifacts"), ("manifest_raw_bytes", "raw_size_bytes")):
        for kind, counts in facts["manifest"].items():
            if isinstance(counts, dict):
                yield f"{prefix}{name}", f'{{type="{kind}"}}', counts[key]
    whole = [item for item in facts["snapshots"].values() if not item["missing_files"]]
    yield f"{prefix}snapshots", "", len(whole)
    current = facts["snapshots"].get(facts["current"]["name"] or "", {})
    yield f"{prefix}snapshot_parts", "", current.get("parts")
    yield f"{prefix}data_age_seconds", "", facts["data_age_s"]
    yield f"{prefix}disk_free_bytes", "", facts["disk"]["free_bytes"]
    yield f"{prefix}snapshot_mismatch", "", facts["snapshot_mismatch_vs_cache_dir"]


def test_every_figure_stands_under_its_name() -> None:
    facts: dict[str, Any] = {
        "run_active": True,
        "catalogue": {"details_lacking": 4, "details_stale": 0, "crawl_pages": None},
        "states": {"model_obj": {"success": 3, "failed": 1}},
        "manifest": {"model_obj": {"artifacts": 3, "raw_size_bytes": 99}},
        "snapshots": {"a": {"missing_files": [], "parts": 7}},
        "current": {"name": "a"},
        "data_age_s": 60.5,
        "disk": {"free_bytes": 5},
        "snapshot_mismatch_vs_cache_dir": None,
    }
    lines = exposition(facts, 1).splitlines()
    assert 'components_pipeline_artifacts{type="model_obj",state="failed"} 1' in lines
    assert 'components_pipeline_failed_share{type="model_obj"} 0.25' in lines
    assert 'components_pipeline_manifest_raw_bytes{type="model_obj"} 99' in lines
    assert "components_pipeline_data_age_seconds 60.5" in lines
    assert "components_pipeline_snapshot_parts 7" in lines
    assert "components_pipeline_details_lacking 4" in lines
    assert not any("mismatch" in line for line in lines)
    assert lines.count("# TYPE components_pipeline_artifacts gauge") == 1


def test_a_damaged_table_leaves_its_figures_out() -> None:
    facts: dict[str, Any] = {
        "run_active": False,
        "catalogue": {},
        "states": {"error": "no database"},
        "manifest": {"error": "no database"},
        "snapshots": {},
        "current": {"name": None},
        "data_age_s": None,
        "disk": {"free_bytes": 5},
        "snapshot_mismatch_vs_cache_dir": True,
    }
    text = exposition(facts, 2)
    assert "artifacts{" not in text and "components_pipeline_snapshot_mismatch 1" in text
