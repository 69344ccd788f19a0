"""Digests of our own code, so that a rule reruns when, and only when, what it runs has changed.

Snakemake sees the text of a shell command, never the modules behind it. A rule therefore carries
the digest of its modules, and of what they import from this package, in its ``params``. What
cannot change a product's bytes is left out: :data:`NEUTRAL` modules, unit tests and their helpers,
docstrings, imports for the type checker alone.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeGuard

import orjson

from components.core.files import write_if_changed

PACKAGE = "components"
ROOT = Path(__file__).resolve().parents[1]
# Modules and rooms that run in a job and leave no trace in its product. They count only for a rule
# whose own module lies in the same room: training dictionaries is what `store` does.
NEUTRAL = (
    # What it says of a job's artifact types stands in the job's params.
    "components.artifacts",
    # A service to fetch from, and what only tests run.
    "components.bundled",
    "components.testing",
    "components.cli",
    # A job is told its settings, defaults included, on its command line.
    "components.config",
    # Where files lie, that they are written whole, and what is said when something fails.
    "components.core.errors",
    "components.core.files",
    "components.core.layout",
    "components.core.locks",
    "components.core.project",
    "components.core.run_lock",
    "components.graph",
    # The compiled library is an input of the rules whose products depend on it.
    "components.native",
    # How bytes travel and how they are kept: what is read back is what was put.
    "components.net",
    "components.store",
)


class Module(NamedTuple):
    """What of a module's text counts."""

    digest: str
    """SHA-256 of its code in hexadecimal."""
    imports: tuple[str, ...]
    """The names that it imports of this package, sorted; some are no modules."""


# By the digest of a module's text, of how it is read, and of the version of Python that reads it.
_read: dict[str, Module] = {}
_asked: set[str] = set()


def code_digest(modules: Iterable[str], root: Path = ROOT) -> str:
    """16 hex of everything of this package that what ``modules`` make can depend on."""
    digest = hashlib.sha256()
    for name in closure(modules, root):
        digest.update(f"{name}\0{_module(name, root).digest}\0".encode())
    return digest.hexdigest()[:16]


def own_digest(name: str, root: Path = ROOT) -> str:
    """16 hex of one module alone."""
    return _module(name, root).digest[:16]


def closure(modules: Iterable[str], root: Path = ROOT) -> list[str]:
    """``modules`` and what counts of their imports of this package, direct or not, sorted."""
    waiting = set(modules)
    neutral = {room for room in NEUTRAL if not any(_lies_in(name, room) for name in waiting)}
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        found.add(name)
        imported = {other for other in _module(name, root).imports if _exists(other, root)}
        waiting |= {
            other
            for other in imported - found
            if not any(_lies_in(other, room) for room in neutral)
        }
    return sorted(found)


def _lies_in(name: str, room: str) -> bool:
    return name == room or name.startswith(f"{room}.")


def recall(path: Path) -> None:
    """Take in what :func:`remember` wrote, which spares reading the code of unchanged modules."""
    with suppress(OSError, ValueError, TypeError, AttributeError):
        known = orjson.loads(path.read_bytes()).items()
        _read.update({key: Module(digest, tuple(imports)) for key, (digest, imports) in known})


def remember(path: Path) -> None:
    """Write what the modules that were asked for were read as. Nothing depends on the file."""
    known = {key: tuple(_read[key]) for key in _asked}
    write_if_changed(path, orjson.dumps(known, option=orjson.OPT_SORT_KEYS))


@functools.cache
def _module(name: str, root: Path) -> Module:
    text = _file(name, root).read_bytes()
    key = _key(text)
    _asked.add(key)
    if key not in _read:
        tree = ast.parse(text, name)
        drop_unit_tests(tree)
        imports = _imports(_stripped(tree))
        digest = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
        _read[key] = Module(digest, tuple(sorted(imports)))
    return _read[key]


def _key(text: bytes) -> str:
    return hashlib.sha256(_reader() + text).hexdigest()


@functools.cache
def _reader() -> bytes:
    return hashlib.sha256(sys.version.encode() + Path(__file__).read_bytes()).digest()


def _imports(statements: Iterable[ast.stmt]) -> set[str]:
    wanted: set[str] = set()
    for node in statements:
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted.add(node.module)
            wanted |= {f"{node.module}.{alias.name}" for alias in node.names}
    inside = {module for module in wanted if module.split(".")[0] == PACKAGE}
    # `import a.b.c` runs `a` and `a.b` too.
    parents = {".".join(m.split(".")[:n]) for m in inside for n in range(1, m.count(".") + 1)}
    return inside | parents


def _path(name: str, root: Path) -> Path:
    return root.joinpath(*name.split(".")[1:])


@functools.cache
def _exists(name: str, root: Path) -> bool:
    path = _path(name, root)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _file(name: str, root: Path) -> Path:
    path = _path(name, root)
    # A folder of data may stand beside a module of the same name.
    package = path / "__init__.py"
    return package if package.is_file() else path.with_suffix(".py")


