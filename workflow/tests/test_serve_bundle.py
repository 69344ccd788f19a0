"""Whole parts and their bundles, over HTTP."""

from __future__ import annotations

import email.parser
import hashlib
import io
import json
import os
import random
import signal
import tarfile
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import zstandard

from components.testing.server import (
    FULL,
    Answer,
    Server,
    Site,
    first_part,
    serving,
    wait_until,
)

ROWS = 2
ARTIFACTS = {
    "kicad_footprint_mod": b'(footprint "R0402")\n',
    "model_step": b"ISO-10303-21;\n" * 200_000,
    "datasheet_pdf": b"%PDF-1.7\n",
}


LARGE_PARTS, LARGE_BYTES = 48, 1 << 20
GROWTH_MAX_MIB = 24


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = Site(tmp_path_factory.mktemp("bundle"))
    site.build("only", ROWS, [ARTIFACTS])
    site.point("only")
    return site


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[Server]:
    with serving(site.layout) as running:
        running.wait_for("only")
        yield running


def test_a_bundle_comes_with_its_parts_and_verifies(server: Server) -> None:
    resistor, diode = first_part("resistor", ROWS), first_part("diode", ROWS)
    answer = server.ask("POST", FULL, {"component_ids": [resistor, diode, resistor, 999_999]})
    content, bundle = _parts(answer)
    assert [part["lcsc_id"] for part in content["components"]] == sorted([resistor, diode])
    assert content["unknown_ids"] == [999_999]
    part = next(part for part in content["components"] if part["lcsc_id"] == resistor)
    assert (part["part_number"], part["manufacturer"]) == ("resistor-0", "Maker")
    assert part["pick_parameters"]["resistance_ohm"] == 1.0
    assert part["attributes"] == {"Tolerance": "±1%"}
    assert part["manufacturer_name"] == part["manufacturer"]
    assert (part["component_type"], part["price_json"]) == ("resistor", part["price"])
    assert hashlib.sha256(bundle).hexdigest() == content["bundle_sha256"]
    assert content["bundle_sha256"] == answer.headers["x-bundle-sha256"]
    assert (len(bundle), "application/zstd") == (
        content["bundle_size_bytes"],
        content["bundle_media_type"],
    )
    members = _unpack(bundle)
    found = {entry["artifact_type"]: members[entry["path"]] for entry in content["artifacts"]}
    assert found == ARTIFACTS
    by_part = content["asset_manifest"]
    assert list(by_part) == [str(resistor)]
    assert [entry["bundle_path"] for entry in by_part[str(resistor)]] == [
        entry["path"] for entry in content["artifacts"]
    ]
    body = {"component_ids": [diode, 999_999, resistor]}
    assert _parts(server.ask("POST", FULL, body)) == (content, bundle)
    bare = server.ask("POST", FULL, body, {"Accept": "application/zstd"})
    assert (bare.body, bare.headers["content-type"]) == (bundle, "application/zstd")
    some = server.ask("POST", FULL, body | {"artifact_types": ["datasheet_pdf"]})
    assert [entry["artifact_type"] for entry in _parts(some)[0]["artifacts"]] == ["datasheet_pdf"]


def test_a_damaged_object_is_told_and_spoils_nothing(site: Site, server: Server) -> None:
    resistor = first_part("resistor", ROWS)
    (footprint,) = (site.layout.objects / "kicad_footprint_mod").iterdir()
    (datasheet,) = (site.layout.objects / "datasheet_pdf").iterdir()
    whole, hidden = footprint.read_bytes(), datasheet.with_name(".hidden")
    footprint.write_bytes(whole[:-3])
    datasheet.rename(hidden)
    try:
        content, bundle = _parts(server.ask("POST", FULL, {"component_ids": [resistor]}))
    finally:
        footprint.write_bytes(whole)
        hidden.rename(datasheet)
    found = {entry["artifact_type"]: entry["status"] for entry in content["artifacts"]}
    assert found == {
        "kicad_footprint_mod": "damaged",
        "datasheet_pdf": "missing",
        "model_step": "ok",
    }
    manifest = json.loads(_unpack(bundle)["manifest.json"])
    assert manifest["artifacts"] == content["artifacts"]
    assert "components_damaged_objects_total 2" in server.ask("GET", "/metrics").body.decode()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "component_ids"),
        ({"component_ids": []}, "component_ids"),
        ({"component_ids": list(range(1, 1002))}, "component_ids"),
        ({"component_ids": ["R2040"]}, "component_ids.0"),
        ({"component_ids": [1.5]}, "component_ids.0"),
        ({"component_ids": [True]}, "component_ids.0"),
        ({"component_ids": [0]}, "component_ids.0"),
        ({"component_ids": [2**63]}, "component_ids.0"),
        ({"component_ids": [1], "artifact_types": ["../../etc"]}, "artifact_types.0"),
        ({"component_ids": [1], "more": 1}, "more"),
        (b"{", ""),
    ],
)
def test_a_bad_bundle_request_is_refused_by_name(server: Server, body: object, named: str) -> None:
    answer = server.ask("POST", FULL, body)
    assert answer.status in {400, 422}
    assert named in answer.json["detail"]


