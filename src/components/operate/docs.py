"""``components docs``: writes what is generated from code into docs/ and workflow/schemas/.

The part of ``docs/PAGE.md`` between ``<!-- NAME -->`` and ``<!-- /NAME -->`` is generated; a test
fails where a file says something else than the code.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from components.bench import families as measured
from components.bench.report import Table
from components.config.load import ENVIRONMENT, Config
from components.core.errors import ComponentsError
from components.core.files import write_if_changed
from components.core.project import PROJECT
from components.families import FAMILIES, families_of, rooms
from components.graph import draw
from components.graph.rooms import room_imports

DOCS = PROJECT / "docs"
README = PROJECT / "README.md"
SCHEMA = PROJECT / "workflow" / "schemas" / "config.schema.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """No options: the files are always the same ones."""


def run(args: argparse.Namespace) -> int:
    for path, text in generated().items():
        if write_if_changed(path, text.encode()):
            print(f"wrote {path.relative_to(PROJECT)}")
    return 0


def generated() -> dict[Path, str]:
    """Every generated file as it should be."""
    pages = {
        "families": families,
        "settings": settings,
        "commands": commands,
        "benchmarks": benchmarks,
    }
    files = {README: ("figures", figures)} | {
        DOCS / f"{name}.md": (name, make) for name, make in pages.items()
    }
    texts = {
        path: replace_block(path.read_text(), name, make()) for path, (name, make) in files.items()
    }
    rooms_drawn = draw.svg(draw.direct(room_imports()), draw.ROOM_STAGES)
    return {**texts, SCHEMA: schema(), DOCS / "rooms.svg": rooms_drawn}


def schema() -> str:
    """The JSON schema of the configuration."""
    return json.dumps(Config.model_json_schema(), indent=1, sort_keys=True) + "\n"


def replace_block(text: str, name: str, content: str) -> str:
    """``text`` with what stands between the markers of ``name`` replaced.

    >>> replace_block("a <!-- x -->old<!-- /x --> b", "x", "new")
    'a <!-- x -->\\nnew\\n<!-- /x --> b'
    """
    pattern = re.compile(rf"(<!-- {name} -->).*(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ComponentsError(f"no block between <!-- {name} --> and <!-- /{name} -->")
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n{match[2]}", text)


def families() -> str:
    """A table a room, a row a family: what it holds, its columns, and how many parts have them."""
    fill = measured.Fill.read(DOCS / "bench" / "families.json")
    pickable = _sum(fill, [family.name for family in FAMILIES], measured.PICKABLE)
    parts = [
        f"{fill.title}: {pickable:,} are pickable. A number behind a column is the percentage of"
        " the family's pickable parts that have it, rounded down.",
    ]
    for room in rooms():
        found = families_of(room)
        pickable = _sum(fill, [family.name for family in found], measured.PICKABLE)
        lines = [f"### {room}", "", f"{len(found)} families, {pickable:,} pickable parts.", ""]
        lines += ["| family | holds | parts | pickable | columns |", "|---|---|---:|---:|---|"]
        for family in found:
            counts = [fill.parts(family.name, which) for which in measured.COUNTED]
            shown = " | ".join("" if count is None else f"{count:,}" for count in counts)
            columns = ", ".join(
                f"`{column.name}` {fill.percent(family.name, column.name)}".rstrip()
                for column in family.columns
            )
            lines.append(f"| `{family.name}` | {family.title} | {shown} | {columns} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _sum(fill: measured.Fill, families: list[str], which: str) -> int:
    return sum(fill.parts(family, which) or 0 for family in families)


def settings() -> str:
    """A row a key of config.yaml: default and meaning, and the variable that overrides it."""
    variables = {".".join(path): name for name, path in ENVIRONMENT.items()}
    lines = ["| key | default | meaning |", "|---|---|---|"]
    for key, default, meaning in _keys(Config, ""):
        if key in variables:
            meaning += f" (`{variables[key]}` wins)"
        shown = json.dumps(default, default=str).replace("|", "\\|")
        lines.append(f"| `{key}` | `{shown}` | {meaning} |")
    return "\n".join(lines)


def _keys(model: type[BaseModel], prefix: str) -> list[tuple[str, Any, str]]:
    found: list[tuple[str, Any, str]] = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found += _keys(field.annotation, f"{prefix}{name}.")
        else:
            found.append((prefix + name, field.default, field.description or ""))
    return found


def commands() -> str:
    """A row a target of the Makefile."""
    targets = re.findall(r"^([a-z-]+):.*?## (.*)$", (PROJECT / "Makefile").read_text(), re.M)
    lines = ["| command | does |", "|---|---|"]
    return "\n".join(lines + [f"| `make {name}` | {meaning} |" for name, meaning in targets])


def benchmarks() -> str:
    """The tables that `make bench` left in docs/bench/, and when and on what they were measured.

    Not that of the families, which has a page of its own.
    """
    parts = []
    for file in sorted((PROJECT / "docs" / "bench").glob("*.json")):
        if file.stem == measured.NAME:
            continue
        content = json.loads(file.read_text())
        machine = content["machine"]
        table = Table(**{f.name: content[f.name] for f in dataclasses.fields(Table)})
        parts.append(
            f"{table.markdown()}\n{content['date']}; {machine['cores']} cores of {machine['cpu']}, "
            f"{machine['memory_gib']} GiB, Python {machine['python']}.\n"
        )
    return "\n".join(parts).rstrip()


def figures() -> str:
    """Three figures of the benchmarks' tables, with the commands that measure them."""

    def of(name: str, row: object, column: str) -> float:
        table = json.loads((DOCS / "bench" / f"{name}.json").read_text())
        (values,) = [values for values in table["rows"] if values[0] == row]
        return float(values[table["columns"].index(column)])

    library = of("lookup", "library, bytes to bytes", "p50 µs")
    others = [of("lookup", "NumPy scan, numbers only", "p50 ratio")]
    others.append(of("lookup", "SQLite, each question's best index, whole rows", "p50 ratio"))
    one, many = (of("http", count, "server requests/s") for count in (1, 16))
    cold, idle = (of("workflow", run, "wall s") for run in ("cold", "nothing to do"))
    rows = (
        ("a query within the library", f"{library:.1f} µs: {others[0]:.0f} times faster than a scan"
         f" by NumPy, {others[1]:.0f} times than SQLite's best index", "lookup"),
        ("queries over HTTP, one worker", f"{one:,.0f} a second on one connection, {many:,.0f} on"
         " 16", "http"),
        ("from a catalogue of 236,831 parts to a published snapshot", f"{cold:.1f} s;"
         f" {idle:.1f} s where nothing changed", "workflow"),
    )  # fmt: skip
    lines = ["| what | measured on 2 cores | by |", "|---|---|---|"]
    return "\n".join(
        lines + [f"| {what} | {said} | `make bench ARGS={name}` |" for what, said, name in rows]
    )


def test_pages_and_schema_say_what_the_code_says() -> None:
    for path, text in generated().items():
        assert path.read_text() == text, f"{path.name} is stale: run `components docs`"


def test_every_key_has_a_meaning_and_stands_in_the_shipped_file() -> None:
    shipped = (PROJECT / "config.yaml").read_text()
    for key, _, meaning in _keys(Config, ""):
        assert meaning, key
        assert f"{key.split('.')[-1]}:" in shipped, key
