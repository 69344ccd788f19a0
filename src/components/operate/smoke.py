"""``components smoke``: the whole pipeline, small, in a temporary folder; nothing else is touched.

Only the compiled lookup of the configured cache directory is taken, if it is there. A small bundled
catalogue is fetched, built, published and served; a query and a bundle are asked for and verified.
Each step is one line with its time.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import zstandard

from components.config.load import ENVIRONMENT
from components.core.errors import ComponentsError
from components.core.layout import Layout
from components.core.project import PROJECT
from components.graph.command_line import add_config_option, configuration

PARTS = 120
RUN_LIMIT_S = 900
READY_LIMIT_S = 60
BUNDLE_MAX = 64 << 20


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keep", type=Path, metavar="DIR", help="use DIR and leave it there")
    add_config_option(parser)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))


def run(args: argparse.Namespace) -> int:
    """Raises :class:`ComponentsError`, which names the step that failed."""
    with ExitStack() as stack:
        if args.keep:
            args.keep.mkdir(parents=True, exist_ok=True)
            folder = args.keep.resolve()
        else:
            temporary = tempfile.TemporaryDirectory(prefix="components-smoke-")
            folder = Path(stack.enter_context(temporary)).resolve()
        take_library(configuration(args).paths.cache_dir, folder / "cache")
        smoke(folder, args.cores)
    return 0


def take_library(source: Path, target: Path) -> None:
    """Spare the compilation where it was done before; its time tells whether it still holds."""
    library, there = (Layout(root).library for root in (source, target))
    if library.is_file() and not there.exists():
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(library, there)


def smoke(folder: Path, cores: int) -> None:
    """Every step in ``folder``."""
    config = folder / "config.json"
    config.write_text(json.dumps(small_run(folder)))
    with _step("apply"):
        _apply(folder, config, cores)
    layout = Layout(folder / "cache")
    if not layout.current.is_symlink():
        raise ComponentsError("smoke: apply published nothing")
    snapshot = layout.current.readlink().name
    with _serving(config) as address:
        with _step("serve"):
            _wait_for(f"{address}/healthz", snapshot)
        with _step("query"):
            part = _query(address, snapshot)
        with _step("bundle"):
            told = _bundle(address, part)
    print(f"ok: {snapshot}; C{part}: {told}")


def small_run(folder: Path) -> dict[str, Any]:
    """The smallest run that goes through every stage."""
    return {
        "paths": {"cache_dir": str(folder / "cache"), "source_sqlite": None},
        "workflow": {"mode": "all-in-one-once", "max_components": 0},
        "upstream": {"kind": "bundled", "bundled_parts": PARTS},
        # Some datasheets are hopeless by design; they need no patience here.
        "stage1": {"retry_backoff_s": 0.05},
    }


@contextmanager
def _step(name: str) -> Iterator[None]:
    start_s = time.monotonic()
    print(f"{name} …", end=" ", flush=True)
    yield
    print(f"{time.monotonic() - start_s:.1f} s", flush=True)


def _command(verb: str, config: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "components", verb, "--configfile", str(config), *words]


def _environment() -> dict[str, str]:
    """Without what would lead this run to another folder or service."""
    kept = {key: value for key, value in os.environ.items() if key not in ENVIRONMENT}
    return kept | {"PYTHONPATH": str(PROJECT / "src")}


def _apply(folder: Path, config: Path, cores: int) -> None:
    log = folder / "apply.log"
    with log.open("wb") as output:
        done = subprocess.run(
            _command("apply", config, "--cores", str(cores)),
            stdout=output,
            stderr=output,
            cwd=PROJECT,
            env=_environment(),
            timeout=RUN_LIMIT_S,
        )
    if done.returncode:
        tail = log.read_text(errors="replace")[-3000:]
        print(f"\n{tail}", file=sys.stderr)
        raise ComponentsError(
            f"smoke: apply ended with {done.returncode}; its last lines are above"
        )


@contextmanager
def _serving(config: Path) -> Iterator[str]:
    process = subprocess.Popen(
        _command("serve", config, "--port", "0", "--print-port"),
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        env=_environment(),
    )
    try:
        assert process.stdout is not None
        port = process.stdout.readline().decode().strip()
        if not port.isdecimal():
            raise ComponentsError("smoke: the server did not start; its reason is above")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout:
            process.stdout.close()


def _open(address: str, content: Any = None) -> Any:
    data = None if content is None else json.dumps(content).encode()
    headers = {"Content-Type": "application/json"}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(urllib.request.Request(address, data, headers), timeout=30)


def _wait_for(address: str, snapshot: str) -> None:
    deadline_s = time.monotonic() + READY_LIMIT_S
    while True:
        try:
            with _open(address) as reply:
                if reply.headers["X-Snapshot"] == snapshot:
                    return
        except OSError:
            pass
        if time.monotonic() > deadline_s:
            raise ComponentsError(f"smoke: {address} does not serve {snapshot}")
        time.sleep(0.1)


def _query(address: str, snapshot: str) -> int:
    """The best resistor that the server knows."""
    question = {"component_type": "resistor", "limit": 1, "qty": 1}
    with _open(f"{address}/v1/components/parameters/query", question) as reply:
        answer = json.load(reply)
        served = reply.headers["X-Snapshot"]
    if answer["total"] != 1 or served != snapshot:
        raise ComponentsError(f"smoke: the query was answered with {answer}, from {served}")
    return int(answer["candidates"][0]["lcsc_id"])


def _bundle(address: str, part: int) -> str:
    """Ask for all of a part and check every checksum; how much there was."""
    with _open(f"{address}/v1/components/full", {"component_ids": [part]}) as reply:
        promised = reply.headers["X-Bundle-SHA256"]
        described, packed = parts_of(reply.headers["Content-Type"], reply.read())
    content = json.loads(described)
    if {hashlib.sha256(packed).hexdigest()} != {promised, content["bundle_sha256"]}:
        raise ComponentsError("smoke: the bundle is not the one that its header promises")
    files = unpacked(packed)
    sums = files.pop("sha256sums.txt").decode().splitlines()
    if {line.split("  ")[1]: line.split("  ")[0] for line in sums} != {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }:
        raise ComponentsError("smoke: a file of the bundle differs from its checksum")
    return f"{len(files)} files in {len(packed):,} bytes"


def parts_of(content_type: str, body: bytes) -> list[bytes]:
    """The contents of a ``multipart/mixed`` reply (RFC 2046, section 5.1), in order."""
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    sections = (b"\r\n" + body).split(b"\r\n--" + boundary)[1:-1]
    return [section.partition(b"\r\n\r\n")[2] for section in sections]


def unpacked(packed: bytes) -> dict[str, bytes]:
    """The files of a ``tar.zst`` by name."""
    raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read(BUNDLE_MAX)
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        readers = {member.name: tar.extractfile(member) for member in tar}
        return {name: reader.read() for name, reader in readers.items() if reader}


def test_its_configuration_is_valid_and_stays_in_its_folder(tmp_path: Path) -> None:
    from components.config.load import parse_config

    config = parse_config(small_run(tmp_path), {})
    assert config.paths.cache_dir == tmp_path / "cache"
    assert config.upstream.kind == "bundled" and config.upstream.bundled_parts == PARTS


def test_a_reply_of_several_parts_is_taken_apart() -> None:
    body = (
        b'--b1\r\nContent-Type: a/b\r\n\r\n{"x": 1}\r\n--b1\r\nX: y\r\n\r\n\r\n\x00\r\n--b1--\r\n'
    )
    assert parts_of("multipart/mixed; boundary=b1", body) == [b'{"x": 1}', b"\r\n\x00"]


def test_an_environment_that_names_another_folder_is_not_passed_on() -> None:
    import pytest

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATOPILE_COMPONENTS_CACHE_DIR", "/elsewhere")
        assert "ATOPILE_COMPONENTS_CACHE_DIR" not in _environment()
