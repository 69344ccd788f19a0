"""The rooms of ``src/components``: which may import which, and which do.

What unit tests import does not count: they stand below the code and may ask anything for help.
Imports within functions and for the type checker count like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from components.core.project import PROJECT
from components.graph.code import drop_unit_tests

SOURCE = PROJECT / "src"
# A room, or a module at the top, imports from those before it and from itself.
ROOMS = (
    *("core", "artifacts", "config", "net", "native", "store"),
    *("source", "cad", "families", "kicad_names"),
    *("fetch", "transform", "find", "publish", "export"),
    *("serve", "graph", "bench", "operate", "cli", "__main__"),
)
# The bundled upstream and the tests' helpers are imported only where they are run; the command line
# names its verbs' modules as texts.
RUN_BY = {
    "bundled": (
        "components.net.endpoints",  # starts the upstream where it is configured,
        "components.fetch.crawl.sign",  # and signs with the account that it knows
        "components.bench",
        "components.testing",
    ),
    "testing": ("components.bench",),  # loads, and catalogues to load with
}


@cache
def modules() -> dict[str, Path]:
    """Every module by its name."""
    found = {}
    for path in sorted((SOURCE / "components").rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def room_of(module: str) -> str:
    """Empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


@cache
def imported() -> dict[str, set[str]]:
    """For each module those that it imports of this package, unit tests and their helpers aside."""
    return {name: set(_imports(name)) - {name} for name in modules()}


def _imports(name: str) -> Iterator[str]:
    tree = ast.parse(modules()[name].read_bytes())
    drop_unit_tests(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name}: a relative import"
            wanted = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for full in wanted:
            if full.split(".")[0] == "components":
                yield full if full in modules() else full.rpartition(".")[0]


def may_import(name: str, other: str) -> bool:
    """Whether the module ``name`` may import the module ``other``."""
    room, target = room_of(name), room_of(other)
    if room in (target, "testing") or not target:
        return True
    if target in RUN_BY:
        return any(f"{name}.".startswith(f"{runner}.") for runner in RUN_BY[target])
    if room == "bundled":
        # It stands for services that know nothing of us.
        return target == "core"
    return ROOMS.index(target) < ROOMS.index(room)


def room_imports() -> set[tuple[str, str]]:
    """Which of :data:`ROOMS` is imported by which other, as (imported, importing).

    Without the command line, which names its modules as texts.
    """
    pairs = {
        (room_of(other), room_of(name)) for name, others in imported().items() for other in others
    }
    drawn = {*ROOMS} - {"cli", "__main__"}
    return {pair for pair in pairs if pair[0] != pair[1] and {*pair} <= drawn}
