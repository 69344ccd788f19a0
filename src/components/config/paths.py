"""Where things lie."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from components.config.section import Section


class Paths(Section):
    cache_dir: Path = Field(Path("results"), description="Everything that the pipeline writes")
    source_sqlite: Path | None = Field(
        None,
        description="A ready jlcparts-style cache.sqlite3; null builds it from the JLC API",
    )
    preferred_parts: Path | None = Field(
        None,
        description="Numbers of preferred parts, one a line: the JLC API does not tell which are",
    )
