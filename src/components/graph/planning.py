"""The plan: what the source holds, made before the graph is drawn, so that a dry run shows all.

``plan/`` below the cache directory holds one digest a room of families, one of the whole source,
and one work list a shard. A file there is touched only when what it says has changed: the graph
depends on these files and not on the source itself, so that a new time stamp rebuilds nothing and
a changed part rebuilds its room alone.
"""

from __future__ import annotations

import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from components.artifacts import FETCHED_GROUPS, wanted
from components.config.load import Config
from components.core.files import sha256_file, write_bytes, write_if_changed
from components.core.layout import Layout
from components.core.locks import alone
from components.families import categories, family_modules, room_of, rooms
from components.fetch.shard_lists import ShardLists
from components.graph.code import code_digest
from components.source.digest import digest_source

CODE = (
    "components.graph.planning",
    *(name for room in rooms() for name in family_modules(room)),
)


@dataclass(frozen=True)
class Plan:
    """What the graph is drawn from."""

    parts: int
    shards: list[str]
    digest: str  # of the whole source's content
    lists: dict[str, str]  # digest of each work list, by <shard>.<group>

    @property
    def is_empty(self) -> bool:
        return not self.parts


def make_plan(source: Path, layout: Layout, config: Config) -> Plan:
    """The plan of ``source``, read anew only where the file or what shapes the plan has changed.

    Raises :class:`~components.core.errors.SourceError`, and
    :class:`~components.core.errors.ConfigError` for a ``stage1.where`` that is not SQL.
    """
    basis = _basis(source, config)
    record = layout.plan / "plan.json"
    # Jobs on a cluster read the Snakefile too, many at once.
    with alone(layout.plan / ".lock", quiet=True):
        if (plan := _recorded(record, basis, layout)) is not None:
            return plan
        plan = _read(source, layout, config)
        # Last, so that a plan cut short is made again.
        sizes = _sizes(layout, plan.shards, basis["groups"])
        content = {"basis": basis, "plan": asdict(plan), "sizes": sizes}
        write_bytes(record, orjson.dumps(content))
        return plan


def room_digest(layout: Layout, room: str) -> Path:
    """The file that changes when the source's rows of ``room`` do."""
    return layout.plan / "rooms" / f"{room}.sha256"


def source_digest(layout: Layout) -> Path:
    """The file that changes when anything in the source does."""
    return layout.plan / "source.sha256"


def worklist(layout: Layout, shard: str, group: str) -> Path:
    """The work list of one shard and artifact group."""
    return layout.plan / "shards" / f"{shard}.{group}.tsv"


def groups_of(config: Config) -> list[str]:
    """The artifact groups that ``config`` switches on, in order of name."""
    if not config.stage1.enabled:
        return []
    switches = config.stage1.artifacts.model_dump()
    return [group for group in FETCHED_GROUPS if wanted(group, switches)]


def stamp_of(source: Path) -> tuple[int, ...]:
    """What changes when the file ``source`` does; empty where there is none."""
    try:
        stat = source.stat()
    except OSError:
        return ()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


def _basis(source: Path, config: Config) -> dict[str, Any]:
    return {
        "source": str(source),
        "stamp": list(stamp_of(source)),
        "where": config.stage1.where,
        "shards": config.stage1.shards,
        "groups": groups_of(config),
        "max_components": config.workflow.max_components,
        "code": code_digest(CODE),
    }


def _recorded(record: Path, basis: dict[str, Any], layout: Layout) -> Plan | None:
    try:
        content = orjson.loads(record.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    if not basis["stamp"] or content.get("basis") != basis:
        return None
    plan = Plan(**content["plan"])
    groups = basis["groups"]
    files = [source_digest(layout), *(room_digest(layout, room) for room in rooms())]
    if content.get("sizes") != _sizes(layout, plan.shards, groups):
        return None
    return plan if all(file.is_file() for file in files) else None


def _sizes(layout: Layout, shards: list[str], groups: list[str]) -> list[int]:
    """How long each list is, -1 for one that is not there: they are not synced to disk."""
    sizes = []
    for path in (worklist(layout, shard, group) for shard in shards for group in groups):
        try:
            sizes.append(path.stat().st_size)
        except OSError:
            sizes.append(-1)
    return sizes


def _read(source: Path, layout: Layout, config: Config) -> Plan:
    filing = categories()

    def room_of_part(subcategory: str, package: str, description: str) -> str:
        return room_of(filing.file(subcategory, package, description).family)

    groups, most = groups_of(config), config.workflow.max_components

    def lists(catalogue: sqlite3.Connection, parts: int) -> ShardLists:
        where, shards = config.stage1.where, config.stage1.shards
        folder = layout.plan / "shards"
        return ShardLists(catalogue, folder, where, shards, groups, parts, most)

    digest, shards = digest_source(source, most, room_of_part, lists if groups else None)
    for room in rooms():
        content = digest.rooms.get(room, "no parts")
        write_if_changed(room_digest(layout, room), f"{content}\n".encode())
    write_if_changed(source_digest(layout), f"{digest.whole}\n".encode())
    digests = {
        f"{shard}.{group}": sha256_file(worklist(layout, shard, group))[:12]
        for shard in shards
        for group in groups
    }
    return Plan(parts=digest.parts, shards=shards, digest=digest.whole, lists=digests)
