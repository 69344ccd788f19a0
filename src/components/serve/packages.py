"""Which packages the parts of a snapshot have, and what is said of one that none has.

The lookup library answers a query for an unknown package as any other that nothing matches. To
whoever wrote the query that looks like a catalogue without stock, so a single query is told. A
package that another family has is none of these: its part may be sold out.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from components.core.errors import SnapshotError
from components.serve.http.asgi import Refusal
from components.serve.json_body import shown
from components.serve.services import Services
from components.serve.snapshot import Snapshot

NEAR_MAX = 5
# Longer texts are none, and comparing takes the square of their length.
TEXT_MAX = 40
_NOTHING = b'"total":0}'
_SQL = "SELECT family, value FROM vocabulary WHERE column_name = 'package' ORDER BY parts DESC"


class Packages:
    """Of one snapshot."""

    def __init__(self, rows: Iterable[tuple[str, str]], prefixes: Mapping[str, list[str]]) -> None:
        self._prefixes = prefixes
        self._by_family: dict[str, list[str]] = {}
        self._known: set[str] = set()
        for family, package in rows:
            self._by_family.setdefault(family, []).append(package)
            self._known.add(package.casefold())

    def unknown(self, query: Any) -> str | None:
        """The package of a query that no part of any family has."""
        package = query.get("package") if isinstance(query, dict) else None
        if not isinstance(package, str):
            return None
        written = self._written(package, query.get("component_type", ""))
        return None if self._known.intersection(written) else package

    def _written(self, package: str, family: str) -> list[str]:
        """Folded, as it is and without each of the family's prefixes."""
        folded = package.casefold()
        prefixes = [prefix.casefold() for prefix in self._prefixes.get(family, ())]
        return [folded, *(folded[len(one) :] for one in prefixes if folded.startswith(one))]

    def near(self, package: str, family: str) -> list[str]:
        """Packages that are spelled nearly so: the family's, else those of any."""
        wanted = self._written(package, family)[-1][:TEXT_MAX]
        anywhere = sorted({name for names in self._by_family.values() for name in names})
        for names in (self._by_family.get(family, []), anywhere):
            spelled = {name.casefold(): name for name in names}
            if found := difflib.get_close_matches(wanted, spelled, NEAR_MAX):
                return [spelled[name] for name in found]
        return []


class PackageCheck:
    """Refuses what :class:`Packages` does not know, of one worker."""

    def __init__(self, services: Services) -> None:
        families = services.families["families"]
        self._prefixes = {each["name"]: each["package_prefixes"] for each in families}

    def passes(self, snapshot: Snapshot, body: bytes, status: int, reply: bytes) -> bool:
        """Whether a reply can go out as it is; False also where that is not known yet."""
        if status != 200 or not reply.endswith(_NOTHING):
            return True
        if not snapshot.has_kept(PackageCheck):
            return False
        packages = self.of(snapshot)
        return packages is None or packages.unknown(_parsed(body)) is None

    async def check(self, snapshot: Snapshot, body: bytes, status: int, reply: bytes) -> None:
        """Raise :class:`Refusal` (422) with near names for a package that no part has."""
        if self.passes(snapshot, body, status, reply):
            return
        packages = await asyncio.to_thread(self.of, snapshot)
        query = _parsed(body)
        if packages is None or (package := packages.unknown(query)) is None:
            return
        near = await asyncio.to_thread(packages.near, package, query.get("component_type", ""))
        others = f"; nearly so: {', '.join(map(shown, near))}" if near else ""
        text = f"package: no part has '{shown(package)}'{others}"
        raise Refusal(422, f"{text}; /v1/components/families lists all")

    def of(self, snapshot: Snapshot) -> Packages | None:
        """None for a snapshot that was sealed before there was a vocabulary."""
        return snapshot.kept(PackageCheck, lambda: self._read(snapshot))

    def _read(self, snapshot: Snapshot) -> Packages | None:
        try:
            with snapshot.database("search.sqlite") as search:
                rows = [(row[0], row[1]) for row in search.execute(_SQL)]
        except SnapshotError:
            return None
        return Packages(rows, self._prefixes)


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def test_near_names_are_those_of_the_family_first() -> None:
    rows = [("led", "0402"), ("led", "0603"), ("bjt", "SOT-23"), ("bjt", "SOT-23-3")]
    packages = Packages(rows, {"led": ["LED"], "bjt": []})

    def unknown(family: str, package: object) -> str | None:
        return packages.unknown({"component_type": family, "package": package})

    for family, package in (("led", "LED0402"), ("led", "sot-23"), ("bjt", "0603"), ("led", None)):
        assert unknown(family, package) is None, package
    assert packages.unknown([]) is None
    assert unknown("led", "0402x") == "0402x" and unknown("bjt", "LED0402") == "LED0402"
    assert packages.near("LED0604", "led")[0] == "0603"
    assert packages.near("0402x", "led") == ["0402"]
    assert packages.near("sot23", "bjt") == ["SOT-23", "SOT-23-3"]
    assert packages.near("sot23", "led") == ["SOT-23", "SOT-23-3"]
    assert packages.near("?" * 10_000, "led") == []
