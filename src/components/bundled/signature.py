"""JLC's signature (UPSTREAMS: JLC OpenAPI), and the bundled upstream's own credentials.

``Authorization: JOP appid="…",accesskey="…",timestamp="…",nonce="…",signature="…"``, where the
signature is Base64(HMAC-SHA256(secret, METHOD, PATH?QUERY, TIMESTAMP, NONCE, BODY)), with a newline
after each.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import NamedTuple


class Credentials(NamedTuple):
    """What an account has; those of the bundled upstream are no secret."""

    app_id: str
    access_key: str
    secret_key: str


DEMO = Credentials("bundled-app", "bundled-access-key", "bundled-secret-key-for-loopback-only")
CLOCK_SKEW_S = 300
NONCE_LENGTH = 32

_FIELDS = re.compile(r'(\w+)="([^"]*)"')
_WANTED = {"appid", "accesskey", "timestamp", "nonce", "signature"}


def sign(secret: str, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature of one request; ``target`` is the path with its query."""
    text = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


class Verifier:
    """Checks requests as strictly as the service; a nonce serves once."""

    def __init__(self, credentials: Credentials = DEMO) -> None:
        self._credentials = credentials
        self._nonces: set[str] = set()

    def complaint(
        self, method: str, target: str, authorization: str, body: bytes, now_s: float
    ) -> str | None:
        """Why the request is refused; None for a good one."""
        scheme, _, rest = authorization.partition(" ")
        pairs = _FIELDS.findall(rest)
        fields = dict(pairs)
        if scheme != "JOP" or set(fields) != _WANTED or len(pairs) != len(_WANTED):
            return "Authorization must be JOP with appid, accesskey, timestamp, nonce, signature"
        known = self._credentials
        if (fields["appid"], fields["accesskey"]) != (known.app_id, known.access_key):
            return "unknown appid or accesskey"
        timestamp, nonce = fields["timestamp"], fields["nonce"]
        if not timestamp.isdecimal() or abs(int(timestamp) - now_s) > CLOCK_SKEW_S:
            return "timestamp is not in Unix seconds or too far from now"
        if len(nonce) != NONCE_LENGTH or not nonce.isalnum():
            return "nonce must have 32 letters and digits"
        expected = sign(known.secret_key, method, target, timestamp, nonce, body)
        if not hmac.compare_digest(expected, fields["signature"]):
            return "signature does not match"
        if nonce in self._nonces:
            return "nonce was used before"
        self._nonces.add(nonce)
        return None


def authorization(credentials: Credentials, signature: str, timestamp: str, nonce: str) -> str:
    """The header's value."""
    return (
        f'JOP appid="{credentials.app_id}",accesskey="{credentials.access_key}",'
        f'timestamp="{timestamp}",nonce="{nonce}",signature="{signature}"'
    )


def test_a_fixed_vector() -> None:
    """Computed apart with OpenSSL: ``openssl dgst -sha256 -hmac secret -binary | base64``."""
    signature = sign("secret", "POST", "/a/b?c=d", "1700000000", "n" * 32, b'{"lastKey":"7"}')
    assert signature == "nZO7EbFchXUGQ9Y8an8gnYtFFKPl0e2hfymDLoCTqJ8="


def test_only_a_signed_request_passes_and_only_once() -> None:
    now = 1_700_000_000
    nonce = "0123456789abcdef" * 2

    def header(**changes: str) -> str:
        fields = {"timestamp": str(now), "nonce": nonce, "secret": DEMO.secret_key} | changes
        signature = sign(
            fields["secret"], "POST", "/x", fields["timestamp"], fields["nonce"], b"{}"
        )
        return authorization(DEMO, signature, fields["timestamp"], fields["nonce"])

    verifier = Verifier()
    good = header()
    wrong = {
        "unknown": good.replace("bundled-app", "other"),
        "signature": header(secret="guess"),
        "timestamp": header(timestamp=str(now - 301)),
        "nonce must": header(nonce="short"),
        "Authorization": good.replace("JOP", "Bearer"),
    }
    for reason, value in wrong.items():
        assert reason in (verifier.complaint("POST", "/x", value, b"{}", now) or ""), reason
    assert "signature" in (verifier.complaint("POST", "/x", good, b"{ }", now) or "")
    assert "signature" in (verifier.complaint("GET", "/x", good, b"{}", now) or "")
    assert verifier.complaint("POST", "/x", good, b"{}", now) is None
    assert verifier.complaint("POST", "/x", good, b"{}", now) == "nonce was used before"
