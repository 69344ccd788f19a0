"""Bundles are built beside the server: large ones in processes of their own, of lower priority.

In a thread a build holds the interpreter for milliseconds at a time, and queries wait so long.
What is small is built in a thread all the same, since a process would take longer to be asked.
"""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from multiprocessing import get_context, parent_process
from pathlib import Path
from typing import IO, Any, NamedTuple

from components.serve.http.asgi import Refusal
from components.serve.routes.bundle import MEDIA_TYPE, build_bundle
from components.serve.routes.parts import read_assets, read_parameters, read_parts, to_json
from components.serve.snapshot import open_readonly
from components.store.object_store import ObjectStore

# Building keeps a core busy each; what waits beyond these is refused.
BUILDING_MAX = 2
WAITING_MAX = 16
SMALL_BYTES, SMALL_PARTS = 2 << 20, 20
_NICE = 10


class Job(NamedTuple):
    """What to bundle, and where to write it."""

    snapshot: Path
    objects: Path
    library: Path
    tables: dict[str, str]
    lcsc_ids: frozenset[int]
    artifact_types: tuple[str, ...] | None
    bundle: str
    """An existing file."""
    content: str
    """Another, for the JSON part."""


class Made(NamedTuple):
    filename: str
    sha256: str
    size_bytes: int
    content_bytes: int
    damaged: int
    """Assets that are missing or damaged in the store."""


class Builders:
    """Builds a few bundles at a time; processes are started when the first large one is asked."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(BUILDING_MAX, thread_name_prefix="bundle")
        self._processes: ProcessPoolExecutor | None = None
        self._asked = 0

    async def build(self, job: Job, size_bytes: int) -> Made:
        """Raises :class:`Refusal` (429, 503); ``size_bytes`` says how long it may take."""
        if self._asked >= BUILDING_MAX + WAITING_MAX:
            raise Refusal(
                429, "server: too many bundles at once; try again", (b"retry-after", b"1")
            )
        self._asked += 1
        small = size_bytes <= SMALL_BYTES and len(job.lcsc_ids) <= SMALL_PARTS
        executor: Executor = self._threads if small else self._apart()
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, build, job)
        except OSError as error:
            raise Refusal(503, f"bundle: cannot be written: {error.strerror}") from None
        except BrokenProcessPool:
            self._processes = None
            text = "bundle: the process that built it was ended; ask for fewer parts, or try again"
            raise Refusal(503, text, (b"retry-after", b"5")) from None
        finally:
            self._asked -= 1

    def close(self) -> None:
        self._threads.shutdown()
        if self._processes is not None:
            self._processes.shutdown(cancel_futures=True)

    def _apart(self) -> ProcessPoolExecutor:
        if self._processes is None:
            # Forked from a process without our threads, sockets and memory.
            self._processes = ProcessPoolExecutor(
                BUILDING_MAX, mp_context=get_context("forkserver"), initializer=_begin
            )
        return self._processes


def _begin() -> None:
    os.nice(_NICE)
    threading.Thread(target=_end_with_server, daemon=True).start()


def _end_with_server() -> None:
    # The kernel tells of the end of the process that forked this one, which itself waits for us.
    server = parent_process()
    if server is not None:
        server.join()
        os._exit(1)


def build(job: Job) -> Made:
    """Build one. Raises OSError where there is no room."""
    detail = open_readonly(job.snapshot / "detail.sqlite")
    fast = open_readonly(job.snapshot / "fast.sqlite")
    try:
        parts = read_parts(detail, job.lcsc_ids)
        assets = read_assets(detail, job.lcsc_ids, job.artifact_types)
        parameters = read_parameters(fast, job.tables, parts)
    finally:
        detail.close()
        fast.close()
    for part in parts:
        part["pick_parameters"] = parameters.get(part["lcsc_id"])
        # As the client reads it that the reference documents come from.
        part["manufacturer_name"] = part["manufacturer"]
        part["component_type"] = part["family"]
        part["price_json"] = part["price"]
    unknown = sorted(job.lcsc_ids - {part["lcsc_id"] for part in parts})
    store = _store(job.objects, job.library)
    with Path(job.bundle).open("r+b") as file:
        bundle = build_bundle(job.snapshot.name, parts, unknown, assets, store, file)
    filename = f"components-{job.snapshot.name}-{bundle.sha256[:12]}.tar.zst"
    content = to_json(
        {
            "components": parts,
            "unknown_ids": unknown,
            "artifacts": bundle.artifacts,
            "asset_manifest": _by_part(bundle.artifacts),
            "bundle_filename": filename,
            "bundle_media_type": MEDIA_TYPE,
            "bundle_sha256": bundle.sha256,
            "bundle_size_bytes": bundle.size_bytes,
        }
    )
    Path(job.content).write_bytes(content)
    return Made(filename, bundle.sha256, bundle.size_bytes, len(content), bundle.damaged)


def _by_part(artifacts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The artifacts by LCSC number, each with its ``bundle_path``."""
    found: dict[str, list[dict[str, Any]]] = {}
    for each in artifacts:
        found.setdefault(str(each["lcsc_id"]), []).append({**each, "bundle_path": each["path"]})
    return found


# What reading an object needs is loaded once.
_store = lru_cache(maxsize=1)(ObjectStore)


def path_of(file: IO[bytes]) -> str:
    """By which another process of this user opens a file that has no name."""
    return f"/proc/{os.getpid()}/fd/{file.fileno()}"
