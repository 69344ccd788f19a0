"""The S-expressions of KiCad's files: strings quoted for them, and a reader of any of them."""

from __future__ import annotations

import re
from typing import Any

from components.core.errors import CadError

# A list's first entry is its name; the others are lists, quoted strings and words.
Node = list[Any]

_TOKEN = re.compile(r'\s+|([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
DEPTH_MAX = 100


def quoted(text: str) -> str:
    """A string as KiCad's files hold it.

    >>> print(quoted('a "b" \\\\ c'))
    "a \\"b\\" \\\\ c"
    """
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "").replace("\t", "\\t") + '"'


def parse(text: str) -> Node:
    """The one list of a file; raises :class:`CadError` for text that is cut or damaged."""
    stack: list[Node] = [[]]
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise CadError(f"the file is damaged at character {position}")
        position = match.end()
        bracket, string, word = match.groups()
        if bracket == "(":
            if len(stack) > DEPTH_MAX:
                raise CadError("the file is nested too deeply")
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif bracket == ")":
            if len(stack) == 1:
                raise CadError("the file has a bracket too many")
            stack.pop()
        elif string is not None:
            stack[-1].append(_ESCAPE.sub(lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), string))
        elif word is not None:
            stack[-1].append(word)
    if len(stack) != 1 or len(stack[0]) != 1 or not isinstance(stack[0][0], list):
        raise CadError("the file is cut short")
    return stack[0][0]


def children(node: Node, name: str) -> list[Node]:
    """The lists within ``node`` that begin with ``name``."""
    return [child for child in node if isinstance(child, list) and child and child[0] == name]


def test_strings_come_back_as_they_were() -> None:
    assert parse(r'(a "b \"c\" \\ (d)" e)') == ["a", 'b "c" \\ (d)', "e"]
