"""``components fetch C2040 …``: the artifacts of single parts, by the same way as whole shards."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from components.artifacts import ARTIFACTS, FETCHED_GROUPS, GROUPS, extension_of, types_of
from components.config.load import Config
from components.config.options import add_config_option, configuration
from components.core.errors import ConfigError
from components.core.files import write_bytes
from components.core.layout import Layout
from components.core.locks import alone
from components.fetch.atopile_cache import fill_cache
from components.fetch.convert_cad import convert_parts
from components.fetch.convert_glb import measure
from components.fetch.known import Known
from components.fetch.manifest import Entry, State
from components.fetch.origin import note_origin
from components.fetch.report import table
from components.fetch.shard import fetch_parts, make_source, open_store
from components.fetch.try_datasheet import try_datasheet
from components.fetch.worklist import WorkItem, select_parts
from components.net.endpoints import FetchSettings, endpoints
from components.net.http import Client
from components.source.catalogue import open_catalogue
from components.source.ready import catalogue_path

# Groups whose addresses stand in the catalogue; the others are made from the part number.
_FROM_CATALOGUE = frozenset(("datasheet", "image"))


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", nargs="+", help="part numbers: C2040")
    add_config_option(parser)
    parser.add_argument(
        "--group", nargs="+", choices=FETCHED_GROUPS, help="which artifacts; default: as configured"
    )
    parser.add_argument(
        "--atopile-cache",
        type=Path,
        metavar="DIR",
        help="fetch CAD answers and STEP models, and lay them into the parts cache of the atopile"
        " project DIR, for a build without a network",
    )
    parser.add_argument(
        "--datasheet-url", metavar="URL", help="try this address for one part, and tell each step"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with --datasheet-url: store nothing"
    )
    parser.add_argument(
        *("-o", "--output"), type=Path, metavar="DIR", help="plain files too, C2040_model_step.step"
    )


def run(args: argparse.Namespace) -> int:
    if args.dry_run and not args.datasheet_url:
        raise ConfigError("--dry-run: goes with --datasheet-url")
    config = configuration(args)
    settings = FetchSettings(upstream=config.upstream, stage1=config.stage1)
    numbers = sorted({part_number(text) for text in args.part})
    if args.datasheet_url:
        if args.output:
            raise ConfigError("-o: does not go with --datasheet-url; fetch the part without it")
        if len(numbers) > 1:
            raise ConfigError("--datasheet-url: is of one part; name no other")
        layout = Layout(config.paths.cache_dir)
        return try_datasheet(numbers[0], args.datasheet_url, settings, layout, dry_run=args.dry_run)
    layout = Layout(config.paths.cache_dir)
    if args.atopile_cache:
        if args.group:
            raise ConfigError("--group: --atopile-cache needs `cad` and nothing else")
        off = {artifact.switch: False for artifact in ARTIFACTS.values() if artifact.switch}
        settings, groups = _with_switches(settings, off | {"model_step": True}), ["cad"]
    else:
        groups = args.group or [group for group in FETCHED_GROUPS if settings.wanted(group)]
    entries, states = _fetched(_items(config, layout, numbers, groups), groups, settings, layout)
    written = _write_plain(entries, layout, args.output) if args.output else {}
    print(_table(entries, states, layout, written))
    code = int(any(state.status == "failed" for state in states))
    if args.atopile_cache:
        known = Known()
        known.add(entries, states)
        source = catalogue_path(config.paths.source_sqlite, layout)
        return max(code, fill_cache(args.atopile_cache, numbers, known, layout, source))
    return code


def _fetched(
    items: list[WorkItem], groups: list[str], settings: FetchSettings, layout: Layout
) -> tuple[list[Entry], list[State]]:
    """All that is known of the groups' artifacts, after what was lacking is fetched."""
    entries: list[Entry] = []
    states: list[State] = []
    note_origin(layout.manifest, settings.upstream.kind)
    with alone(layout.shards / "single.lock"), endpoints(settings) as services:
        client = Client(settings, services, layout.limits)
        for group in groups:
            source = make_source(group, client, services)
            live = layout.shards / f"single.{group}.live.sqlite3"
            settled = _with_group(settings, group)
            got = fetch_parts(group, items, source, settled, layout, live)
            if got[2]:
                live.unlink(missing_ok=True)
            drawn = _drawn(got[0], got[1], settled, layout) if group == "cad" else ([], [])
            entries += got[0] + drawn[0]
            states += got[1] + drawn[1]
    return entries, states


