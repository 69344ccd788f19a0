"""Price tiers: what one piece costs when so many are bought.

A source gives them as JSON, ``[{"qFrom": 1, "qTo": 99, "price": 0.05}, …]``, as jlcparts writes
them. The currency is the source's own. ``zig/src/lookup/build/prices.zig`` reads the same texts by
the same rules.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

QUANTITY_MAX = 2**32 - 1
_NUMBER = r"(?:0|[1-9][0-9]{0,30})\.[0-9]{1,30}"
_REST = r',"qTo":(?:0|[1-9][0-9]{0,17}|null),"price":'
# Nearly every text: tiers as jlcparts writes them, one from the first piece on, the others not.
_FROM_ONE = re.compile(
    rf'\[\{{"qFrom":1{_REST}({_NUMBER})\}}'
    rf'(?:,\{{"qFrom":(?:[2-9]|[1-9][0-9]{{1,9}}){_REST}{_NUMBER}\}})*\]'
).fullmatch


class Tier(NamedTuple):
    """From ``quantity`` pieces on, one costs ``unit_price``."""

    quantity: int
    unit_price: float


def tiers(text: object) -> tuple[Tier, ...]:
    """The tiers of a price text, by rising quantity; empty where no price is known.

    A tier without a whole quantity from 1 on and a positive, finite price is left out: a price of
    nothing is an unknown one. Of two that begin at the same quantity the dearer holds.
    """
    return tuple(map(Tier._make, sorted(_prices(text).items())))


def price_of_one(text: object) -> float | None:
    """What a single piece costs by a price text: ``unit_price(tiers(text))``, without the tiers.

    >>> price_of_one('[{"qFrom": 10, "price": 0.4}, {"qFrom": 1, "price": 0.5}]')
    0.5
    """
    if isinstance(text, str) and (plain := _FROM_ONE(text)) and (price := float(plain[1])) > 0:
        return price
    found = _prices(text)
    return found[min(found)] if found else None


def _prices(text: object) -> dict[int, float]:
    """The price of one piece by the quantity from which it holds."""
    found: dict[int, float] = {}
    for entry in _entries(text):
        quantity, price = entry.get("qFrom"), entry.get("price")
        # Nearly all are of these types; a server reads thousands of texts a request.
        if type(quantity) is not int or type(price) is not float:
            quantity, price = _number(quantity), _number(price)
            if quantity is None or price is None or quantity != int(quantity):
                continue
            quantity = int(quantity)
        if 1 <= quantity <= QUANTITY_MAX and 0 < price < math.inf:
            before = found.get(quantity)
            found[quantity] = price if before is None or price > before else before
    return found


def unit_price(tiers: Sequence[Tier], quantity: int = 1) -> float | None:
    """The price of one piece when ``quantity`` are bought; None where none is known.

    Fewer than the first tier's quantity cost what that tier says.
    """
    price: float | None = None
    for tier in tiers:
        if price is not None and tier.quantity > quantity:
            break
        price = tier.unit_price
    return price


def _entries(text: object) -> list[dict[str, Any]]:
    if not isinstance(text, str | bytes):
        return []
    try:
        content = orjson.loads(text)
    except ValueError:
        return []
    return [entry for entry in content if isinstance(entry, dict)] if type(content) is list else []


def _number(value: object) -> float | None:
    if type(value) not in (int, float):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def test_a_price_holds_until_the_next_tier() -> None:
    text = '[{"qFrom":10,"price":0.4},{"qFrom":1,"qTo":9,"price":0.5},{"qFrom":100,"price":0.4}]'
    found = tiers(text)
    assert found == ((1, 0.5), (10, 0.4), (100, 0.4))
    prices = [unit_price(found, quantity) for quantity in (0, 1, 9, 10, 10**9)]
    assert prices == [0.5, 0.5, 0.5, 0.4, 0.4]
    assert price_of_one(text) == unit_price(found) == 0.5
    plain = '[{"qFrom":1,"qTo":9,"price":0.5},{"qFrom":10,"qTo":null,"price":0.4}]'
    twice = '[{"qFrom":1,"qTo":9,"price":0.5},{"qFrom":1,"qTo":9,"price":0.7}]'
    free = '[{"qFrom":1,"qTo":9,"price":0.0},{"qFrom":10,"qTo":null,"price":0.4}]'
    first = [
        price_of_one(text) for text in (plain, twice, free, plain[:-1], plain.replace("9", "09"))
    ]
    assert first == [0.5, 0.7, 0.4, None, None]
    assert first[:3] == [unit_price(tiers(text)) for text in (plain, twice, free)]
    for other in (
        '[{"qFrom": 20, "price": 1}]',
        '[{"qFrom": 1.0, "price": 1}, {"qFrom": 5, "price": 3}]',
    ):
        assert price_of_one(other) == unit_price(tiers(other)) == 1.0


def test_what_is_no_price_is_unknown() -> None:
    for text in (
        *(None, 7, "", "{", "[]", "{}", "[1]", '"x"', "[" * 10**5, '[{"qFrom": 1}]'),
        '[{"qFrom": 0, "price": 1}]',
        '[{"qFrom": 1, "price": 0}]',
        '[{"qFrom": 1, "price": -1}]',
        '[{"qFrom": 1, "price": "1"}]',
        '[{"qFrom": true, "price": 1}]',
        '[{"qFrom": 1.5, "price": 1}]',
        '[{"qFrom": 1, "price": 1e999}]',
        '[{"qFrom": 1, "price": NaN}]',
        f'[{{"qFrom": 1, "price": 1{"0" * 400}}}]',
        '[{"qFrom": 4294967296, "price": 1}]',
    ):
        assert unit_price(tiers(text)) is price_of_one(text) is None, text
    assert tiers('[{"qFrom": 1.0, "price": 1}, {"qFrom": 1, "price": 2}]') == ((1, 2.0),)
