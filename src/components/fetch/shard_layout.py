"""The plan of stage 1, made before the graph is drawn: which part belongs to which shard.

A shard is a range of part numbers. The ranges are laid out once, to hold about
:data:`PARTS_PER_SHARD` parts each, more where there would be over :data:`SHARDS` of them, and kept
in ``plan/shards.json``: a part stays in its shard for good. Only beyond the highest number so far
is a new shard begun, once the last one is full.

A part that was listed stays so while the source has it, whatever its stock: only new parts and
addresses make a shard stale. What has left the source leaves its list when that is written for
another reason. Another ``stage1.where`` lists anew what it selects and nothing else.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from bisect import bisect_right
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from components.core.errors import StoreError
from components.core.files import write_bytes
from components.fetch.worklist import HEADING, UNUSABLE, unusable

PARTS_PER_SHARD = 5000
SHARDS = 256
RANGES = "shards.json"
LATE = ".late-"
_NUMBERS = re.compile(rb"^\d+", re.MULTILINE)
Lines = dict[str, list[bytes]]
"""The lines of one shard by group."""


class ShardLayout:
    """Which parts the lists ``<folder>/<shard>.<group>.tsv`` hold, and what they held before.

    ``catalogue`` is what :func:`components.source.catalogue.open_catalogue` gives, ``parts`` how
    many it holds, ``where`` the operator's SQL over its ``components``.

    Raises :class:`ConfigError` where ``where`` is not a condition SQLite can evaluate, and
    :class:`StoreError` where the kept ranges are damaged.
    """

    def __init__(
        self,
        catalogue: sqlite3.Connection,
        folder: Path,
        where: str,
        shards: Literal["auto"] | int,
        groups: Collection[str],
        parts: int,
        max_components: int = 0,
    ) -> None:
        self.folder = folder
        self.groups = sorted(groups)
        # The newline ends a comment that `where` may close with.
        self.condition = f"({where}\n)"
        self.where = where
        self._asked = {"asked": shards, "where": where, "max_components": max_components}
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob(f"{LATE}*"):
            path.unlink()
        try:
            catalogue.execute(f"EXPLAIN {self._selected()}")
            kept = _kept(folder / RANGES)
            self.carries = all(kept.get(name) == value for name, value in self._asked.items())
            if kept and not self.carries:
                # Lists that this plan leaves half written are carried on by no other.
                write_list(folder / RANGES, json.dumps({**kept, "where": None}).encode() + b"\n")
            self.size = max(PARTS_PER_SHARD, math.ceil(parts / SHARDS))
            self.starts, self.highest = [0], -1
            self.is_fresh = kept.get("asked") != shards
            if not self.is_fresh:
                self.starts, self.highest = kept["starts"], kept["highest"]
                self.size = kept.get("size", PARTS_PER_SHARD)
            elif shards != "auto":
                self.starts, self.is_fresh = self._even(catalogue, shards), False
        except UNUSABLE as error:
            raise self.unusable(error) from None
        self.grows = shards == "auto"
        self._seam = 0

    def unusable(self, error: Exception) -> Exception:
        """What is raised where the condition fails on some part."""
        return unusable(self.where, error)

    def split(self, start: int) -> bool:
        """Whether another process may take the parts from ``start``; if so, it is noted."""
        if may := self.is_fresh or not self.grows or start <= self.highest:
            self._seam = start
        return may

    def index_of(self, number: int) -> int:
        """The shard of a part, as far as shards are laid out."""
        return max(0, bisect_right(self.starts, number) - 1)

    def is_shared(self, index: int) -> bool:
        """Whether two stretches have parts of one shard."""
        if self.is_fresh or index != self.index_of(self._seam):
            return False
        return self.starts[index] < self._seam

    def write(self, index: int, lines: Lines, prefix: str = "") -> None:
        """A shard's lists, each where it says something new."""
        for group, mine in lines.items():
            path = self.folder / f"{prefix}{index:04d}.{group}.tsv"
            content = HEADING + b"".join(mine)
            before = path.read_bytes() if path.is_file() else b""
            if before == content:
                continue
            if self.carries and before and set(mine).issubset(before.splitlines(keepends=True)):
                # Some have left the source: no reason to ask for the others.
                continue
            write_list(path, content)

    def listed(self, index: int) -> set[bytes]:
        """The numbers that the lists of a shard hold, those of other groups too."""
        if not self.carries:
            return set()
        paths = self.folder.glob(f"{index:04d}.*.tsv")
        return {number for path in paths for number in _NUMBERS.findall(path.read_bytes())}

    def _selected(self) -> str:
        return f"SELECT lcsc FROM part_rows AS components WHERE {self.condition} ORDER BY lcsc"

    def _even(self, catalogue: sqlite3.Connection, shards: int) -> list[int]:
        (count,) = catalogue.execute(f"SELECT count(*) FROM ({self._selected()})").fetchone()
        cuts = {count * index // shards for index in range(1, shards)}
        numbers = catalogue.execute(self._selected())
        return [0, *(number for at, (number,) in enumerate(numbers) if at and at in cuts)]


def write_list(path: Path, content: bytes) -> None:
    """As ``write_bytes``, not synced one by one: the plan notes how long each list is."""
    write_bytes(path, content, durable=False)


def _kept(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
        return {**content, "starts": list(content["starts"]), "highest": int(content["highest"])}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{path}: damaged; remove it to lay the shards out anew") from None
