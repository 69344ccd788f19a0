"""The compiled library: how it is built from ``zig/``, and how a process takes it in.

The compiler is the wheel ``ziglang``. ``zig build-lib`` is called directly: the same settings as
``zig/build.zig``, but with an empty cache it takes seconds where ``zig build`` takes two minutes.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from components.core.errors import LookupIndexError
from components.core.files import replacing, write_bytes, write_text
from components.core.locks import alone
from components.core.project import PROJECT

ZIG_ROOT = PROJECT / "zig"
ABI_VERSIONS = {"lookup": 4, "codec": 3}
"""The ABI that this code binds, for each group of exported functions."""

# One target a machine type, whatever the machine that compiles: the same bytes everywhere, and a
# library that runs on every processor of the last decade and every glibc since 2.17.
TARGETS = {
    "x86_64": ("x86_64-linux-gnu.2.17", "x86_64_v2"),
    "aarch64": ("aarch64-linux-gnu.2.17", "generic"),
}
WIDE_SOURCE = "src/wide/kernel.zig"
# What the module `wide` is compiled for, which runs only where the processor has it.
WIDE_CPUS = {"x86_64": "x86_64_v4", "aarch64": "generic"}


def compile_library(output: Path, *, zig_root: Path = ZIG_ROOT, machine: str = "") -> None:
    """Compile ``liblookup`` for ``machine`` (default: this one) and put it at ``output``, whole.

    The bytes depend on the sources, the compiler and the machine type only. Raises
    :class:`LookupIndexError` where there is no compiler, no such target, or an error in the code.
    """
    arguments = ["build-lib", "-dynamic", "--name", "lookup"]
    arguments += _modules(zig_root, "-Ofast", "-fstrip", machine=machine)
    run_zig(arguments, output=output, zig_root=zig_root)


def built_library() -> Path:
    """The library of these sources in ``build/``, compiled when it is not there or not current.

    Several processes may call this at once: one compiles, the others wait for it.
    """
    output = PROJECT / "build" / "liblookup.so"
    digest = sources_digest()
    receipt = output.with_suffix(".sha256")
    with alone(output.with_suffix(".lock"), quiet=True):
        if not output.exists() or not receipt.exists() or receipt.read_text() != digest:
            compile_library(output)
            receipt.write_text(digest)
    return output


def compile_tests(output: Path, *, zig_root: Path = ZIG_ROOT) -> None:
    """Compile the unit tests of ``zig/`` with all safety checks; running ``output`` runs them."""
    # Zig's own backend, the default for such builds, faults on vectors as wide as `wide` has.
    arguments = ["test", "-fllvm", "--test-no-exec", *_modules(zig_root, "-Odebug")]
    run_zig(arguments, output=output, zig_root=zig_root)


def compile_fuzzer(output: Path, *, optimize: str, zig_root: Path = ZIG_ROOT) -> None:
    """Compile the program that fuzzes the codecs; ``optimize`` is ``debug`` or ``safe``."""
    arguments = ["build-exe", f"-O{optimize}", *_target(""), "-lc", "src/codec/fuzz.zig"]
    run_zig(arguments, output=output, zig_root=zig_root)


def _modules(zig_root: Path, *settings: str, machine: str = "") -> list[str]:
    """The library's modules: all of it, and the one for processors with wider vectors."""
    triple, cpu = _target(machine)[1::2]
    root = ["-target", triple, "-mcpu", cpu, "-lc", *settings]
    if not (zig_root / WIDE_SOURCE).exists():  # in tests of this module
        return [*root, "-Mroot=src/root.zig"]
    wide = ["-target", triple, "-mcpu", WIDE_CPUS[machine or platform.machine()], *settings]
    return ["--dep", "wide", *root, "-Mroot=src/root.zig", *wide, f"-Mwide={WIDE_SOURCE}"]


def run_zig(arguments: list[str], *, output: Path, zig_root: Path) -> None:
    """One compilation, its result put at ``output`` when it succeeds.

    What the same sources and arguments gave before is taken again from ``zig_root``'s cache, if it
    is whole: compiling takes longer than anything else in a small run.
    """
    kept = zig_root / ".zig-cache" / "results" / _result_key(arguments, zig_root)
    if not _take(kept, output):
        _compile(arguments, output, zig_root)
        _keep(output, kept)


def _result_key(arguments: list[str], zig_root: Path) -> str:
    text = "\0".join([sources_digest(zig_root), *arguments])
    return hashlib.sha256(text.encode()).hexdigest()


def _take(kept: Path, output: Path) -> bool:
    """Copy what :func:`_keep` kept; whether it is there and as it was."""
    try:
        data = kept.read_bytes()
        digest = kept.with_suffix(".sha256").read_text()
    except OSError:
        return False
    if hashlib.sha256(data).hexdigest() != digest:
        return False
    write_bytes(output.absolute(), data, durable=False)
    return True


