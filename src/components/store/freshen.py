"""Dictionaries from what is in the store, where they save blocks, and old objects written anew."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import zstandard

from components.artifacts import ARTIFACT_TYPES
from components.core.errors import StoreError
from components.store.dictionaries import trained
from components.store.frame import encode
from components.store.header import is_headed
from components.store.object_store import ObjectStore
from components.store.policy import POLICY, blocks

SAMPLE_MAX = 1000
SAMPLE_MIN = 40
# Of the blocks that a sample takes which was not trained on.
SAVED_SHARE = 0.05

Tell = Callable[[str], None]


def freshen(store: ObjectStore, damaged: list[str], tell: Tell) -> None:
    """Train dictionaries, and write loose objects anew where they now take fewer blocks.

    Each is decoded and compared before the old file goes. ``damaged`` gets a line for each that
    cannot be read.
    """
    for artifact_type in ARTIFACT_TYPES:
        rule = POLICY[artifact_type]
        is_new = rule.dictionary and train(store, artifact_type, tell)
        # What is packed next is not worth a second writing.
        if not (rule.columns or (is_new and not rule.packed)):
            continue
        saved = count = 0
        for key in store.loose_keys(artifact_type):
            try:
                if rule.columns and is_headed(store.stored(key)):
                    continue
                before, after = store.rewrite(key)
            except StoreError as error:
                damaged.append(str(error))
                continue
            count += after < before
            saved += before - after
        store.sync()
        if count:
            tell(f"{artifact_type}: {count:,} objects are {saved:,} bytes smaller")


def train(store: ObjectStore, artifact_type: str, tell: Tell) -> bool:
    """Give the type a new dictionary if that saves blocks on objects that it has not seen.

    The first objects by hash are a fair sample; every second of them is kept for judging.
    """
    keys = itertools.islice(store.loose_keys(artifact_type), SAMPLE_MAX)
    texts = []
    for key in keys:
        try:
            texts.append(store.get(key))
        except StoreError:
            continue
    if len(texts) < SAMPLE_MIN:
        return False
    learned, unseen = texts[::2], texts[1::2]
    try:
        # A hundredth of what it learns from, as zstd advises, within reason.
        size_bytes = min(max(sum(map(len, learned)) // 100, 16 << 10), 110 << 10)
        content = trained(learned, size_bytes)
    except zstandard.ZstdError:
        return False
    old, rule = store.dictionaries.current(artifact_type), POLICY[artifact_type]
    new = zstandard.ZstdCompressionDict(content)
    before, after = (
        sum(blocks(len(encode(text, rule, None, primer).data)) for text in unseen)
        for primer in (old, new)
    )
    if after > before * (1 - SAVED_SHARE):
        return False
    path = store.dictionaries.add(artifact_type, content)
    tell(f"{artifact_type}: {path.name} saves {1 - after / before:.0%} of the blocks")
    return True
