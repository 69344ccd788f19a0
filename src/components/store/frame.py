"""The bytes of a stored object: zstd frames, bounded when read.

An object is one ordinary zstd frame, readable by any zstd tool; a model may be a frame of columns
behind the header of :mod:`components.store.header`. Its size stands in the frame's header, so that
a reader knows what it will allocate before it does.
"""

from __future__ import annotations

import contextlib
import threading
import zlib
from pathlib import Path
from typing import NamedTuple

import zstandard

from components.core.errors import StoreError
from components.native.codecs import Codecs
from components.store import header
from components.store.dictionaries import Dictionaries, trained
from components.store.header import Codec
from components.store.policy import RAW_SIZE_MAX_BYTES, Rule, blocks

PLAIN = "zstd"
COLUMNS = "zstd+columns/1"


class Encoded(NamedTuple):
    data: bytes
    encoding: str


class _Contexts(threading.local):
    """zstd contexts are costly to make and must not be shared between threads."""

    def __init__(self) -> None:
        self.compressors: dict[tuple[int, bool, int], zstandard.ZstdCompressor] = {}
        self.decompressors: dict[int, zstandard.ZstdDecompressor] = {}


_contexts = _Contexts()


def encode(
    data: bytes,
    rule: Rule,
    codecs: Codecs | None = None,
    dictionary: zstandard.ZstdCompressionDict | None = None,
) -> Encoded:
    """``data`` as a stored object: in columns where ``rule`` asks for them and there are
    ``codecs``, with ``dictionary`` where that takes fewer blocks on the disk, else a plain frame.

    Raises :class:`StoreError` where it is too large.
    """
    if len(data) > RAW_SIZE_MAX_BYTES:
        raise StoreError(f"{len(data)} bytes are more than an object holds ({RAW_SIZE_MAX_BYTES})")
    if codecs is not None and (stored := _columns(data, rule, codecs)) is not None:
        return Encoded(stored, COLUMNS)
    plain = compress(data, rule.level)
    if dictionary is not None and blocks(len(plain)) > 1:
        primed = compress(data, rule.level, dictionary=dictionary)
        if blocks(len(primed)) < blocks(len(plain)):
            return Encoded(primed, PLAIN)
    return Encoded(plain, PLAIN)


def _columns(data: bytes, rule: Rule, codecs: Codecs) -> bytes | None:
    container = codecs.columns_encode(rule.columns, data) if rule.columns else None
    if container is None:
        return None
    # The header's checksum is of the raw bytes; the frame needs none of its own.
    stored = header.write(Codec.COLUMNS_1, data) + compress(container, rule.level, checksum=False)
    # What is short, or only looks like its type, can be smaller without a header.
    if len(stored) * 2 > len(data) and len(compress(data, rule.level)) <= len(stored):
        return None
    return stored


def decode(
    stored: bytes, codecs: Codecs | None = None, dictionaries: Dictionaries | None = None
) -> bytes:
    """The raw bytes of a stored object.

    Raises :class:`StoreError` where ``stored`` is no object, is damaged, declares more than
    :data:`RAW_SIZE_MAX_BYTES`, needs ``codecs`` and there are none, or needs a dictionary that is
    missing.
    """
    if not header.is_headed(stored):
        return decompress(stored, dictionaries=dictionaries)
    head = header.read(stored)
    if codecs is None:
        raise StoreError("it needs the native library; run `components build-library`")
    # A container is never longer than its file: an encoder writes plain zstd then.
    container = decompress(head.rest, head.raw_size_bytes)
    data = codecs.columns_decode(container, head.raw_size_bytes)
    if zlib.crc32(data) != head.checksum:
        raise StoreError("its checksum does not match")
    return data


def encoding(stored: bytes) -> str:
    """How a stored object is compressed, as :func:`encode` told."""
    return COLUMNS if header.is_headed(stored) else PLAIN


def dictionary_number(stored: bytes) -> int:
    """The number of the dictionary that a frame needs; 0 where it needs none."""
    if header.is_headed(stored):
        return 0
    try:
        return zstandard.get_frame_parameters(stored).dict_id
    except zstandard.ZstdError:
        return 0


def compress(
    data: bytes,
    level: int,
    *,
    checksum: bool = True,
    dictionary: zstandard.ZstdCompressionDict | None = None,
) -> bytes:
    """One zstd frame that declares its content's size."""
    key = (level, checksum, dictionary.dict_id() if dictionary else 0)
    compressor = _contexts.compressors.get(key)
    if compressor is None:
        compressor = _contexts.compressors[key] = zstandard.ZstdCompressor(
            level=level,
            write_content_size=True,
            write_checksum=checksum,
            dict_data=dictionary,
        )
    return compressor.compress(data)


