"""EasyEDA's answers and STEP models as the parts cache of an atopile project.

What atopile 0.15.7 reads there before it asks EasyEDA: :data:`FOLDER` ``/C<id>/C<id>.json``, the
``result`` of an answer with ``atopile_queried_at`` (seconds since 1970; trusted for a day),
``atopile_manufacturer`` and ``atopile_datasheet_url``; and beside it ``<title>.step``, where the
title is that of the footprint's last ``SVGNODE``, which it takes for the 3D model.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import orjson

from components.core.errors import ComponentsError, StoreError
from components.core.files import write_bytes
from components.core.layout import Layout
from components.fetch.known import Known
from components.fetch.manifest import Status
from components.source.catalogue import open_catalogue
from components.store.object_store import ObjectStore

FOLDER = Path("build/cache/parts/easyeda")
TRUSTED_S = 24 * 3600
ANSWER, MODEL = "easyeda_cad_json", "model_step"


class CacheError(ComponentsError):
    """A part that the client could not read from its cache; the message tells why."""


class Maker(NamedTuple):
    """What the catalogue says of a part beside its drawing."""

    manufacturer: str = ""
    part_number: str = ""
    datasheet_url: str = ""


def makers(catalogue: sqlite3.Connection, numbers: Iterable[int]) -> dict[int, Maker]:
    """Of those parts that the catalogue has."""
    listed = ", ".join(map(str, numbers))
    sql = f"SELECT lcsc, manufacturer, mfr, datasheet FROM parts WHERE lcsc IN ({listed})"
    with closing(catalogue.execute(sql)) as rows:
        return {row[0]: Maker(*(str(value or "") for value in row[1:])) for row in rows}


def write_part(
    project: Path, lcsc_id: int, known: Known, store: ObjectStore, maker: Maker
) -> list[Path]:
    """Write what ``known`` has of the part; the files, the answer's first.

    Raises :class:`CacheError` where there is no answer that the client could read, or its model
    was not fetched; :class:`StoreError` where an object is damaged.
    """
    answer = known.entry(lcsc_id, ANSWER)
    if answer is None:
        state = known.state(lcsc_id, ANSWER)
        raise CacheError((state and state.error) or "no answer of EasyEDA is stored")
    result = _result(store.get(answer.stored_key), lcsc_id)
    folder = project / FOLDER / f"C{lcsc_id}"
    files = [folder / f"C{lcsc_id}.json"]
    step, state = known.entry(lcsc_id, MODEL), known.state(lcsc_id, MODEL)
    if step is None and (state is None or state.status != "missing"):
        raise CacheError((state and state.error) or "its 3D model is not stored")
    uuid = orjson.loads(step.source_meta_json).get("uuid") if step else None
    # A model that is not there the client would ask EasyEDA for in every build, and end where it
    # cannot; one that it cannot read ends it too.
    if title := _only_model(result, uuid):
        assert step is not None
        files.append(_model_path(folder, title))
        write_bytes(files[1], store.get(step.stored_key), durable=False)
    completed = _completed(result, lcsc_id, maker, answer.fetched_at_utc)
    write_bytes(files[0], orjson.dumps(completed, option=orjson.OPT_INDENT_2), durable=False)
    return files


def _result(body: bytes, lcsc_id: int) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except ValueError as error:
        raise CacheError(f"its answer is no JSON: {error}") from None
    result = content.get("result") if isinstance(content, dict) else None
    if not isinstance(result, dict) or not isinstance(_at(result, _SHAPES), list):
        raise CacheError(f"the answer for C{lcsc_id} holds no footprint")
    return result


_SHAPES = ("packageDetail", "dataStr", "shape")
# What the client takes of a model's node, beside a number.
_MODEL_KEYS = ("title", "uuid", "c_origin", "c_rotation")


def _at(value: Any, keys: Iterable[str]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _only_model(result: dict[str, Any], uuid: str | None) -> str | None:
    """Leave the drawing node of this model alone in the footprint; its title, None without one.

    The client takes the last node, whatever it is, and reads it up to the next tilde.
    """
    data = result["packageDetail"]["dataStr"]
    shapes, title = [], None
    for shape in data["shape"]:
        if not (isinstance(shape, str) and shape.startswith("SVGNODE~")):
            shapes.append(shape)
        elif title is None and uuid and (found := _title(shape, uuid)):
            title = found
            shapes.append(shape)
    data["shape"] = shapes
    return title


def _title(node: str, uuid: str) -> str | None:
    """The model's title; None where the client could not read it, or it is another's."""
    try:
        attributes = orjson.loads(node.split("~")[1])["attrs"]
        is_whole = all(isinstance(attributes[key], str) for key in _MODEL_KEYS)
    except (ValueError, KeyError, TypeError):
        return None
    title: str = attributes["title"] if is_whole else ""
    return title if attributes.get("uuid", "").lower() == uuid else None


def _model_path(folder: Path, title: str) -> Path:
    """Where the client looks; a title may hold a slash, and must not lead elsewhere."""
    name = PurePosixPath(f"{title}.step")
    if name.is_absolute() or ".." in name.parts or "\0" in title or len(title) > 200:
        raise CacheError("the name of its 3D model is no file's name")
    return folder / name


def _completed(
    result: dict[str, Any], lcsc_id: int, maker: Maker, fetched_at_utc: str
) -> dict[str, Any]:
    """The result with every field that the client cannot do without."""
    head = _at(result, ("dataStr", "head"))
    if not isinstance(head, dict):
        raise CacheError(f"the answer for C{lcsc_id} holds no symbol")
    named: dict[str, Any] = head["c_para"] if isinstance(head.get("c_para"), dict) else {}
    own = {
        "Manufacturer": named.get("BOM_Manufacturer") or maker.manufacturer,
        "Manufacturer Part": named.get("BOM_Manufacturer Part") or maker.part_number,
    }
    if not (named.get("Manufacturer Part") or own["Manufacturer Part"]):
        own["Manufacturer Part"] = f"C{lcsc_id}"
    head["c_para"] = own | {key: value for key, value in named.items() if value or key not in own}
    package = result["packageDetail"]
    if not isinstance(package.get("updateTime"), int):
        package["updateTime"] = 0
    if not _is_date(result.get("updated_at")):
        result["updated_at"] = fetched_at_utc
    if not isinstance(result.get("description"), str):
        result["description"] = ""
    lcsc = result.get("lcsc")
    result["lcsc"] = {**(lcsc if isinstance(lcsc, dict) else {}), "number": f"C{lcsc_id}"}
    result["atopile_queried_at"] = time.time()
    result["atopile_manufacturer"] = maker.manufacturer or None
    result["atopile_datasheet_url"] = maker.datasheet_url or None
    return result


def _is_date(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value) is not None
    except ValueError:
        return False


def fill_cache(
    project: Path, numbers: Sequence[int], known: Known, layout: Layout, catalogue: Path
) -> int:
    """Write these parts into the project's cache and say what there is now; 1 where one lacks."""
    found: dict[int, Maker] = {}
    if catalogue.is_file():
        with closing(open_catalogue(catalogue)) as connection:
            found = makers(connection, numbers)
    store = ObjectStore(layout.objects, "default")
    written: list[list[Path]] = []
    for number in numbers:
        try:
            written.append(write_part(project, number, known, store, found.get(number, Maker())))
        except (CacheError, StoreError) as error:
            print(f"C{number}: not in atopile's cache: {error}")
    models = sum(len(files) > 1 for files in written)
    until = time.strftime("%Y-%m-%d %H:%M", time.localtime(time.time() + TRUSTED_S))
    print(
        f"{project / FOLDER}: {len(written)} of {len(numbers)} parts, {models} with a 3D model;"
        f" atopile trusts them until {until}"
    )
    return int(len(written) < len(numbers))


