"""What a run gave, as one page for people: the result that ``snakemake --report`` shows.

It tells what ``metadata.json`` and the receipt of ``validate-snapshot`` tell, and nothing of the
time it took, so that the same inputs give the same bytes; the report has times of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

STYLE = (
    "body{font:14px sans-serif;margin:2em;color:#1f2933}"
    "table{border-collapse:collapse;margin:1em 0}"
    "td,th{padding:.25em .8em;border-bottom:1px solid #d9e2ec;text-align:right}"
    "td:first-child,th:first-child,.why{text-align:left}"
    ".bar{background:#d9e2ec;width:12em}.bar i{display:block;height:.8em;background:#3a7d44}"
)


def summary(metadata: dict[str, Any], receipt: dict[str, Any]) -> str:
    """An HTML page from the content of ``metadata.json`` and of the receipt."""
    source = metadata["source"]
    lines = [
        f"{metadata['parts']:,} parts of {source['parts']:,} in the source of"
        f" {escape(source['data_date'])}, in {len(metadata['families'])} families.",
        f"Compared with {escape(receipt['compared_with'])}."
        if receipt["compared_with"]
        else escape(receipt["note"]).capitalize() + ".",
    ]
    body = "".join(f"<p>{line}</p>" for line in lines)
    body += _section("Families", _families(metadata["families"]))
    body += _section("Filled columns", _filled(receipt))
    body += _section("Texts not understood", _quarantine(metadata["quarantine"]))
    body += _section("Texts that disagreed", _disagreements(metadata["disagreements"]))
    body += _section("Categories that no family knows", _unknown(metadata["unknown_categories"]))
    body += _section("Artifacts", _assets(metadata["assets"]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Snapshot</title>'
        f"<style>{STYLE}</style></head><body><h1>Snapshot</h1>{body}</body></html>\n"
    )


def _families(families: dict[str, Any]) -> str:
    heads = ("family", "parts", "in scope", "pickable", "of those in scope", "why not")
    rows = []
    for name, counts in sorted(families.items()):
        reasons = sorted(counts["not_pickable"].items(), key=lambda item: (-item[1], item[0]))
        why = "; ".join(f"{escape(reason)} {count:,}" for reason, count in reasons)
        numbers = (f"{counts[key]:,}" for key in ("parts", "in_scope", "pickable"))
        rows.append(
            (
                escape(name),
                *numbers,
                _bar(counts["pickable"], counts["in_scope"]),
                f'<div class="why">{why}</div>',
            )
        )
    return _table(heads, rows)


def _filled(receipt: dict[str, Any]) -> str:
    rows = [
        (escape(f"{family}.{column}"), f"{count:,}", _bar(count, receipt["rows"][family]))
        for family, columns in sorted(receipt["filled"].items())
        for column, count in sorted(columns.items())
        if count < receipt["rows"][family]
    ]
    return _table(("column", "rows with a value", "of its family's"), rows)


def _quarantine(families: dict[str, Any]) -> str:
    rows = [
        (escape(f"{family}.{column}"), f"{entry['texts']:,}", f"{entry['parts']:,}")
        for family, columns in sorted(families.items())
        for column, entry in sorted(columns.items())
    ]
    return _table(("column", "texts", "parts"), rows)


def _disagreements(families: dict[str, Any]) -> str:
    rows = [
        (escape(f"{family}.{column}"), outcome, f"{count:,}")
        for family, columns in sorted(families.items())
        for column, outcomes in sorted(columns.items())
        for outcome, count in sorted(outcomes.items())
    ]
    return _table(("column", "what became of it", "parts"), rows)


def _unknown(names: dict[str, int]) -> str:
    rows = [(escape(name), f"{count:,}") for name, count in names.items()]
    return _table(("name", "parts"), rows)


def _assets(assets: dict[str, Any]) -> str:
    rows = [
        (escape(kind), *(f"{entry[k]:,}" for k in ("references", "objects", "raw_size_bytes")))
        for kind, entry in sorted(assets.items())
    ]
    return _table(("artifact", "references", "objects", "bytes"), rows)


def _section(title: str, table: str) -> str:
    return f"<h2>{title}</h2>{table}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows]
    if not lines:
        return "<p>None.</p>"
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f"<table><tr>{head}</tr>{''.join(lines)}</table>"


def _bar(part: int, whole: int) -> str:
    share = 100 * part / whole if whole else 0.0
    return f'<div class="bar" title="{share:.1f} %"><i style="width:{share:.1f}%"></i></div>'


def test_every_number_is_shown_and_every_text_escaped() -> None:
    metadata = {
        "parts": 12345,
        "source": {"parts": 12346, "data_date": "2026-11-21"},
        "disagreements": {"led": {"colour": {"unknown": 4}}},
        "unknown_categories": {"New & odd": 6},
        "families": {
            "led": {
                "parts": 12300,
                "in_scope": 12000,
                "pickable": 9000,
                "not_pickable": {"no <package>": 300, "colour unknown": 3000},
            }
        },
        "quarantine": {"led": {"colour": {"parts": 7, "texts": 2}}},
        "assets": {},
    }
    receipt = {
        "compared_with": None,
        "note": "no published snapshot to compare with",
        "rows": {"led": 9000},
        "filled": {"led": {"colour": 4500, "stock": 9000}},
    }
    page = summary(metadata, receipt)
    for shown in ("12,345 parts of 12,346", "9,000", 'title="75.0 %"', 'title="50.0 %"'):
        assert shown in page
    assert "colour unknown 3,000; no &lt;package&gt; 300" in page
    assert "New &amp; odd" in page and "in 1 families" in page
    assert "led.stock" not in page and "None." in page
    assert "<p>No published snapshot to compare with.</p>" in page
    named = summary(metadata, receipt | {"compared_with": "2026-<old>"})
    assert "Compared with 2026-&lt;old&gt;." in named
