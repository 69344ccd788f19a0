"""Snakemake in a process of its own, which loads while the checks of a run go on.

Loading it takes longer than all else where there is nothing to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

PR_SET_PDEATHSIG = 1


class Engine:
    """One process that waits for its arguments; a context manager, which ends it unused."""

    def __init__(self) -> None:
        told, self._tell = os.pipe()
        self._is_told = False
        words = [sys.executable, "-m", "components.graph.engine", str(told)]
        self._process = subprocess.Popen(words, pass_fds=[told])
        os.close(told)

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._is_told:
            # Not by the end of the pipe alone: it would load everything first.
            self._process.kill()
            os.close(self._tell)
            self._process.wait()

    def run(self, arguments: Sequence[str]) -> int:
        """Snakemake with ``arguments``, once; its exit code, 130 after an interruption."""
        self._is_told = True
        # Where it is dead already, its exit code tells.
        with suppress(BrokenPipeError), os.fdopen(self._tell, "wb") as pipe:
            pipe.write(b"\0".join(map(os.fsencode, arguments)))
        interrupted = False
        while True:
            try:
                code = self._process.wait()
                break
            except KeyboardInterrupt:
                # The terminal has told Snakemake too, which ends its jobs first.
                interrupted = True
        return 130 if interrupted or code == -signal.SIGINT else code


def _serve(told: int) -> None:
    """Load, read the arguments from ``told``, and run; nothing where there are none."""
    # prctl(2): the kernel ends Snakemake when the process that started it dies; jobs watch the
    # run's lock, which Snakemake holds, and end by themselves.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        # Interrupted while it loads, it has nothing to say.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from snakemake import cli

    with os.fdopen(told, "rb") as pipe:
        words = pipe.read()
    if words:
        signal.signal(signal.SIGINT, before)
        sys.argv = ["snakemake", *map(os.fsdecode, words.split(b"\0"))]
        cli.main(sys.argv[1:])


if __name__ == "__main__":
    _serve(int(sys.argv[1]))


def test_it_does_what_it_is_told() -> None:
    with Engine() as engine:
        assert engine.run(["--version"]) == 0
    with Engine() as engine:
        assert engine.run(["--no-such-option"]) == 2


def test_unused_it_is_gone() -> None:
    with Engine() as engine:
        pass
    assert engine._process.returncode == -signal.SIGKILL


def test_it_ends_with_who_started_it() -> None:
    code = (
        "import os; from components.graph.engine import Engine; engine = Engine()\n"
        "print(engine._process.pid, flush=True); os._exit(0)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    # Its output is open until it has ended, whether it was loading or waiting.
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, timeout=60
    )
    assert done.returncode == 0 and done.stdout.strip().isdigit()
