"""Server processes that share one port, one index and one set of counters.

They are forked from a parent that has imported everything and opened nothing, so that each costs
little memory of its own and a dead one is replaced within milliseconds. The parent only watches.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

# A worker that dies as soon as it starts must not be forked in a tight loop.
RESTART_MIN_S = 0.5

RunWorker = Callable[[int, list[socket.socket]], None]


class Workers:
    """Keeps ``count`` processes running ``run_worker(number, sockets)`` until told to stop."""

    def __init__(self, count: int, run_worker: RunWorker, sockets: list[socket.socket]) -> None:
        self._count = count
        self._run_worker = run_worker
        self._sockets = sockets
        self._pids: dict[int, int] = {}
        self._started_s: dict[int, float] = {}
        self._stopping = False

    def run(self) -> int:
        """Returns the exit code, after SIGTERM or SIGINT has stopped every worker gracefully."""
        # What was imported stays as it is: no collection touches, and so copies, its pages.
        gc.collect()
        gc.freeze()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for worker in range(self._count):
            self._start(worker)
        while self._pids:
            pid, status = os.wait()
            worker = self._pids.pop(pid, -1)
            if worker < 0 or self._stopping:
                continue
            code = os.waitstatus_to_exitcode(status)
            print(
                f"components serve: worker {worker} (process {pid}) ended with {code}; restarting",
                file=sys.stderr,
                flush=True,
            )
            self._start(worker)
        return 0

    def _start(self, worker: int) -> None:
        wait_s = self._started_s.get(worker, 0.0) + RESTART_MIN_S - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)
        if self._stopping:
            return
        self._started_s[worker] = time.monotonic()
        # A signal between fork and the entry in the table would miss the new process.
        blocked = {signal.SIGTERM, signal.SIGINT}
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        pid = os.fork()
        if pid:
            self._pids[pid] = worker
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
            return
        code = 1
        try:
            for number in blocked:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
            die_with_parent()
            self._run_worker(worker, self._sockets)
            code = 0
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        except BaseException as error:
            print(f"components serve: worker {worker}: {error}", file=sys.stderr, flush=True)
        finally:
            # Neither the parent's cleanup nor its buffered output belongs to this process.
            os._exit(code)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        for pid in list(self._pids):
            try:
                os.kill(pid, signal.SIGTERM)
            except ProcessLookupError:
                continue


def die_with_parent() -> None:
    """Ask Linux to stop this process when its parent dies, so that no worker is left behind."""
    import ctypes

    set_parent_death_signal = 1  # PR_SET_PDEATHSIG, linux/prctl.h
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)
