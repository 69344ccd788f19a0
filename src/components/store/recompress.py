"""``components recompress``: move a store to the current policy.

Objects of older policies stay readable for ever; this makes them as small as new ones. Each object
is decoded, checked against its hash, encoded again, decoded once more and compared before the old
file is replaced. It can be killed at any time and goes on where it was: ``objects/recompress.json``
holds how far it came and under which policy, until it is done.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from components.artifacts import ARTIFACT_TYPES
from components.core.errors import StoreError
from components.core.files import write_text
from components.core.layout import Layout
from components.core.options import add_config_option, configuration
from components.store.dictionaries import BUILTIN, Dictionaries
from components.store.header import TEXT_VERSIONS
from components.store.object_store import ObjectStore
from components.store.policy import POLICY

STATE = "recompress.json"
# How many objects lie between two notes of how far it came.
_BATCH = 64


class Sizes(NamedTuple):
    """Objects looked at, and their bytes before and after."""

    objects: int = 0
    before_bytes: int = 0
    after_bytes: int = 0


def configure(parser: argparse.ArgumentParser) -> None:
    add_config_option(parser)
    parser.add_argument("--objects", type=Path, metavar="DIR", help="default: of paths.cache_dir")
    parser.add_argument("--type", action="append", choices=ARTIFACT_TYPES, help="default: all")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="threads")
    parser.add_argument("--library", type=Path, help="liblookup.so; default: the pipeline's")


def run(args: argparse.Namespace) -> int:
    objects = args.objects or Layout(configuration(args).paths.cache_dir).objects
    store = ObjectStore(objects, library=args.library or "default")
    damaged: list[str] = []
    sizes = recompress(store, args.type or ARTIFACT_TYPES, max(args.workers, 1), damaged)
    for line in damaged:
        print(line, file=sys.stderr)
    print(
        f"{sizes.objects:,} objects, {sizes.before_bytes:,} bytes before, "
        f"{sizes.after_bytes:,} after",
        file=sys.stderr,
    )
    if damaged:
        raise StoreError(f"{len(damaged)} damaged objects were left as they are; fetch them again")
    return 0


def recompress(
    store: ObjectStore, types: tuple[str, ...] | list[str], workers: int, damaged: list[str]
) -> Sizes:
    """Rewrite every object of ``types`` as the policy asks; ``damaged`` gets a line for each that
    cannot be read."""
    state = store.root / STATE
    policy = policy_digest(store.root.absolute().parent, types)
    last = _last_key(state, policy)
    every = store.keys()
    keys = (key for key in every if key.split("/")[1] in types and key > last)
    total = Sizes()
    with ThreadPoolExecutor(workers) as pool:
        while batch := list(itertools.islice(keys, _BATCH)):
            for before, after in pool.map(lambda key: _rewrite(store, key, damaged), batch):
                total = Sizes(total[0] + 1, total[1] + before, total[2] + after)
            store.sync()
            write_text(state, json.dumps({"policy": policy, "last": batch[-1]}) + "\n")
    state.unlink(missing_ok=True)
    return total


def policy_digest(cache_dir: Path, types: tuple[str, ...] | list[str]) -> str:
    """What the forms of new objects of ``types`` depend on, as a short digest."""
    dictionaries = Dictionaries(Layout(cache_dir).dictionaries, BUILTIN)
    facts: list[object] = [
        (name, POLICY[name], dictionaries.current(name)) for name in sorted(types)
    ]
    facts.append(sorted(TEXT_VERSIONS))
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]


def _last_key(state: Path, policy: str) -> str:
    """Where a run that was killed came to; nowhere, where it went by another policy."""
    try:
        content = json.loads(state.read_bytes())
        return str(content["last"]) if content["policy"] == policy else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _rewrite(store: ObjectStore, key: str, damaged: list[str]) -> tuple[int, int]:
    try:
        return store.rewrite(key)
    except StoreError as error:
        damaged.append(str(error))
        return 0, 0


def _texts() -> Iterator[tuple[str, bytes]]:
    for n in range(90):
        yield "lcsc_product", b'{"code":200,"result":{"productCode":"C%d","stockNumber":7}}' % n
        yield "model_step", b"".join(b"#%d = POINT ( %d.5 ) ;\n" % (k, k * n) for k in range(60))
        yield "part_image", bytes([n]) * 100


def test_a_plain_store_shrinks_and_reads_the_same(tmp_path: Path) -> None:
    from components.cli import main
    from components.testing.library import library

    plain = ObjectStore(tmp_path / "objects", library=None)
    contents = {plain.put(*text).key: text[1] for text in _texts()}
    before = {key: len(plain.stored(key)) for key in contents}
    arguments = ["recompress", "--objects", str(plain.root), "--library", str(library())]
    assert main(arguments) == 0
    store = ObjectStore(tmp_path / "objects", library=library())
    after = {key: len(store.stored(key)) for key in contents}
    assert {key: store.get(key) for key in store.keys()} == contents  # noqa: SIM118
    assert all(after[key] <= before[key] for key in contents)
    assert sum(after.values()) < sum(before.values()) * 0.7
    assert not (plain.root / STATE).exists()
    assert recompress(store, ("part_image",), 2, []).objects == 90


def test_an_older_text_codec_gives_way_to_the_current_one(tmp_path: Path) -> None:
    from components.store.frame import encoding
    from components.testing.library import library, text_objects

    text, objects = text_objects()
    stored = objects["text/1"]
    store = ObjectStore(tmp_path / "objects", library=library())
    key = store.put("kicad_footprint_mod", text).key
    store.path(key).write_bytes(stored)
    assert store.get(key) == text
    sizes = recompress(store, ("kicad_footprint_mod",), 1, [])
    assert sizes.before_bytes == len(stored) > sizes.after_bytes
    assert encoding(store.stored(key)) == "text/2" and store.get(key) == text


def test_a_damaged_object_is_told_and_left(tmp_path: Path) -> None:
    from components.testing.library import library

    store = ObjectStore(tmp_path / "objects", library=library())
    keys = [store.put(*text).key for text in itertools.islice(_texts(), 6)]
    store.path(keys[0]).write_bytes(b"junk")
    damaged: list[str] = []
    assert recompress(store, ARTIFACT_TYPES, 2, damaged).objects == 6
    assert len(damaged) == 1 and f"{keys[0]}: damaged object" in damaged[0]
    assert store.path(keys[0]).read_bytes() == b"junk"


def test_a_killed_run_goes_on_only_under_the_same_policy(tmp_path: Path) -> None:
    from components.testing.library import library

    store = ObjectStore(tmp_path / "objects", library=library())
    keys = sorted(store.put(*text).key for text in itertools.islice(_texts(), 6))
    policy = policy_digest(tmp_path, ARTIFACT_TYPES)
    for told, left in ((policy, 2), ("another", 6)):
        write_text(store.root / STATE, json.dumps({"policy": told, "last": keys[3]}))
        assert recompress(store, ARTIFACT_TYPES, 1, []).objects == left
