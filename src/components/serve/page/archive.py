"""``/parts/C2040/files.zip``: all files of a part under names that KiCad and people know."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from components.serve.http.asgi import Refusal
from components.serve.page.part import file_name
from components.serve.routes.artifact import Artifacts
from components.serve.routes.parts import Asset

SIZE_MAX_BYTES = 64 << 20
# The earliest that the format can tell; a clock would make other bytes each time.
_TIME = (1980, 1, 1, 0, 0, 0)
# Compressed inside.
_AS_THEY_ARE = frozenset({"datasheet_pdf", "part_image"})


def archive(number: int, assets: Iterable[Asset], artifacts: Artifacts) -> bytes:
    """A zip file. Raises Refusal (404, 413, 503) where there is nothing, or too much, to hold."""
    assets = list(assets)
    if not assets:
        raise Refusal(404, f"files: C{number} has none, or there is no such part")
    if sum(asset.size_bytes for asset in assets) > SIZE_MAX_BYTES:
        text = f"files: those of C{number} are larger than {SIZE_MAX_BYTES >> 20} MB together"
        raise Refusal(413, f"{text}; take them one by one, or POST /v1/components/full")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        for asset in assets:
            entry = zipfile.ZipInfo(file_name(number, asset.artifact_type, asset.mime), _TIME)
            stored = asset.artifact_type in _AS_THEY_ARE
            entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            pack.writestr(entry, artifacts.read(asset))
    return file.getvalue()
