"""JLC's request signature (UPSTREAMS: JLC OpenAPI): HMAC-SHA256 over the exact bytes sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from components.config.upstream import CREDENTIALS
from components.core.errors import ConfigError

NONCE_LENGTH = 32


def signature(
    secret: str, method: str, target: str, timestamp: int, nonce: str, body: bytes
) -> str:
    """Base64 of the HMAC; ``target`` is the path with its query, ``timestamp`` in Unix seconds."""
    text = f"{method}\n{target}\n{timestamp}\n{nonce}\n".encode() + body + b"\n"
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


@dataclass(frozen=True)
class Signer:
    """Signs requests for one account. Its credentials are in no representation of it."""

    app_id: str = field(repr=False)
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    now_s: Callable[[], float] = field(default=time.time, repr=False)

    def __call__(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """The Authorization header of one attempt, with a time and a nonce of its own."""
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        timestamp = int(self.now_s())
        nonce = secrets.token_hex(NONCE_LENGTH // 2)
        signed = signature(self.secret_key, method, target, timestamp, nonce, body)
        return {
            "Authorization": f'JOP appid="{self.app_id}",accesskey="{self.access_key}",'
            f'timestamp="{timestamp}",nonce="{nonce}",signature="{signed}"'
        }


def signer(kind: str, environment: Mapping[str, str] | None = None) -> Signer:
    """The account of the ``live`` services, from the environment, or of the bundled upstream.

    Raises :class:`ConfigError` naming the variables that are not set.
    """
    if kind == "bundled":
        from components.bundled.signature import DEMO

        return Signer(DEMO.app_id, DEMO.access_key, DEMO.secret_key)
    environment = os.environ if environment is None else environment
    values = {name: environment.get(name, "").strip() for name in CREDENTIALS}
    if absent := [name for name, value in values.items() if not value]:
        raise ConfigError(f"{', '.join(absent)}: not set; JLC's API needs an account's credentials")
    if broken := [
        name for name, value in values.items() if '"' in value or not value.isprintable()
    ]:
        raise ConfigError(f"{', '.join(broken)}: not a credential: holds a quote or a control sign")
    app_id, access_key, secret_key = values.values()
    return Signer(app_id, access_key, secret_key)


def test_a_fixed_vector() -> None:
    """Made apart, with OpenSSL: ``printf … | openssl dgst -sha256 -hmac KEY -binary | base64``."""
    signed = signature(
        "k3y-of-a-test",
        "POST",
        "/overseas/openapi/component/getComponentInfos",
        1_700_000_000,
        "0123456789abcdef0123456789abcdef",
        b'{"lastKey":"abc"}',
    )
    assert signed == "1kfE0Z313uUt+QZTsHLQOfwhNSV32eArE9STmklIgXI="


def test_each_attempt_is_signed_anew() -> None:
    import re

    account = Signer("app", "access", "secret", now_s=lambda: 1_700_000_000.9)
    headers = [account("POST", "https://h/a/b?c=d", b"{}")["Authorization"] for _ in range(2)]
    assert headers[0] != headers[1]
    fields = dict(re.findall(r'(\w+)="([^"]*)"', headers[0]))
    assert headers[0].startswith("JOP appid=") and fields["timestamp"] == "1700000000"
    assert len(fields["nonce"]) == 32
    again = signature("secret", "POST", "/a/b?c=d", 1_700_000_000, fields["nonce"], b"{}")
    assert fields["signature"] == again
    assert "secret" not in repr(account) and "access" not in repr(account)


def test_missing_credentials_are_named() -> None:
    import pytest

    with pytest.raises(ConfigError, match="JLC_ACCESS_KEY, JLC_SECRET_KEY: not set"):
        signer("live", {"JLC_APP_ID": "a"})
    with pytest.raises(ConfigError, match="JLC_SECRET_KEY") as caught:
        signer("live", {"JLC_APP_ID": "a", "JLC_ACCESS_KEY": "b", "JLC_SECRET_KEY": 'hush"'})
    assert "hush" not in str(caught.value)
