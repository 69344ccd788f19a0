"""EasyEDA: the CAD answer of a part, and the 3D models that it names (UPSTREAMS).

The answers are kept: footprints and all else that is drawn are made of them by another rule, so
that a better converter fetches nothing. A model that the service does not have is missing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from components.artifacts import media_type
from components.cad.models import model_uuid
from components.core.errors import ComponentsError
from components.fetch.artifact import Fetched, Missing, Result, Shared, failed
from components.fetch.manifest import Entry
from components.fetch.worklist import WorkItem
from components.net.answer import Answer, NotThere, Unfit
from components.net.endpoints import Endpoints
from components.net.http import Client

ANSWER = "easyeda_cad_json"
VERSION = "6.4.19.5"
STEP_FOLDER = "qAxj6KHrDKw4blvCG8QJPs7Y"
CAD_MOST_BYTES = 16 << 20
_UUID = re.compile(r"[0-9a-f]{32}")
_VERTEX = re.compile(rb"^v\s", re.MULTILINE)
_FACE = re.compile(rb"^f\s", re.MULTILINE)
_MODELS = ("model_obj", "model_step")


class EasyEda:
    """The ``cad`` group; base addresses without a slash at the end."""

    group = "cad"

    def __init__(self, client: Client, base: str, modules_base: str) -> None:
        self._client = client
        self._base = base
        self._modules = modules_base

    def asked(self, item: WorkItem, artifact_type: str = ANSWER) -> str:
        return f"{self._base}/api/products/C{item.lcsc_id}/components?version={VERSION}"

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        if ANSWER not in wanted and (kept := known.get(ANSWER)) is not None:
            uuid = _recorded_uuid(kept, shared)
        else:
            try:
                body, uuid = self._answer(item)
            except NotThere as error:
                yield from (Missing(name, str(error)) for name in sorted(wanted))
                return
            if ANSWER in wanted:
                meta = {"model_uuid": uuid}
                yield Fetched(ANSWER, self.asked(item), body, media_type(ANSWER), meta)
        for name in _MODELS:
            if name not in wanted:
                continue
            if not uuid:
                yield Missing(name, "the CAD answer names no 3D model")
                continue
            folder = "3dmodel" if name == "model_obj" else STEP_FOLDER
            url = f"{self._modules}/{folder}/{uuid}"
            with shared.once(name, url) as turn:
                yield turn.had or turn.settle(self._model(name, url, uuid))

    def _answer(self, item: WorkItem) -> tuple[bytes, str]:
        """The CAD answer as it came, and the UUID of its model."""
        return self._client.get(
            self.asked(item),
            "easyeda",
            lambda answer: (answer.body, model_uuid(cad(answer, item.lcsc_id))),
            own=True,
            size_most_bytes=CAD_MOST_BYTES,
        )

    def _model(self, artifact_type: str, url: str, uuid: str) -> Result:
        check = obj if artifact_type == "model_obj" else step
        try:
            answer = self._client.get(url, "easyeda", check, own=True)
        except NotThere as error:
            return Missing(artifact_type, str(error))
        except ComponentsError as error:
            return failed(artifact_type, error)
        return Fetched(artifact_type, url, answer.body, media_type(artifact_type), {"uuid": uuid})


def source(client: Client, services: Endpoints) -> EasyEda:
    """The group's source at these services."""
    return EasyEda(client, services.easyeda, services.modules)


def cad(answer: Answer, lcsc_id: int) -> dict[str, Any]:
    """The decoded answer, if it is of exactly this part.

    Raises :class:`NotThere` where EasyEDA has no CAD of the part, :class:`Unfit` for anything else.
    """
    content = answer.json()
    if not isinstance(content, dict):
        raise Unfit("a CAD answer that is no object")
    result = content.get("result")
    if content.get("success") is False and content.get("code") == 404:
        raise NotThere(f"C{lcsc_id}: EasyEDA has no CAD")
    if not isinstance(result, dict) or content.get("success") is False:
        raise Unfit(f"a CAD answer without a result (code {content.get('code')!r})"[:120])
    found = _part_number(result)
    if found != f"C{lcsc_id}":
        raise Unfit(f"CAD of another part, {found[:20] or 'unnamed'}")
    return content


def _part_number(result: dict[str, Any]) -> str:
    for name in ("lcsc", "szlcsc"):
        record = result.get(name)
        number = record.get("number") if isinstance(record, dict) else None
        if isinstance(number, str) and number:
            return number
    value: Any = result
    for key in ("dataStr", "head", "c_para", "Supplier Part"):
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def obj(answer: Answer) -> Answer:
    """A Wavefront OBJ with vertices and faces. Raises :class:`Unfit`."""
    if not (_VERTEX.search(answer.body) and _FACE.search(answer.body)):
        raise Unfit(_not("an OBJ model", answer))
    return answer


def step(answer: Answer) -> Answer:
    """A STEP file (ISO 10303-21) that is there to its end. Raises :class:`Unfit`."""
    body = answer.body
    if not body[:256].lstrip().startswith(b"ISO-10303-21;"):
        raise Unfit(_not("a STEP model", answer))
    if b"END-ISO-10303-21;" not in body[-256:]:
        raise Unfit("a STEP model without its end")
    return answer


def _not(what: str, answer: Answer) -> str:
    return f"{answer.mime or 'something'} of {len(answer.body)} bytes in place of {what}"


def _recorded_uuid(kept: Entry, shared: Shared) -> str:
    """The model that an earlier run found in the answer, or the answer's where none is recorded."""
    try:
        uuid = json.loads(kept.source_meta_json)["model_uuid"]
    except (ValueError, KeyError, TypeError):
        return model_uuid(orjson.loads(shared.read(kept)))
    return uuid if isinstance(uuid, str) and _UUID.fullmatch(uuid) else ""
