"""Digests of our own code, so that a rule reruns when, and only when, what it runs has changed.

Snakemake sees the text of a shell command, never the modules behind it. A rule therefore carries
the digest of its modules, and of all that they import from this package, in its ``params``.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import orjson

from components.core.files import write_if_changed

PACKAGE = "components"
ROOT = Path(__file__).resolve().parents[1]


class Module(NamedTuple):
    """What of a module's text counts."""

    digest: str
    """SHA-256 of its code in hexadecimal."""
    imports: tuple[str, ...]
    """The names that it imports of this package, sorted; some are no modules."""


# By the digest of a module's text and the version of Python, which reads it.
_read: dict[str, Module] = {}
_asked: set[str] = set()


def code_digest(modules: Iterable[str], root: Path = ROOT) -> str:
    """16 hex of everything that running ``modules`` can execute of this package.

    Docstrings, comments, layout and unit tests do not count: changing them rebuilds nothing.
    """
    digest = hashlib.sha256()
    for name in closure(modules, root):
        digest.update(f"{name}\0{_module(name, root).digest}\0".encode())
    return digest.hexdigest()[:16]


def own_digest(name: str, root: Path = ROOT) -> str:
    """16 hex of one module alone."""
    return _module(name, root).digest[:16]


def closure(modules: Iterable[str], root: Path = ROOT) -> list[str]:
    """``modules`` and what they import of this package, directly or not, sorted by name."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= {other for other in _module(name, root).imports if _exists(other, root)} - found
    return sorted(found)


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
        imports = _imports(_stripped(tree))
        digest = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
        _read[key] = Module(digest, tuple(sorted(imports)))
    return _read[key]


def _key(text: bytes) -> str:
    return hashlib.sha256(f"{sys.version}\0".encode() + text).hexdigest()


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
        # Of a lambda, an expression.
        if not isinstance(children := getattr(node, block, None), list):
            continue
        children[:] = [child for child in children if not _counts_for_nothing(child)]
        for child in children:
            if isinstance(child, ast.stmt):
                yield child
            yield from _stripped(child)


def _counts_for_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name.startswith("test_")
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


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


def test_the_closure_follows_imports_inside_functions() -> None:
    names = closure(["components.config.load"])
    assert "components.core.errors" in names
    assert "components" in names
    assert "components.cli" not in names


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
