"""``components graph``: the workflow's rules and what feeds what, as an SVG without other tools.

The engine's own picture (``snakemake --rulegraph``) is a text that wants Graphviz, a package of the
system, or a page with Mermaid's script; it leaves out the rules behind a checkpoint that has not
run, and has each arrow that a longer way says already. So its text is read and drawn here. The
rooms of ``src/components`` are drawn likewise, for docs/architecture.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Mapping
from html import escape
from itertools import pairwise
from pathlib import Path

from components.core.errors import ComponentsError
from components.core.files import write_text
from components.core.layout import Layout
from components.graph.command_line import add_config_option, arguments, configuration

Edges = set[tuple[str, str]]
OF_CATALOGUE = ("build_pick_tables", "fetch_shard", "build_detail_db")
BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y, MARGIN = 172, 34, 26, 44, 14
STAGES: dict[str, tuple[str, ...]] = {
    "fetch": ("fetch_catalogue", "fetch_shard", "convert_cad", "fold_manifests"),
    "transform": (
        *("build_pick_tables", "build_fast_db", "build_detail_db"),
        "build_search",
        *("build_metadata", "convert_glb", "validate_snapshot"),
    ),
    "lookup": ("build_library", "build_index"),
    "publish": ("publish_snapshot", "all"),
}
# A room has the colour of the stage that it serves first; what serves all is grey.
ROOM_STAGES: dict[str, tuple[str, ...]] = {
    "common": ("core", "artifacts", "config", "native", "store"),
    "fetch": ("net", "source", "cad", "fetch"),
    "transform": ("families", "kicad_names", "transform", "find"),
    "publish": ("publish", "export", "serve"),
    "lookup": ("graph", "bench", "operate"),
}
COLOURS = {
    "fetch": "#dbeafe",
    "transform": "#dcfce7",
    "lookup": "#fef3c7",
    "publish": "#fee2e2",
    "common": "#e2e8f0",
}


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--output", type=Path, help="default: graph.svg in the cache directory")


def run(args: argparse.Namespace) -> int:
    output = args.output or Layout(configuration(args).paths.cache_dir).root / "graph.svg"
    told = arguments(args, ["--rulegraph", "dot"], cores=1)
    command = [sys.executable, "-m", "snakemake", *told]
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
    """The rules by the length of the longest way to them, each layer under its inputs.

    An edge that passes layers has a place in each, :func:`_passing`, so that no box stands on it.
    """
    names = sorted({name for edge in edges for name in edge})
    depth: dict[str, int] = {}

    def measure(name: str) -> int:
        if name not in depth:
            depth[name] = 1 + max((measure(a) for a, b in edges if b == name), default=-1)
        return depth[name]

    rows: list[list[str]] = [[] for _ in range(1 + max(map(measure, names), default=-1))]
    for name in names:
        rows[depth[name]].append(name)
    inputs: dict[str, list[str]] = {name: [] for name in names}
    for a, b in sorted(edges):
        way = [a, *(_passing(a, b, at) for at in range(depth[a] + 1, depth[b])), b]
        for at, (before, after) in enumerate(pairwise(way), depth[a] + 1):
            inputs.setdefault(after, []).append(before)
            if after != b:
                rows[at].append(after)
    place: dict[str, float] = {}
    for row in rows:
        middle = {
            name: sum(place[one] for one in inputs[name]) / max(1, len(inputs[name]))
            for name in row
        }
        row.sort(key=lambda name: (middle[name], name))
        place |= {name: (at + 0.5) / len(row) for at, name in enumerate(row)}
    return rows


def _passing(start: str, end: str, depth: int) -> str:
    """The place of an edge in a layer that it passes."""
    return f"{start}>{end}>{depth}"


def svg(edges: Edges, stages: Mapping[str, tuple[str, ...]] = STAGES) -> str:
    """A picture of ``edges``, data flowing down, one colour a stage; the same bytes each time."""
    rows = layers(edges)
    width = 2 * MARGIN + max((_width(row) for row in rows), default=0)
    height = 2 * MARGIN + len(rows) * (BOX_HEIGHT + GAP_Y) - GAP_Y
    corner: dict[str, tuple[float, float]] = {}
    for depth, row in enumerate(rows):
        x = (width - _width(row)) / 2
        for name in row:
            corner[name] = (x, MARGIN + depth * (BOX_HEIGHT + GAP_Y))
            x += _width([name]) + GAP_X
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" '
        f'width="{width:g}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{width:g}" height="{height}" fill="white"/>',
    ]
    for a, b in sorted(edges):
        passed = [name for name in corner if name.startswith(f"{a}>{b}>")]
        lines.append(_edge([corner[name] for name in (a, *passed, b)]))
    boxes = sorted(name for name in corner if ">" not in name)
    lines += [_box(name, *corner[name], stages) for name in boxes]
    return "\n".join([*lines, "</svg>", ""])


def _width(row: list[str]) -> float:
    """Of a layer's boxes, and of the edges that pass it, which take none."""
    return sum(BOX_WIDTH for name in row if ">" not in name) + GAP_X * (len(row) - 1)


def _edge(corners: list[tuple[float, float]]) -> str:
    (x1, y1), *passed, (x2, y2) = corners
    x1, x2, bend = x1 + BOX_WIDTH / 2, x2 + BOX_WIDTH / 2, GAP_Y * 0.7
    y1 += BOX_HEIGHT
    way = f"M{x1:g},{y1:g}"
    for x, y in [*passed, (x2, y2)]:
        way += f" C{x1:g},{y1 + bend:g} {x:g},{y - bend:g} {x:g},{y:g}"
        x1, y1 = x, y + BOX_HEIGHT
        if (x, y) != (x2, y2):
            way += f" L{x:g},{y1:g}"
    return (
        f'<path d="{way}" fill="none" stroke="#94a3b8" stroke-width="1.4"/>'
        f'<path d="M{x2 - 4:g},{y2 - 7:g} L{x2:g},{y2:g} L{x2 + 4:g},{y2 - 7:g}" fill="#94a3b8"/>'
    )


def _box(name: str, x: float, y: float, stages: Mapping[str, tuple[str, ...]]) -> str:
    stage = next((stage for stage, names in stages.items() if name in names), "publish")
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6" '
        f'fill="{COLOURS[stage]}" stroke="#475569"/>'
        f'<text x="{x + BOX_WIDTH / 2:g}" y="{y + BOX_HEIGHT / 2 + 4.5:g}" '
        f'text-anchor="middle">{escape(name.replace("_", " "))}</text>'
    )


def test_a_rule_stands_below_all_that_feeds_it() -> None:
    edges = {("a", "b"), ("b", "d"), ("a", "d"), ("c", "d")}
    assert layers(edges) == [["a", "c"], ["a>d>1", "b", "c>d>1"], ["d"]]
    picture = svg(edges)
    assert picture == svg(set(edges))
    assert picture.count("<text") == 4
