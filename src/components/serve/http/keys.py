"""API keys: the configuration holds their SHA-256, requests the key itself.

Programs send it as they can: ``X-API-Key: KEY``, ``Authorization: Bearer KEY``,
``Authorization: Token KEY`` (KiCad), or before the path, ``/key/KEY/v0/query``, where a program
lets one set an address and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote, unquote_to_bytes

from components.serve.http.asgi import Refusal, Scope

PREFIX = "/key/"
_SCHEMES = (b"bearer ", b"token ")
# Where a key that stood before the path is kept: no log writes it, and no reply repeats it.
_IN_SCOPE = "key"


class Keys:
    """The keys that may ask; where there is none, everybody may."""

    def __init__(self, sha256: Iterable[str]) -> None:
        self._digests = [bytes.fromhex(digest) for digest in sha256]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def check(self, scope: Scope) -> None:
        """Raise :class:`Refusal` (401) unless the request carries a known key.

        Any of several will do: some programs always send a header of their own, such as
        ``Bearer None``. A key is hashed and compared with every digest in constant time, so that
        the time taken tells nothing about any of them.
        """
        if not self._digests:
            return
        known = False
        for key in _keys(scope):
            given = hashlib.sha256(key).digest()
            for digest in self._digests:
                known |= hmac.compare_digest(given, digest)
        if not known:
            raise Refusal(
                401,
                "X-API-Key: missing or unknown; send a key that serve.api_key_sha256 lists",
                (b"www-authenticate", b"Bearer"),
            )


def without_key(scope: Scope) -> Scope:
    """The request as it would be without a key before its path; the key is kept for the check."""
    if not scope["path"].startswith(PREFIX):
        return scope
    raw = scope.get("raw_path") or quote(scope["path"]).encode("ascii")
    _, _, key, rest = (*raw.split(b"/", 3), b"")[:4]
    path = unquote(rest.decode("ascii", "replace"))
    return {
        **scope,
        "path": "/" + path,
        "raw_path": b"/" + rest,
        _IN_SCOPE: unquote_to_bytes(key),
    }


def without_path(scope: Scope) -> Scope:
    """The request as a log may write it whose key before the path is not known.

    Who mistyped it, or wrote a slash in it, has a piece of it in what is left of the path.
    """
    return {**scope, "path": PREFIX} if _IN_SCOPE in scope else scope


def _keys(scope: Scope) -> Iterator[bytes]:
    if _IN_SCOPE in scope:
        yield scope[_IN_SCOPE]
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            yield bytes(value)
        elif name == b"authorization":
            for scheme in _SCHEMES:
                if value[: len(scheme)].lower() == scheme:
                    yield bytes(value[len(scheme) :].strip())


def test_only_a_listed_key_gets_through() -> None:
    import pytest

    keys = Keys(hashlib.sha256(key).hexdigest() for key in (b"first", b"second"))

    def ask(*headers: tuple[bytes, bytes], path: str = "/x") -> None:
        keys.check(without_key({"headers": list(headers), "path": path}))

    ask((b"x-api-key", b"first"))
    ask((b"host", b"x"), (b"authorization", b"bearer second"))
    ask((b"authorization", b"Token first"))
    ask((b"authorization", b"Bearer None"), path="/key/first/x")
    ask((b"authorization", b"Bearer None"), (b"x-api-key", b"second"))
    for wrong in ((b"x-api-key", b"third"), (b"x-api-key", b""), (b"authorization", b"Basic x")):
        with pytest.raises(Refusal, match="X-API-Key") as caught:
            ask(wrong, path="/key/fourth/x")
        assert caught.value.status == 401
    Keys([]).check({"headers": []})


def test_a_key_before_the_path_leaves_it_as_it_was() -> None:
    for raw, key, path, rest in (
        (b"/key/s%2Fe%20cret/v1/a%2Fb", b"s/e cret", "/v1/a/b", b"/v1/a%2Fb"),
        (b"/key/k/", b"k", "/", b"/"),
        (b"/key/k", b"k", "/", b"/"),
        (b"/key/", b"", "/", b"/"),
        (b"/key/k//x", b"k", "//x", b"//x"),
    ):
        scope = without_key({"path": unquote(raw.decode()), "raw_path": raw, "headers": []})
        assert (scope["key"], scope["path"], scope["raw_path"]) == (key, path, rest)
    plain: Scope = {"path": "/keys/x", "headers": []}
    assert without_key(plain) is plain
