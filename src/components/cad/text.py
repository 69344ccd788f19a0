"""Text from strangers, before it is written into files."""

from __future__ import annotations


def printable(text: str) -> str:
    """``text`` with blanks for control characters, and ``?`` for what UTF-8 cannot hold.

    >>> printable("a\\tb\\ud800\\u3000µ")
    'a b? µ'
    """
    if text.isprintable():
        return text
    text = text.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else " " for char in text)