def decompress(
    frame: bytes,
    size_max_bytes: int = RAW_SIZE_MAX_BYTES,
    dictionaries: Dictionaries | None = None,
) -> bytes:
    """The content of exactly one zstd frame, of a declared size within the limit."""
    try:
        size_bytes = zstandard.frame_content_size(frame)
        if size_bytes < 0:
            raise StoreError("not a zstd frame that declares its size")
        if size_bytes > size_max_bytes:
            raise StoreError(f"declares {size_bytes} bytes, more than {size_max_bytes}")
        number = zstandard.get_frame_parameters(frame).dict_id
        return _decompressor(number, dictionaries).decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise StoreError(f"not a whole zstd frame: {error}") from None


def _decompressor(number: int, dictionaries: Dictionaries | None) -> zstandard.ZstdDecompressor:
    found = _contexts.decompressors.get(number)
    if found is None:
        if number and dictionaries is None:
            raise StoreError(f"it needs dictionary {number}")
        data = dictionaries.named(number) if number and dictionaries else None
        found = _contexts.decompressors[number] = zstandard.ZstdDecompressor(dict_data=data)
    return found


def test_plain_objects_come_back_and_are_ordinary_zstd() -> None:
    for data in (b"", b"a", b"solid\n" * 1000):
        encoded = encode(data, Rule(level=12))
        assert encoded.encoding == "zstd" == encoding(encoded.data)
        assert zstandard.ZstdDecompressor().decompress(encoded.data) == data
        assert decode(encoded.data) == data


def test_columns_come_back_and_need_the_library() -> None:
    import pytest

    from components.testing.library import library

    codecs, rule = Codecs(library()), Rule(level=12, columns="obj")
    data = b"".join(b"v %d.5 0.25 -%d.125\nf 1 2 %d\n" % (n, n % 9, n) for n in range(500))
    encoded = encode(data, rule, codecs)
    assert encoded.encoding == "zstd+columns/1" == encoding(encoded.data)
    assert len(encoded.data) < len(compress(data, 19)) / 2
    assert decode(encoded.data, codecs) == data
    assert encode(b"\0" * 100, rule, codecs).encoding == "zstd"
    assert encode(data, rule).encoding == "zstd"
    with pytest.raises(StoreError, match="native library"):
        decode(encoded.data)


def _texts(count: int) -> list[bytes]:
    """Texts of some 20 KB that share most of their lines, but for a number in each."""
    lines = [bytes(f"(segment {_noise(n)} (width 0.15))\n", "ascii") for n in range(400)]
    return [b"%d\n" % n + b"".join(lines[n % 40 :]) for n in range(count)]


def _noise(number: int) -> str:
    import hashlib

    return hashlib.sha256(str(number).encode()).hexdigest()


def test_a_dictionary_is_used_where_it_saves_a_block(tmp_path: Path) -> None:
    import pytest

    dictionaries = Dictionaries(tmp_path)
    texts = _texts(60)
    dictionaries.add("kicad_footprint_mod", trained(texts[1:], 64 << 10))
    primer, rule = dictionaries.current("kicad_footprint_mod"), Rule(level=12, dictionary=True)
    assert primer is not None
    primed = encode(texts[0], rule, None, primer)
    assert dictionary_number(primed.data) == primer.dict_id()
    assert blocks(len(primed.data)) < blocks(len(encode(texts[0], rule).data))
    assert decode(primed.data, None, dictionaries) == texts[0]
    short = encode(texts[0][:900], rule, None, primer)
    assert dictionary_number(short.data) == 0
    _contexts.decompressors.clear()
    with pytest.raises(StoreError, match=r"its dictionary \d+ is not in"):
        decode(primed.data, None, Dictionaries(tmp_path / "none"))


def test_what_is_no_object_is_refused() -> None:
    import pytest

    from components.testing.library import library

    codecs = Codecs(library())
    raw, numbers = b"solid %d\n" * 1000, b"v 1.5 2.5\n" * 1000
    columns = encode(numbers, Rule(level=3, columns="obj"), codecs).data
    whole = compress(raw, 3)
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(raw)
    bomb = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"
    for bad in (b"", b"junk", unsized, bomb, whole + whole):
        with pytest.raises(StoreError):
            decode(bad, codecs)
    for good, content in ((whole, raw), (columns, numbers)):
        for bad in (good[:-1], good + b"x", good[:10]):
            with pytest.raises(StoreError):
                decode(bad, codecs)
        for at in range(len(good)):
            # Another content never comes back.
            bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
            with contextlib.suppress(StoreError):
                assert decode(bad, codecs) == content
