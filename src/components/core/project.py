"""Where this checkout lies, for what reads files beside the package: config.yaml, zig/, envs/."""

from __future__ import annotations

import shutil
from pathlib import Path

VERSION = "0.3.0"
PROJECT = Path(__file__).resolve().parents[3]
CHECKOUT = (
    *("Snakefile", "config.yaml", "envs", "profiles", "pyproject.toml"),
    *("src", "workflow", "zig"),
)


def copy_checkout(folder: Path, *, reverse: bool = False) -> None:
    """What a run needs of this checkout, copied to a new ``folder``, last name first if wanted."""
    folder.mkdir(parents=True)
    ignore = shutil.ignore_patterns("__pycache__", ".zig-cache", "zig-out")
    for name in sorted(CHECKOUT, reverse=reverse):
        origin = PROJECT / name
        if origin.is_dir():
            shutil.copytree(origin, folder / name, ignore=ignore)
        else:
            shutil.copy(origin, folder / name)


def test_the_version_is_that_of_the_package() -> None:
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
