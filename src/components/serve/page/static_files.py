"""Our scripts and styles, read once, under an address that changes with their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
PATH = "/page"


@dataclass(frozen=True)
class StaticFile:
    content: bytes
    media_type: str


class StaticFiles:
    """Of one worker; no path is made of what a client asks for."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.by_name = {
            path.name: StaticFile(path.read_bytes(), MEDIA_TYPES[path.suffix])
            for path in sorted(folder.iterdir())
            if path.suffix in MEDIA_TYPES
        }
        digest = hashlib.sha256()
        for name, file in self.by_name.items():
            digest.update(name.encode() + b"\0" + file.content)
        self.version = digest.hexdigest()[:12]

    def address(self, name: str) -> str:
        """Where a page asks for it. KeyError where there is none."""
        assert name in self.by_name, name
        return f"{PATH}/{self.version}/{name}"


def test_scripts_and_styles_are_small_and_come_from_nowhere_else() -> None:
    files = StaticFiles().by_name
    assert {"page.js", "page.css"} <= set(files)
    assert sum(len(file.content) for file in files.values()) < 120_000
    for name, file in files.items():
        text = file.content.decode()
        assert "http" not in text.replace("http://www.w3.org/2000/svg", ""), name
        assert "innerHTML" not in text and "eval(" not in text, name
