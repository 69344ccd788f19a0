"""``components unpack``: files that ``components pack`` wrote, or objects of a store, as before.

``DIR/<name>``; an object of a store has its hash for a name, and gets its type's ending.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from components.artifacts import ARTIFACT_TYPES, extension_of
from components.core.errors import ConfigError, StoreError
from components.core.files import write_bytes
from components.store.object_store import key_parts
from components.store.pack import add_arguments, distinct_names, read, store_of


def configure(parser: argparse.ArgumentParser) -> None:
    add_arguments(parser)
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")


def run(args: argparse.Namespace) -> int:
    store = store_of(args)
    names = distinct_names(_original(path) for path in args.file)
    for path, name in zip(args.file, names, strict=True):
        try:
            data = store.decode(read(path))
        except StoreError as error:
            raise StoreError(f"{path}: {error}") from None
        write_bytes(args.output / name, data)
    return 0


def _original(path: Path) -> str:
    if path.suffix != ".zst" or not path.stem:
        raise ConfigError(f"{path}: not named .zst; pack writes NAME.zst")
    folder = path.absolute().parent.name
    is_object = folder in ARTIFACT_TYPES and key_parts(f"objects/{folder}/{path.name}") is not None
    return f"{path.stem}.{extension_of(folder)}" if is_object else path.stem


def test_an_object_gets_the_ending_of_its_type(tmp_path: Path) -> None:
    from components.cli import main
    from components.store.object_store import ObjectStore

    store = ObjectStore(tmp_path / "objects")
    objects = [store.put(name, b"%PDF-1.4 %%EOF") for name in ("datasheet_pdf", "part_image")]
    output = tmp_path / "back"
    for stored in objects:
        command = ["unpack", str(store.path(stored.key)), "-o", str(output)]
        assert main([*command, "--cache-dir", str(tmp_path)]) == 0
    names = sorted(path.suffix for path in output.iterdir())
    assert names == [".img", ".pdf"] and {len(path.stem) for path in output.iterdir()} == {64}
    assert next(output.glob("*.pdf")).read_bytes() == b"%PDF-1.4 %%EOF"


def test_what_is_not_packed_is_named(tmp_path: Path) -> None:
    import pytest

    from components.cli import main

    (tmp_path / "a.step.zst").write_bytes(b"junk")
    (tmp_path / "a.step").write_bytes(b"junk")
    for name in ("a.step.zst", "a.step", "none.zst"):
        command = ["unpack", str(tmp_path / name), "-o", str(tmp_path / "back")]
        assert main(command) in (1, 2)
    with pytest.raises(ConfigError, match="not named"):
        _original(tmp_path / "a.step")
    assert not (tmp_path / "back").exists()
