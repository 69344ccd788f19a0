"""``components train-dictionaries``: dictionaries for texts, from a sample of a store.

A dictionary is made of pieces of the sampled texts, those first that hold the most of what none of
the pieces before them holds. The same objects give the same dictionary.
"""

from __future__ import annotations

import argparse
import hashlib
import heapq
import json
import random
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from components.core.errors import StoreError
from components.core.files import write_text
from components.store.dictionaries import dictionary_id, file_name, save
from components.store.object_store import ObjectStore
from components.store.policy import POLICY

TEXT_TYPES = tuple(artifact_type for artifact_type, rule in POLICY.items() if rule.text)
_OBJECTS_MAX = 400
_SAMPLE_MAX_BYTES = 8 << 20
_PIECE_BYTES = 8 << 10
# The length of the substrings that two texts are compared by.
_SHINGLE_BYTES = 10
# One number is as good as another: which ones there are tells little of those to come.
_SAME_DIGITS = bytes.maketrans(b"123456789", b"000000000")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--objects", type=Path, required=True, metavar="DIR", help="the store")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="dictionaries")
    parser.add_argument(
        "--type", action="append", choices=TEXT_TYPES, help="artifact type; default: all texts"
    )
    parser.add_argument(
        "--size", type=int, default=96 << 10, metavar="BYTES", help="of each; default: 98304"
    )
    parser.add_argument("--library", type=Path, help="liblookup.so, for objects that need it")
    parser.add_argument("--receipt", type=Path, help="also write here what was trained, as JSON")


def run(args: argparse.Namespace) -> int:
    store = ObjectStore(args.objects, library=args.library or "default")
    trained = {}
    for artifact_type in args.type or TEXT_TYPES:
        texts = [store.get(key) for key in sample_keys(store.keys(), artifact_type)]
        if not texts:
            print(f"{artifact_type}: no objects", file=sys.stderr)
            continue
        content = trained[artifact_type] = train(texts, args.size)
        name = file_name(dictionary_id(content))
        print(f"{artifact_type}: {name}, {len(content):,} bytes", file=sys.stderr)
    if not trained:
        raise StoreError(f"{args.objects}: no texts to train on; fetch some first")
    save(args.output, trained)
    if args.receipt:
        names = {name: file_name(dictionary_id(text)) for name, text in trained.items()}
        write_text(args.receipt, json.dumps(names, indent=1, sort_keys=True) + "\n")
    return 0


def sample_keys(keys: Iterable[str], artifact_type: str) -> list[str]:
    """At most 400 of a type's objects; their names are hashes, so the first are a fair sample."""
    prefix = f"objects/{artifact_type}/"
    return sorted(key for key in keys if key.startswith(prefix))[:_OBJECTS_MAX]


def train(texts: Sequence[bytes], size_bytes: int) -> bytes:
    """A dictionary of at most ``size_bytes``, from pieces of ``texts``."""
    pieces = _pieces(texts)
    shingles = [_shingles(piece) for piece in pieces]
    taken: set[int] = set()
    # The gain of a piece only falls as others are taken, so that the best one whose gain is up to
    # date is the best of all (lazy greedy).
    queue = [
        (-len(own) / len(piece), at)
        for at, (own, piece) in enumerate(zip(shingles, pieces, strict=True))
    ]
    heapq.heapify(queue)
    chosen: list[bytes] = []
    left = size_bytes
    while queue and left > 0:
        old, at = heapq.heappop(queue)
        gain = -len(shingles[at] - taken) / len(pieces[at])
        # A piece that has nothing new still tells what is usual, where there is room for it.
        if gain > old:
            heapq.heappush(queue, (gain, at))
            continue
        if len(pieces[at]) > left:
            continue
        chosen.append(pieces[at])
        taken |= shingles[at]
        left -= len(pieces[at]) + 1
    # What is read last is remembered best, so that no kind of piece should gather there.
    chosen.sort(key=lambda piece: hashlib.sha256(piece).digest())
    return b"\n".join(chosen)[:size_bytes]


def _pieces(texts: Sequence[bytes]) -> list[bytes]:
    pieces, size_bytes = [], 0
    for text in texts:
        for start in range(0, len(text), _PIECE_BYTES):
            pieces.append(text[start : start + _PIECE_BYTES])
        size_bytes += len(text)
        if size_bytes > _SAMPLE_MAX_BYTES:
            break
    return sorted(set(pieces))


def _shingles(piece: bytes) -> set[int]:
    """Hashes of a quarter of the piece's substrings, the same quarter in every piece."""
    digest = hashlib.blake2b
    piece = piece.translate(_SAME_DIGITS)
    found = {piece[at : at + _SHINGLE_BYTES] for at in range(len(piece) - _SHINGLE_BYTES + 1)}
    hashes = (int.from_bytes(digest(text, digest_size=8).digest(), "big") for text in found)
    return {value for value in hashes if value & 3 == 0}


def _records(count: int) -> list[bytes]:
    dice = random.Random(4)
    return [
        b'{"productCode":"C%d","productModel":"R%04d","brandNameEn":"%s"}'
        % (n, dice.randrange(10_000), dice.choice([b"Fieldfare", b"Wheatear", b"Ouzel"]))
        for n in range(count)
    ]


def test_a_dictionary_holds_what_texts_share_and_is_the_same_again() -> None:
    texts = _records(200)
    trained = train(texts, 2000)
    assert 1000 < len(trained) <= 2000
    for shared in (b'{"productCode":"C', b'","brandNameEn":"', b"Fieldfare", b"Wheatear", b"Ouzel"):
        assert shared in trained
    assert train(texts, 2000) == trained
    assert train(texts[::-1], 2000) == trained
    assert train([b"short"], 2000) == b"short"


def test_a_store_trains_its_own_dictionary(tmp_path: Path) -> None:
    import pytest

    from components.cli import main
    from components.testing.library import library

    store = ObjectStore(tmp_path / "objects", library=library())
    texts = _records(60)
    before = sum(store.put("lcsc_product", text).stored_size_bytes for text in texts[:50])
    arguments = ["--objects", str(store.root), "--output", str(tmp_path / "dictionaries")]
    assert main(["train-dictionaries", *arguments, "--library", str(library())]) == 0
    again = ObjectStore(tmp_path / "objects", library=library())
    after = sum(again.put("lcsc_product", text).stored_size_bytes for text in texts[50:]) * 5
    assert after < before * 0.8
    assert again.get(next(again.keys())) in texts
    with pytest.raises(StoreError, match="no texts to train on"):
        run(argparse.Namespace(objects=tmp_path, output=tmp_path, type=None, size=9, library=None))