def _known(body: bytes, status: Status, uuid: str) -> Known:
    """What is known of part 7, whose answer and model are stored where ``_store`` puts them."""
    from components.fetch.manifest import State, example_entry

    known = Known()
    stored: list[tuple[str, bytes, Status]] = [(ANSWER, body, "success"), (MODEL, b"STEP", status)]
    for name, data, reached in stored:
        sha256 = hashlib.sha256(data).hexdigest()
        entry = example_entry(7, sha256)._replace(
            artifact_type=name,
            stored_key=f"objects/{name}/{sha256}.zst",
            source_meta_json=orjson.dumps({"uuid": uuid}).decode(),
        )
        known.add([entry], [State(7, name, reached, "u", sha256, "no model there")])
    return known


def _written(tmp_path: Path, result: Any, status: Any = "success", uuid: str = "a" * 32) -> Any:
    """The files of part 7, the JSON read, for an answer with this result."""
    store = ObjectStore(tmp_path / "objects", None)
    body = orjson.dumps({"success": True, "result": result})
    store.put(ANSWER, body)
    store.put(MODEL, b"STEP")
    maker = Maker("Maker(制造)", "P-7", "http://x.test/7.pdf")
    files = write_part(tmp_path / "project", 7, _known(body, status, uuid), store, maker)
    names = [str(path.relative_to(tmp_path / "project" / FOLDER)) for path in files]
    return names, orjson.loads(files[0].read_bytes())


