"""Footprints a second on one core: real answers, or generated ones where there are none."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from components.bench.report import Table
from components.footprint.answer import read_answer
from components.footprint.convert import assemble, convert
from components.footprint.preview import preview
from components.footprint.testing import CURIOUS, answer_of
from components.shared.project import PROJECT

# How long each stage is measured.
SECONDS = 1.0


def run(args: argparse.Namespace) -> Iterable[Table]:
    """Each stage alone, each over all answers, the best of several rounds."""
    answers, source = _answers()
    decoded = [orjson.loads(answer) for answer in answers]
    assembled = [assemble(answer) for answer in decoded]
    stages: dict[str, Callable[[], Any]] = {
        "decode JSON": lambda: [orjson.loads(answer) for answer in answers],
        "read the answer": lambda: [read_answer(answer) for answer in decoded],
        "read and place the shapes": lambda: [assemble(answer) for answer in decoded],
        "draw the preview": lambda: [
            preview(parts.items, parts.courtyards["F.CrtYd"]) for parts in assembled
        ],
        "JSON to footprint, preview and report": lambda: [convert(answer) for answer in answers],
    }
    table = Table(
        "footprints",
        f"Footprints from {source}, one core",
        ("stage", "footprints/s", "pads/s", "ms each"),
    )
    pads = sum(len(parts.pads) for parts in assembled)
    for name, stage in stages.items():
        best_s = min(_rounds(stage))
        table.add(name, len(answers) / best_s, pads / best_s, best_s / len(answers) * 1000)
    return [table]


def _rounds(stage: Callable[[], Any]) -> Iterable[float]:
    stop = time.perf_counter() + SECONDS
    while True:
        start = time.perf_counter()
        stage()
        end = time.perf_counter()
        yield end - start
        if end > stop:
            return


def _answers() -> tuple[list[bytes], str]:
    folder = PROJECT.parent / "shared" / "data" / "easyeda"
    real = [path.read_bytes() for path in sorted(folder.glob("*.json"))]
    if real:
        return real, f"{len(real)} real answers"
    generated = [orjson.dumps(answer_of(*CURIOUS)) for _ in range(50)]
    return generated, f"{len(generated)} generated answers"


def test_the_table_has_a_row_for_each_stage() -> None:
    (table,) = run(argparse.Namespace())
    assert len(table.rows) == 5
    assert all(float(row[1] or 0) > 0 for row in table.rows)
