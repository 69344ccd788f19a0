"""Results of a benchmark, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from components.core.files import write_text

Cell = str | int | float | None


@dataclass
class Table:
    """One benchmark's figures: a row a case, a column a figure with its unit in the heading."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        if len(cells) != len(self.columns):
            raise ValueError(f"{self.name}: {len(cells)} cells for {len(self.columns)} columns")
        self.rows.append(cells)

    def markdown(self) -> str:
        """The table as GitHub draws it, figures aligned right."""
        numeric = [
            all(isinstance(row[index], int | float | None) for row in self.rows)
            for index in range(len(self.columns))
        ]
        lines = [
            "| " + " | ".join(self.columns) + " |",
            "|" + "|".join("---:" if right else "---" for right in numeric) + "|",
        ]
        lines += ["| " + " | ".join(map(figure, row)) + " |" for row in self.rows]
        return "\n".join([f"### {self.title}", "", *lines, "", *self.notes]).rstrip() + "\n"

    def save(self, folder: Path) -> None:
        """Write ``<name>.json`` and ``<name>.md`` to ``folder``."""
        content = asdict(self) | {"machine": machine(), "date": f"{date.today():%Y-%m-%d}"}
        write_text(folder / f"{self.name}.json", json.dumps(content, indent=1) + "\n")
        write_text(folder / f"{self.name}.md", self.markdown())


def figure(value: Cell) -> str:
    """A figure with three significant digits, thousands apart; text as it is.

    >>> figure(0.012345), figure(1234567.8), figure(12), figure(None)
    ('0.0123', '1,234,568', '12', '')
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def machine() -> dict[str, Cell]:
    """What a reader must know to judge the figures; names no host."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gib": round(memory_bytes / 2**30),
        "python": platform.python_version(),
    }


def test_a_row_of_the_wrong_length_is_refused(tmp_path: Path) -> None:
    import pytest

    table = Table("x", "X", ("case", "time ms"))
    table.add("a", 1.5)
    with pytest.raises(ValueError, match="3 cells for 2"):
        table.add("a", 1, 2)
    table.save(tmp_path)
    assert json.loads((tmp_path / "x.json").read_text())["rows"] == [["a", 1.5]]
    assert "| a | 1.5 |" in (tmp_path / "x.md").read_text()