def _answer(*titles: str, **changes: Any) -> dict[str, Any]:
    def node(title: str, digit: str) -> str:
        attributes = {"title": title, "uuid": digit * 32, "c_origin": "0,0", "c_rotation": "0,0,0"}
        return "SVGNODE~" + orjson.dumps({"attrs": attributes}).decode()

    shapes = ["PAD~x", *(node(title, "abc"[place]) for place, title in enumerate(titles))]
    symbol = {"head": {"c_para": {"BOM_Manufacturer Part": "P7"}}}
    footprint = {"dataStr": {"shape": shapes}}
    return {"packageDetail": footprint, "dataStr": symbol, "lcsc": {"id": 1}} | changes


def test_what_the_client_cannot_do_without_is_there(tmp_path: Path) -> None:
    names, content = _written(tmp_path, _answer("R0603"))
    assert names == ["C7/C7.json", "C7/R0603.step"]
    assert content["lcsc"] == {"id": 1, "number": "C7"}
    named = content["dataStr"]["head"]["c_para"]
    assert (named["Manufacturer"], named["Manufacturer Part"]) == ("Maker(制造)", "P7")
    assert datetime.fromisoformat(content["updated_at"]) and content["description"] == ""
    assert content["packageDetail"]["updateTime"] == 0
    assert 0 <= time.time() - content["atopile_queried_at"] < 60
    assert content["atopile_manufacturer"] == "Maker(制造)"
    assert content["atopile_datasheet_url"] == "http://x.test/7.pdf"
    mine = {"updated_at": "2026-01-02 03:04:05", "description": "d"}
    assert mine.items() <= _written(tmp_path, _answer(**mine))[1].items()


def test_the_only_model_in_the_answer_is_the_one_beside_it(tmp_path: Path) -> None:
    for titles, status, uuid, left in (
        (("A", "B"), "success", "b" * 32, ["B"]),
        (("A", "B"), "success", "a" * 32, ["A"]),
        (("A/B",), "success", "a" * 32, ["A/B"]),
        # A tilde ends the client's reading.
        (("A~1",), "success", "a" * 32, []),
        (("A",), "missing", "a" * 32, []),
    ):
        names, content = _written(tmp_path, _answer(*titles), status, uuid)
        shapes = content["packageDetail"]["dataStr"]["shape"]
        found = [orjson.loads(shape[8:])["attrs"]["title"] for shape in shapes[1:]]
        assert shapes[0] == "PAD~x" and found == left
        assert names == ["C7/C7.json", *(f"C7/{title}.step" for title in left)]


def test_what_cannot_be_used_is_told_and_leads_nowhere_else(tmp_path: Path) -> None:
    import pytest

    for result, status, told in (
        (_answer("../../x"), "success", "no file's name"),
        (_answer("/etc/x"), "success", "no file's name"),
        (_answer("x" * 300), "success", "no file's name"),
        (_answer("A"), "failed", "no model there"),
        (_answer(dataStr=[]), "success", "no symbol"),
        (_answer(packageDetail={}), "success", "no footprint"),
        ([], "success", "no footprint"),
    ):
        with pytest.raises(CacheError, match=told):
            _written(tmp_path, result, status)
    assert not list((tmp_path / "project").rglob("*.json"))
