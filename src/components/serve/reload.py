"""Which snapshot answers: the one that ``current`` names, opened when it changes.

A request reads the symlink (less than a microsecond) and so always gets a snapshot that was
current during the request. Where ``current`` has changed, the first request to see it opens the
new snapshot, and others wait for it; requests that run already end with the old one, which is
closed after the last of them. A snapshot that cannot be opened leaves the old one serving.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from components.serve.http.metrics import Metrics
from components.serve.snapshot import Snapshot, describe, signature

# Opening takes milliseconds. On a stalled disk, requests go on with the old snapshot after this.
WAIT_MAX_S = 1.0

OpenSnapshot = Callable[[Path], Snapshot]


class Current:
    """The open snapshot. All methods are called on the event loop's thread."""

    def __init__(self, link: Path, open_snapshot: OpenSnapshot, metrics: Metrics) -> None:
        self.link = link
        self.snapshot: Snapshot | None = None
        self.error: str | None = f"{link}: no snapshot yet; `make run` publishes one"
        self.seen: str | None = None
        """What the symlink named when it was last acted upon."""
        self._path = str(link)
        self._open_snapshot = open_snapshot
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
        """The snapshot that ``current`` names, or the last one that could be opened."""
        deadline_s = asyncio.get_running_loop().time() + WAIT_MAX_S
        while self.target() != self.seen:
            remaining_s = deadline_s - asyncio.get_running_loop().time()
            if remaining_s <= 0:
                break
            await asyncio.wait({self._reload()}, timeout=remaining_s)
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
        try:
            opened = await asyncio.to_thread(self._open_snapshot, folder)
        except Exception as error:
            # Whatever is wrong with a new snapshot, the old one must go on serving.
            self.seen, self._signature = target, found
            self._failed(describe(error))
            return
        old, self.snapshot = self.snapshot, opened
        self.seen, self._signature, self.error = target, found, None
        self._metrics.reloaded()
        if old is not None:
            old.retire()

    def _failed(self, message: str) -> None:
        if message != self.error:
            serving = "nothing" if self.snapshot is None else self.snapshot.name
            print(f"components serve: {message} (serving {serving})", file=sys.stderr, flush=True)
        self.error = message
        self._metrics.reload_failed()
