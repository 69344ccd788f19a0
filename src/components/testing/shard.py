"""One shard with its upstream, for tests that fetch it by the real command."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from components import cli
from components.bundled.part import Part
from components.bundled.server import Running
from components.core.layout import Layout
from components.fetch.manifest import Entry, State, read_entries, read_states, reading
from components.fetch.worklist import WorkItem, clean_address, format_worklist
from components.testing.library import library

WORKERS = 32


class Bench:
    """A cache directory with one shard, and the upstream that it is fetched from."""

    def __init__(self, folder: Path, upstream: Running, items: Sequence[WorkItem]) -> None:
        self.layout = Layout(folder)
        self.upstream = upstream
        self.worklist = folder / "plan" / "0000.tsv"
        self.worklist.parent.mkdir(parents=True)
        self.worklist.write_bytes(format_worklist(items))

    def receipt(self, group: str) -> Path:
        return self.layout.shards / f"0000.{group}.sqlite3"

    def arguments(self, group: str, **upstream: object) -> list[str]:
        settings = {
            "upstream": {"bundled_port": self.upstream.port, **upstream},
            "stage1": {
                "retry_backoff_s": 0.02,
                "throttle_cooldown_s": 0.1,
                "workers": WORKERS,
                "artifacts": {"lcsc_product": True, "part_image": True},
            },
        }
        return [
            *("fetch-shard", "--worklist", str(self.worklist), "--group", group),
            *("--settings", json.dumps(settings), "--cache-dir", str(self.layout.root)),
            *("--library", str(library()), "--output", str(self.receipt(group))),
        ]

    def fetch(self, group: str, **upstream: object) -> None:
        assert cli.main(self.arguments(group, **upstream)) == 0

    def fetch_together(self, keys: Mapping[str, str]) -> int:
        """The groups of ``keys`` by one process, as one job does; its exit code."""
        rest = self.arguments("")
        rest = rest[rest.index("--settings") : rest.index("--output")]
        return cli.main(
            [
                *("fetch-shard", "--group", *keys),
                *("--worklist", *(str(self.worklist_of(group)) for group in keys)),
                *("--output", *(str(self.receipt(group)) for group in keys)),
                *("--made-from", *(f"{group}={key}" for group, key in keys.items())),
                *rest,
            ]
        )

    def worklist_of(self, group: str) -> Path:
        """The group's own list, where a test has written one."""
        own = self.worklist.with_name(f"0000.{group}.tsv")
        return own if own.exists() else self.worklist

    def draw(self, converter: str = "one") -> None:
        """What follows the group ``cad``; its receipt is that of the group ``drawing``."""
        boxes = self.layout.shards / "0000.boxes.json"
        command = ["convert-glb", "--manifest", str(self.receipt("cad")), "--boxes", str(boxes)]
        assert cli.main([*command, "--objects", str(self.layout.objects)]) == 0
        command = ["convert-cad", "--manifest", str(self.receipt("cad")), "--boxes", str(boxes)]
        command += ["--cache-dir", str(self.layout.root), "--library", str(library())]
        command += ["--converter", converter, "--output", str(self.receipt("drawing"))]
        assert cli.main(command) == 0

    def rows(self, group: str) -> tuple[list[Entry], list[State]]:
        with reading(self.receipt(group)) as connection:
            return list(read_entries(connection)), list(read_states(connection))

    def requests(self) -> Counter[str]:
        services = self.upstream.stats()["services"]
        return Counter({name: service["requests"] for name, service in services.items()})


def work_items(chosen: Sequence[Part]) -> list[WorkItem]:
    return [
        WorkItem(
            part.lcsc,
            clean_address(part.datasheet),
            part.images[0]["900x900"] if part.images else "",
        )
        for part in chosen
    ]
