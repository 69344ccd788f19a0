"""UUIDs of a footprint's elements, derived from what stands in the file.

Each element of a footprint file that has a UUID is one line ending in ``(tstamp "UUID"))``.
Its UUID follows from the rest of the file, so that a codec may strip UUIDs and derive them again:

1. ``name``: the footprint's name as it stands between the quotes of the file's first line
   (escapes left as they are).
2. ``line``: the element's line without its line feed and without the clause
   `` (tstamp "UUID")`` (the space before it included), so ``  (pad "1" … (size 1 1))``.
3. ``n``: how many earlier lines of the file have the same ``line``, in decimal, ``0`` the first.
4. ``digest = SHA-256(name + LF + line + LF + n)`` over the UTF-8 bytes.
5. The UUID is the first 16 bytes of the digest with the version set to 8 (byte 6 becomes
   ``0x80 | byte & 0x0f``) and the variant to RFC 9562 (byte 8 becomes ``0x80 | byte & 0x3f``),
   in lower case hexadecimal, grouped 8-4-4-4-12.

Equal elements keep their UUIDs when other elements of the footprint change.
"""

from __future__ import annotations

import hashlib


class Stamps:
    """Hands out the UUIDs of one file's elements, in the order of their lines."""

    def __init__(self, name: str) -> None:
        """``name``: the footprint's name, escaped as in the file."""
        self._seed = hashlib.sha256(f"{name}\n".encode())
        self._seen: dict[str, int] = {}

    def stamp(self, line: str) -> str:
        """The UUID of the element whose line, without the UUID's clause, is ``line``."""
        n = self._seen.get(line, 0)
        self._seen[line] = n + 1
        digest = self._seed.copy()
        digest.update(f"{line}\n{n}".encode())
        text = digest.hexdigest()
        variant = "89ab"[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-8{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"

    def stamped(self, line: str) -> str:
        """``line``, which ends in ``)``, with the clause that holds its UUID."""
        return f'{line[:-1]} (tstamp "{self.stamp(line)}"))'


def test_the_uuid_follows_the_documented_steps() -> None:
    import uuid

    line = '  (pad "1" smd rect (at 0 0) (size 1 1))'
    stamps = Stamps("R0402")
    first, second = stamps.stamp(line), stamps.stamp(line)
    raw = bytearray(hashlib.sha256(f"R0402\n{line}\n1".encode()).digest()[:16])
    raw[6] = 0x80 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    assert second == str(uuid.UUID(bytes=bytes(raw)))
    assert first != second
    assert Stamps("R0603").stamp(line) != first


def test_the_clause_stands_last() -> None:
    line = '  (fp_line (start 0 0) (end 1 1) (layer "F.SilkS") (width 0.1))'
    stamped = Stamps("x").stamped(line)
    assert stamped.startswith(line[:-1] + ' (tstamp "')
    assert stamped.endswith('"))')
