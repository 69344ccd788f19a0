"""How many bytes may wait to be taken by clients, in all and of one client."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from components.serve.http.asgi import Refusal, Scope


class Budget:
    """``max_bytes`` for all clients; one client gets half at most, so that it shuts nobody out."""

    def __init__(self, max_bytes: int, what: str) -> None:
        self.max_bytes = max_bytes
        self.held_bytes = 0
        self._what = what
        self._by_client: Counter[str] = Counter()

    def take(self, client: str, size_bytes: int) -> None:
        """Raise :class:`Refusal` (429) where it is not there; :meth:`give_back` ends it."""
        own_bytes = self._by_client[client] + size_bytes
        # What is alone may be larger than the share, or nobody would ever get it.
        alone = own_bytes == size_bytes
        if self.held_bytes + size_bytes > self.max_bytes or (
            own_bytes > self.max_bytes // 2 and not alone
        ):
            raise Refusal(
                429,
                f"server: too many bytes of {self._what} wait to be taken; read them, try again",
                (b"retry-after", b"1"),
            )
        self.held_bytes += size_bytes
        self._by_client[client] = own_bytes

    def give_back(self, client: str, size_bytes: int) -> None:
        self.held_bytes -= size_bytes
        self._by_client[client] -= size_bytes
        if not self._by_client[client]:
            del self._by_client[client]

    @contextmanager
    def held(self, scope: Scope, size_bytes: int) -> Iterator[None]:
        """``size_bytes`` while the block runs. Raises :class:`Refusal` (429)."""
        client = client_of(scope)
        self.take(client, size_bytes)
        try:
            yield
        finally:
            self.give_back(client, size_bytes)


def client_of(scope: Scope) -> str:
    """Whom limits count: an address; of IPv6 the network, for one host has all of that.

    >>> client_of({"client": ("2001:db8:1:2:3:4:5:6", 1)})
    '2001:db8:1:2'
    >>> client_of({"client": ("127.0.0.1", 1)})
    '127.0.0.1'
    """
    client = scope.get("client")
    return client_of_address(client[0] if client else "")


def client_of_address(address: str) -> str:
    if ":" not in address:
        return address
    if address.startswith("::ffff:") and "." in address:
        return address[7:]
    return ":".join(address.split("%")[0].split("::")[0].split(":")[:4])


def test_one_client_leaves_half_to_the_others_and_all_comes_back() -> None:
    import pytest

    budget = Budget(100, "replies")
    a, b = ({"client": (address, 1)} for address in ("10.0.0.1", "10.0.0.2"))
    with budget.held(a, 30):
        with pytest.raises(Refusal, match="replies wait") as caught, budget.held(a, 30):
            pass
        assert caught.value.status == 429
        with budget.held(b, 70), pytest.raises(Refusal), budget.held(b, 1):
            pass
        with budget.held(b, 70):
            assert budget.held_bytes == 100
    assert budget.held_bytes == 0
    with budget.held(a, 100), pytest.raises(Refusal), budget.held(b, 1):
        pass
