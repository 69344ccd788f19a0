"""What each group of each shard is to be made from, and whether it was.

One job fetches all groups of a shard. Its parameters hold the key of each, so that it runs where
any has changed; it then makes that one anew and puts the others back. What follows those has
nothing to do: its rule takes the manifest as one whose time does not count.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from components.artifacts import FETCHED_GROUPS, GROUPS
from components.fetch.kept import Kept, Key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from components.core.layout import Layout
    from components.graph.planning import Plan

CONVERTED = "cad"
"""The group that conversions are made from."""


class Graph(Protocol):
    """What is asked of the graph whose keys they are: see :class:`components.graph.graph.Graph`."""

    layout: Layout
    tools: str

    def plan(self) -> Plan: ...
    def groups(self) -> list[str]: ...
    def artifacts(self, group: str) -> list[str]: ...
    def identity(self, group: str) -> str: ...
    def tries(self, shard: str, group: str) -> int: ...
    def code(self, rule: str, *others: str) -> str: ...
    def converter(self, group: str) -> str: ...
    def measures(self) -> bool: ...
    def converts(self) -> bool: ...


class Keys:
    """The keys of one graph's shards, as they are when first asked for."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._kept = Kept(graph.layout.kept)
        self._tries: dict[tuple[str, str], int] = {}
        self._fetched: dict[str, tuple[str, str]] = {}

    def key(self, shard: str, group: str) -> str:
        """What a fetched group of a shard is to be made from."""
        parts = self._graph.plan().lists[f"{shard}.{group}"]
        if (tries := self._tries.get((shard, group))) is None:
            # The job notes its own, and what follows it is asked for later.
            tries = self._tries[shard, group] = self._graph.tries(shard, group)
        return str(Key(parts, *self._of_group(group), tries))

    def made_from(self, shard: str) -> list[str]:
        """The words ``group=key`` of a shard's job, in order of group.

        A group that is switched off counts as it was made: neither that nor its return is a reason
        to run.
        """
        return [f"{group}={key}" for group, key in self._of_shard(shard)]

    def stale(self, shard: str) -> list[str]:
        """The groups of a shard that its job makes anew."""
        groups = self._graph.groups()
        return [group for group in groups if not self._is_kept(shard, group)]

    def before(self, shard: str, group: str) -> Key | None:
        """What a group is made from so far, where that is known."""
        try:
            return Key.read(min(self._kept.keys(shard, group)))
        except ValueError:
            return None

    def conversion(self, shard: str, made: str) -> str:
        """What the conversion of a shard is made from: its ``drawing``, or its ``boxes``."""
        of = (self.key(shard, CONVERTED), *(self._drawing if made == "drawing" else self._boxes))
        return _short("\0".join(of))

    def is_settled(self, shard: str, made: str) -> bool:
        """Whether a conversion has nothing to do, even where the shard's job runs."""
        done = self.conversion(shard, made) in self._kept.keys(shard, made)
        return done and self._is_kept(shard, CONVERTED)

    def _is_kept(self, shard: str, group: str) -> bool:
        return self.key(shard, group) in self._kept.keys(shard, group)

    def _of_shard(self, shard: str) -> Iterator[tuple[str, str]]:
        on = self._graph.groups()
        for group in FETCHED_GROUPS:
            if group in on:
                yield group, self.key(shard, group)
            elif there := self._kept.keys(shard, group):
                yield group, min(there)

    def _of_group(self, group: str) -> tuple[str, str]:
        if group not in self._fetched:
            code = self._graph.code("fetch_shard", GROUPS[group].module)[:12]
            self._fetched[group] = code, _short(self._graph.identity(group))
        return self._fetched[group]

    @cached_property
    def _drawing(self) -> tuple[str, ...]:
        graph = self._graph
        types = graph.artifacts("drawing")
        how = graph.converter("drawing"), graph.code("convert_cad")
        return *types, *how, *(self._boxes if graph.measures() else ())

    @cached_property
    def _boxes(self) -> tuple[str, ...]:
        graph = self._graph
        return graph.tools, graph.code("convert_glb"), str(graph.converts())


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
