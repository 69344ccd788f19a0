"""The bytes of a stored object: zstd frames, bounded when read.

An object of plain zstd is one ordinary frame, readable by any zstd tool. Its size stands in its
header, so that a reader knows what it will allocate before it does. Other objects begin with the
header of :mod:`components.store.header`.
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
from components.store.dictionaries import Dictionaries
from components.store.header import TEXT_VERSIONS, Codec
from components.store.policy import RAW_SIZE_MAX_BYTES, TEXT_SIZE_MAX_BYTES, Rule

PLAIN = "zstd"
_ENCODINGS = {
    Codec.COLUMNS_1: "zstd+columns/1",
    Codec.TEXT_1: "text/1",
    Codec.TEXT_2: "text/2",
}


class Encoded(NamedTuple):
    data: bytes
    encoding: str


class Tools(NamedTuple):
    """What objects other than plain ones are written and read with."""

    codecs: Codecs
    dictionaries: Dictionaries


class _Contexts(threading.local):
    """zstd contexts are costly to make and must not be shared between threads."""

    def __init__(self) -> None:
        self.compressors: dict[tuple[int, bool], zstandard.ZstdCompressor] = {}
        self.decompressor = zstandard.ZstdDecompressor()


_contexts = _Contexts()


def encode(
    data: bytes, artifact_type: str, rule: Rule, tools: Tools | None, *, quick: bool = False
) -> Encoded:
    """``data`` as a stored object: as ``rule`` asks for, or plain zstd where that does not fit.

    ``quick`` takes the first text codec instead of the last.

    Raises :class:`StoreError` where it is too large, or ``rule`` needs ``tools`` and has none.
    """
    if len(data) > RAW_SIZE_MAX_BYTES:
        raise StoreError(f"{len(data)} bytes are more than an object holds ({RAW_SIZE_MAX_BYTES})")
    stored = None
    if rule.native:
        if tools is None:
            raise StoreError("its policy needs the native library; run `components build-library`")
        stored = _columns(data, rule, tools) or _text(data, artifact_type, rule, tools, quick)
    if stored is None or len(stored) * 2 > len(data):
        # What is short, or only looks like its type, can be smaller without a header.
        plain = compress(data, rule.level)
        stored = plain if stored is None or len(plain) <= len(stored) else stored
    return Encoded(stored, encoding(stored))


def _columns(data: bytes, rule: Rule, tools: Tools) -> bytes | None:
    container = tools.codecs.columns_encode(rule.columns, data) if rule.columns else None
    if container is None:
        return None
    # The header's checksum is of the raw bytes; the frame needs none of its own.
    return header.write(Codec.COLUMNS_1, data) + compress(container, rule.level, checksum=False)


def _text(data: bytes, artifact_type: str, rule: Rule, tools: Tools, quick: bool) -> bytes | None:
    dictionary = tools.dictionaries.current(artifact_type)
    if not rule.text or dictionary is None or len(data) > TEXT_SIZE_MAX_BYTES:
        return None
    codec, version = list(TEXT_VERSIONS.items())[0 if quick else -1]
    code = tools.codecs.text_encode(version, tools.dictionaries.content(dictionary), data)
    return code and header.write(codec, data, dictionary, code)


def decode(stored: bytes, tools: Tools | None) -> bytes:
    """The raw bytes of a stored object.

    Raises :class:`StoreError` where ``stored`` is no object, is damaged, declares more than
    :data:`RAW_SIZE_MAX_BYTES`, needs ``tools`` and there are none, or needs a dictionary that is
    missing.
    """
    if not header.is_headed(stored):
        return decompress(stored)
    head = header.read(stored)
    if tools is None:
        raise StoreError("it needs the native library; run `components build-library`")
    if head.codec in TEXT_VERSIONS:
        if head.raw_size_bytes > TEXT_SIZE_MAX_BYTES or head.rest:
            raise StoreError("its header is damaged")
        primer = tools.dictionaries.content(head.dictionary)
        version = TEXT_VERSIONS[head.codec]
        data = tools.codecs.text_decode(version, primer, head.payload, head.raw_size_bytes)
    else:
        # A container is never longer than its file: an encoder writes plain zstd then.
        container = decompress(head.rest, head.raw_size_bytes)
        data = tools.codecs.columns_decode(container, head.raw_size_bytes)
    if zlib.crc32(data) != head.checksum:
        raise StoreError("its checksum does not match")
    return data


def encoding(stored: bytes) -> str:
    """How a stored object is compressed, as :func:`encode` told."""
    return _ENCODINGS[header.read(stored).codec] if header.is_headed(stored) else PLAIN


def compress(data: bytes, level: int, *, checksum: bool = True) -> bytes:
    """One zstd frame that declares its content's size."""
    compressor = _contexts.compressors.get((level, checksum))
    if compressor is None:
        compressor = zstandard.ZstdCompressor(
            level=level, write_content_size=True, write_checksum=checksum
        )
        _contexts.compressors[level, checksum] = compressor
    return compressor.compress(data)


