"""The order of the rooms of ``src/components``, that no modules import each other, and sizes."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from components.core.project import PROJECT
from components.graph.rooms import ROOMS, RUN_BY, imported, may_import, modules, room_of

LINES_MAX = 350


def test_every_room_has_its_place() -> None:
    assert {room_of(name) for name in modules()} - {""} == {*ROOMS, *RUN_BY}


def test_no_module_imports_from_a_later_room() -> None:
    faults = [
        f"{name} imports {other}"
        for name, others in imported().items()
        for other in sorted(others)
        if not may_import(name, other)
    ]
    assert not faults


def test_no_modules_import_each_other() -> None:
    try:
        TopologicalSorter(imported()).prepare()
    except CycleError as error:
        raise AssertionError(" <- ".join(error.args[1])) from None


def test_a_module_is_one_noun() -> None:
    long = {
        str(path.relative_to(PROJECT)): lines
        for path in modules().values()
        if (lines := len(path.read_text().splitlines())) > LINES_MAX
    }
    assert not long, f"over {LINES_MAX} lines: part them by what they do"
