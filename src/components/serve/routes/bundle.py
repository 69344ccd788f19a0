"""The bundle of a request's parts: a deterministic ``tar.zst`` of everything stored for them.

Its members are sorted and carry no time, owner or foreign name:
``artifacts/<type>/<sha256>.<ext>``, each object once however many parts share it;
``manifest.json``, which tells whose they are and what is missing; ``sha256sums.txt`` for
``sha256sum -c``. The same request of the same snapshot and objects gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import zstandard

from components.artifacts import extension_of
from components.core import tar
from components.core.errors import StoreError
from components.serve.routes.parts import Asset, to_json
from components.store.object_store import ObjectStore, checked_parts

MEDIA_TYPE = "application/zstd"
# Most of what is bundled is compressed already (PDF, images) or small; this level keeps up with
# reading the objects.
LEVEL = 3


class Bundle(NamedTuple):
    """A finished bundle in an unlinked temporary file, at its start."""

    file: IO[bytes]
    sha256: str
    size_bytes: int
    artifacts: list[dict[str, Any]]
    """The asset manifest: an entry an asset, with its member's path or why there is none."""

    @property
    def damaged(self) -> int:
        """How many assets are missing or damaged in the store."""
        return sum(entry["status"] != "ok" for entry in self.artifacts)


def build_bundle(
    snapshot: str,
    components: list[dict[str, Any]],
    unknown_ids: list[int],
    assets: Iterable[Asset],
    store: ObjectStore,
    file: IO[bytes] | None = None,
) -> Bundle:
    """Write the bundle to ``file``, or a temporary one; one object is in memory at a time.

    An object that is missing or damaged is told in the manifest and left out. Raises OSError where
    there is no room.
    """
    if file is None:
        file = tempfile.TemporaryFile(prefix="bundle-")  # noqa: SIM115 - the reply closes it
    about = {"version": 1, "snapshot": snapshot, "components": components}
    known = list(assets)
    problems: dict[str, str] = {}
    try:
        while True:
            plan = _plan(about | {"unknown_ids": unknown_ids}, known, store, problems)
            try:
                return _write(plan, store, file)
            except _Unfit:
                # Seldom; with all of them known, the next time is the last.
                problems |= _problems(plan, store)
                file.seek(0)
                file.truncate()
    except BaseException:
        file.close()
        raise


class _Unfit(Exception):
    """An object is not as the plan has it."""


class _Plan(NamedTuple):
    """What a bundle will hold, where its objects are whole."""

    objects: dict[str, Asset]
    """By member path, sorted."""
    artifacts: list[dict[str, Any]]
    texts: dict[str, bytes]
    """The members that come after the objects."""

    @property
    def size_bytes(self) -> int:
        """Of the archive before it is compressed."""
        sizes = [asset.size_bytes for asset in self.objects.values()]
        sizes += [len(text) for text in self.texts.values()]
        raw_bytes = sum(map(tar.size_bytes, sizes)) + len(tar.END)
        # It is filled up to whole records.
        return raw_bytes + -raw_bytes % tar.RECORD_BYTES


def _plan(
    about: dict[str, Any], assets: list[Asset], store: ObjectStore, problems: dict[str, str]
) -> _Plan:
    """``problems`` are those of objects by member path; what has none is taken for whole."""
    objects: dict[str, Asset] = {}
    entries = []
    for asset in assets:
        try:
            path = member_path(asset)
        except StoreError as error:
            entries.append(_entry(asset, None, str(error)))
            continue
        entries.append(_entry(asset, path, problems.get(path)))
        if path not in problems:
            objects.setdefault(path, asset)
    entries.sort(key=lambda entry: (entry["lcsc_id"], entry["artifact_type"]))
    objects = dict(sorted(objects.items()))
    manifest = to_json(about | {"artifacts": entries})
    sums = {path: checked_parts(asset.stored_key)[1] for path, asset in objects.items()}
    sums["manifest.json"] = hashlib.sha256(manifest).hexdigest()
    lines = [f"{sums[name]}  {name}\n" for name in sorted(sums)]
    texts = {"manifest.json": manifest, "sha256sums.txt": "".join(lines).encode()}
    return _Plan(objects, entries, texts)


def _write(plan: _Plan, store: ObjectStore, file: IO[bytes]) -> Bundle:
    """Raises :class:`_Unfit` at the first object that is not as planned."""
    hashed = _Hashed(file)
    compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
    # Some readers (Python's `zstd`) make room for as much as the frame's head says, and fail where
    # it says nothing.
    size_bytes = plan.size_bytes
    writer = compressor.stream_writer(hashed, size=size_bytes, closefd=False)  # type: ignore[arg-type]
    written = 0
    for piece in _pieces(plan, store):
        writer.write(piece)
        written += len(piece)
    writer.write(bytes(size_bytes - written))
    writer.close()  # type: ignore[no-untyped-call]
    file.seek(0)
    return Bundle(file, hashed.sha256.hexdigest(), hashed.size_bytes, plan.artifacts)


def _pieces(plan: _Plan, store: ObjectStore) -> Iterator[bytes]:
    """The archive's members. Raises :class:`_Unfit`."""
    for path, asset in plan.objects.items():
        data = _whole(asset, store)
        if isinstance(data, str):
            raise _Unfit
        yield tar.member(path, data)
    for path, text in plan.texts.items():
        yield tar.member(path, text)


