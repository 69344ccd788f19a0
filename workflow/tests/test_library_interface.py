"""The C headers, the library that was built, and the Python binding say the same."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
from pathlib import Path

from components.native import load as native
from components.testing.library import library

INCLUDE = native.ZIG_ROOT / "include"
HEADER = INCLUDE / "lookup.h"
PROGRAM = r"""
#include <string.h>
#include "codec.h"
#include "lookup.h"
int main(int count, char **arguments) {
    lookup_index *index = (lookup_index *)arguments;
    char reply[64];
    if (count != 2 || library_cpu_supported() != 1) return 1;
    if (lookup_abi_version() != LOOKUP_ABI_VERSION) return 2;
    if (lookup_open("/nowhere/lookup.idx", &index) != LOOKUP_CANNOT_READ || index) return 3;
    if (lookup_open(arguments[1], &index) != LOOKUP_OK || !index) return 4;
    uint64_t answer = lookup_query(index, "{}", 2, reply, sizeof reply);
    if (LOOKUP_REPLY_STATUS(answer) != 422) return 5;
    const char *wanted = "{\"detail\":\"component_type: required\"}";
    if (LOOKUP_REPLY_LENGTH(answer) != strlen(wanted)) return 6;
    if (memcmp(reply, wanted, strlen(wanted))) return 7;
    if (lookup_query(index, "{}", 2, NULL, 0) != answer) return 8;
    if (lookup_query(NULL, "{}", 2, reply, sizeof reply) != 0) return 9;
    if (lookup_query(index, NULL, 2, reply, sizeof reply) != 0) return 10;
    if (lookup_query_batch(index, "{}", 2, NULL, 2) != 0) return 11;
    if (LOOKUP_REPLY_STATUS(lookup_query_batch(index, NULL, 0, reply, 64)) != 400) return 12;
    if (lookup_python(index, reply)) return 15;
    lookup_close(index);
    size_t size = sizeof reply;
    uint8_t bytes[64] = {0};
    if (codec_abi_version() != CODEC_ABI_VERSION) return 16;
    if (codec_columns_encode(CODEC_STEP, NULL, 64, bytes, &size) != CODEC_BAD_ARGUMENT) return 17;
    if (codec_columns_encode(CODEC_OBJ, bytes, 64, bytes, NULL) != CODEC_BAD_ARGUMENT) return 18;
    if (codec_columns_encode(CODEC_OBJ, NULL, 0, bytes, &size) != CODEC_UNSUPPORTED) return 19;
    if (codec_columns_decode(bytes, 64, NULL, 64) != CODEC_BAD_ARGUMENT) return 20;
    if (codec_columns_decode(bytes, 64, bytes, 64) != CODEC_DAMAGED) return 21;
    if (lookup_build(NULL, NULL, "{}", "{}", "/nowhere/x", reply, 64) != LOOKUP_BAD_ARGUMENT)
        return 13;
    if (lookup_build("/nowhere/x", NULL, "{}", "{}", "/nowhere/y", reply, 64) != LOOKUP_CANNOT_READ)
        return 14;
    return 0;
}
"""


def declared() -> set[str]:
    return {
        name
        for header in INCLUDE.glob("*.h")
        for name in re.findall(r"^[a-z0-9_ ]+\*?\b(\w+)\(", header.read_text(), re.MULTILINE)
    }


def test_the_header_declares_what_the_library_exports() -> None:
    names = set(re.findall(rb"\0(lookup_\w+|library_\w+|codec_\w+)(?=\0)", library().read_bytes()))
    exported = {name.decode() for name in names}
    assert exported == declared()
    assert len(exported) == 11
    loaded = ctypes.CDLL(str(library()))
    for name in exported:
        assert getattr(loaded, name)


def test_the_header_and_the_binding_expect_the_same_version() -> None:
    match = re.search(r"LOOKUP_ABI_VERSION (\d+)", HEADER.read_text())
    assert match and int(match[1]) == native.ABI_VERSIONS["lookup"]


def test_status_numbers_are_those_of_the_library() -> None:
    pattern = r"(\w+) = (\d+),"
    code = (native.ZIG_ROOT / "src" / "lookup" / "status.zig").read_text()
    header = {
        name.removeprefix("LOOKUP_").lower(): number
        for name, number in re.findall(pattern, HEADER.read_text())
    }
    assert header == dict(re.findall(pattern, code))
    text = (INCLUDE / "codec.h").read_text()
    results = {name.lower(): value for name, value in re.findall(r"CODEC_(\w+) = (\d+),", text)}
    code = (native.ZIG_ROOT / "src" / "codec" / "exports.zig").read_text()
    assert results == dict(re.findall(pattern, code)) | {"step": "1", "obj": "2"}
    version = re.search(r"CODEC_ABI_VERSION (\d+)", text)
    assert version and int(version[1]) == native.ABI_VERSIONS["codec"]


def test_a_program_in_c_uses_it(tmp_path: Path) -> None:
    from components.testing.lookup import write_fast
    from components.transform.index import build_index

    build_index(write_fast(tmp_path / "fast.sqlite", 5), library(), tmp_path / "lookup.idx")
    (tmp_path / "main.c").write_text(PROGRAM)
    cache = str(native.ZIG_ROOT / ".zig-cache")
    paths = [f"-I{HEADER.parent}", str(library()), f"-Wl,-rpath,{library().parent}"]
    # Without its sanitizer the compiler has no runtime of its own to build first.
    flags = ["-Wall", "-Wextra", "-Werror", "-O1", "-fno-sanitize=all"]
    subprocess.run(
        [sys.executable, "-m", "ziglang", "cc", *flags, "-o", "main", "main.c", *paths],
        cwd=tmp_path,
        env=os.environ | {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache},
        check=True,
    )
    done = subprocess.run([tmp_path / "main", tmp_path / "lookup.idx"])
    assert done.returncode == 0
