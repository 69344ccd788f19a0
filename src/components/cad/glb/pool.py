"""STEP files to GLB by worker processes that a hostile file can only make start again."""

from __future__ import annotations

import queue
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from components.cad.glb.file import upright
from components.cad.glb.worker import OK
from components.core.errors import CadError

CPU_LIMIT_S = 60
MEMORY_LIMIT_BYTES = 2 << 30
# More than the largest of real models, less than what fills a memory.
STEP_MAX_BYTES = 128 << 20


class GlbPool:
    """Up to ``workers`` conversions at a time, from any number of threads."""

    def __init__(
        self,
        workers: int,
        cpu_limit_s: int = CPU_LIMIT_S,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="components-glb-")
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        command = [sys.executable, "-m", "components.cad.glb.worker"]
        command += [str(cpu_limit_s), str(memory_limit_bytes)]
        self._workers = [
            _Worker(command, Path(self._folder.name) / str(number)) for number in range(workers)
        ]
        for worker in self._workers:
            self._idle.put(worker)

    def convert(self, step: bytes) -> bytes:
        """The model as GLB, in metres, Y up, with its colours; equal bytes for equal bytes.

        Raises :class:`CadError`, one line, for a file that cannot be read, that takes more
        than its share of time or memory, or that shows nothing.
        """
        if len(step) > STEP_MAX_BYTES:
            raise CadError(f"the STEP file has {len(step)} bytes, {STEP_MAX_BYTES} at most")
        worker = self._idle.get()
        try:
            return upright(worker.convert(step))
        finally:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self._folder.cleanup()


class _Worker:
    """One process, started when it is first needed and again after it died."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._command = command
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def convert(self, step: bytes) -> bytes:
        self._folder.mkdir(exist_ok=True)
        source, target = self._folder / "model.step", self._folder / "model.glb"
        target.unlink(missing_ok=True)
        source.write_bytes(step)
        answer = ""
        # The children take a file's mischief; a worker that died was ended from outside.
        for _ in range(2):
            answer = answer or self._ask(f"{source}\t{target}\n")
        if answer != OK:
            raise CadError(f"the STEP file {answer or 'ends the converter'}")
        try:
            return target.read_bytes()
        except OSError:
            raise CadError("the STEP file leaves no GLB") from None

    def _ask(self, line: str) -> str:
        process = self._process
        if process is None or process.poll() is not None:
            process = self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(line)
            process.stdin.flush()
            answer = process.stdout.readline().strip()
        except OSError:
            answer = ""
        if not answer:
            self.stop()
        return answer

    def stop(self) -> None:
        if self._process is None:
            return
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()
        self._process = None


def test_units_and_colours_are_kept() -> None:
    import pytest

    from components.cad.glb.file import read_glb
    from components.testing.step import example_step

    step = example_step()
    assert b"SI_UNIT(.MILLI.,.METRE.)" in step
    with GlbPool(1) as pool:
        millimetres, centimetres = (
            pool.convert(step.replace(b".MILLI.", unit)) for unit in (b".MILLI.", b".CENTI.")
        )
        assert pool.convert(step) == millimetres
    for data, unit_m in ((millimetres, 1e-3), (centimetres, 1e-2)):
        document, _ = read_glb(data)
        positions = [
            document["accessors"][primitive["attributes"]["POSITION"]]
            for mesh in document["meshes"]
            for primitive in mesh["primitives"]
        ]
        highest = [max(point["max"][axis] for point in positions) for axis in range(3)]
        assert highest == pytest.approx([unit_m, unit_m / 2, unit_m / 2])
        (material,) = document["materials"]
        # glTF's colours are linear, STEP's 0.8 and 0.78 are sRGB.
        linear = [((value + 0.055) / 1.055) ** 2.4 for value in (0.8, 0.8, 0.78)]
        colour = material["pbrMetallicRoughness"]["baseColorFactor"][:3]
        assert colour == pytest.approx(linear, abs=0.005)


def test_hostile_files_end_only_themselves() -> None:
    import pytest

    from components.testing.step import example_step

    step = example_step(round_=True)
    # A cylinder as wide as a country has more chords of a hundredth of a millimetre than fit.
    vast = step.replace(b".MILLI.", b".EXA.")
    with GlbPool(1, cpu_limit_s=2, memory_limit_bytes=256 << 20) as pool:
        for data in (b"", step[: len(step) // 2], b"ISO-10303-21;" + b"(" * 100_000, b"\0" * 999):
            with pytest.raises(CadError, match="STEP file"):
                pool.convert(data)
        with pytest.raises(CadError, match=r"STEP file|metres away"):
            pool.convert(vast)
        assert pool.convert(step)[:4] == b"glTF"


def test_a_worker_that_dies_is_started_again() -> None:
    from components.testing.step import example_step

    with GlbPool(1) as pool:
        assert pool.convert(example_step())[:4] == b"glTF"
        process = pool._workers[0]._process
        assert process is not None
        process.kill()
        process.wait()
        assert pool.convert(example_step())[:4] == b"glTF"
