"""The packs of one artifact type, read as one: which pack has an object, and its bytes."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.core.errors import StoreError
from components.store.pack_file import SUFFIX, PackFile, prefix_of

FOLDER = "packs"
# Packs that stay open; a process may have few files, and a store many packs.
_OPEN_MAX = 64
# A folder's time is coarse: a pack that came soon after another may not have changed it.
_SETTLED_NS = 1_000_000_000


class View(NamedTuple):
    """The packs at one time, and where each object lies, by its hash's prefix, sorted."""

    seen_ns: int
    names: list[str]
    prefixes: npt.NDArray[np.uint64]
    packs: npt.NDArray[np.uint32]
    blocks: npt.NDArray[np.uint32]

    def find(self, sha256: str) -> tuple[int, int] | None:
        """Number of the pack and block in it; None where no pack has the object."""
        prefix = np.uint64(prefix_of(sha256))
        at = int(self.prefixes.searchsorted(prefix))
        if at == len(self.prefixes) or self.prefixes[at] != prefix:
            return None
        return int(self.packs[at]), int(self.blocks[at])


class Packs:
    """The packs in ``folder``, which may not be there. Thread-safe; sees packs come and go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._view: View | None = None
        self._open: OrderedDict[str, PackFile] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str) -> bytes | None:
        """An object's bytes, checked; None where no pack has it. Raises :class:`StoreError`."""
        for _ in range(3):
            view = self.view()
            place = view.find(sha256)
            if place is None:
                return None
            try:
                member = self._pack(view.names[place[0]]).read(place[1])
            except FileNotFoundError:
                # Rewritten since we looked; it is in another one now.
                self._forget()
                continue
            if member.sha256 != sha256:
                raise StoreError(f"{view.names[place[0]]}: damaged pack: its index leads elsewhere")
            return member.data
        return None

    def find(self, sha256: str) -> tuple[int, int] | None:
        """Where an object lies, to read many in order; None where no pack has it."""
        return self.view().find(sha256)

    def view(self) -> View:
        """What the folder holds now. Raises :class:`StoreError` where a pack is damaged."""
        try:
            changed_ns = os.stat(self.folder).st_mtime_ns  # noqa: PTH116 - asked for every object
        except OSError:
            changed_ns = 0
        view = self._view
        if view is None or view.seen_ns != changed_ns:
            with self._lock:
                view = self._look(changed_ns)
        return view

    def paths(self) -> list[Path]:
        """Every pack, sorted by name."""
        return sorted(self.folder.glob(f"[0-9a-f]*{SUFFIX}"))

    def open(self) -> Iterator[PackFile]:
        """Every pack that can be opened at all, one after the other."""
        for path in self.paths():
            with contextlib.suppress(StoreError), PackFile(path) as pack:
                yield pack

    def _look(self, changed_ns: int) -> View:
        paths = self.paths()
        names = [path.name for path in paths]
        prefixes = [np.empty(0, np.uint64)]
        packs, blocks = [np.empty(0, np.uint32)], [np.empty(0, np.uint32)]
        for number, path in enumerate(paths):
            with PackFile(path) as pack:
                prefixes.append(pack.prefixes)
                blocks.append(pack.blocks)
                packs.append(np.full(pack.objects, number, np.uint32))
        every = np.concatenate(prefixes)
        order = np.argsort(every, kind="stable")
        settled = changed_ns if changed_ns < time.time_ns() - _SETTLED_NS else -1
        self._view = View(
            settled,
            names,
            every[order],
            np.concatenate(packs)[order],
            np.concatenate(blocks)[order],
        )
        return self._view

    def _pack(self, name: str) -> PackFile:
        with self._lock:
            pack = self._open.pop(name, None)
            if pack is None:
                path = self.folder / name
                if not path.is_file():
                    raise FileNotFoundError(path)
                pack = PackFile(path)
            self._open[name] = pack
            if len(self._open) > _OPEN_MAX:
                # Closed when the last thread that reads it lets go.
                self._open.popitem(last=False)
            return pack

    def _forget(self) -> None:
        with self._lock:
            self._view = None
            self._open.clear()
