"""Digests of our own code, so that a rule reruns when, and only when, what it runs has changed.

Snakemake sees the text of a shell command, never the modules behind it. A rule therefore carries
the digest of its modules, and of all that they import from this package, in its ``params``.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable
from pathlib import Path

PACKAGE = "components"
ROOT = Path(__file__).resolve().parents[1]


def code_digest(modules: Iterable[str], root: Path = ROOT) -> str:
    """16 hex of everything that running ``modules`` can execute of this package.

    Docstrings, comments, layout and unit tests do not count: changing them rebuilds nothing.
    """
    digest = hashlib.sha256()
    for name in closure(modules, root):
        digest.update(f"{name}\0{_meaning(_file(name, root))}\0".encode())
    return digest.hexdigest()[:16]


def own_digest(name: str, root: Path = ROOT) -> str:
    """16 hex of one module alone."""
    return hashlib.sha256(_meaning(_file(name, root)).encode()).hexdigest()[:16]


def closure(modules: Iterable[str], root: Path = ROOT) -> list[str]:
    """``modules`` and what they import of this package, directly or not, sorted by name."""
    found: set[str] = set()
    waiting = set(modules)
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= set(_imports(name, root)) - found
    return sorted(found)


def _imports(name: str, root: Path) -> list[str]:
    wanted: set[str] = set()
    for node in ast.walk(_stripped(_file(name, root))):
        if isinstance(node, ast.Import):
            wanted |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            wanted.add(node.module)
            wanted |= {f"{node.module}.{alias.name}" for alias in node.names}
    inside = {module for module in wanted if module.split(".")[0] == PACKAGE}
    # `import a.b.c` runs `a` and `a.b` too.
    parents = {".".join(m.split(".")[:n]) for m in inside for n in range(1, m.count(".") + 1)}
    return [module for module in inside | parents if _exists(module, root)]


def _path(name: str, root: Path) -> Path:
    return root.joinpath(*name.split(".")[1:])


def _exists(name: str, root: Path) -> bool:
    path = _path(name, root)
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()


def _file(name: str, root: Path) -> Path:
    path = _path(name, root)
    # A folder of data may stand beside a module of the same name.
    package = path / "__init__.py"
    return package if package.is_file() else path.with_suffix(".py")


@functools.cache
def _meaning(file: Path) -> str:
    return ast.dump(_stripped(file))


@functools.cache
def _stripped(file: Path) -> ast.Module:
    tree = ast.parse(file.read_bytes(), str(file))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [child for child in node.body if not _counts_for_nothing(child)]
    return tree


def _counts_for_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name.startswith("test_")
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def test_only_what_runs_changes_the_digest(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        _meaning.cache_clear()
        _stripped.cache_clear()
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
    names = closure(["components.shared.config"])
    assert "components.shared.errors" in names
    assert "components" in names
    assert "components.cli" not in names
