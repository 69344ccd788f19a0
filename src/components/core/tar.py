"""Members of a tar (POSIX ustar) that tell nothing of time, owner or host.

Python's ``tarfile`` writes the same; a header of its takes ten times as long, which of small files
is most of the work.
"""

from __future__ import annotations

import struct

BLOCK_BYTES = 512
RECORD_BYTES = 20 * BLOCK_BYTES
END = bytes(2 * BLOCK_BYTES)
_NAME_MAX, _PREFIX_MAX = 100, 155
# name, mode, owner, group, size, time, checksum, kind, link, magic, names of owner and group,
# device's numbers, prefix.
_HEADER = struct.Struct("100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x")
_MODE, _NOBODY, _BLANK = b"0000644\0", b"0000000\0", b" " * 8


def member(name: str, data: bytes) -> bytes:
    """A file as it stands in a tar: header, content, and zeros up to a whole block.

    ``name`` is ASCII; one of more than 100 characters is parted at a slash. Raises ValueError where
    it does not fit.
    """
    return b"".join((_header(name, len(data)), data, bytes(-len(data) % BLOCK_BYTES)))


def size_bytes(content_bytes: int) -> int:
    """What :func:`member` takes for a content of this size."""
    return BLOCK_BYTES * (1 - (-content_bytes // BLOCK_BYTES))


def _header(name: str, content_bytes: int) -> bytes:
    path, prefix = name.encode("ascii"), b""
    if len(path) > _NAME_MAX:
        # At the first slash that leaves a short enough name, as everyone does.
        cut = path.find(b"/", len(path) - _NAME_MAX - 1)
        prefix, path = path[: max(cut, 0)], path[cut + 1 :]
    is_short = 0 < len(path) <= _NAME_MAX and len(prefix) <= _PREFIX_MAX
    if not is_short or content_bytes >= 1 << 33:
        raise ValueError(f"{name}: too long or too large for a tar")
    fields = [
        *(path, _MODE, _NOBODY, _NOBODY, b"%011o\0" % content_bytes, b"%011o\0" % 0, _BLANK),
        *(b"0", b"", b"ustar\x0000", b"", b"", b"", b"", prefix),
    ]
    # The sum counts its own field as blanks.
    fields[6] = b"%06o\0 " % sum(_HEADER.pack(*fields))
    return _HEADER.pack(*fields)


def test_members_are_those_that_tarfile_writes() -> None:
    import io
    import tarfile

    import pytest

    files = {
        "a": b"",
        "artifacts/kicad_footprint_mod/" + "a" * 64 + ".kicad_mod": b"x" * 512,
        "f" * 100: b"y" * 1000,
        "d" * 155 + "/" + "f" * 100: b"z",
    }
    whole = b"".join(member(name, data) for name, data in files.items()) + END
    assert len(whole) == sum(size_bytes(len(data)) for data in files.values()) + len(END)
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        found = {each.name: tar.extractfile(each) for each in tar.getmembers()}
    assert {name: file.read() for name, file in found.items() if file} == files
    for name, data in files.items():
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o644
        assert member(name, data).startswith(info.tobuf(tarfile.USTAR_FORMAT)), name
    for name in ("f" * 101, "", "d" * 156 + "/" + "f" * 99, "d/" + "f" * 101, "ä"):
        with pytest.raises(ValueError):
            member(name, b"")
