"""The short README that lies in each export: what it is, and how a program is pointed at it."""

from __future__ import annotations

from pathlib import Path

from components.core.files import write_bytes

NAME = "README.md"


def write_readme(folder: Path, title: str, snapshot: str, *lines: str) -> None:
    """Write ``folder/README.md``: a heading, the snapshot's name and ``lines`` as paragraphs."""
    paragraphs = (f"# {title}", f"Made from snapshot `{snapshot}`.", *lines)
    write_bytes(folder / NAME, ("\n\n".join(paragraphs) + "\n").encode())


def test_a_readme_names_its_snapshot(tmp_path: Path) -> None:
    write_readme(tmp_path, "Parts", "2026-01-01-abc", "Open it.")
    text = (tmp_path / NAME).read_text()
    assert text == "# Parts\n\nMade from snapshot `2026-01-01-abc`.\n\nOpen it.\n"
