"""``components pack``: gathers what is seldom read into packs; with files, writes them as the store
would, ``DIR/<name>.zst`` each."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from components.artifacts import ARTIFACT_TYPES
from components.config.load import load_config
from components.config.options import add_config_option, configuration
from components.core import run_lock
from components.core.errors import ConfigError, StoreError
from components.core.files import write_bytes
from components.core.layout import Layout
from components.store.freshen import freshen
from components.store.gather import Gathered, gather
from components.store.object_store import ObjectStore
from components.store.policy import POLICY


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--type", choices=ARTIFACT_TYPES, help="of FILE; or which alone to gather")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="where FILEs are written")
    add_arguments(parser, "*")


def add_arguments(parser: argparse.ArgumentParser, count: str = "+") -> None:
    """What ``pack`` and ``unpack`` share."""
    parser.add_argument("file", nargs=count, type=Path, help="which")
    parser.add_argument(
        "--library", type=Path, help="liblookup.so; default: the pipeline's, built when needed"
    )
    parser.add_argument(
        "--cache-dir", type=Path, help="whose dictionaries and library; default: the config's"
    )


def run(args: argparse.Namespace) -> int:
    if not args.file and args.output is None:
        return _gather(args)
    if not (args.file and args.output and args.type):
        raise ConfigError("files need all of --type TYPE, FILE and -o DIR; nothing gathers packs")
    store = store_of(args)
    names = distinct_names(path.name for path in args.file)
    for path, name in zip(args.file, names, strict=True):
        write_bytes(args.output / f"{name}.zst", store.encode(args.type, read(path)).data)
    return 0


def _gather(args: argparse.Namespace) -> int:
    layout = Layout(args.cache_dir or configuration(args).paths.cache_dir)
    # Neither a fetch nor a prune meanwhile, nor another pack.
    run_lock.acquire(layout.root)
    store = ObjectStore(layout.objects, library=args.library or "default")
    damaged: list[str] = []
    if args.type is None:
        freshen(store, damaged, _tell)
    total = Gathered()
    for artifact_type, rule in POLICY.items():
        if rule.packed and args.type in (None, artifact_type):
            found = gather(store, artifact_type, damaged, _tell)
            total = Gathered(*map(sum, zip(total, found, strict=True)))
    for line in dict.fromkeys(damaged):
        print(line, file=sys.stderr)
    if total.objects:
        told = f"{total.objects:,} objects into {total.packs} packs, {total.before_bytes:,} bytes "
        told += f"of files before and {total.after_bytes:,} after"
    else:
        told = "nothing new to gather"
    print(f"pack: {told}; `components verify` checks every object", file=sys.stderr)
    if damaged:
        raise StoreError("damaged objects were left as they are; fetch them again")
    return 0


def _tell(line: str) -> None:
    print(f"pack: {line}", file=sys.stderr, flush=True)


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
