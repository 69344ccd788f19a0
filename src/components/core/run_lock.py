"""One run at a time in a cache directory, with a lock that no crash can leave behind.

The run holds an ``flock`` for as long as its process lives, and writes its identity into the file.
Jobs are given that identity: a job whose run has died, or has been followed by another, stops, so
that no orphan writes beside the run that repeats its work.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from pathlib import Path

from components.core.errors import ComponentsError
from components.core.locks import open_lock, try_lock

VARIABLE = "COMPONENTS_RUN"
FILE = ".run.lock"
POLL_S = 0.5
PATIENCE_S = 3.0
_held: dict[Path, str] = {}


def acquire(cache_dir: Path) -> str:
    """Hold the run lock of ``cache_dir`` until this process ends.

    Returns what jobs need in the environment variable :data:`VARIABLE`.

    Raises :class:`ComponentsError` where another run lives.
    """
    path = cache_dir.resolve() / FILE
    if path in _held:
        return _held[path]
    handle = open_lock(path)
    # Orphans of a killed run look at the lock now and then, each for an instant.
    deadline_s = time.monotonic() + PATIENCE_S
    while not try_lock(handle):
        if time.monotonic() > deadline_s:
            holder = os.pread(handle, 200, 0).decode(errors="replace").partition("-")[0]
            os.close(handle)
            named = f" (process {holder})" if holder.isdecimal() else ""
            raise ComponentsError(
                f"{path.parent}: another run is active{named}; wait for it or stop it"
            )
        time.sleep(0.05)
    identity = f"{os.getpid()}-{os.urandom(8).hex()}"
    os.ftruncate(handle, 0)
    os.pwrite(handle, identity.encode(), 0)
    _held[path] = f"{identity}:{path}"
    return _held[path]


def is_running(cache_dir: Path) -> bool:
    """Whether some run holds the lock of ``cache_dir`` now."""
    path = cache_dir / FILE
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return not try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def stop_with_run() -> None:
    """End this process soon after the run that started it has died; without a run, do nothing."""
    identity, _, path = os.environ.get(VARIABLE, "").partition(":")
    if path:
        threading.Thread(target=_watch, args=(identity, Path(path)), daemon=True).start()


def _watch(identity: str, path: Path) -> None:
    while not _is_over(identity, path):
        time.sleep(POLL_S)
    os._exit(1)


def _is_over(identity: str, path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        # The folder is unreachable from here (a node without it): nothing can be said.
        return False
    try:
        return os.pread(handle, 200, 0).decode() != identity or try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def test_a_second_run_is_refused_and_a_dead_one_is_not(tmp_path: Path) -> None:
    import subprocess
    import sys

    import pytest

    code = (
        "import sys, time, pathlib; from components.core import run_lock\n"
        "print(run_lock.acquire(pathlib.Path(sys.argv[1])), flush=True); time.sleep(60)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    assert run.stdout is not None
    token = run.stdout.readline().strip()
    identity, _, path = token.partition(":")
    assert is_running(tmp_path)
    assert not _is_over(identity, Path(path))
    with pytest.raises(ComponentsError, match=rf"another run is active \(process {run.pid}\)"):
        acquire(tmp_path)
    run.kill()
    run.communicate()
    assert not is_running(tmp_path)
    assert _is_over(identity, Path(path))
    acquire(tmp_path)
    assert _is_over(identity, Path(path)), "a later run makes the first one's jobs orphans too"
