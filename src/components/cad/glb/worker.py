"""A process that turns STEP files into GLB, each in a child of its own with hard limits.

A STEP file comes from strangers and is read by a large C++ library: it may take for ever, take
all memory, or end the process. So the library is loaded once, and every file is read by a forked
child that cannot use more than its share, and whose end, whatever it is, ends no more than that
file.

``python -m components.cad.glb.worker CPU_S MEMORY_BYTES`` reads lines ``STEP<TAB>GLB`` (two
paths) and answers each with one line: ``ok``, or why not.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from contextlib import suppress
from pathlib import Path

OK = "ok"
# What the library has mapped before it reads anything comes on top of a file's share of memory.
STATM = Path("/proc/self/statm")
# Waiting, by contrast with computing: a file that sleeps or swaps is as useless as one that spins.
WALL_PER_CPU = 4
OUTPUT_MAX_BYTES = 256 << 20
# Chords leave curved faces by 0.01 mm and turn by 0.5 radian at most.
LINEAR_MM, ANGULAR_RAD = 0.01, 0.5


def main(arguments: list[str]) -> int:
    import cascadio  # noqa: F401 - loaded here, so that each child has it already

    cpu_s, memory_bytes = int(arguments[0]), int(arguments[1])
    for line in sys.stdin:
        source, _, target = line.rstrip("\n").partition("\t")
        print(_supervised(Path(source), Path(target), cpu_s, memory_bytes), flush=True)
    return 0


def _supervised(source: Path, target: Path, cpu_s: int, memory_bytes: int) -> str:
    """Convert in a child; OK or one line that tells what became of the child."""
    child = os.fork()
    if child == 0:
        _child(source, target, cpu_s, memory_bytes)
    expired = []

    def expire(*_: object) -> None:
        expired.append(True)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGALRM, expire)
    signal.alarm(WALL_PER_CPU * cpu_s)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    if expired:
        return f"takes more than {WALL_PER_CPU * cpu_s} s"
    if os.WIFSIGNALED(status):
        return _death(os.WTERMSIG(status), cpu_s)
    return _EXITS.get(os.WEXITSTATUS(status), "the converter ended without a word")


_EXITS = {
    0: OK,
    3: "is no STEP file that can be read",
    4: "takes more memory than a model may",
    5: "cannot be converted",
}


def _death(number: int, cpu_s: int) -> str:
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return f"takes more than {cpu_s} s of a processor"
    if number == signal.SIGXFSZ:
        return f"becomes a GLB of more than {OUTPUT_MAX_BYTES >> 20} MiB"
    return f"crashes the converter ({signal.Signals(number).name})"


def _child(source: Path, target: Path, cpu_s: int, memory_bytes: int) -> None:
    """Never returns: the exit code is the answer."""
    code = 5
    try:
        _limit(cpu_s, memory_bytes)
        code = _convert(source, target)
    except MemoryError:
        code = 4
    except Exception:
        code = 5
    finally:
        os._exit(code)


def _limit(cpu_s: int, memory_bytes: int) -> None:
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    mapped = int(STATM.read_text().split()[0]) * resource.getpagesize() if STATM.exists() else 0
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_AS, (mapped + memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_MAX_BYTES,) * 2)


def _convert(source: Path, target: Path) -> int:
    import cascadio

    # References to further files are looked for beside the model: there is nothing.
    os.chdir(source.parent)
    try:
        # Parallel meshing would make the order of what it writes a matter of luck.
        glb = cascadio.load(
            source.read_bytes(),
            "step",
            tol_linear=LINEAR_MM,
            tol_angular=ANGULAR_RAD,
            use_parallel=False,
        )
    except RuntimeError:
        return 3
    if not glb:
        return 3
    target.write_bytes(glb)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
