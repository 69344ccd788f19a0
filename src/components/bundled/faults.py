"""Misbehaviour on request: which attempt at an address goes wrong, and how.

A fault depends on the seed, the address and the number of the attempt, so that a run can be
repeated, and a second try can succeed. At most :data:`STREAK_MAX` attempts at one address fail in
a row, so that a client with three retries gets everything that there is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping

from components.core.errors import ConfigError

STREAK_MAX = 2
HOPELESS = "hopeless"
"""Named, or with any other fault: some parts' datasheets lead nowhere, for good."""
_EVERY = frozenset(("jlc", "easyeda", "modules", "lcsc", "datasheets", "images"))
_FILES = _EVERY - {"jlc"}

# Each kind, and the services that show it where all kinds are asked for. What is for good occurs
# only when named: a wrong signature or route or a missing permission of JLC, a datasheet that was
# withdrawn; so does a refused cursor, after which a crawl begins anew.
KINDS: dict[str, frozenset[str]] = {
    "unauthorized": _FILES,
    "forbidden": _EVERY,
    "forbidden_message": _FILES,
    "throttled": _EVERY,
    "throttled_code": frozenset(("jlc",)),
    "throttled_retry_after": _EVERY,
    "server_error": _EVERY,
    "slow": _EVERY,
    "truncated": _EVERY,
    "wrong_length": _EVERY,
    "wrong_type": _EVERY,
    "repeated_last_key": frozenset(("jlc",)),
    "refused_key": frozenset(),
    "no_such_route": frozenset(),
    "reset": _EVERY,
    "html_for_pdf": frozenset(("datasheets",)),
    "redirect_home": frozenset(("datasheets",)),
    "withdrawn": frozenset(),
    "another_part": frozenset(("easyeda",)),
}


class Faults:
    """Decides and counts. ``rates`` are shares of attempts by kind; ``all`` is spread over all."""

    def __init__(self, rates: Mapping[str, float], seed: int = 1) -> None:
        self._seed = seed
        self._attempts: Counter[str] = Counter()
        self._streaks: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()
        self._ladders = {service: _ladder(rates, service) for service in sorted(_EVERY)}

    def decide(self, service: str, address: str) -> str | None:
        """The fault of this attempt at ``address``; None for good behaviour."""
        ladder = self._ladders[service]
        if not ladder:
            return None
        attempt = self._attempts[address] = self._attempts[address] + 1
        kind = self._drawn(ladder, f"{self._seed}\0{service}\0{address}\0{attempt}")
        if kind is None or self._streaks[address] >= STREAK_MAX:
            self._streaks[address] = 0
            return None
        self._streaks[address] += 1
        self.counts[f"{service}/{kind}"] += 1
        return kind

    @staticmethod
    def _drawn(ladder: list[tuple[float, str]], text: str) -> str | None:
        digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
        share = int.from_bytes(digest, "big") / 2**64
        return next((kind for limit, kind in ladder if share < limit), None)


def _ladder(rates: Mapping[str, float], service: str) -> list[tuple[float, str]]:
    """Kinds with the cumulated share below which each is drawn."""
    shares = dict.fromkeys(KINDS, 0.0)
    for name, rate in rates.items():
        if name == "all":
            shown = [kind for kind, services in KINDS.items() if service in services]
            for kind in shown:
                shares[kind] += rate / len(shown)
        else:
            wanted, _, kind = name.rpartition("/")
            if wanted in ("", service):
                shares[kind] += rate
    ladder, total = [], 0.0
    for kind in KINDS:
        if shares[kind] > 0:
            total += shares[kind]
            ladder.append((total, kind))
    return ladder


def parse_rates(words: Iterable[str]) -> dict[str, float]:
    """``all=0.2``, ``reset=0.05`` or, of one service, ``jlc/unauthorized=0.1``.

    Raises :class:`ConfigError` naming the word that is not of this form.
    """
    rates: dict[str, float] = {}
    for word in words:
        name, _, text = word.partition("=")
        service, _, kind = name.rpartition("/")
        known = name in ("all", HOPELESS) or (kind in KINDS and service in ("", *_EVERY))
        try:
            rate = float(text)
        except ValueError:
            rate = -1
        if not known or not 0 <= rate <= 1:
            kinds = ", ".join(KINDS)
            raise ConfigError(
                f"--faults {word}: must be all, hopeless or [SERVICE/]KIND, =0…1; {kinds}"
            )
        rates[name] = rate
    return rates


def test_faults_come_at_their_rate_and_again_the_same() -> None:
    def run() -> list[str | None]:
        faults = Faults({"all": 0.2}, seed=3)
        return [faults.decide("easyeda", f"/C{part}") for part in range(5000)]

    first = run()
    assert first == run()
    share = sum(kind is not None for kind in first) / 5000
    assert 0.18 < share < 0.22
    shown = {kind for kind, services in KINDS.items() if "easyeda" in services}
    assert set(first) - {None} == shown


def test_a_third_attempt_succeeds_always() -> None:
    faults = Faults({"reset": 1.0})
    assert [faults.decide("lcsc", "/x") for _ in range(4)] == ["reset", "reset", None, "reset"]


def test_a_fault_can_be_asked_of_one_service() -> None:
    faults = Faults(parse_rates(["jlc/unauthorized=1"]))
    assert faults.decide("jlc", "/x") == "unauthorized"
    assert faults.decide("lcsc", "/x") is None
    assert faults.counts == {"jlc/unauthorized": 1}


def test_a_wrong_word_is_named() -> None:
    import pytest

    for word in ("al=0.2", "all=2", "all", "moon/reset=0.1", "reset=nan"):
        with pytest.raises(ConfigError, match="must be all, hopeless or"):
            parse_rates([word])
