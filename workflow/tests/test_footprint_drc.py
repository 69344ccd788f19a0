"""KiCad's own design rule check has nothing against a footprint but what its report names.

Footprints that cut no board and have no zones stand on few boards, far apart: the check looks at
what is near each other. With ``--long`` each stands on its own.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from components.cad.footprint.convert import Converted, convert
from components.testing.extent import sized
from components.testing.kicad import board, design_rule_check
from components.testing.library import shared_data

pytestmark = pytest.mark.long
PITCH_MM = 150.0
# KiCad measures rings and rounded pads on chords that leave them by this (ARC_HIGH_DEF).
CHORD_MM = 0.005
# Letters too small, drawings that cross each other, rings without copper, silk that runs off the
# board: as the source has them.
WARNINGS = {"text_height", "silk_overlap", "padstack", "silk_edge_clearance"}


def answers() -> dict[str, Converted]:
    folders = ("easyeda", "easyeda_new", "faults")
    paths = [path for name in folders for path in sorted((shared_data() / name).glob("*.json"))]
    assert len(paths) >= 96
    converted = [convert(path.read_bytes()) for path in paths]
    return {path.stem: each for path, each in zip(paths, converted, strict=True)}


def checked(
    folder: Path, footprints: dict[str, Converted], each: bool
) -> dict[str, list[dict[str, Any]]]:
    """KiCad's findings by footprint."""
    references = {f"P{number}": name for number, name in enumerate(footprints)}
    alone, together = [], []
    for reference, name in references.items():
        data = footprints[name].kicad_mod
        lone = each or b'"Edge.Cuts"' in data or b"(zone " in data
        (alone if lone else together).append((reference, data))
    half = len(together) // 2
    boards = [[one] for one in alone] + [
        part for part in (together[:half], together[half:]) if part
    ]
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in footprints}

    def check(number: int) -> list[dict[str, Any]]:
        text = board(boards[number], PITCH_MM)
        return design_rule_check(folder, f"board{number}", text)

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for violations in threads.map(check, range(len(boards))):
            for violation in violations:
                named = {
                    match
                    for item in violation["items"]
                    for match in re.findall(r"\bof (P\d+)\b", item["description"])
                }
                assert len(named) == 1, violation
                found[references[named.pop()]].append(violation)
    return found


def errors(violations: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(each["type"] for each in violations if each["severity"] == "error"))


def test_every_error_is_the_source_s_and_in_the_report(tmp_path: Path) -> None:
    footprints = answers()
    found = checked(tmp_path, footprints, each=sized(False, True))
    for name, violations in found.items():
        rules = {rule["rule"]: rule for rule in footprints[name].report["design_rules"]}
        assert errors(violations) == {rule: each["count"] for rule, each in rules.items()}, name
        for each in violations:
            measured = re.search(r"actual (-?[\d.]+) mm", each["description"])
            if each["severity"] == "error" and measured:
                assert float(measured[1]) > rules[each["type"]]["least_mm"] - CHORD_MM, (name, each)
        assert {each["type"] for each in violations if each["severity"] == "warning"} <= WARNINGS, (
            name,
            violations,
        )


def test_faults_are_mended_or_named(tmp_path: Path) -> None:
    footprints = answers()
    doubtful = {name for name, each in footprints.items() if each.report["confidence"] != "sound"}
    assert doubtful == {"C80192", "shorted_pads"}
    told = {name: " / ".join(each.report["warnings"]) for name, each in footprints.items()}
    for name, words in (
        ("open_outline", "does not close"),
        ("C388629", "does not close"),
        ("test_std_footprint_small_neg", "does not close"),
        ("shorted_pads", "pads of different numbers touch"),
        ("C80192", "pads of different numbers touch"),
        ("copper_region_joins", "a net tie"),
        ("m3d_nan", "the 3D model is left out"),
        ("m3d_far_z", "the 3D model is left out"),
    ):
        assert words in told[name], (name, told[name])
    assert not re.search("via", told["C2913197"] + told["via_edge"] + told["via_between_subpads"])
    assert footprints["copper_track"].kicad_mod.count(b'(pad "1" ') == 3
    assert b'(pad "2" smd' in footprints["two_numbers"].kicad_mod
