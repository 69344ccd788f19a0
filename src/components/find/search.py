"""Parts by number, part number or words, in one published snapshot.

Exact number first, then exact part number, then part numbers that begin so, then what the words
say; within each by stock. Values as people write them (``10k 0402 1%``) are read into a query that
the lookup engine answers; the answer says how it was read.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import orjson

from components.find.makers import Makers
from components.find.values import Reading, read_words
from components.find.vocabulary import Vocabulary
from components.source.prices import tiers, unit_price
from components.transform.search import filter_word, fold_part_number

LIMIT_MAX, LIMIT_DEFAULT = 100, 20
TEXT_MAX = 200
# So many matches of words are weighed for each that is wanted.
WEIGHED = 3
PREFIX_MIN = 3
# Of longer texts no word is left out where no part has them all.
LEFT_OUT_WORDS_MAX = 6
SUFFIX_MAX = 4
_NUMBER = re.compile(r"[cC](\d{1,12})")
_BARE_NUMBER = re.compile(r"[1-9][0-9]{0,11}")
_WORD = re.compile(r"[\w.]+")
_COLUMNS = (
    "lcsc_id, manufacturer, part_number, package, family, category, subcategory, description,"
    " stock, is_basic, is_preferred, price_json"
)
_STRONG = ("part_number", "manufacturer", "package", "family", "category")


class Readable(Protocol):
    """What of a snapshot is read: its databases, and its engine."""

    name: str

    def database(self, name: str = ...) -> AbstractContextManager[sqlite3.Connection]: ...

    @property
    def query(self) -> Any: ...

    @property
    def makers(self) -> Makers: ...

    def query_batch(self, body: bytes) -> tuple[int, bytes]: ...


class Filters:
    """What every part of an answer must be."""

    def __init__(
        self, family: str | None, package: str | None, *, in_stock: bool, basic: bool
    ) -> None:
        self.in_stock = in_stock
        self.basic = basic
        self.words = [
            *([filter_word("family", family)] if family else []),
            *([filter_word("package", package)] if package else []),
            *([filter_word("basic", "")] if basic else []),
        ]
        self._family = family
        self._package = filter_word("package", package) if package else None

    def take(self, part: Mapping[str, Any]) -> bool:
        return (
            (not self.in_stock or part["stock"] > 0)
            and (not self.basic or part["is_basic"] or part["is_preferred"])
            and (self._family is None or part["family"] == self._family)
            and (self._package is None or filter_word("package", part["package"]) == self._package)
        )


class Search:
    """Looks parts up; one an open snapshot, from any thread."""

    def __init__(self, snapshot: Readable, families: Sequence[Mapping[str, Any]]) -> None:
        self._snapshot = snapshot
        with snapshot.database("search.sqlite") as search:
            self.vocabulary = Vocabulary(families, search)

    def find(
        self,
        text: str,
        limit: int = LIMIT_DEFAULT,
        *,
        family: str | None = None,
        package: str | None = None,
        in_stock: bool = False,
        basic: bool = False,
    ) -> dict[str, Any]:
        """``{"components", "total", "read_as", "left_out"}`` of at most ``limit`` parts.

        ``read_as`` is the query that words with values were read as, or None; ``left_out`` are the
        words without which parts were found, where none has them all.
        """
        filters = Filters(family, package, in_stock=in_stock, basic=basic)
        found: dict[int, dict[str, Any]] = {}
        reading, left_out = None, list[str]()
        with (
            self._snapshot.database("search.sqlite") as search,
            self._snapshot.database() as detail,
        ):
            # 1206 is a package before it is a number.
            bare = _BARE_NUMBER.fullmatch(text.strip())
            number = int(bare[0]) if bare and not self.vocabulary.is_package(text) else None
            for ids in _numbered(search, text, limit, number):
                _add(found, detail, ids, filters, limit)
            if len(found) < limit:
                reading = self._read(text, family)
                ids = self._valued(reading, limit) if reading else []
                parts = briefs(detail, ids)
                if reading:
                    parts = [part for part in parts if _has_words(part, reading.words)]
                _keep(found, parts, filters, limit)
                if not parts:
                    reading = None
                    left_out = self._add_by_words(found, search, detail, text, filters, limit)
        return {
            "components": list(found.values()),
            "total": len(found),
            "read_as": reading.told() if reading else None,
            "left_out": left_out,
        }

    def _other_names(self, words: Sequence[str]) -> dict[str, str]:
        """By word that is a manufacturer's name, what finds it by the others: TI, "texas"."""
        found = {}
        for word in words:
            names = {frozenset(_words(name)) for name in self._snapshot.makers.other_names(word)}
            names = {name for name in names if name and word not in name}
            fewest = sorted(sorted(name) for name in names if not any(one < name for one in names))
            if fewest:
                found[word] = " OR ".join(f"({_all(name)})" for name in fewest)
        return found

    def _read(self, text: str, family: str | None) -> Reading | None:
        reading = read_words(text, self.vocabulary)
        return reading if reading and family in (None, reading.family) else None

    def _valued(self, reading: Reading, limit: int) -> list[int]:
        wanted = 500 if reading.words else limit
        status, body = self._snapshot.query(orjson.dumps(reading.query(wanted)))
        if status != 200:
            return []
        return [one["lcsc_id"] for one in orjson.loads(body)["candidates"]]

    def _add_by_words(
        self,
        found: dict[int, dict[str, Any]],
        search: sqlite3.Connection,
        detail: sqlite3.Connection,
        text: str,
        filters: Filters,
        limit: int,
    ) -> list[str]:
        words = _words(text)[:16]
        if not words:
            return []
        without = [words]
        if 1 < len(words) <= LEFT_OUT_WORDS_MAX:
            # What stands last tells more of a part than what stands first.
            without += [words[:at] + words[at + 1 :] for at in reversed(range(len(words)))]
        for kept in without:
            for match in _matches(kept, filters.words, self._other_names(kept)):
                parts = briefs(detail, _ranked(search, match, limit * WEIGHED))
                parts.sort(key=lambda part: -_relevance(part, kept))
                _keep(found, parts, filters, limit)
                if len(found) >= limit:
                    break
            if found:
                return [word for word in words if word not in kept]
        return []


