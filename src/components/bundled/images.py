"""Photographs of parts, as far as a program takes them: valid PNG and JPEG files of flat tiles."""

from __future__ import annotations

import struct
import zlib

from components.bundled.draw import Draw

TILES = 6

# ITU-T T.81, table K.3: code lengths of luminance DC differences, categories 0 to 11.
_DC_COUNTS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
_DC_VALUES = bytes(range(12))
# Our AC table has one code, "end of block": each block is flat.
_AC_COUNTS = bytes((1, *(0 for _ in range(15))))
_AC_VALUES = bytes((0,))


def picture(name: str, size: int, *, png: bool) -> bytes:
    """A picture of ``size`` by ``size`` pixels (rounded down to whole tiles) that depends on
    ``name``."""
    draw = Draw("picture", name)
    shades = [[40 + draw.below(176) for _ in range(TILES)] for _ in range(TILES)]
    return _png(shades, size // TILES) if png else _jpeg(shades, max(1, size // TILES // 8))


def _png(shades: list[list[int]], tile: int) -> bytes:
    """W3C PNG, 8-bit greyscale."""
    side = tile * TILES
    rows = (b"\0" + b"".join(bytes((shade,)) * tile for shade in row) for row in shades)
    pixels = b"".join(row * tile for row in rows)
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _jpeg(shades: list[list[int]], blocks: int) -> bytes:
    """ITU-T T.81 baseline, greyscale; a tile is ``blocks`` by ``blocks`` blocks of 8 pixels."""
    side = TILES * blocks * 8
    segments = (
        (0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        (0xDB, b"\0" + bytes((8,)) * 64),
        (0xC0, struct.pack(">BHHB3B", 8, side, side, 1, 1, 0x11, 0)),
        (0xC4, b"\0" + _DC_COUNTS + _DC_VALUES),
        (0xC4, b"\x10" + _AC_COUNTS + _AC_VALUES),
        (0xDA, b"\x01\x01\0\0\x3f\0"),
    )
    head = b"".join(
        struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data for marker, data in segments
    )
    return b"\xff\xd8" + head + _scan(shades, blocks) + b"\xff\xd9"


def _scan(shades: list[list[int]], blocks: int) -> bytes:
    codes = _codes()
    bits: list[str] = []
    last = 0
    for row in shades:
        for _ in range(blocks):
            for shade in row:
                for _ in range(blocks):
                    # The DC coefficient of a flat block is 8 times its level; the table divides.
                    level = shade - 128
                    difference, last = level - last, level
                    size = abs(difference).bit_length()
                    value = difference if difference > 0 else difference + (1 << size) - 1
                    bits.append(codes[size] + (f"{value:0{size}b}" if size else "") + "0")
    text = "".join(bits)
    text += "1" * (-len(text) % 8)
    data = int(text, 2).to_bytes(len(text) // 8, "big")
    return data.replace(b"\xff", b"\xff\0")


def _codes() -> list[str]:
    codes, code = [], 0
    for length, count in enumerate(_DC_COUNTS, 1):
        for _ in range(count):
            codes.append(f"{code:0{length}b}")
            code += 1
        code <<= 1
    return codes


def test_a_png_holds_its_pixels() -> None:
    data = picture("a", 96, png=True)
    assert struct.unpack(">II", data[16:24]) == (96, 96)
    start = data.index(b"IDAT")
    length = struct.unpack(">I", data[start - 4 : start])[0]
    pixels = zlib.decompress(data[start + 4 : start + 4 + length])
    assert len(pixels) == 96 * 97 and pixels[1] == pixels[16] != pixels[17]
    assert (
        zlib.crc32(data[start : start + 4 + length])
        == struct.unpack(">I", data[start + 4 + length : start + 8 + length])[0]
    )
    assert picture("b", 96, png=True) != data == picture("a", 96, png=True)


def test_a_jpeg_decodes_to_its_tiles() -> None:
    """Decoded by the rules of the standard: Huffman codes back to differences, levels to shades."""
    data = picture("a", 96, png=False)
    assert data[:2] == b"\xff\xd8" and data[-2:] == b"\xff\xd9"
    start = data.index(b"\xff\xda")
    scan = data[start + 10 : -2].replace(b"\xff\0", b"\xff")
    bits = f"{int.from_bytes(scan, 'big'):0{len(scan) * 8}b}"
    names = {code: size for size, code in enumerate(_codes())}
    level, at, shades = 0, 0, []
    for _ in range((TILES * 2) ** 2):
        end = next(end for end in range(at + 1, at + 12) if bits[at:end] in names)
        size = names[bits[at:end]]
        value = int(bits[end : end + size] or "0", 2)
        level += value if size == 0 or value >> (size - 1) else value - (1 << size) + 1
        at = end + size
        assert bits[at] == "0"
        at += 1
        shades.append(level + 128)
    draw = Draw("picture", "a")
    first = [40 + draw.below(176) for _ in range(TILES)]
    assert shades[0 : 2 * TILES : 2] == first
