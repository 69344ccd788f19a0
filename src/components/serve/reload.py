"""Which snapshot answers: the one that ``current`` names, opened when it changes.

A request reads the symlink (less than a microsecond). Where ``current`` has changed, the first
request to see it has the new snapshot opened and warmed on a thread beside the one that answers,
and is answered by that one, as are all others until the new one is ready; then they change over at
once. Requests that run by then end with the old one, which is closed after the last of them. A
snapshot that cannot be opened or read leaves the old one serving. The first one answers at once,
and is warmed meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from components.serve.http.metrics import Metrics
from components.serve.snapshot import Snapshot, describe, signature

# Where nothing is served yet, a request waits so long for the first snapshot.
WAIT_MAX_S = 1.0

OpenSnapshot = Callable[[Path], Snapshot]
Warm = Callable[[Snapshot], None]


class Current:
    """The open snapshot. All methods are called on the event loop's thread."""

    def __init__(
        self,
        link: Path,
        open_snapshot: OpenSnapshot,
        metrics: Metrics,
        warm: Warm = lambda snapshot: None,
    ) -> None:
        self.link = link
        self.snapshot: Snapshot | None = None
        self.error: str | None = f"{link}: no snapshot yet; `make run` publishes one"
        self.seen: str | None = None
        """What the symlink named when it was last acted upon."""
        self._path = str(link)
        self._open_snapshot = open_snapshot
        self.warm = warm
        """Called on a thread of its own with a snapshot that is about to be served."""
        self._metrics = metrics
        self._signature: tuple[tuple[int, int, int], ...] = ()
        self._opening: asyncio.Task[None] | None = None

    def target(self) -> str | None:
        """What the symlink names now; ``None`` where there is none."""
        try:
            # Asked for every request; a Path would take four times as long.
            return os.readlink(self._path)  # noqa: PTH115
        except OSError:
            return None

    async def fresh(self) -> Snapshot | None:
        """The snapshot that ``current`` names, or the one before while that is being opened."""
        if (snapshot := self.ready()) is not None:
            return snapshot
        deadline_s = asyncio.get_running_loop().time() + WAIT_MAX_S
        while self.target() != self.seen:
            remaining_s = deadline_s - asyncio.get_running_loop().time()
            if remaining_s <= 0:
                break
            await asyncio.wait({self._reload()}, timeout=remaining_s)
        return self.snapshot

    def ready(self) -> Snapshot | None:
        """The snapshot that answers now; has the next one opened where there is one."""
        if self.snapshot is not None and self.target() != self.seen:
            self._reload()
        return self.snapshot

    async def watch(self, interval_s: float) -> None:
        """Look every ``interval_s`` seconds, also at files replaced under the same name."""
        while True:
            await asyncio.sleep(interval_s)
            await self.look()

    async def look(self) -> None:
        """Reload where the symlink, or any file that it leads to, has changed.

        What failed is tried again: the reason (too many open files, a slow mount) may be gone.
        """
        target = self.target()
        if target != self.seen or (
            target is not None
            and (self.error or signature(self.link.parent / target) != self._signature)
        ):
            await asyncio.shield(self._reload())

    @property
    def is_mismatched(self) -> bool:
        """Whether another snapshot is served than ``current`` names."""
        served = None if self.snapshot is None else self.snapshot.name
        target = self.target()
        return served != (None if target is None else Path(target).name)

    def close(self) -> None:
        """Let go of the snapshot; requests that use it keep it until they end."""
        if self.snapshot is not None:
            self.snapshot.retire()
            self.snapshot = None

    def _reload(self) -> asyncio.Task[None]:
        if self._opening is None or self._opening.done():
            self._opening = asyncio.get_running_loop().create_task(self._open())
        return self._opening

    async def _open(self) -> None:
        target = self.target()
        if target is None:
            self.seen, self._signature = None, ()
            self._failed(f"{self.link}: is missing or no symlink; `make run` publishes a snapshot")
            return
        folder = self.link.parent / target
        found = signature(folder)
        old = self.snapshot
        try:
            # Without one before, there is nobody who could answer meanwhile: it is warmed after.
            opened = await asyncio.to_thread(self._opened, folder, is_first=old is None)
        except Exception as error:
            # Whatever is wrong with a new snapshot, the old one must go on serving.
            self.seen, self._signature = target, found
            self._failed(describe(error))
            return
        self.snapshot = opened
        self.seen, self._signature, self.error = target, found, None
        self._metrics.reloaded()
        if old is not None:
            old.retire()
        else:
            opened.acquire()
            warming = asyncio.get_running_loop().run_in_executor(None, self.warm, opened)
            warming.add_done_callback(partial(self._warmed, opened))

    def _warmed(self, snapshot: Snapshot, warming: asyncio.Future[None]) -> None:
        snapshot.release()
        if (error := warming.exception()) is not None:
            self._failed(describe(error))

    def _opened(self, folder: Path, *, is_first: bool) -> Snapshot:
        opened = self._open_snapshot(folder)
        if not is_first:
            try:
                self.warm(opened)
            except Exception:
                opened.retire()
                raise
        return opened

    def _failed(self, message: str) -> None:
        if message != self.error:
            serving = "nothing" if self.snapshot is None else self.snapshot.name
            print(f"components serve: {message} (serving {serving})", file=sys.stderr, flush=True)
        self.error = message
        self._metrics.reload_failed()
