"""Counters of all workers in one shared block of memory, and their Prometheus text.

Each worker counts in its own part of the block, which is mapped before the workers are forked, so
that counting takes no lock and any worker can answer for all of them. A worker that takes a dead
one's place goes on where that one stopped, so that counters never fall.
"""

from __future__ import annotations

import mmap
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

STATUSES = (200, 206, 304, 400, 401, 404, 405, 408, 413, 416, 422, 429, 431, 500, 503)
OTHER_STATUS = len(STATUSES)
BUCKETS_S = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005),
    *(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)
_BUCKETS_NS = tuple(round(bound * 1e9) for bound in BUCKETS_S)
ENGINE_ROUTES = ("query", "batch")
# Of a route: a counter a status, bytes, then its histogram (buckets, the one above all, the sum).
_HISTOGRAM_LEN = len(BUCKETS_S) + 2
_ROUTE_LEN = len(STATUSES) + 2 + _HISTOGRAM_LEN
# Of a worker: singles, then the engine's histograms, then the routes.
SINGLES = (
    *("in_flight", "receiving", "connections"),
    *("reloads", "reload_failures", "damaged_objects", "pid"),
)
_SINGLE_AT = {name: index for index, name in enumerate(SINGLES)}
_ENGINE_AT = len(SINGLES)
_ROUTES_AT = _ENGINE_AT + len(ENGINE_ROUTES) * _HISTOGRAM_LEN
_STATUS_INDEX = {status: index for index, status in enumerate(STATUSES)}
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one worker, and the sums over all; ``routes`` are the routes' labels."""

    def __init__(self, routes: Sequence[str], workers: int = 1) -> None:
        self.routes = tuple(routes)
        self.workers = workers
        self._worker_len = _ROUTES_AT + len(self.routes) * _ROUTE_LEN
        self._all = memoryview(mmap.mmap(-1, 8 * self._worker_len * workers)).cast("q")
        self._own = self._all[: self._worker_len]

    def take(self, worker: int, pid: int) -> None:
        """Count as this worker from now on; what was in flight in its predecessor is gone."""
        self._own = self._all[worker * self._worker_len : (worker + 1) * self._worker_len]
        for name in ("in_flight", "receiving", "connections"):
            self.put(name, 0)
        self.put("pid", pid)

    def observe(self, route: int, status: int, size_bytes: int, elapsed_ns: int) -> None:
        """Count an answered request; ``route`` is its index in ``routes``."""
        own = self._own
        at = _ROUTES_AT + route * _ROUTE_LEN
        own[at + _STATUS_INDEX.get(status, OTHER_STATUS)] += 1
        at += OTHER_STATUS + 1
        own[at] += size_bytes
        own[at + 1 + bisect_left(_BUCKETS_NS, elapsed_ns)] += 1
        own[at + _HISTOGRAM_LEN] += elapsed_ns

    def count(self, route: int, status: int) -> None:
        """Count an answer that was given before there was a request to time."""
        self._own[_ROUTES_AT + route * _ROUTE_LEN + _STATUS_INDEX.get(status, OTHER_STATUS)] += 1

    def engine(self, route: int, elapsed_ns: int) -> None:
        """Count a library call; ``route`` is its index in :data:`ENGINE_ROUTES`."""
        own = self._own
        at = _ENGINE_AT + route * _HISTOGRAM_LEN
        own[at + bisect_left(_BUCKETS_NS, elapsed_ns)] += 1
        own[at + _HISTOGRAM_LEN - 1] += elapsed_ns

    def add(self, name: str, count: int = 1) -> None:
        """Add to one of :data:`SINGLES` of this worker."""
        self._own[_SINGLE_AT[name]] += count

    def put(self, name: str, value: int) -> None:
        """Set one of :data:`SINGLES` of this worker."""
        self._own[_SINGLE_AT[name]] = value

    def reloaded(self) -> None:
        self.add("reloads")

    def reload_failed(self) -> None:
        self.add("reload_failures")

    def damaged(self, objects: int) -> None:
        self.add("damaged_objects", objects)

    def single(self, name: str) -> int:
        """One of :data:`SINGLES`, summed over all workers."""
        return self._sum(_SINGLE_AT[name])

    def requests(self) -> dict[str, int]:
        """Answered requests by route, of all workers."""
        return {
            route: sum(
                self._sum(_ROUTES_AT + number * _ROUTE_LEN + at) for at in range(OTHER_STATUS + 1)
            )
            for number, route in enumerate(self.routes)
        }

    def text(self, gauges: Iterable[tuple[str, str, str, float]]) -> str:
        """Prometheus' text format; ``gauges`` are (name, help, labels or "", value)."""
        lines = [*self._requests_text(), *self._engine_text()]
        for name, help_text in (
            ("reloads", "Snapshots opened."),
            ("reload_failures", "Failed attempts to open a snapshot."),
            ("damaged_objects", "Objects missing or damaged when a bundle wanted them."),
        ):
            lines += _head(f"components_{name}_total", "counter", help_text)
            lines.append(f"components_{name}_total {self.single(name)}")
        for name, single, help_text in (
            ("components_requests_in_flight", "in_flight", "Requests being answered."),
            ("components_requests_receiving", "receiving", "Requests whose body is on its way."),
            ("components_connections", "connections", "Open connections."),
        ):
            lines += _head(name, "gauge", help_text)
            lines.append(f"{name} {self.single(single)}")
        last = ""
        for name, help_text, labels, value in gauges:
            if name != last:
                lines += _head(name, "gauge", help_text)
            last = name
            lines.append(f"{name}{labels} {value:.15g}")
        return "\n".join(lines) + "\n"

    def _requests_text(self) -> Iterator[str]:
        name = "components_http_requests_total"
        yield from _head(name, "counter", "Requests answered, by route and status.")
        for number, route in enumerate(self.routes):
            for index in range(OTHER_STATUS + 1):
                status = str(STATUSES[index]) if index < OTHER_STATUS else "other"
                if count := self._sum(_ROUTES_AT + number * _ROUTE_LEN + index):
                    yield f'{name}{{route="{route}",status="{status}"}} {count}'
        name = "components_http_response_bytes_total"
        yield from _head(name, "counter", "Bytes of replies' bodies, by route.")
        for number, route in enumerate(self.routes):
            count = self._sum(_ROUTES_AT + number * _ROUTE_LEN + OTHER_STATUS + 1)
            yield f'{name}{{route="{route}"}} {count}'
        name = "components_http_request_duration_seconds"
        yield from _head(name, "histogram", "From a request's headers to its reply's last byte.")
        for number, route in enumerate(self.routes):
            yield from self._histogram(
                name, route, _ROUTES_AT + number * _ROUTE_LEN + OTHER_STATUS + 2
            )

    def _engine_text(self) -> Iterator[str]:
        name = "components_engine_duration_seconds"
        yield from _head(name, "histogram", "Time in the lookup library.")
        for number, route in enumerate(ENGINE_ROUTES):
            yield from self._histogram(name, route, _ENGINE_AT + number * _HISTOGRAM_LEN)

    def _histogram(self, name: str, route: str, at: int) -> Iterator[str]:
        total = 0
        for index, bound in enumerate((*BUCKETS_S, None)):
            total += self._sum(at + index)
            edge = "+Inf" if bound is None else f"{bound:g}"
            yield f'{name}_bucket{{route="{route}",le="{edge}"}} {total}'
        yield f'{name}_sum{{route="{route}"}} {self._sum(at + _HISTOGRAM_LEN - 1) / 1e9:.15g}'
        yield f'{name}_count{{route="{route}"}} {total}'

    def _each(self, at: int) -> list[int]:
        return [self._all[worker * self._worker_len + at] for worker in range(self.workers)]

    def _sum(self, at: int) -> int:
        return sum(self._each(at))