def _numbered(
    search: sqlite3.Connection, text: str, limit: int, number: int | None
) -> Iterator[list[int]]:
    """Parts by number, then by part number: the same, then those that begin so, best first.

    ``number`` is what the text is without a C, which may be a part number as well.
    """
    if match := _NUMBER.fullmatch(text.strip()):
        yield [int(match[1])]
    folded = fold_part_number(text)
    if not folded:
        return
    by_name = "SELECT r.lcsc_id FROM part_numbers n JOIN ranked r USING (rank) WHERE"
    exact = f"{by_name} folded = ? ORDER BY n.rank LIMIT ?"
    yield _ids(search.execute(exact, (folded, limit)))
    if number is not None:
        yield [number]
    if len(folded) < PREFIX_MIN:
        return
    longer = f"{by_name} folded > ? AND folded < ? ORDER BY n.rank LIMIT ?"
    begins = _ids(search.execute(longer, (folded, folded + "\U0010ffff", 5 * limit)))
    yield begins
    if begins or not any(map(str.isdigit, folded)):
        return
    # With a reel suffix that the catalogue does not have.
    for cut in range(1, SUFFIX_MAX + 1):
        if len(folded) - cut < 2 * PREFIX_MIN:
            return
        if ids := _ids(search.execute(exact, (folded[:-cut], limit))):
            yield ids
            return


def _words(text: str) -> list[str]:
    words = [word.strip(".") for word in _WORD.findall(text.replace("_", " ").casefold())]
    return [word for word in dict.fromkeys(words) if word]


def _all(words: Iterable[str]) -> str:
    return " AND ".join(f'"{word}"' for word in words)