def _problems(plan: _Plan, store: ObjectStore) -> dict[str, str]:
    """What is wrong with the plan's objects, by member path."""
    read = ((path, _whole(asset, store)) for path, asset in plan.objects.items())
    return {path: found for path, found in read if isinstance(found, str)}


def _whole(asset: Asset, store: ObjectStore) -> bytes | str:
    """The object, or what is wrong with it."""
    try:
        data = store.get(asset.stored_key)
    except StoreError as error:
        return str(error)
    if len(data) != asset.size_bytes:
        return f"{asset.stored_key}: {len(data)} bytes, where {asset.size_bytes} are told of"
    return data


def member_path(asset: Asset) -> str:
    """Where an asset lies in a bundle: made of its type and hash, never of foreign text.

    Raises :class:`StoreError` where its key is none.
    """
    _, sha256 = checked_parts(asset.stored_key)
    extension = extension_of(asset.artifact_type, asset.mime)
    return f"artifacts/{asset.artifact_type}/{sha256}.{extension}"


def _entry(asset: Asset, path: str | None, problem: str | None) -> dict[str, Any]:
    entry = asset._asdict()
    entry.pop("stored_key")
    entry["path"] = path if problem is None else None
    if problem is None:
        entry["status"] = "ok"
    else:
        entry["status"] = "missing" if "no such object" in problem else "damaged"
        entry["error"] = problem
    return entry


class _Hashed:
    """Passes on what is written, and hashes it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()
        self.size_bytes = 0

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        self.size_bytes += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


def _assets(store: ObjectStore) -> list[Asset]:
    """Two parts that share a model, and each with something of its own."""
    wanted = (
        (2, "model_step", b"ISO-10303-21;" * 99, "model/step"),
        (1, "model_step", b"ISO-10303-21;" * 99, "model/step"),
        (1, "datasheet_pdf", b"%PDF-1.7", "application/pdf"),
        (2, "part_image", b"\x89PNG", "image/png"),
    )
    assets = []
    for lcsc_id, artifact_type, data, mime in wanted:
        stored = store.put(artifact_type, data)
        assets.append(
            Asset(
                lcsc_id, artifact_type, stored.key, stored.sha256, len(data), mime, "http://x", "{}"
            )
        )
    return assets


def _members(bundle: Bundle) -> dict[str, bytes]:
    import io
    import tarfile

    raw = zstandard.ZstdDecompressor().stream_reader(bundle.file).read()
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        members = archive.getmembers()
        assert all((m.mtime, m.uid, m.gid, m.uname) == (0, 0, 0, "") for m in members)
        assert [m.name for m in members] == sorted(m.name for m in members)
        return {m.name: archive.extractfile(m).read() for m in members}  # type: ignore[union-attr]


def test_a_bundle_unpacks_verifies_and_is_the_same_again(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    assets = _assets(store)
    components = [{"lcsc_id": 1}, {"lcsc_id": 2}]
    bundle = build_bundle("s", components, [7], assets, store)
    again = build_bundle("s", components, [7], assets[::-1], store)
    assert (bundle.sha256, bundle.artifacts) == (again.sha256, again.artifacts)
    content = bundle.file.read()
    assert hashlib.sha256(content).hexdigest() == bundle.sha256
    assert len(content) == bundle.size_bytes
    bundle.file.seek(0)
    members = _members(bundle)
    unpacked = zstandard.ZstdDecompressor().decompress(content)
    assert zstandard.get_frame_parameters(content).content_size == len(unpacked)
    manifest = json.loads(members["manifest.json"])
    assert (manifest["snapshot"], manifest["unknown_ids"]) == ("s", [7])
    entries = manifest["artifacts"]
    assert [(e["lcsc_id"], e["artifact_type"], e["status"]) for e in entries] == [
        (1, "datasheet_pdf", "ok"),
        (1, "model_step", "ok"),
        (2, "model_step", "ok"),
        (2, "part_image", "ok"),
    ]
    assert entries[1]["path"] == entries[2]["path"]
    assert members[entries[0]["path"]] == b"%PDF-1.7"
    assert entries[3]["path"].endswith(".png")
    for line in members["sha256sums.txt"].decode().splitlines():
        sha256, name = line.split("  ")
        assert hashlib.sha256(members[name]).hexdigest() == sha256
    assert len(members) == 3 + 2


def test_what_is_missing_or_damaged_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "objects")
    assets = _assets(store)
    store.path(assets[0].stored_key).write_bytes(b"no zstd")
    store.remove(assets[2].stored_key)
    hostile = assets[3]._replace(lcsc_id=3, stored_key="objects/part_image/../../../etc/passwd")
    bundle = build_bundle("s", [], [], [*assets, hostile], store)
    statuses = {(e["lcsc_id"], e["artifact_type"]): e["status"] for e in bundle.artifacts}
    assert statuses == {
        (1, "datasheet_pdf"): "missing",
        (1, "model_step"): "damaged",
        (2, "model_step"): "damaged",
        (2, "part_image"): "ok",
        (3, "part_image"): "damaged",
    }
    assert bundle.damaged == 4
    names = sorted(_members(bundle))
    assert [name.split("/")[0] for name in names] == [
        "artifacts",
        "manifest.json",
        "sha256sums.txt",
    ]
