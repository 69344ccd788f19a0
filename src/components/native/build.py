"""``components build-library``: compile liblookup from ``zig/``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from components.native import load as native


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", type=Path, required=True, help="where liblookup.so goes")
    parser.add_argument(
        "--machine",
        default="",
        choices=["", *sorted(native.TARGETS)],
        help="machine type to compile for; default: this one",
    )


def run(args: argparse.Namespace) -> int:
    native.compile_library(args.output, machine=args.machine)
    print(f"{args.output}: {args.output.stat().st_size:,} bytes", file=sys.stderr)
    return 0


def test_other_folders_and_caches_give_the_same_bytes(tmp_path: Path) -> None:
    import shutil

    from components.testing.library import library

    elsewhere = tmp_path / "another folder" / "zig"
    shutil.copytree(
        native.ZIG_ROOT, elsewhere, ignore=shutil.ignore_patterns(".zig-cache", "zig-out")
    )
    native.compile_library(tmp_path / "again.so", zig_root=elsewhere)
    assert (tmp_path / "again.so").read_bytes() == library().read_bytes()


def test_another_machine_type_compiles_too(tmp_path: Path) -> None:
    native.compile_library(tmp_path / "lib.so", machine="aarch64")
    content = (tmp_path / "lib.so").read_bytes()
    assert content[:4] == b"\x7fELF"
    assert int.from_bytes(content[18:20], "little") == 183  # EM_AARCH64


def test_a_damaged_result_in_the_cache_is_compiled_again(tmp_path: Path) -> None:
    source = tmp_path / "zig" / "src" / "root.zig"
    source.parent.mkdir(parents=True)
    source.write_text("export fn one() u32 { return 1; }\n")
    native.compile_library(tmp_path / "a.so", zig_root=tmp_path / "zig")
    results = (tmp_path / "zig" / ".zig-cache" / "results").iterdir()
    (kept,) = (path for path in results if not path.suffix)
    whole = kept.read_bytes()
    assert whole == (tmp_path / "a.so").read_bytes()
    kept.write_bytes(whole[:-1])
    native.compile_library(tmp_path / "b.so", zig_root=tmp_path / "zig")
    assert (tmp_path / "b.so").read_bytes() == whole
    assert kept.read_bytes() == whole
    source.write_text("export fn one() u32 { return 2; }\n")
    native.compile_library(tmp_path / "c.so", zig_root=tmp_path / "zig")
    assert (tmp_path / "c.so").read_bytes() != whole


def test_an_error_in_the_code_leaves_no_library(tmp_path: Path) -> None:
    import pytest

    from components.core.errors import LookupIndexError

    (tmp_path / "zig" / "src").mkdir(parents=True)
    (tmp_path / "zig" / "src" / "root.zig").write_text("export fn broken() u32 { return x; }\n")
    with pytest.raises(LookupIndexError, match="undeclared identifier 'x'"):
        native.compile_library(tmp_path / "lib.so", zig_root=tmp_path / "zig")
    assert not (tmp_path / "lib.so").exists()


def test_the_unit_tests_of_the_library_pass(tmp_path: Path) -> None:
    import subprocess

    native.compile_tests(tmp_path / "tests")
    (tmp_path / "tests").chmod(0o755)
    done = subprocess.run([tmp_path / "tests"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert " passed" in done.stderr


def test_the_code_is_formatted() -> None:
    import subprocess

    sources = [native.ZIG_ROOT / "build.zig", native.ZIG_ROOT / "src"]
    done = subprocess.run(
        [sys.executable, "-m", "ziglang", "fmt", "--check", *sources],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"run `zig fmt` on {done.stdout}"
