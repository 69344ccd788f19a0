"""Real answers of EasyEDA and real STEP models, as a service on loopback."""

from __future__ import annotations

import lzma
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from components.fetch.services.easyeda import STEP_FOLDER
from components.testing.fetch import Asked, Reply, service
from components.testing.library import shared_data


@cache
def answer_files() -> dict[int, Path]:
    """The saved answers by part number."""
    data = shared_data()
    paths = [*data.glob("easyeda/C*.json"), *data.glob("easyeda_new/C*.json")]
    return {int(path.stem[1:]): path for path in sorted(paths)}


@cache
def step_model() -> bytes:
    """One real STEP model."""
    with lzma.open(shared_data() / "step.tar.xz") as file, tarfile.open(fileobj=file) as tar:
        for member in tar:
            if member.isfile() and (content := tar.extractfile(member)) is not None:
                return content.read()
    raise AssertionError("there is no model")


@contextmanager
def easyeda() -> Iterator[str]:
    """EasyEDA's component endpoint with the saved answers; every model is the same one."""

    def answer(asked: Asked) -> Reply:
        words = asked.path.partition("?")[0].strip("/").split("/")
        if words[0] == STEP_FOLDER:
            return 200, {"Content-Type": "application/octet-stream"}, step_model()
        path = answer_files().get(int(words[2][1:])) if words[:2] == ["api", "products"] else None
        if path is None:
            return 404, {}, b"{}"
        return 200, {"Content-Type": "application/json"}, path.read_bytes()

    with service(answer) as base:
        yield base
