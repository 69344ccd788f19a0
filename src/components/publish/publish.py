"""``publish``: seals a validated snapshot, swaps ``current`` to it, and writes a receipt last.

The receipt is what the workflow knows as this step's output: outputs are deleted before a job and
after a failed one, and ``current`` must survive both. Killed at any moment, ``current`` names a
whole snapshot, and the same command again completes.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from components.core.errors import SnapshotError, ValidationError
from components.core.files import clone_file, sync, write_text
from components.core.layout import Layout
from components.core.sums import FILES, SUMS, check_whole, content_digest, make_sums, read_sums
from components.publish.retention import retain
from components.publish.snapshots import Snapshots, check_name

READ_ONLY = 0o444


class Published(NamedTuple):
    """What a publish did; ``sealed`` is False where the same snapshot stood there already."""

    name: str
    content_sha256: str
    sealed: bool


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--build", type=Path, required=True, help=f"folder of {', '.join(FILES)}")
    parser.add_argument("--validated", type=Path, help="default: validated.json in that folder")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--name", default="auto", help="auto: <date of the data>-<content's hash>")
    parser.add_argument("--keep", type=int, help="remove older snapshots but for so many")
    parser.add_argument("--allow-partial", action="store_true")
    parser.add_argument("--output", type=Path, required=True, help="the receipt")


def run(args: argparse.Namespace) -> int:
    snapshots = Snapshots(Layout(args.cache_dir).snapshots)
    validated = args.validated or args.build / "validated.json"
    if args.keep is not None:
        # What goes anyway makes room first; `current` and `previous` stay, whatever comes.
        _retire(snapshots, args.keep - 1)
    published = publish(args.build, validated, snapshots, args.name, args.allow_partial)
    receipt = {"snapshot": published.name, "content_sha256": published.content_sha256}
    write_text(args.output, json.dumps(receipt, sort_keys=True) + "\n")
    print(f"publish: current is {published.name}", file=sys.stderr)
    if args.keep is not None:
        _retire(snapshots, args.keep)
    return 0


def _retire(snapshots: Snapshots, keep: int) -> None:
    for name in retain(snapshots, keep):
        print(f"publish: removed {name}", file=sys.stderr)


def publish(
    build: Path, validated: Path, snapshots: Snapshots, name: str, allow_partial: bool
) -> Published:
    """Seal the files in ``build`` under ``name`` and let ``current`` name them.

    ``validated`` is the receipt of ``validate-snapshot`` for these very files. Raises
    :class:`ValidationError` where it is not, or the snapshot is partial and may not be published;
    :class:`SnapshotError` where another snapshot has that name, or a file is missing;
    :class:`ConfigError` for an impossible name.
    """
    if name != "auto":
        check_name(name)
    receipt = _read_json(validated)
    with snapshots.locked():
        temporary = snapshots.root / f".build-{os.getpid()}"
        temporary.mkdir()
        try:
            for file in FILES:
                _place(build / file, temporary / file)
            # Read and hashed where it will stand: what is judged here is what is sealed.
            metadata = _read_json(temporary / "metadata.json")
            with ThreadPoolExecutor(1) as other:
                hashing = other.submit(make_sums, {file: temporary / file for file in FILES})
                for file in FILES:
                    sync(temporary / file)
                sums = hashing.result()
            _check_allowed(metadata, allow_partial)
            if receipt.get("sums") != sums.decode():
                raise ValidationError(f"{validated}: not about these files; validate them again")
            name = _auto_name(metadata, sums) if name == "auto" else name
            sealed = not snapshots.folder(name).exists()
            if sealed:
                _seal(temporary, sums, snapshots, name)
            else:
                _check_same(snapshots.folder(name), sums)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        snapshots.swap(name)
    return Published(name, content_digest(sums), sealed)


def _check_allowed(metadata: dict[str, Any], allow_partial: bool) -> None:
    if metadata.get("is_partial") is not False and not allow_partial:
        raise ValidationError(
            "the snapshot is partial (workflow.max_components); publish it only with"
            " stage2.allow_partial: true"
        )


def _place(source: Path, target: Path) -> None:
    """A read-only file of its own, sharing blocks where the file system can; not on disk yet.

    Never a hard link: the mode belongs to both names, and the build's file must stay writable.
    """
    try:
        clone_file(source, target)
    except FileNotFoundError:
        raise SnapshotError(f"{source}: no such file; build it first") from None
    target.chmod(READ_ONLY)


def _seal(temporary: Path, sums: bytes, snapshots: Snapshots, name: str) -> None:
    # Never a link: readers lock this very file, and two snapshots must not share it.
    (temporary / SUMS).write_bytes(sums)
    (temporary / SUMS).chmod(READ_ONLY)
    sync(temporary / SUMS)
    sync(temporary)
    temporary.rename(snapshots.folder(name))
    sync(snapshots.root)


def _check_same(folder: Path, sums: bytes) -> None:
    read_sums(folder)
    if (folder / SUMS).read_bytes() != sums:
        raise SnapshotError(
            f"{folder}: another snapshot of this name; choose another workflow.snapshot_name"
        )
    check_whole(folder)


def _auto_name(metadata: dict[str, Any], sums: bytes) -> str:
    date = metadata.get("source", {}).get("data_date")
    name = f"{date}-{content_digest(sums)[:12]}"
    check_name(name)
    return name


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}; build it first") from None
    except ValueError:
        raise ValidationError(f"{path}: not JSON; build it again") from None
    if not isinstance(content, dict):
        raise ValidationError(f"{path}: not a JSON object; build it again")
    return content


def _build(folder: Path, rows: int = 1) -> tuple[Path, Path]:
    from components.testing.transform import build_snapshot
    from components.transform.validate import validate_snapshot

    built = build_snapshot(folder, rows)
    validated = folder / "validated.json"
    write_text(validated, json.dumps(validate_snapshot(built)))
    return folder, validated


def test_the_same_content_has_the_same_name_and_is_sealed_once(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path / "snapshots")
    first = publish(*_build(tmp_path / "a"), snapshots, "auto", False)
    assert first.sealed
    assert first.name == f"2023-11-14-{first.content_sha256[:12]}"
    again = publish(*_build(tmp_path / "b"), snapshots, "auto", False)
    assert again == first._replace(sealed=False)
    assert (snapshots.linked("current"), snapshots.linked("previous")) == (first.name, None)
    other = publish(*_build(tmp_path / "c", rows=2), snapshots, "auto", False)
    assert (snapshots.linked("current"), snapshots.linked("previous")) == (other.name, first.name)
    folder = snapshots.folder(other.name)
    check_whole(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted({*FILES, SUMS})
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {READ_ONLY}
    # What was built can be built over, by whoever is not root too.
    assert all((tmp_path / "c" / file).stat().st_mode & 0o200 for file in FILES)
    assert sorted(snapshots.names()) == sorted([first.name, other.name])


def test_what_must_not_be_published_changes_nothing(tmp_path: Path) -> None:
    import pytest

    build, validated = _build(tmp_path / "a")
    snapshots = Snapshots(tmp_path / "snapshots")
    publish(build, validated, snapshots, "mine", False)
    before = {path.name for path in snapshots.root.iterdir()}
    other, other_validated = _build(tmp_path / "b", rows=2)
    with pytest.raises(SnapshotError, match="another snapshot of this name"):
        publish(other, other_validated, snapshots, "mine", False)
    with pytest.raises(ValidationError, match="not about these files"):
        publish(other, validated, snapshots, "auto", False)
    metadata = other / "metadata.json"
    metadata.write_text(metadata.read_text().replace('"is_partial": false', '"is_partial": true'))
    with pytest.raises(ValidationError, match="allow_partial"):
        publish(other, other_validated, snapshots, "auto", False)
    (other / "lookup.idx").unlink()
    with pytest.raises(SnapshotError, match=r"lookup\.idx: no such file"):
        publish(other, other_validated, snapshots, "auto", False)
    assert {path.name for path in snapshots.root.iterdir()} == before
    assert snapshots.linked("current") == "mine"


def test_a_damaged_snapshot_is_not_published_again(tmp_path: Path) -> None:
    import pytest

    snapshots = Snapshots(tmp_path / "snapshots")
    name = publish(*_build(tmp_path / "a"), snapshots, "auto", False).name
    damaged = snapshots.folder(name) / "lookup.idx"
    damaged.unlink()
    damaged.write_bytes(b"another")
    with pytest.raises(SnapshotError, match=r"lookup\.idx: damaged"):
        publish(*_build(tmp_path / "b"), snapshots, "auto", False)


def test_a_dangling_current_is_mended(tmp_path: Path) -> None:
    snapshots = Snapshots(tmp_path / "snapshots")
    snapshots.root.mkdir()
    for aim in ("gone", "../elsewhere", "/nowhere"):
        (snapshots.root / "current").unlink(missing_ok=True)
        (snapshots.root / "current").symlink_to(aim)
        name = publish(*_build(tmp_path / "a" / aim.strip("/.")), snapshots, "auto", False).name
        assert (snapshots.linked("current"), snapshots.linked("previous")) == (name, None)


def test_the_command_writes_its_receipt_and_retires_the_old(tmp_path: Path) -> None:
    from components.cli import main

    layout = Layout(tmp_path / "cache")
    names = []
    for rows in (1, 2, 3):
        build, _ = _build(tmp_path / str(rows), rows)
        flags = ["--build", str(build), "--cache-dir", str(layout.root), "--keep", "2"]
        assert main(["publish", *flags, "--output", str(layout.receipt)]) == 0
        names.append(json.loads(layout.receipt.read_text())["snapshot"])
    assert sorted(Snapshots(layout.snapshots).names()) == sorted(names[1:])


def test_room_is_made_before_and_never_of_what_a_link_names(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.snapshot import sealed

    layout = Layout(tmp_path)
    snapshots = sealed(layout.snapshots, "a", "b", "c")
    # Nothing is there to publish: it fails, and what it would have replaced at most has gone.
    flags = ["--build", str(tmp_path / "none"), "--cache-dir", str(tmp_path)]
    command = ["publish", *flags, "--output", str(layout.receipt)]
    for keep, left in (("4", ["a", "b", "c"]), ("3", ["b", "c"]), ("2", ["b", "c"])):
        assert main([*command, "--keep", keep]) != 0
        assert sorted(snapshots.names()) == left
    assert (snapshots.linked("current"), snapshots.linked("previous")) == ("c", "b")
