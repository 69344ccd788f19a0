"""``components graph``: the workflow's rules and what feeds what, as an SVG without other tools."""

from __future__ import annotations

import argparse
import re
import subprocess
from html import escape
from pathlib import Path

from components.core.errors import ComponentsError
from components.core.files import write_text
from components.core.layout import Layout
from components.graph.command_line import add_config_option, configuration, snakemake

Edges = set[tuple[str, str]]
OF_CATALOGUE = ("build_pick_tables", "fetch_shard", "build_parts")
BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 172, 34, 26, 44, 14
STAGES = {
    "fetch": ("fetch_catalogue", "fetch_shard", "convert_cad", "fold_manifests"),
    "transform": (
        *("build_pick_tables", "build_parts", "build_fast_db", "build_detail_db"),
        "build_search",
        *("build_metadata", "convert_glb", "validate_snapshot"),
    ),
    "lookup": ("build_library", "build_index"),
    "publish": ("publish_snapshot", "all"),
}
COLOURS = {"fetch": "#dbeafe", "transform": "#dcfce7", "lookup": "#fef3c7", "publish": "#fee2e2"}


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--output", type=Path, help="default: graph.svg in the cache directory")


def run(args: argparse.Namespace) -> int:
    output = args.output or Layout(configuration(args).paths.cache_dir).root / "graph.svg"
    command = snakemake(args, ["--rulegraph", "dot"], cores=1)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ComponentsError(f"snakemake could not draw: {done.stderr.strip().splitlines()[-1]}")
    edges = read_dot(done.stdout)
    if configuration(args).paths.source_sqlite is None:
        # A checkpoint's followers are found when it has run, and so it has no edges.
        rules = {name for edge in edges for name in edge}
        edges |= {("fetch_catalogue", name) for name in OF_CATALOGUE if name in rules}
    write_text(output, svg(direct(edges)))
    print(output)
    if ("fetch_catalogue", "all") in edges:
        print("the catalogue is not here yet: run once, and draw again to see all rules")
    return 0


def read_dot(text: str) -> Edges:
    """The edges (from, to) between rules' names of what ``snakemake --rulegraph dot`` prints.

    >>> sorted(read_dot('1[label = "a", x="1"]; 2[label = "b"]\\n  1 -> 2'))
    [('a', 'b')]
    """
    names = dict(re.findall(r'(\d+)\s*\[label = "([^"\\]+)', text))
    return {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", text)}


def direct(edges: Edges) -> Edges:
    """``edges`` without those that a longer way between the same rules says already.

    >>> sorted(direct({("a", "b"), ("b", "c"), ("a", "c")}))
    [('a', 'b'), ('b', 'c')]
    """
    after: dict[str, set[str]] = {}

    def reach(name: str) -> set[str]:
        if name not in after:
            following = {b for a, b in edges if a == name}
            after[name] = following.union(*map(reach, following))
        return after[name]

    return {
        (a, b)
        for a, b in edges
        if not any(b in reach(other) for start, other in edges if start == a and other != b)
    }


def layers(edges: Edges) -> list[list[str]]:
    """The rules by the length of the longest way to them, each layer under its inputs."""
    names = sorted({name for edge in edges for name in edge})
    inputs = {name: sorted(a for a, b in edges if b == name) for name in names}
    depth: dict[str, int] = {}

    def measure(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max(map(measure, inputs[name]), default=-1)
        return depth[name]

    rows: list[list[str]] = [[] for _ in range(1 + max(map(measure, names), default=-1))]
    for name in names:
        rows[depth[name]].append(name)
    place = {name: float(i) for row in rows for i, name in enumerate(row)}
    for row in rows:
        row.sort(
            key=lambda name: (
                sum(place[i] for i in inputs[name]) / max(1, len(inputs[name])),
                name,
            )
        )
        place |= {name: float(i) for i, name in enumerate(row)}
    return rows


def svg(edges: Edges) -> str:
    """A picture of ``edges``, data flowing down, one colour a stage; the same bytes each time."""
    rows = layers(edges)
    width = 2 * MARGIN + max(map(len, rows), default=1) * (BOX_WIDTH + GAP_X) - GAP_X
    height = 2 * MARGIN + len(rows) * (BOX_HEIGHT + GAP_Y) - GAP_Y
    corner: dict[str, tuple[float, float]] = {}
    for depth, row in enumerate(rows):
        left = (width - len(row) * (BOX_WIDTH + GAP_X) + GAP_X) / 2
        for place, name in enumerate(row):
            y = MARGIN + depth * (BOX_HEIGHT + GAP_Y)
            corner[name] = (left + place * (BOX_WIDTH + GAP_X), y)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    lines += [_edge(corner[a], corner[b]) for a, b in sorted(edges)]
    lines += [_box(name, *corner[name]) for name in sorted(corner)]
    return "\n".join([*lines, "</svg>", ""])


def _edge(start: tuple[float, float], end: tuple[float, float]) -> str:
    x1, y1 = start[0] + BOX_WIDTH / 2, start[1] + BOX_HEIGHT
    x2, y2 = end[0] + BOX_WIDTH / 2, end[1]
    bend = GAP_Y * 0.7
    return (
        f'<path d="M{x1:g},{y1:g} C{x1:g},{y1 + bend:g} {x2:g},{y2 - bend:g} {x2:g},{y2:g}" '
        'fill="none" stroke="#94a3b8" stroke-width="1.4"/>'
        f'<path d="M{x2 - 4:g},{y2 - 7:g} L{x2:g},{y2:g} L{x2 + 4:g},{y2 - 7:g}" fill="#94a3b8"/>'
    )


def _box(name: str, x: float, y: float) -> str:
    stage = next((stage for stage, rules in STAGES.items() if name in rules), "publish")
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6" '
        f'fill="{COLOURS[stage]}" stroke="#475569"/>'
        f'<text x="{x + BOX_WIDTH / 2:g}" y="{y + BOX_HEIGHT / 2 + 4.5:g}" '
        f'text-anchor="middle">{escape(name.replace("_", " "))}</text>'
    )


def test_a_rule_stands_below_all_that_feeds_it() -> None:
    edges = {("a", "b"), ("b", "d"), ("a", "d"), ("c", "d")}
    assert layers(edges) == [["a", "c"], ["b"], ["d"]]
    picture = svg(edges)
    assert picture == svg(set(edges))
    assert picture.count("<text") == 4