def test_a_bundle_beyond_the_limit_is_refused(site: Site) -> None:
    with serving(site.layout, max_bundle_bytes=1 << 20) as server:
        body = {"component_ids": [first_part("resistor", ROWS)]}
        answer = server.ask("POST", FULL, body)
        assert (answer.status, "artifact_types" in answer.json["detail"]) == (413, True)
        body["artifact_types"] = ["datasheet_pdf"]  # type: ignore[assignment]
        assert server.ask("POST", FULL, body).status == 200


def test_memory_stays_bounded_however_large_the_bundle(tmp_path: Path) -> None:
    draw = random.Random(3)
    site = Site(tmp_path)
    datasheets = ({"datasheet_pdf": draw.randbytes(LARGE_BYTES)} for _ in range(LARGE_PARTS))
    site.build("large", LARGE_PARTS, datasheets)
    site.point("large")
    first = first_part("resistor", LARGE_PARTS)
    with serving(site.layout) as server:
        assert server.ask("POST", FULL, {"component_ids": [first]}).status == 200
        before_mib = _peak_mib(server.process.pid)
        body = {"component_ids": list(range(first, first + LARGE_PARTS))}
        content, bundle = _parts(server.ask("POST", FULL, body))
        assert len(bundle) > LARGE_PARTS * LARGE_BYTES
        assert {entry["status"] for entry in content["artifacts"]} == {"ok"}
        assert _peak_mib(server.process.pid) < before_mib + GROWTH_MAX_MIB


def _peak_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"process {pid} has no peak")


def _parts(answer: Answer) -> tuple[dict[str, Any], bytes]:
    """The JSON and the bundle of a multipart reply, read as any MIME reader does."""
    assert answer.status == 200, answer.body[:500]
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = email.parser.BytesParser().parsebytes(head + answer.body)
    found = message.get_payload()
    assert isinstance(found, list)
    first, second = found
    assert isinstance(first, Message) and isinstance(second, Message)
    assert first.get_content_type() == "application/json"
    assert second.get_content_type() == "application/zstd"
    content = first.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert len(content) == int(first["Content-Length"])
    return json.loads(content), _exact(answer.body, second)


def _exact(body: bytes, part: Message) -> bytes:
    """A part's bytes by its length, since a MIME reader may change the line ends in them."""
    start = body.rindex(f"X-Bundle-SHA256: {part['X-Bundle-SHA256']}".encode())
    start = body.index(b"\r\n\r\n", start) + 4
    return body[start : start + int(part["Content-Length"])]


def _unpack(bundle: bytes) -> dict[str, bytes]:
    raw = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(bundle)).read()
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]


def test_builders_end_with_a_killed_server(site: Site) -> None:
    with serving(site.layout) as running:
        running.wait_for("only")
        # More than a thread builds: processes are started.
        answer = running.ask("POST", FULL, {"component_ids": list(range(1, 40))})
        assert answer.status == 200
        builders = _descendants(running.process.pid)
        assert len(builders) >= 2
        running.process.kill()
        running.process.wait()
        try:
            wait_until(lambda: not any(map(_lives, builders)), "the builders' end")
        finally:
            # They hold the server's output open, for whose end the fixture waits.
            for pid in filter(_lives, builders):
                os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            found += [child, *_descendants(child)]
    return found


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