def decompress(frame: bytes, size_max_bytes: int = RAW_SIZE_MAX_BYTES) -> bytes:
    """The content of exactly one zstd frame, of a declared size within the limit."""
    try:
        size_bytes = zstandard.frame_content_size(frame)
        if size_bytes < 0:
            raise StoreError("not a zstd frame that declares its size")
        if size_bytes > size_max_bytes:
            raise StoreError(f"declares {size_bytes} bytes, more than {size_max_bytes}")
        return _contexts.decompressor.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise StoreError(f"not a whole zstd frame: {error}") from None


def _tools(folder: Path, **trained: bytes) -> Tools:
    from components.store.dictionaries import save
    from components.testing.library import library

    save(folder, trained)
    return Tools(Codecs(library()), Dictionaries(folder))


def test_plain_objects_come_back_and_are_ordinary_zstd() -> None:
    for data in (b"", b"a", b"solid\n" * 1000):
        encoded = encode(data, "part_image", Rule(level=12), None)
        assert encoded.encoding == "zstd"
        assert zstandard.ZstdDecompressor().decompress(encoded.data) == data
        assert decode(encoded.data, None) == data


def test_columns_come_back_and_need_the_library(tmp_path: Path) -> None:
    import pytest

    tools, rule = _tools(tmp_path), Rule(level=12, columns="obj")
    data = b"".join(b"v %d.5 0.25 -%d.125\nf 1 2 %d\n" % (n, n % 9, n) for n in range(500))
    encoded = encode(data, "model_obj", rule, tools)
    assert encoded.encoding == "zstd+columns/1"
    assert len(encoded.data) < len(compress(data, 19)) / 2
    assert decode(encoded.data, tools) == data
    assert encode(b"\0" * 100, "model_obj", rule, tools).encoding == "zstd"
    with pytest.raises(StoreError, match="native library"):
        encode(data, "model_obj", rule, None)
    with pytest.raises(StoreError, match="native library"):
        decode(encoded.data, None)


def test_texts_come_back_and_need_their_dictionary(tmp_path: Path) -> None:
    import pytest

    rule = Rule(level=12, text=True)
    tools = _tools(tmp_path, lcsc_product=b'{"productCode":"C7","stockNumber":1}' * 9)
    data = b'{"productCode":"C8","stockNumber":42}'
    encoded = encode(data, "lcsc_product", rule, tools)
    assert encoded.encoding == "text/2"
    assert len(encoded.data) < len(data)
    assert decode(encoded.data, tools) == data
    assert encode(data, "jlc_component_page", rule, tools).encoding == "zstd"
    for path in tmp_path.glob("*.dict"):
        path.unlink()
    with pytest.raises(StoreError, match=r"its dictionary [0-9a-f]{8}\.dict is neither in"):
        decode(encoded.data, Tools(tools.codecs, Dictionaries(tmp_path)))


def test_objects_of_every_text_codec_stay_readable() -> None:
    from components.store.dictionaries import BUILTIN
    from components.testing.library import library, text_objects

    text, objects = text_objects()
    tools = Tools(Codecs(library()), Dictionaries(BUILTIN))
    assert [*objects] == [_ENCODINGS[codec] for codec in TEXT_VERSIONS]
    for name, stored in objects.items():
        assert encoding(stored) == name
        assert decode(stored, tools) == text
    again = encode(text, "kicad_footprint_mod", Rule(level=3, text=True), tools)
    assert again.encoding == "text/2" and decode(again.data, tools) == text
    quick = encode(text, "kicad_footprint_mod", Rule(level=3, text=True), tools, quick=True)
    assert quick.encoding == "text/1" and decode(quick.data, tools) == text
    assert len(again.data) < len(objects["text/1"])


def test_what_is_no_object_is_refused(tmp_path: Path) -> None:
    import pytest

    tools = _tools(tmp_path, lcsc_product=b"solid\n" * 5)
    raw = b"solid %d\n" * 1000
    text = encode(raw, "lcsc_product", Rule(level=3, text=True), tools).data
    numbers = b"v 1.5 2.5\n" * 1000
    columns = encode(numbers, "model_obj", Rule(level=3, columns="obj"), tools).data
    whole = compress(raw, 3)
    unsized = zstandard.ZstdCompressor(write_content_size=False).compress(raw)
    bomb = b"\x28\xb5\x2f\xfd\xe0" + (1 << 40).to_bytes(8, "little") + b"\x01\x00\x00"
    for bad in (b"", b"junk", unsized, bomb, whole + whole):
        with pytest.raises(StoreError):
            decode(bad, tools)
    for good, content in ((whole, raw), (text, raw), (columns, numbers)):
        for bad in (good[:-1], good + b"x", good[:10]):
            with pytest.raises(StoreError):
                decode(bad, tools)
        for at in range(len(good)):
            # A code can end in bits that say nothing; another content never comes back.
            bad = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
            with contextlib.suppress(StoreError):
                assert decode(bad, tools) == content