def _stripped(node: ast.AST) -> Iterator[ast.stmt]:
    """Take out of ``node``'s blocks what does not count; every statement that is left."""
    for block in ("body", "orelse", "finalbody", "handlers", "cases"):
        # The body of a lambda is one expression, not a list.
        if not isinstance(children := getattr(node, block, None), list):
            continue
        children[:] = [child for child in children if not _counts_for_nothing(child)]
        for child in children:
            if isinstance(child, ast.stmt):
                yield child
            yield from _stripped(child)


def _counts_for_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def drop_unit_tests(tree: ast.Module) -> None:
    """Take a module's unit tests out, and private functions that nothing else in it names.

    Modules take no private names of each other, so that such a function serves the tests alone.
    """
    tree.body = [node for node in tree.body if not _is_function(node, "test_")]
    while True:
        used = {name for node in tree.body for name in _names(node)}
        kept = [node for node in tree.body if not _is_function(node, "_") or node.name in used]
        if len(kept) == len(tree.body):
            return
        tree.body = kept


def _is_function(node: ast.AST, prefix: str) -> TypeGuard[ast.FunctionDef]:
    return (
        isinstance(node, ast.FunctionDef)
        and node.name.startswith(prefix)
        and not node.name.startswith("__")
        # A decorator may have handed it on.
        and (prefix == "test_" or not node.decorator_list)
    )


def _names(node: ast.AST) -> Iterator[str]:
    """What ``node`` refers to by name; a function's own name does not count within it."""
    itself = node.name if isinstance(node, ast.FunctionDef) else None
    for inner in ast.walk(node):
        name = inner.id if isinstance(inner, ast.Name) else None
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            # Annotations in quotes and `__all__`.
            name = inner.value
        if name is not None and name != itself:
            yield name


def test_only_what_runs_changes_the_digest(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        _module.cache_clear()
        (tmp_path / "one.py").write_text(text)
        return code_digest(["components.one"], tmp_path)

    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "two.py").write_text("X = 1\n")
    plain = digest("def f():\n    from components.two import X\n    return X\n")
    assert (
        digest(
            '"""Doc."""\n\ndef f():  # why\n    from components.two import X\n    return X\n'
            "\ndef test_f():\n    assert f()\n"
        )
        == plain
    )
    assert digest("def f():\n    from components.two import X\n    return -X\n") != plain
    (tmp_path / "two.py").write_text("X = 2\n")
    assert digest("def f():\n    from components.two import X\n    return X\n") != plain


def test_the_closure_leaves_out_what_cannot_change_a_product() -> None:
    names = closure(["components.transform.pick"])
    assert "components.families.model" in names and "components" in names
    assert not {"components.cli", "components.core.errors", "components.testing.library"} & {*names}
    assert "components.store.frame" not in names
    assert "components.store.frame" in closure(["components.store.pack"])


def test_helpers_of_tests_and_types_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "__init__.py").write_text("")
    (tmp_path / "types.py").write_text("")
    plain = "def f():\n    return _g()\n\ndef _g():\n    return 1\n"
    more = (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import components.types\n"
        f"{plain}def _twice(n):\n    return _once(n) + _twice(n)\n\ndef _once(n):\n    return n\n"
        "def test_f():\n    assert f() == _twice(1)\n"
    )
    digests = set()
    for text in (plain, more.partition("\n")[2]):
        _module.cache_clear()
        (tmp_path / "one.py").write_text(text)
        assert closure(["components.one"], tmp_path) == ["components.one"]
        digests.add(own_digest("components.one", tmp_path))
    assert len(digests) == 1


def test_no_module_that_counts_is_asked_for_a_private_name() -> None:
    from components.graph.graph import CODE

    counted = set(closure(module for modules in CODE.values() for module in modules))
    taken = {
        name
        for path in ROOT.rglob("*.py")
        for name in _imports(_stripped(ast.parse(path.read_bytes())))
        if name.rpartition(".")[0] in counted
        and name.rpartition(".")[2].startswith("_")
        and not name.endswith("__")
    }
    assert not taken


def test_what_was_read_is_remembered_by_content(tmp_path: Path) -> None:
    memory = tmp_path / "modules.json"
    closure(["components.core.files"])
    before = dict(_read)
    remember(memory)
    for damaged in (b"", b"[1]", b'{"a": 1}', b'{"a": [1, 2, 3]}'):
        other = tmp_path / "damaged.json"
        other.write_bytes(damaged)
        recall(other)
    recall(tmp_path / "none.json")
    assert _read == before
    _read.clear()
    recall(memory)
    assert _read.keys() == _asked and _read.items() <= before.items()
    _read.update(before)
    assert all(isinstance(module, Module) for module in _read.values())
