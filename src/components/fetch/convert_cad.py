"""``components convert-cad``: what is drawn from the CAD answers of a shard, and its manifest.

Reads the shard's frozen manifest of the ``cad`` group, the answers that it names, and the boxes of
the parts' 3D models, by which footprints place them; asks no service for anything. A drawing that
cannot be made gets a ``failed`` state with the reason and stops nothing. What an earlier run has
drawn from the same answer by the same converter is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from components.artifacts import media_type, types_of
from components.cad.convert import Undrawn, draw
from components.cad.footprint.model import NO_BOXES
from components.cad.model_box import ModelBox, read_boxes
from components.core.errors import StoreError
from components.core.layout import Layout
from components.fetch.artifact import Fetched, stored
from components.fetch.frozen import write_frozen
from components.fetch.kept import mark
from components.fetch.known import Known
from components.fetch.manifest import (
    Entry,
    State,
    read_entries,
    read_states,
    reading,
)
from components.fetch.recorder import share
from components.fetch.shard import open_store, summary
from components.store.object_store import ObjectStore

ANSWER, MODEL = "easyeda_cad_json", "model_step"
PROGRESS_EVERY = 1000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--manifest", type=Path, required=True, help="the shard's of group `cad`")
    parser.add_argument("--boxes", type=Path, help="what the shard's STEP models measure")
    parser.add_argument("--cache-dir", type=Path, required=True)
    parser.add_argument("--library", type=Path, help="liblookup.so, for the store's codecs")
    parser.add_argument(
        "--types", nargs="+", choices=types_of("drawing"), default=list(types_of("drawing"))
    )
    parser.add_argument(
        "--converter", default="", help="what tells converters apart: another one draws anew"
    )
    parser.add_argument("--mark", type=Path, help="file to leave once all is done")
    parser.add_argument("--output", type=Path, required=True, help="frozen manifest to write")


def run(args: argparse.Namespace) -> int:
    with reading(args.manifest) as connection:
        answers = Known()
        answers.add(read_entries(connection), read_states(connection))
        parts = sorted({state.lcsc_id for state in read_states(connection, 0, 1 << 62, ANSWER)})
    layout = Layout(args.cache_dir)
    store = open_store(layout, args.library)
    boxes = read_boxes(args.boxes) if args.boxes else {}
    entries, states = convert_parts(
        parts, answers, layout, args.types, args.converter, store, boxes
    )
    write_frozen(args.output, entries, states)
    if args.mark:
        mark(args.mark)
    for line in summary(f"drawing {args.manifest.name.partition('.')[0]}", states):
        print(line, file=sys.stderr)
    return 0


def convert_parts(
    parts: Sequence[int],
    answers: Known,
    layout: Layout,
    types: Collection[str],
    converter: str,
    store: ObjectStore,
    boxes: Mapping[str, ModelBox] = NO_BOXES,
) -> tuple[list[Entry], list[State]]:
    """The drawings of ``parts``, stored; and shared with the common manifest and state.

    ``answers`` knows the parts' CAD answers and STEP models, ``boxes`` what those measure by the
    SHA-256 of the file. Raises :class:`StoreError` where the disk fails.
    """
    drawn = Known()
    if parts:
        for name in types:
            drawn.read(layout.manifest, layout.state, parts[0], parts[-1], name)
    entries: list[Entry] = []
    states: list[State] = []
    for count, lcsc_id in enumerate(parts, start=1):
        answer, state = answers.entry(lcsc_id, ANSWER), answers.state(lcsc_id, ANSWER)
        if answer is not None:
            # Without the answer's address, which its own row has: a text of each part's own.
            asked = f"#{answer.raw_sha256[:16]}.{converter}"
            mine = _boxes_of_part(answers.entry(lcsc_id, MODEL), boxes)
            # Another model stands elsewhere: its footprint is drawn anew.
            asked += "".join(f".{_digest(box)}" for box in mine.values())
            for entry, reached in _of_part(answer, asked, types, drawn, store, mine):
                entries += [entry] if entry else []
                states.append(reached)
        elif state is not None and state.status != "success":
            # What became of the answer became of its drawings.
            states += [state._replace(artifact_type=name) for name in types]
        if count % PROGRESS_EVERY == 0:
            print(f"{count:,} of {len(parts):,} parts drawn", file=sys.stderr, flush=True)
    store.sync()
    share(layout.manifest, layout.state, entries, states)
    return entries, states


def _boxes_of_part(model: Entry | None, boxes: Mapping[str, ModelBox]) -> dict[str, ModelBox]:
    """The part's box by the UUID of its model."""
    box = boxes.get(model.raw_sha256) if model else None
    if box is None or model is None:
        return {}
    uuid = json.loads(model.source_meta_json).get("uuid")
    return {uuid: box} if uuid else {}