def _keep(output: Path, kept: Path) -> None:
    # A checkout that cannot be written compiles each time.
    with suppress(OSError):
        data = output.read_bytes()
        write_bytes(kept, data, durable=False)
        write_text(kept.with_suffix(".sha256"), hashlib.sha256(data).hexdigest(), durable=False)


def _compile(arguments: list[str], output: Path, zig_root: Path) -> None:
    if importlib.util.find_spec("ziglang") is None:
        raise LookupIndexError("no Zig compiler: the package ziglang is missing; run `make setup`")
    cache = zig_root / ".zig-cache"
    environment = os.environ | {
        "ZIG_GLOBAL_CACHE_DIR": str(cache),
        "ZIG_LOCAL_CACHE_DIR": str(cache),
    }
    with replacing(output.absolute(), durable=False) as temporary:
        command = [*arguments, f"-femit-bin={temporary}"]
        done = subprocess.run(
            [sys.executable, "-m", "ziglang", *command],
            cwd=zig_root,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            reason = done.stderr.strip() or f"exit code {done.returncode}"
            raise LookupIndexError(f"{zig_root}: does not compile: {reason}")


def sources_digest(zig_root: Path = ZIG_ROOT) -> str:
    """SHA-256 over the names and contents of all sources and the compiler's version."""
    digest = hashlib.sha256(_compiler_version().encode())
    for path in sorted((zig_root / "src").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = path.relative_to(zig_root).as_posix()
            digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def load(path: Path) -> ctypes.CDLL:
    """The library at ``path``, after checks that this processor runs it and the ABI is ours.

    Calls through it release the GIL. Raises :class:`LookupIndexError`.
    """
    try:
        # An absolute path: a bare name would be searched for in the system's folders.
        library = ctypes.CDLL(str(path.absolute()))
    except OSError as error:
        raise LookupIndexError(f"{path}: cannot be loaded: {error}; run `make run`") from None
    try:
        supported = library.library_cpu_supported()
        found = {group: getattr(library, f"{group}_abi_version")() for group in ABI_VERSIONS}
    except AttributeError as error:
        raise LookupIndexError(f"{path}: is not liblookup: {error}") from None
    if not supported:
        raise LookupIndexError(f"{path}: needs a processor with x86-64-v2 (SSE4.2, POPCNT)")
    for group, version in ABI_VERSIONS.items():
        if found[group] != version:
            raise LookupIndexError(
                f"{path}: has version {found[group]} of the {group} interface, not {version}; "
                "build it again with `components build-library`"
            )
    return library


def _target(machine: str) -> list[str]:
    machine = machine or platform.machine()
    if sys.platform != "linux" or machine not in TARGETS:
        known = ", ".join(sorted(TARGETS))
        raise LookupIndexError(f"no library for {sys.platform} on {machine}; Linux on {known} only")
    triple, cpu = TARGETS[machine]
    return ["-target", triple, "-mcpu", cpu]


def _compiler_version() -> str:
    try:
        return importlib.metadata.version("ziglang")
    except importlib.metadata.PackageNotFoundError:
        return "none"


def test_the_library_is_taken_in(tmp_path: Path) -> None:
    from components.testing.library import library

    assert load(library()).lookup_abi_version() == ABI_VERSIONS["lookup"]


def test_what_is_not_the_library_is_refused(tmp_path: Path) -> None:
    import pytest

    (tmp_path / "text.so").write_text("no library")
    for path in (tmp_path / "none.so", tmp_path / "text.so"):
        with pytest.raises(LookupIndexError, match=f"{path.name}: cannot be loaded"):
            load(path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "root.zig").write_text("export fn other() u32 { return 1; }\n")
    compile_library(tmp_path / "other.so", zig_root=tmp_path)
    with pytest.raises(LookupIndexError, match="is not liblookup"):
        load(tmp_path / "other.so")


def test_another_abi_is_refused(tmp_path: Path) -> None:
    import pytest

    (tmp_path / "src").mkdir()
    names = ("library_cpu_supported", "codec_abi_version", "lookup_abi_version")
    code = "".join(f"export fn {name}() u32 {{ return 1; }}\n" for name in names)
    code = code.replace(
        "lookup_abi_version() u32 { return 1", "lookup_abi_version() u32 { return 0"
    )
    (tmp_path / "src" / "root.zig").write_text(code)
    compile_library(tmp_path / "old.so", zig_root=tmp_path)
    with pytest.raises(LookupIndexError, match="version 0 of the lookup interface, not 4"):
        load(tmp_path / "old.so")
