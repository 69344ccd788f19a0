"""API keys: the configuration holds their SHA-256, requests the key itself."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from components.serve.http.asgi import Refusal, Scope


class Keys:
    """The keys that may ask; where there is none, everybody may."""

    def __init__(self, sha256: Iterable[str]) -> None:
        self._digests = [bytes.fromhex(digest) for digest in sha256]

    def __bool__(self) -> bool:
        return bool(self._digests)

    def check(self, scope: Scope) -> None:
        """Raise :class:`Refusal` (401) unless the request carries a known key.

        The key is hashed and compared with every digest in constant time, so that the time taken
        tells nothing about any of them.
        """
        if not self._digests:
            return
        given = hashlib.sha256(_key(scope)).digest()
        known = False
        for digest in self._digests:
            known |= hmac.compare_digest(given, digest)
        if not known:
            raise Refusal(
                401,
                "X-API-Key: missing or unknown; send a key that serve.api_key_sha256 lists",
                (b"www-authenticate", b"Bearer"),
            )


def _key(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-api-key":
            return bytes(value)
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return bytes(value[7:].strip())
    return b""


def test_only_a_listed_key_gets_through() -> None:
    import pytest

    keys = Keys(hashlib.sha256(key).hexdigest() for key in (b"first", b"second"))

    def ask(*headers: tuple[bytes, bytes]) -> None:
        keys.check({"headers": list(headers)})

    ask((b"x-api-key", b"first"))
    ask((b"host", b"x"), (b"authorization", b"bearer second"))
    for wrong in ((b"x-api-key", b"third"), (b"x-api-key", b""), (b"authorization", b"Basic x")):
        with pytest.raises(Refusal, match="X-API-Key") as caught:
            ask(wrong)
        assert caught.value.status == 401
    Keys([]).check({"headers": []})