def _drawn(
    entries: list[Entry], states: list[State], settings: FetchSettings, layout: Layout
) -> tuple[list[Entry], list[State]]:
    """What is drawn from the parts' CAD answers."""
    answers = Known()
    answers.add(entries, states)
    numbers = sorted({state.lcsc_id for state in states})
    types = settings.wanted("drawing")
    store = open_store(layout, None)
    models = [entry for entry in entries if entry.artifact_type == "model_step"] if types else []
    boxes = measure(models, store)
    return convert_parts(numbers, answers, layout, types, "", store, boxes)


def part_number(text: str) -> int:
    """The number in ``C2040`` (or ``2040``). Raises :class:`ConfigError`."""
    match = re.fullmatch(r"[Cc]?([1-9][0-9]{0,11})", text)
    if match is None:
        raise ConfigError(f"{text}: not a part number; they look like C2040")
    return int(match[1])


def _with_group(settings: FetchSettings, group: str) -> FetchSettings:
    """A group that was asked for by name is fetched though the configuration leaves it out."""
    if settings.wanted(group):
        return settings
    together = [group, *(name for name, made in GROUPS.items() if made.needs == group)]
    switches = {ARTIFACTS[name].switch for each in together for name in types_of(each)} - {""}
    return _with_switches(settings, dict.fromkeys(switches, True))


def _with_switches(settings: FetchSettings, chosen: dict[str, bool]) -> FetchSettings:
    artifacts = settings.stage1.artifacts.model_copy(update=chosen)
    stage1 = settings.stage1.model_copy(update={"artifacts": artifacts})
    return settings.model_copy(update={"stage1": stage1})


def _items(config: Config, layout: Layout, numbers: list[int], groups: list[str]) -> list[WorkItem]:
    source = catalogue_path(config.paths.source_sqlite, layout)
    found = {number: WorkItem(number) for number in numbers}
    if not _FROM_CATALOGUE.isdisjoint(groups) and source.is_file():
        listed = ", ".join(map(str, numbers))
        with closing(open_catalogue(source)) as catalogue:
            for item in select_parts(catalogue, f"lcsc IN ({listed})", groups):
                found[item.lcsc_id] = item
    elif not _FROM_CATALOGUE.isdisjoint(groups):
        print(f"{source}: no catalogue yet; addresses in it are not known", file=sys.stderr)
    return [found[number] for number in numbers]


def _write_plain(entries: list[Entry], layout: Layout, folder: Path) -> dict[tuple[int, str], Path]:
    """Each artifact as a file of its own; which one, by part and artifact type."""
    store = open_store(layout, None)
    written = {}
    for entry in entries:
        extension = extension_of(entry.artifact_type, entry.mime)
        path = folder / f"C{entry.lcsc_id}_{entry.artifact_type}.{extension}"
        write_bytes(path, store.get(entry.stored_key))
        written[entry.lcsc_id, entry.artifact_type] = path
    return written


def _table(
    entries: list[Entry],
    states: list[State],
    layout: Layout,
    written: Mapping[tuple[int, str], Path],
) -> str:
    by_artifact = {(entry.lcsc_id, entry.artifact_type): entry for entry in entries}
    rows = []
    for state in sorted(states, key=lambda state: state[:2]):
        entry = by_artifact.get((state.lcsc_id, state.artifact_type))
        stored = written.get(state[:2]) or (layout.root / entry.stored_key if entry else "")
        where = str(stored) or state.error or ""
        size = entry.raw_size_bytes if entry else ""
        rows.append((f"C{state.lcsc_id}", state.artifact_type, state.status, size, where))
    return table(("part", "artifact", "state", "bytes", "file, or why there is none"), rows)


def test_part_numbers_as_users_write_them() -> None:
    import pytest

    assert [part_number(text) for text in ("C2040", "c7", "12")] == [2040, 7, 12]
    for text in ("", "C", "C0", "R1", "C1;", "C-1", "C1234567890123"):
        with pytest.raises(ConfigError, match="not a part number"):
            part_number(text)