def _matches(
    words: Sequence[str], filters: Sequence[str], others: Mapping[str, str]
) -> Iterator[str]:
    """FTS5 expressions from the strictest on: all words, the last as a beginning, all so.

    ``others`` are expressions that do for a word as well.
    """
    either = [f" OR {others[word]})" if word in others else "" for word in words]
    quoted = [f'"{word}"' for word in words]
    loose = [
        f"{q} *" if len(word) >= PREFIX_MIN else q for q, word in zip(quoted, words, strict=True)
    ]
    quoted = [f"({q}{end}" if end else q for q, end in zip(quoted, either, strict=True)]
    loose = [f"({q}{end}" if end else q for q, end in zip(loose, either, strict=True)]
    fixed = [f'"{word}"' for word in filters]
    yield " AND ".join([*fixed, *quoted])
    if len(words[-1]) >= PREFIX_MIN:
        yield " AND ".join([*fixed, *quoted[:-1], loose[-1]])
    if loose[:-1] != quoted[:-1]:
        yield " AND ".join([*fixed, *loose])


def _ranked(search: sqlite3.Connection, match: str, limit: int) -> list[int]:
    # The rowid is the rank: reading stops at the limit.
    sql = (
        "SELECT r.lcsc_id FROM words w CROSS JOIN ranked r ON r.rank = w.rowid"
        " WHERE words MATCH ? ORDER BY w.rowid LIMIT ?"
    )
    return _ids(search.execute(sql, (match, limit)))


def _ids(rows: Iterable[Sequence[int]]) -> list[int]:
    return [row[0] for row in rows]


def _add(
    found: dict[int, dict[str, Any]],
    detail: sqlite3.Connection,
    ids: Sequence[int],
    filters: Filters,
    limit: int,
) -> None:
    at = 0
    while at < len(ids) and len(found) < limit:
        _keep(found, briefs(detail, ids[at : at + limit]), filters, limit)
        at += limit


def _keep(
    found: dict[int, dict[str, Any]],
    parts: Iterable[dict[str, Any]],
    filters: Filters,
    limit: int,
) -> None:
    for part in parts:
        if len(found) < limit and filters.take(part):
            found.setdefault(part["lcsc_id"], part)


def briefs(
    detail: sqlite3.Connection, ids: Sequence[int], quantity: int = 1
) -> list[dict[str, Any]]:
    """These parts in this order, priced at ``quantity``; numbers that nobody has are left out."""
    sql = (
        f"SELECT {_COLUMNS} FROM components_full WHERE lcsc_id IN (SELECT value FROM json_each(?))"
    )
    asked = orjson.dumps(list(ids)).decode()
    rows = {row[0]: brief(row, quantity) for row in detail.execute(sql, (asked,))}
    return [rows[number] for number in dict.fromkeys(ids) if number in rows]


def brief(row: Sequence[Any], quantity: int = 1) -> dict[str, Any]:
    """A part as lists show it, of the columns above."""
    number, maker, part_number, package, family, category, subcategory, about = row[:8]
    stock, is_basic, is_preferred, price_json = row[8:12]
    return {
        "lcsc_id": number,
        "manufacturer": maker,
        "part_number": part_number,
        "package": package,
        "family": family,
        "category": subcategory or category,
        "description": about,
        "stock": stock,
        "is_basic": bool(is_basic),
        "is_preferred": bool(is_preferred),
        "unit_price": unit_price(tiers(price_json), quantity),
    }


def _relevance(part: Mapping[str, Any], words: Sequence[str]) -> int:
    """How many words stand where they mean most; equal parts stay in the order of stock."""
    strong = " ".join(str(part[name] or "") for name in _STRONG).casefold()
    return sum(word in strong for word in words)


def _has_words(part: Mapping[str, Any], words: Iterable[str]) -> bool:
    text = " ".join(str(part[name] or "") for name in (*_STRONG, "description")).casefold()
    return all(word.casefold() in text for word in words)
