"""The bundle of a request's parts: a deterministic ``tar.zst`` of everything stored for them.

Its members are sorted and carry no time, owner or foreign name:
``artifacts/<type>/<sha256>.<ext>``, each object once however many parts share it;
``manifest.json``, which tells whose they are and what is missing; ``sha256sums.txt`` for
``sha256sum -c``. The same request of the same snapshot and objects gives the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import IO, Any, NamedTuple

import zstandard

from components.artifacts import extension_of
from components.core.errors import StoreError
from components.serve.routes.parts import Asset, to_json
from components.store.object_store import ObjectStore

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
    try:
        hashed = _Hashed(file)
        compressor = zstandard.ZstdCompressor(level=LEVEL, write_checksum=True)
        with (
            compressor.stream_writer(hashed, closefd=False) as compressed,  # type: ignore[arg-type]
            tarfile.open(fileobj=compressed, mode="w|", format=tarfile.USTAR_FORMAT) as tar,
        ):
            sums: dict[str, str] = {}
            artifacts = _add_objects(tar, assets, store, sums)
            manifest = {
                "version": 1,
                "snapshot": snapshot,
                "components": components,
                "unknown_ids": unknown_ids,
                "artifacts": artifacts,
            }
            text = to_json(manifest)
            sums["manifest.json"] = hashlib.sha256(text).hexdigest()
            _add(tar, "manifest.json", text)
            lines = [f"{sums[name]}  {name}\n" for name in sorted(sums)]
            _add(tar, "sha256sums.txt", "".join(lines).encode())
        file.seek(0)
        return Bundle(file, hashed.sha256.hexdigest(), hashed.size_bytes, artifacts)
    except BaseException:
        file.close()
        raise


def member_path(asset: Asset) -> str:
    """Where an asset lies in a bundle: made of its type and hash, never of foreign text."""
    key = PurePosixPath(asset.stored_key)
    extension = extension_of(asset.artifact_type, asset.mime)
    return f"artifacts/{asset.artifact_type}/{key.stem}.{extension}"


def _add_objects(
    tar: tarfile.TarFile, assets: Iterable[Asset], store: ObjectStore, sums: dict[str, str]
) -> list[dict[str, Any]]:
    by_path: dict[str, list[Asset]] = {}
    entries = []
    for asset in assets:
        try:
            # Refuses a key that is none, so that no path is made of it.
            store.path(asset.stored_key)
        except StoreError as error:
            entries.append(_entry(asset, None, str(error)))
        else:
            by_path.setdefault(member_path(asset), []).append(asset)
    for path in sorted(by_path):
        problem = _add_object(tar, path, by_path[path][0], store, sums)
        entries += [_entry(asset, path, problem) for asset in by_path[path]]
    return sorted(entries, key=lambda entry: (entry["lcsc_id"], entry["artifact_type"]))


def _add_object(
    tar: tarfile.TarFile, path: str, asset: Asset, store: ObjectStore, sums: dict[str, str]
) -> str | None:
    """Add the object; what is wrong with it, if anything."""
    try:
        data = store.get(asset.stored_key)
    except StoreError as error:
        return str(error)
    sums[path] = PurePosixPath(asset.stored_key).stem
    _add(tar, path, data)
    return None


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


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    # A new TarInfo has time, owner and group 0, and no names.
    member = tarfile.TarInfo(name)
    member.size = len(data)
    member.mode = 0o644
    tar.addfile(member, io.BytesIO(data))


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
    raw = zstandard.ZstdDecompressor().stream_reader(bundle.file).read()
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        members = tar.getmembers()
        assert all((m.mtime, m.uid, m.gid, m.uname) == (0, 0, 0, "") for m in members)
        assert [m.name for m in members] == sorted(m.name for m in members)
        return {m.name: tar.extractfile(m).read() for m in members}  # type: ignore[union-attr]


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
