"""The native codecs of liblookup: transforms that make an artifact's bytes compress better."""

from __future__ import annotations

import ctypes
import threading
from pathlib import Path

from components.core.errors import StoreError
from components.core.layout import Layout
from components.native import load as native

SYNTAXES = {"step": 1, "obj": 2}
_OK, _UNSUPPORTED = 0, 1


class Codecs:
    """The codecs of the library at ``path``, which is loaded when one is first needed.

    Thread-safe; calls release the GIL.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._library: ctypes.CDLL | None = None
        self._lock = threading.Lock()

    def columns_encode(self, syntax: str, data: bytes) -> bytes | None:
        """``data`` as a container of columns, shorter than itself; None where it is not such a
        file, or does not become shorter."""
        output = ctypes.create_string_buffer(len(data) or 1)
        size = ctypes.c_size_t(len(data))
        result = self._loaded().codec_columns_encode(
            SYNTAXES[syntax], data, len(data), output, ctypes.byref(size)
        )
        if result == _UNSUPPORTED:
            return None
        _check(result)
        return ctypes.string_at(output, size.value)

    def columns_decode(self, container: bytes, raw_size_bytes: int) -> bytes:
        """The file of ``raw_size_bytes`` that a container was made from.

        Raises :class:`StoreError` where the container is damaged.
        """
        output = ctypes.create_string_buffer(raw_size_bytes or 1)
        _check(
            self._loaded().codec_columns_decode(container, len(container), output, raw_size_bytes)
        )
        return ctypes.string_at(output, raw_size_bytes)

    def _loaded(self) -> ctypes.CDLL:
        with self._lock:
            if self._library is None:
                library = native.load(self.path)
                pointer, size = ctypes.c_char_p, ctypes.c_size_t
                sized = ctypes.POINTER(ctypes.c_size_t)
                encode, decode = library.codec_columns_encode, library.codec_columns_decode
                encode.argtypes = [ctypes.c_uint8, pointer, size, pointer, sized]
                decode.argtypes = [pointer, size, pointer, size]
                self._library = library
            return self._library


def default_library(cache_dir: Path) -> Path:
    """``<cache_dir>/lib/liblookup.so``; where the pipeline has not built it yet, the one that is
    compiled from the sources (which takes seconds, once)."""
    path = Layout(cache_dir).library
    return path if path.is_file() else native.built_library()


def _check(result: int) -> None:
    if result != _OK:
        reason = {2: "damaged content", 3: "out of memory"}.get(result, f"result {result}")
        raise StoreError(f"cannot be decoded: {reason}")


def test_columns_come_back_and_damage_is_told() -> None:
    import pytest

    from components.testing.library import library

    codecs = Codecs(library())
    data = b"".join(b"#%d = POINT ( %d.25, 0.5 ) ;\n" % (n, n % 7) for n in range(200))
    container = codecs.columns_encode("step", data)
    assert container is not None and len(container) < len(data) / 4
    assert codecs.columns_decode(container, len(data)) == data
    for damaged in (b"", container[:-1], container + b"\0"):
        with pytest.raises(StoreError, match="damaged content"):
            codecs.columns_decode(damaged, len(data))
    with pytest.raises(StoreError, match="damaged content"):
        codecs.columns_decode(container, len(data) + 1)
    assert codecs.columns_encode("step", b"") is None
    assert codecs.columns_encode("obj", bytes(range(256))) is None
