"""Answers to the client's queries: one native call for all, then the records of what was found."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from components.core.errors import ComponentsError
from components.serve.atopile.questions import (
    CANDIDATES_MAX,
    Question,
    joined,
    quantity_of,
    questions_of,
)
from components.serve.atopile.records import Records, numbers_named
from components.serve.http.asgi import Refusal
from components.serve.json_body import shown
from components.serve.services import Services
from components.serve.snapshot import Snapshot

QUERIES_MAX = 1000
# As many as the library answers in one call, and how many of them a request may need.
NATIVE_MAX = 1000
QUESTIONS_MAX = 4000
LCSC_ID_MAX = 2**53 - 1
TEXT_MAX = 200
# A large request keeps a core busy for some hundredths of a second.
ANSWERING_MAX = 2

_BY_NUMBER = frozenset({"lcsc", "quantity", "qty"})
_BY_NAME = frozenset({"manufacturer_name", "part_number", "quantity", "qty"})


class WrongQuery(ComponentsError):
    """A query that is not understood, or names a part that does not exist."""


class Read(NamedTuple):
    """A query that is understood: parts by their numbers, or questions to the library."""

    numbers: list[int]
    questions: list[Question]


class Answers:
    """Of one worker; any number of threads may ask."""

    def __init__(self, services: Services) -> None:
        tables = {each["name"]: each["table"] for each in services.families["families"]}
        self._records = Records(tables)
        self._free = threading.BoundedSemaphore(ANSWERING_MAX)

    def queries(self, snapshot: Snapshot, body: bytes) -> tuple[int, bytes]:
        """Status and reply to ``{"queries": […]}``. Raises Refusal (400, 422)."""
        content = _object(body)
        if unknown := sorted(set(content) - {"queries"}):
            raise Refusal(422, f"{shown(unknown[0])}: is no field of this request")
        queries = content.get("queries")
        if not isinstance(queries, list) or len(queries) > QUERIES_MAX:
            raise Refusal(422, f"queries: must be a list of at most {QUERIES_MAX}")
        with self._free:
            found, errors = self._answer(snapshot, queries, None)
        if any(errors):
            return 400, _errors(errors)
        results = (b'{"components":[%b]}' % b",".join(records) for records in found)
        return 200, b'{"results":[%b]}' % b",".join(results)

    def query(self, snapshot: Snapshot, body: bytes, endpoint: str) -> tuple[int, bytes]:
        """Status and reply to one query of an endpoint. Raises Refusal (400, 422)."""
        content = _object(body)
        with self._free:
            found, errors = self._answer(snapshot, [content], endpoint)
        if any(errors):
            return 400, _errors(errors)
        return 200, b'{"components":[%b]}' % b",".join(found[0])

    def parts(self, snapshot: Snapshot, numbers: Sequence[int]) -> bytes:
        """The reply with these parts, in this order, as far as there are such."""
        records = self._records.of(snapshot, dict.fromkeys(numbers))
        return b'{"components":[%b]}' % b",".join(records[n] for n in numbers if n in records)

    def _answer(
        self, snapshot: Snapshot, queries: Sequence[Any], endpoint: str | None
    ) -> tuple[list[list[bytes]], list[str | None]]:
        """The records that answer each query, best first, and what is wrong with each."""
        read: list[Read] = []
        errors: list[str | None] = []
        for query in queries:
            try:
                read.append(_read(snapshot, query, endpoint))
                errors.append(None)
            except ComponentsError as error:
                read.append(Read([], []))
                errors.append(str(error))
        asked = sum(len(each.questions) for each in read)
        if asked > QUESTIONS_MAX:
            text = f"queries: {asked} alternatives in all, {QUESTIONS_MAX} at most; send fewer"
            raise Refusal(422, text)
        answered, complaints = self._found(snapshot, read)
        errors = [error or complaint for error, complaint in zip(errors, complaints, strict=True)]
        wanted: dict[int, Mapping[str, Any] | None] = {}
        for numbers, candidates in zip(read, answered, strict=True):
            wanted.update((n, wanted.get(n)) for n in numbers.numbers)
            wanted.update((each["lcsc_id"], each["pick_parameters"]) for each in candidates)
        records = self._records.of(snapshot, wanted)
        for place, each in enumerate(read):
            if each.numbers and not any(number in records for number in each.numbers):
                errors[place] = f"C{each.numbers[0]} is not in the catalogue"
        return [
            [records[n] for n in (*each.numbers, *(c["lcsc_id"] for c in found)) if n in records]
            for each, found in zip(read, answered, strict=True)
        ], errors

    def _found(
        self, snapshot: Snapshot, read: Sequence[Read]
    ) -> tuple[list[list[dict[str, Any]]], list[str | None]]:
        """The candidates of each query, and what the library says against it."""
        questions = [question for each in read for question in each.questions]
        replies: list[Any] = []
        for start in range(0, len(questions), NATIVE_MAX):
            replies += _ask(snapshot, questions[start : start + NATIVE_MAX])
        taken = iter(replies)
        found: list[list[dict[str, Any]]] = []
        complaints: list[str | None] = []
        for each in read:
            own = [next(taken) for _ in each.questions]
            wrong = [reply["detail"] for reply in own if "detail" in reply]
            complaints.append(wrong[0] if wrong else None)
            lists = [reply.get("candidates", []) for reply in own]
            found.append(lists[0][:CANDIDATES_MAX] if len(lists) == 1 else joined(lists))
        return found, complaints


def _ask(snapshot: Snapshot, questions: Sequence[Question]) -> list[Any]:
    """The library's replies; where it refuses the batch, each question's own."""
    status, reply = snapshot.query_batch(orjson.dumps({"queries": questions}))
    if status == 200:
        results: list[Any] = orjson.loads(reply)["results"]
        return results
    return [orjson.loads(snapshot.query(orjson.dumps(one))[1]) for one in questions]


def _read(snapshot: Snapshot, query: Any, endpoint: str | None) -> Read:
    """Raises :class:`ComponentsError` for what is not understood, or is no part."""
    if not isinstance(query, Mapping):
        raise WrongQuery("a query must be an object")
    if endpoint is None and "lcsc" in query:
        _known(query, _BY_NUMBER)
        quantity_of(query)
        return Read([_number(query["lcsc"])], [])
    if endpoint is None and ("manufacturer_name" in query or "part_number" in query):
        _known(query, _BY_NAME)
        maker, name = (_text(query, key) for key in ("manufacturer_name", "part_number"))
        if numbers := numbers_named(snapshot, maker, name, quantity_of(query)):
            return Read(numbers[:CANDIDATES_MAX], [])
        raise WrongQuery(f"no part {shown(name)} of {shown(maker)} is in the catalogue")
    return Read([], questions_of(query, endpoint))


def _known(query: Mapping[str, Any], keys: frozenset[str]) -> None:
    if unknown := sorted(set(query) - keys):
        raise WrongQuery(f"{shown(unknown[0])} is no field of a query for one part")


def _number(value: Any) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or not 1 <= value <= LCSC_ID_MAX:
        raise WrongQuery(f"lcsc: {shown(repr(value))} is no part number")
    return value


def _text(query: Mapping[str, Any], key: str) -> str:
    value = query.get(key)
    if not isinstance(value, str) or not 1 <= len(value) <= TEXT_MAX:
        raise WrongQuery(f"{key}: must be a text of 1 to {TEXT_MAX} characters")
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = orjson.loads(body)
    except ValueError as error:
        raise Refusal(400, f"body: is no JSON: {shown(str(error))}") from None
    if not isinstance(content, dict):
        raise Refusal(422, "body: must be an object")
    return content


def _errors(errors: Sequence[str | None]) -> bytes:
    listed = [None if error is None else {"message": error} for error in errors]
    return orjson.dumps({"detail": {"errors": listed}})
