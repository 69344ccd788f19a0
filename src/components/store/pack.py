"""``components pack``: files as the object store writes them, ``DIR/<name>.zst`` each."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from components.artifacts import ARTIFACT_TYPES
from components.config.load import load_config
from components.core.errors import ConfigError, StoreError
from components.core.files import write_bytes
from components.store.object_store import ObjectStore


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--type", required=True, choices=ARTIFACT_TYPES, help="artifact type")
    add_arguments(parser)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``pack`` and ``unpack`` share."""
    parser.add_argument("file", nargs="+", type=Path, help="which")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="folder")
    parser.add_argument(
        "--library", type=Path, help="liblookup.so; default: the pipeline's, built when needed"
    )
    parser.add_argument(
        "--cache-dir", type=Path, help="whose dictionaries and library; default: the config's"
    )


def run(args: argparse.Namespace) -> int:
    store = store_of(args)
    names = distinct_names(path.name for path in args.file)
    for path, name in zip(args.file, names, strict=True):
        write_bytes(args.output / f"{name}.zst", store.encode(args.type, read(path)).data)
    return 0


def store_of(args: argparse.Namespace) -> ObjectStore:
    """The store whose library and dictionaries ``args`` ask for."""
    cache_dir = args.cache_dir or load_config().paths.cache_dir
    return ObjectStore(cache_dir / "objects", library=args.library or "default")


def distinct_names(names: Iterable[str]) -> list[str]:
    """``names``, none of which would be written over another."""
    kept = list(names)
    if twice := sorted({name for name in kept if kept.count(name) > 1}):
        raise ConfigError(f"several files are named {twice[0]}; give them one folder each")
    return kept


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from None


def test_files_of_every_type_come_back(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.library import library

    contents = {
        "model_step": b"".join(b"#%d = P ( %d.5 ) ;\n" % (n, n) for n in range(300)),
        "model_obj": b"v 1.5 2.5 3.5\nf 1 2 3\n" * 300,
        "datasheet_pdf": b"%PDF-1.4\n" + bytes(range(256)),
        "kicad_footprint_mod": b'(footprint "x"\n)\n',
        "part_image": b"",
    }
    common = ["--library", str(library()), "--cache-dir", str(tmp_path)]
    for artifact_type, content in contents.items():
        source = tmp_path / f"{artifact_type}.raw"
        source.write_bytes(content)
        folders = [str(tmp_path / "packed"), str(tmp_path / "back")]
        pack = ["pack", "--type", artifact_type, str(source), "-o", folders[0]]
        assert main([*pack, *common]) == 0
        packed = tmp_path / "packed" / f"{source.name}.zst"
        assert main(["unpack", str(packed), "-o", folders[1], *common]) == 0
        assert (tmp_path / "back" / source.name).read_bytes() == content
    assert (tmp_path / "packed" / "model_step.raw.zst").stat().st_size < 300


def test_one_name_twice_is_refused() -> None:
    import pytest

    with pytest.raises(ConfigError, match=r"a\.step"):
        distinct_names(["a.step", "b.step", "a.step"])
