"""npm's packages for tests, held to the hash of what was looked at when they were chosen."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from components.core.project import PROJECT
from components.testing.extent import missing


class Package(NamedTuple):
    """A package that needs no other."""

    name: str
    version: str
    sha512: str
    """As npm writes it: ``sha512-`` and base64."""


AXE = Package(
    "axe-core",
    "4.14.1",
    "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
)
GLTF_VALIDATOR = Package(
    "gltf-validator",
    "2.0.0-dev.3.10",
    "sha512-odJ4k0tRkGXiDGn78yDBg+fBbAIvBnXxh3RwAta0emSxGtyagFE8B4xELB1oYe3S5RD8Ci3uZAsZaascH2LAEQ==",
)


def installed(package: Package) -> Path:
    """The package's folder, installed once below ``build/``; a failure in CI without npm."""
    folder = PROJECT / "build" / package.name
    module = folder / "node_modules" / package.name
    if not (module / "package.json").is_file():
        # Somewhere else first: tests that run beside this one may want it too.
        folder.parent.mkdir(exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f"{package.name}.", dir=folder.parent))
        wanted = f"{package.name}@{package.version}"
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(made), wanted]
        if not shutil.which("npm") or subprocess.run(command, capture_output=True).returncode:
            shutil.rmtree(made)
            missing(f"{wanted} cannot be installed: node and npm are needed")
        try:
            made.rename(folder)
        except OSError:
            shutil.rmtree(made)
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    del packages[""]
    # npm checks what it downloads against what it notes here.
    assert {name: each["integrity"] for name, each in packages.items()} == {
        f"node_modules/{package.name}": package.sha512
    }
    return module


def test_a_package_is_what_was_looked_at() -> None:
    import pytest

    assert (installed(GLTF_VALIDATOR) / "index.js").is_file()
    with pytest.raises(AssertionError):
        installed(GLTF_VALIDATOR._replace(sha512=AXE.sha512))