def label(value: str) -> str:
    """A label's value, escaped.

    >>> label('a"b')
    'a\\\\"b'
    """
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _head(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]


def test_workers_add_up_and_a_successor_goes_on() -> None:
    metrics = Metrics(("query", "batch"), workers=2)
    for worker, requests in ((0, 3), (1, 2), (0, 1)):
        metrics.take(worker, pid=worker + 1)
        metrics.put("in_flight", 1)
        for _ in range(requests):
            metrics.observe(0, 200, 10, 1000)
    metrics.observe(1, 418, 5, 1000)
    lines = metrics.text([("x", "X.", f'{{name="{label("a")}"}}', 1.5)]).splitlines()
    assert 'components_http_requests_total{route="query",status="200"} 6' in lines
    assert 'components_http_requests_total{route="batch",status="other"} 1' in lines
    assert 'components_http_response_bytes_total{route="query"} 60' in lines
    bucket = 'components_http_request_duration_seconds_bucket{route="query",le="+Inf"} 6'
    assert bucket in lines
    assert "components_requests_in_flight 2" in lines
    assert lines[-1] == 'x{name="a"} 1.5'
    assert metrics.requests()["query"] == 6


def test_a_duration_counts_in_its_bucket_and_every_larger_one() -> None:
    metrics = Metrics(("query",))
    for elapsed_ns in (10_000, 10_001, 3_000_000_000):
        metrics.engine(0, elapsed_ns)
    lines = metrics.text([]).splitlines()
    name = "components_engine_duration_seconds"
    assert f'{name}_bucket{{route="query",le="1e-05"}} 1' in lines
    assert f'{name}_bucket{{route="query",le="2.5e-05"}} 2' in lines
    assert f'{name}_bucket{{route="query",le="10"}} 3' in lines
    assert f'{name}_sum{{route="query"}} 3.000020001' in lines
    assert f'{name}_count{{route="query"}} 3' in lines