def _digest(box: ModelBox) -> str:
    return hashlib.sha256(json.dumps(box).encode()).hexdigest()[:8]


def _of_part(
    answer: Entry,
    asked: str,
    types: Iterable[str],
    drawn: Known,
    store: ObjectStore,
    boxes: Mapping[str, ModelBox],
) -> Iterator[tuple[Entry | None, State]]:
    lcsc_id = answer.lcsc_id
    lacking = []
    for name in types:
        entry, state = drawn.entry(lcsc_id, name), drawn.state(lcsc_id, name)
        if entry and state and drawn.is_done(lcsc_id, name, asked, store):
            yield entry, state
        else:
            lacking.append(name)
    if not lacking:
        return
    try:
        body = store.get(answer.stored_key)
    except StoreError as error:
        yield from ((None, _failed(lcsc_id, name, asked, str(error))) for name in lacking)
        return
    for made in draw(body, lcsc_id, frozenset(lacking), boxes):
        name = made.artifact_type
        if isinstance(made, Undrawn):
            yield None, _failed(lcsc_id, name, asked, made.reason)
        else:
            fetched = Fetched(name, answer.source_url, made.data, media_type(name), made.meta)
            # Nothing was fetched: a time of its own would make equal runs differ.
            entry = stored(store, lcsc_id, fetched)._replace(fetched_at_utc=answer.fetched_at_utc)
            yield entry, State(lcsc_id, name, "success", asked, entry.raw_sha256)


def _failed(lcsc_id: int, name: str, asked: str, reason: str) -> State:
    return State(lcsc_id, name, "failed", asked, None, " ".join(reason.split())[:500])


def test_another_converter_draws_anew_and_the_same_one_reads_nothing(tmp_path: Path) -> None:
    import orjson

    from components.testing.cad import symbol_answer

    layout = Layout(tmp_path)
    store = ObjectStore(layout.objects, None)
    answers = Known()
    for number, body in ((1, orjson.dumps(symbol_answer())), (2, b'{"result": {}}')):
        kept = stored(store, number, Fetched(ANSWER, f"http://e/{number}", body, "x/y"))
        answers.add([kept], [State(number, ANSWER, "success", "u", kept.raw_sha256)])
    answers.add([], [State(3, ANSWER, "missing", "http://e/3", None, "no CAD")])
    types = types_of("drawing")

    def convert(converter: str) -> tuple[list[Entry], list[State]]:
        return convert_parts([1, 2, 3], answers, layout, types, converter, store)

    entries, states = convert("one")
    assert [(e.lcsc_id, e.artifact_type) for e in entries] == [(1, name) for name in types]
    assert {(s.lcsc_id, s.status) for s in states} == {
        *((1, "success"), (2, "failed"), (3, "missing"))
    }
    assert entries[0].fetched_at_utc == answers.entry(1, ANSWER).fetched_at_utc  # type: ignore[union-attr]
    again, states_again = convert("two")
    assert again == entries and states_again != states
    # With the answers gone, what was drawn is known still; another converter has nothing to read.
    for number in (1, 2):
        store.remove(answers.entry(number, ANSWER).stored_key)  # type: ignore[union-attr]
    assert convert("two")[0] == entries
    assert convert("three")[0] == []


def test_a_model_that_measures_otherwise_is_placed_anew(tmp_path: Path) -> None:
    import orjson

    from components.testing.cad import NODE, answer_of

    layout = Layout(tmp_path)
    store = ObjectStore(layout.objects, None)
    answers = Known()
    body = orjson.dumps(answer_of(NODE))
    uuid = {"uuid": "0123456789abcdef" * 2}
    for name, data in ((ANSWER, body), (MODEL, b"ISO-10303-21;")):
        kept = stored(store, 1, Fetched(name, f"http://e/{name}", data, "x/y", uuid))
        answers.add([kept], [State(1, name, "success", "u", kept.raw_sha256)])
    step = answers.entry(1, MODEL)
    assert step is not None
    placed = []
    for box in ({}, {step.raw_sha256: ModelBox((-1.0, -1.0, -1.0), (2.0, 2.0, 2.0))}, {}):
        entries, states = convert_parts(
            [1], answers, layout, ["kicad_footprint_mod"], "one", store, box
        )
        model = json.loads(entries[0].source_meta_json)["model"]
        placed.append((model["confidence"], model["offset"], states[0].asked_url))
    assert placed[0] == placed[2] == ("unmeasured", [1.27, 0.0, -2.54], placed[0][2])
    assert placed[1][:2] == ("differs", [1.77, -0.5, -1.54])
    assert placed[1][2].startswith(f"{placed[0][2]}.")
