"""EasyEDA: one CAD answer gives the footprint, its preview and where the 3D models are (UPSTREAMS).

The CAD answer itself is transient unless ``easyeda_cad_json`` is wanted. A model that the service
does not have is missing; a footprint that does not convert fails the part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from components.cad.footprint.convert import Converted, convert
from components.core.errors import CadError, ComponentsError
from components.fetch.artifact import Failed, Fetched, Missing, Result, Shared, failed
from components.fetch.manifest import Entry
from components.fetch.worklist import WorkItem
from components.graph.code import code_digest
from components.net.answer import Answer, NotThere, Unfit
from components.net.endpoints import Endpoints
from components.net.http import Client

VERSION = "6.4.19.5"
STEP_FOLDER = "qAxj6KHrDKw4blvCG8QJPs7Y"
CAD_MOST_BYTES = 16 << 20
CONVERTER = "components.cad.footprint.convert"
_UUID = re.compile(r"[0-9a-f]{32}")
_VERTEX = re.compile(rb"^v\s", re.MULTILINE)
_FACE = re.compile(rb"^f\s", re.MULTILINE)
_DRAWN = ("kicad_footprint_mod", "footprint_svg")
_MODELS = ("model_obj", "model_step")


class EasyEda:
    """The ``cad`` group; base addresses without a slash at the end."""

    group = "cad"

    def __init__(
        self, client: Client, base: str, modules_base: str, converter: str | None = None
    ) -> None:
        self._client = client
        self._base = base
        self._modules = modules_base
        # Footprints of another converter are out of date, though their answers are not.
        self._converter = converter or code_digest([CONVERTER])

    def asked(self, item: WorkItem, artifact_type: str = "easyeda_cad_json") -> str:
        url = f"{self._base}/api/products/C{item.lcsc_id}/components?version={VERSION}"
        return f"{url}#{self._converter}" if artifact_type in _DRAWN else url

    def fetch(
        self, item: WorkItem, wanted: frozenset[str], known: Mapping[str, Entry], shared: Shared
    ) -> Iterator[Result]:
        uuid = _known_uuid(known) if wanted.issubset(_MODELS) else None
        if uuid is None:
            try:
                body, content = self._answer(item, known.get("easyeda_cad_json"), shared)
            except NotThere as error:
                yield from (Missing(name, str(error)) for name in sorted(wanted))
                return
            if "easyeda_cad_json" in wanted:
                yield Fetched("easyeda_cad_json", self.asked(item), body, "application/json")
            try:
                converted = convert(content, item.lcsc_id)
            except CadError as error:
                left = sorted(wanted - {"easyeda_cad_json"})
                yield from (Failed(name, str(error), again=False) for name in left)
                return
            yield from self._drawn(item, wanted, converted)
            uuid = converted.model.uuid if converted.model else ""
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

    def _answer(self, item: WorkItem, kept: Entry | None, shared: Shared) -> tuple[bytes, object]:
        """The CAD answer, as it came and decoded; from the store where an earlier run kept it."""
        if kept is not None:
            body = shared.read(kept)
            return body, orjson.loads(body)
        return self._client.get(
            self.asked(item),
            "easyeda",
            lambda answer: (answer.body, cad(answer, item.lcsc_id)),
            own=True,
            size_most_bytes=CAD_MOST_BYTES,
        )

    def _drawn(
        self, item: WorkItem, wanted: frozenset[str], converted: Converted
    ) -> Iterator[Result]:
        url = self.asked(item)
        model = converted.model._asdict() if converted.model else None
        meta = {"model": model, "report": converted.report}
        if "kicad_footprint_mod" in wanted:
            yield Fetched(
                "kicad_footprint_mod",
                url,
                converted.kicad_mod,
                "application/x-kicad-footprint",
                meta,
            )
        if "footprint_svg" in wanted:
            yield Fetched("footprint_svg", url, converted.svg, "image/svg+xml")

    def _model(self, artifact_type: str, url: str, uuid: str) -> Result:
        check, mime = (obj, "model/obj") if artifact_type == "model_obj" else (step, "model/step")
        try:
            answer = self._client.get(url, "easyeda", check, own=True)
        except NotThere as error:
            return Missing(artifact_type, str(error))
        except ComponentsError as error:
            return failed(artifact_type, error)
        return Fetched(artifact_type, url, answer.body, mime, {"uuid": uuid})


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


def _known_uuid(known: Mapping[str, Entry]) -> str | None:
    """The model that an earlier run found beside the footprint; empty where there is none."""
    footprint = known.get("kicad_footprint_mod")
    if footprint is None:
        return None
    try:
        model = json.loads(footprint.source_meta_json)["model"]
        uuid = model["uuid"] if model else ""
    except (ValueError, KeyError, TypeError):
        return None
    return uuid if uuid == "" or _UUID.fullmatch(uuid) else None
