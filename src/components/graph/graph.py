"""What the workflow knows before it draws its graph: config, paths, plan, digests of code.

The Snakefile asks this module and holds no logic of its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from components.artifacts import FETCHED_GROUPS, GROUPS, unserved, wanted
from components.config.load import Config, parse_config
from components.core.files import write_bytes
from components.core.layout import Layout
from components.core.project import PROJECT
from components.families import family_modules, rooms
from components.fetch.retry import next_try
from components.graph import code as modules
from components.graph.code import closure, code_digest, own_digest
from components.graph.keys import Keys
from components.graph.planning import Plan, groups_of, make_plan, stamp_of
from components.net.endpoints import FetchSettings, identity
from components.source.origin import check_origin
from components.source.ready import catalogue_path, copy_if_changed

SEALED_FILES = ("fast.sqlite", "detail.sqlite", "search.sqlite", "lookup.idx", "metadata.json")
MODULES = "modules.json"
RECEIPTS = ("validated.json", "summary.html")
SHARD_GROUPS = tuple(name for name, group in GROUPS.items() if group.made_by != "crawl")
WITH_FETCH = ("stage1-all", "processor-once", "all-in-one-once")
ROOM_MODULES = {room: family_modules(room) for room in rooms()}
FAMILY_MODULES = tuple(name for names in ROOM_MODULES.values() for name in names)
CODE: dict[str, tuple[str, ...]] = {
    "fetch_shard": ("components.fetch.shard",),
    "fold_manifests": ("components.fetch.fold",),
    "convert_cad": ("components.fetch.convert_cad",),
    "convert_glb": ("components.fetch.convert_glb",),
    "build_pick_tables": ("components.transform.pick",),
    "build_fast_db": ("components.transform.fast",),
    "build_detail_db": ("components.transform.detail",),
    "build_search": ("components.transform.search", *FAMILY_MODULES),
    "build_metadata": ("components.transform.metadata",),
    "validate_snapshot": ("components.transform.validate",),
    "build_library": ("components.native.build",),
    "build_index": ("components.transform.index", *FAMILY_MODULES),
    "publish_snapshot": ("components.publish.publish",),
    "export_parquet": ("components.export.parquet",),
    "export_kicad_database": ("components.export.kicad_database",),
    "export_kicad_library": ("components.export.kicad_library.command",),
    "export_kicad_jlcpcb_tools": ("components.export.kicad_jlcpcb_tools",),
}


class Graph:
    """One configuration's view of the workflow.

    Raises :class:`~components.core.errors.ConfigError` for a wrong configuration, and
    :class:`~components.core.errors.SourceError` for a source that cannot be read.
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.config: Config = parse_config(content)
        self.layout = Layout(self.config.paths.cache_dir)
        self.mode = self.config.workflow.mode
        self.source_is_built = self.config.paths.source_sqlite is None
        ready = self.config.paths.source_sqlite
        self.source = catalogue_path(ready, self.layout)
        if self.mode != "serve":
            check_origin(
                self.layout, self.config.upstream.kind, ready, fetches=bool(groups_of(self.config))
            )
        self._forget_lost_source()
        self.rooms = list(rooms())
        # One moment for all shards, however long the graph takes to draw.
        self._now_s = time.time()
        self._codes: dict[tuple[str, ...], str] = {}
        self._identities: dict[str, str] = {}
        self._plan: tuple[tuple[int, ...], Plan] | None = None
        self.keys = Keys(self)
        modules.recall(self.layout.plan / MODULES)
        self.tools = _short_hash((PROJECT / "envs" / "runtime.txt").read_bytes())

    def _forget_lost_source(self) -> None:
        # The graph sees the receipt alone, which without its catalogue stands for nothing.
        if self.source_is_built and not self.source.exists():
            self.source_receipt().unlink(missing_ok=True)

    def source_receipt(self) -> Path:
        """What the graph knows the built catalogue by: the engine may delete it, not the other."""
        return self.layout.source.with_name("receipt.json")

    def plan(self) -> Plan:
        """The current plan; made anew only where the source or what shapes the plan has changed."""
        ready = self.config.paths.source_sqlite
        if ready is not None and ready != self.source:
            copy_if_changed(ready, self.source)
        stamp = stamp_of(self.source)
        if self._plan is None or self._plan[0] != stamp or not stamp:
            self._plan = stamp, make_plan(self.source, self.layout, self.config)
        return self._plan[1]

    def code(self, rule: str, *others: str) -> str:
        """What a rule's ``params`` carry: it changes with the code that the rule runs."""
        # Each of thousands of jobs asks for it.
        key = (rule, *others)
        if key not in self._codes:
            self._codes[key] = code_digest([*CODE[rule], *others])
        return self._codes[key]

    def room_code(self) -> str:
        """What each room's tables are made by: words for ``build-pick --code``."""
        digests = {
            room: self.code("build_pick_tables", *names) for room, names in ROOM_MODULES.items()
        }
        return " ".join(f"{room}={digest}-{self.tools}" for room, digest in digests.items())

    def remember(self) -> None:
        """Spare the next run the reading of unchanged code, where there is a plan to keep it by."""
        if self.layout.plan.is_dir():
            # A folder that cannot be written stops nothing: the next run reads again.
            with contextlib.suppress(OSError):
                modules.remember(self.layout.plan / MODULES)

    def groups(self) -> list[str]:
        """The artifact groups that the configuration switches on, in order of name."""
        return groups_of(self.config)

    def artifacts(self, group: str) -> list[str]:
        """The artifact types of one group that are switched on."""
        return list(wanted(group, self.config.stage1.artifacts.model_dump()))

    def catalogue_address(self) -> str:
        """Where the catalogue comes from, as text for a rule's ``params``.

        How it is asked for is not in it: another name for our requests asks for nothing anew.
        """
        upstream = self.config.upstream
        names = ("jlc_api_base_url", "jlc_component_infos_path", "jlc_component_detail_path")
        chosen = ("bundled_parts",) if upstream.kind == "bundled" else names
        return " ".join([upstream.kind, *(str(getattr(upstream, name)) for name in chosen)])

    def identity(self, group: str) -> str:
        """What a shard's artifacts of ``group`` depend on besides its work list and the code."""
        # Each of thousands of jobs asks for it.
        if group not in self._identities:
            self._identities[group] = identity(self._fetch_settings(), group)
        return self._identities[group]

    def settings(self) -> str:
        """What fetching needs of the configuration, as JSON for its command line."""
        chosen = self._fetch_settings().model_dump(mode="json")
        return orjson.dumps(chosen, option=orjson.OPT_SORT_KEYS).decode()

    def _fetch_settings(self) -> FetchSettings:
        return FetchSettings(upstream=self.config.upstream, stage1=self.config.stage1)

    def fetches(self) -> bool:
        """Whether this mode runs stage 1."""
        return self.mode in WITH_FETCH and bool(self.groups())

    def fetches_catalogue(self) -> bool:
        """Whether the source is built from the JLC API, and by this mode."""
        return self.source_is_built and self.mode in WITH_FETCH

    def converts(self) -> bool:
        """Whether STEP models become GLB."""
        return self.config.stage2.convert_step_to_glb and "model_step" in (
            self.artifacts("cad") if "cad" in self.groups() else ()
        )

    def measures(self) -> bool:
        """Whether STEP models are measured, which tells footprints where theirs stand.

        Those that are there stand so, too, once no more are asked for.
        """
        return self.converts() or self.draws()

    def boxes(self) -> list[Path]:
        """What the STEP models of each shard measure."""
        shards = self.plan().shards if self.measures() else ()
        return [self.layout.shards / f"{shard}.boxes.json" for shard in shards]

    def converter(self, group: str) -> str:
        """What tells apart the code that a group's artifacts are converted by."""
        return code_digest([GROUPS[group].module])

    def draws(self) -> bool:
        """Whether anything is drawn from CAD answers."""
        return "cad" in self.groups() and bool(self.artifacts("drawing"))

    def unserved(self) -> list[str]:
        """Artifact types that are kept and that snapshots do not refer to."""
        return list(unserved(self.config.stage1.artifacts.model_dump()))

    def shard_manifest(self, shard: str, group: str) -> Path:
        """The frozen manifest of one shard and group: a target of the shard's job."""
        return self.layout.shards / f"{shard}.{group}.sqlite3"

    def tries(self, shard: str, group: str) -> int:
        """How often the passing failures of one shard and group were tried again, or are now."""
        return next_try(self.shard_manifest(shard, group), self._now_s)

    def shard_manifests(self) -> list[Path]:
        """Every frozen manifest that the plan asks for."""
        groups = self._made()
        return [self.shard_manifest(s, g) for s in self.plan().shards for g in groups]

    def kept_manifests(self) -> list[Path]:
        """Frozen manifests of groups that are switched off: what is there stays in snapshots."""
        off = sorted(set(SHARD_GROUPS) - set(self._made()))
        folder = self.layout.shards
        return [path for group in off for path in sorted(folder.glob(f"[0-9]*.{group}.sqlite3"))]

    def _made(self) -> list[str]:
        return [*self.groups(), *(name for name, made in self._conversions() if made)]

    def _conversions(self) -> tuple[tuple[str, bool], ...]:
        return ("drawing", self.draws()), ("glb", self.converts())

    def folded(self) -> Path:
        """The list of all shards' frozen manifests."""
        return self.layout.folded

    def manifest_input(self) -> list[Path]:
        """What `detail.sqlite` knows of artifacts: none, where none were ever fetched."""
        if self.fetches() or self.folded().exists():
            return [self.folded()]
        # Up to version 0.3 a manifest of its own.
        earlier = self.folded().with_suffix(".sqlite3")
        return [earlier] if earlier.exists() else []

    def targets(self) -> list[Path]:
        """What ``rule all`` asks for in this mode.

        Every product is named, not the last alone: Snakemake does not miss a deleted intermediate
        while what follows it is there.
        """
        library = self.layout.library
        if self.mode == "serve":
            return [library]
        fetched = [*self.shard_manifests(), *self.boxes(), self.folded()] if self.fetches() else []
        if self.mode == "stage1-all":
            return fetched
        build = self.layout.build
        picks = [build / "pick" / f"{room}.sqlite" for room in self.rooms]
        built = [build / name for name in (*SEALED_FILES, *RECEIPTS)]
        published = [] if self.mode == "stage2-build" else [self.layout.receipt]
        return [library, *fetched, *picks, *built, *published]


def module_digests(rule: str, *others: str) -> dict[str, str]:
    """Each module that a job of ``rule`` runs, with the digest of that module alone.

    With ``others`` instead of all groups' modules. Empty for a rule that does not run again when
    its code changes.
    """
    extra = FAMILY_MODULES if rule == "build_pick_tables" else others
    if rule == "fetch_shard" and not others:
        extra = tuple(GROUPS[group].module for group in FETCHED_GROUPS)
    return {name: own_digest(name) for name in closure([*CODE.get(rule, ()), *extra])}


def record_code(layout: Layout) -> None:
    """Note what code a complete run used, so that a later plan can name what has changed."""
    content = {rule: module_digests(rule) for rule in CODE}
    write_bytes(layout.plan / "code.json", orjson.dumps(content, option=orjson.OPT_SORT_KEYS))


def zig_sources() -> list[Path]:
    """Everything that the library is compiled from, sorted."""
    files = (path for path in (PROJECT / "zig").rglob("*") if path.suffix in (".zig", ".h", ".zon"))
    return sorted(path for path in files if not {".zig-cache", "zig-out"} & set(path.parts))


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
