"""What ``make export`` asks for: the files of every export that is switched on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from components.config.exports import Exports
from components.core.errors import ConfigError, SnapshotError
from components.core.layout import Layout
from components.export import kicad_database, kicad_jlcpcb_tools, readme
from components.export.kicad_library import command as kicad_library
from components.families import FAMILIES

FILES: dict[str, Callable[[], list[str]]] = {
    "parquet": lambda: [*(f"{family.name}.parquet" for family in FAMILIES), readme.NAME],
    "kicad_database": lambda: [
        kicad_database.FILE,
        kicad_database.LIBRARY,
        kicad_database.WHOLE_LIBRARY,
        readme.NAME,
    ],
    "kicad_library": lambda: [*kicad_library.FILES, *kicad_library.FOLDERS],
    "kicad_jlcpcb_tools": lambda: [kicad_jlcpcb_tools.FILE, readme.NAME],
}
"""By switch of the section ``exports``: the names of its files and folders within its folder."""


def files_of(export: str, folder: str) -> list[str]:
    """The files of one export below ``folder``, which holds one snapshot's exports."""
    return [f"{folder}/{export}/{name}" for name in FILES[export]()]


def targets(config: Exports, layout: Layout) -> list[str]:
    """The files of every export that is switched on, of the snapshot that is current.

    Raises :class:`ConfigError` where none is switched on, and :class:`SnapshotError` where
    nothing is published.
    """
    wanted = [name for name in sorted(FILES) if getattr(config, name)]
    if not wanted:
        names = ", ".join(f"exports.{name}" for name in sorted(FILES))
        raise ConfigError(f"exports: none is switched on; set one of {names} to true")
    if not layout.current.is_dir():
        raise SnapshotError(f"{layout.current}: nothing is published yet; `make run` publishes")
    folder = layout.exports / layout.current.resolve().name
    return [path for name in wanted for path in files_of(name, str(folder))]


def test_what_is_switched_on_is_asked_for(tmp_path: Path) -> None:
    import pytest

    layout = Layout(tmp_path)
    with pytest.raises(ConfigError, match="none is switched on"):
        targets(Exports(), layout)
    with pytest.raises(SnapshotError, match="nothing is published"):
        targets(Exports(parquet=True), layout)
    (layout.snapshots / "2026-01-01-a").mkdir(parents=True)
    layout.current.symlink_to("2026-01-01-a")
    found = targets(Exports(kicad_jlcpcb_tools=True), layout)
    folder = f"{tmp_path}/exports/2026-01-01-a/kicad_jlcpcb_tools"
    assert found == [f"{folder}/current-parts-fts5.db", f"{folder}/README.md"]


def test_every_switch_has_its_files() -> None:
    switches = [name for name, field in Exports.model_fields.items() if field.annotation is bool]
    assert sorted(switches) == sorted(FILES)
