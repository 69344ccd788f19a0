"""Footprints and symbols a second on one core: real answers, else generated ones."""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

from components.bench.report import Table
from components.cad.answer import read_answer
from components.cad.footprint.convert import Parts, assemble, convert
from components.cad.footprint.preview import preview
from components.cad.symbol.convert import assemble as assemble_symbol
from components.cad.symbol.convert import convert as convert_symbol
from components.core.project import PROJECT
from components.testing.cad import CURIOUS, answer_of, symbol_answer

# How long each stage is measured.
SECONDS = 1.0


def run(args: argparse.Namespace) -> Iterable[Table]:
    """Each stage alone, each over all answers, the best of several rounds."""
    answers, source = _answers()
    decoded = [orjson.loads(answer) for answer in answers]
    assembled = [assemble(answer) for answer in decoded]
    stages: dict[str, tuple[Callable[[Any], object], Sequence[object]]] = {
        "decode JSON": (orjson.loads, answers),
        "read the answer": (read_answer, decoded),
        "read and place the shapes": (assemble, decoded),
        "draw the preview": (_preview, assembled),
        "JSON to footprint, preview and report": (convert, answers),
    }
    table = Table(
        "footprints",
        f"Footprints from {source}, one core",
        ("stage", "footprints/s", "pads/s", "ms each"),
    )
    pads = sum(len(parts.pads) for parts in assembled)
    # What is kept here for later stages is no part of what is measured.
    gc.freeze()
    for name, (stage, inputs) in stages.items():
        best_s = min(_rounds(stage, inputs))
        table.add(name, len(answers) / best_s, pads / best_s, best_s / len(answers) * 1000)
    gc.unfreeze()
    return [table, _symbols(answers, source)]


def _symbols(answers: Sequence[bytes], source: str) -> Table:
    table = Table(
        "symbols",
        f"Symbols from {source}, one core",
        ("stage", "symbols/s", "pins/s", "ms each"),
    )
    pins = sum(sum(1 for _ in assemble_symbol(answer).symbol.pins) for answer in answers)
    for name, stage in {
        "JSON to units and pins": assemble_symbol,
        "JSON to symbol, picture and report": convert_symbol,
    }.items():
        best_s = min(_rounds(stage, answers))
        table.add(name, len(answers) / best_s, pins / best_s, best_s / len(answers) * 1000)
    return table


def _preview(parts: Parts) -> bytes:
    return preview(parts.items, parts.courtyards["F.CrtYd"])


def _rounds(stage: Callable[[Any], object], inputs: Sequence[object]) -> Iterable[float]:
    # The processor's time: what one core gives, whoever else uses the machine.
    stop = time.process_time() + SECONDS
    while True:
        start = time.process_time()
        for each in inputs:
            stage(each)
        end = time.process_time()
        yield end - start
        if end > stop:
            return


def _answers() -> tuple[list[bytes], str]:
    folder = PROJECT.parent / "shared" / "data" / "easyeda"
    real = [path.read_bytes() for path in sorted(folder.glob("*.json"))]
    if real:
        return real, f"{len(real)} real answers"
    symbol = symbol_answer()["result"]["dataStr"]
    answer = answer_of(*CURIOUS)
    answer["result"]["dataStr"] = symbol
    generated = [orjson.dumps(answer) for _ in range(50)]
    return generated, f"{len(generated)} generated answers"


def test_the_table_has_a_row_for_each_stage() -> None:
    footprints, symbols = run(argparse.Namespace())
    assert (len(footprints.rows), len(symbols.rows)) == (5, 2)
    assert all(float(row[1] or 0) > 0 for row in [*footprints.rows, *symbols.rows])
