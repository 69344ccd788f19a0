"""Every group of routes that the server answers; an adapter hangs on here by one line."""

from __future__ import annotations

from importlib import import_module

from components.serve.route import Declared, Routes

# In the order of the documentation. An adapter's foreign names are known to its folder alone.
MODULES = (
    *("routes.query", "routes.full", "routes.manufacturer", "routes.search", "routes.bom"),
    *("routes.families", "routes.packages", "routes.changes", "routes.part", "routes.artifact"),
    *("routes.status", "routes.docs"),
    "page.routes",
    "atopile.routes",
    "jlcsearch.routes",
    "kicad.routes",
)
ALL: tuple[Routes, ...] = tuple(
    import_module(f"components.serve.{name}").routes for name in MODULES
)

OTHER = "other"
"""The label of what no route was found for."""


def declared() -> list[Declared]:
    return [route for routes in ALL for route in routes.declared]


def labels() -> tuple[str, ...]:
    """The routes' names in the metrics, each once, :data:`OTHER` last."""
    return (*dict.fromkeys(route.label for route in declared()), OTHER)


def test_every_route_is_declared_once_and_can_be_documented() -> None:
    routes = declared()
    assert len({(route.method, route.path) for route in routes}) == len(routes)
    assert labels()[-1] == OTHER and len(set(labels())) == len(labels())
    for route in routes:
        assert (route.answer is None) == (route.describe is None), route.path
