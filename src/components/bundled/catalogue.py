"""The generated catalogue: the same parts on every machine, any number of them.

The first parts are hand-written (:mod:`components.bundled.awkward`); the rest follow recipes, one
for each family and several for parts outside the families. Part numbers lie in a range that the
real catalogue does not use, with gaps; a larger catalogue begins with all parts of a smaller one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from components.bundled import outside, passives, semiconductors, specimens
from components.bundled.awkward import drafts
from components.bundled.draw import Draw
from components.bundled.part import Datasheet, Draft, Models, Part, Price

T = TypeVar("T")
DEFAULT_PARTS = 900
SPECIMENS_FROM, SPELLED_FROM = 560, 640
"""Places of the first part that stands for a family without a recipe, and that spells texts."""
FIRST_LCSC = 80_000_005
LCSC_STEP = 7

_MAKERS = (
    "Fieldfare Components",
    "Siskin Semiconductor",
    "Redpoll(红雀)",
    "Dunlin Passive Co., Ltd.",
    "Turnstone & Sons",
)
_RECIPES: tuple[Callable[[Draw], Draft], ...] = (
    passives.resistor,
    passives.capacitor,
    semiconductors.diode,
    passives.polarized,
    passives.inductor,
    semiconductors.mosfet,
    passives.resistor,
    semiconductors.led,
    semiconductors.bjt,
    passives.crystal,
    passives.ferrite_bead,
    semiconductors.ldo,
    passives.capacitor,
    *outside.RECIPES,
)
_DATASHEETS: tuple[tuple[Datasheet, int], ...] = (
    ("direct", 40),
    ("octet", 20),
    ("wrapped", 20),
    ("redirected", 12),
    ("none", 4),
    ("expired", 2),
    ("gone", 1),
    ("bare", 1),
)
_MODELS: tuple[tuple[Models, int], ...] = (
    ("both", 90),
    ("obj-only", 4),
    ("step-only", 3),
    ("none", 2),
    ("no-cad", 1),
)
_HOSTILE = (
    "http://127.0.0.1:9/datasheet.pdf",
    "file:///etc/hostname",
    "http://169.254.169.254/latest/meta-data/",
    "http://datasheets.upstream.test:22/../../x.pdf",
)


@lru_cache(maxsize=4)
def parts(count: int = DEFAULT_PARTS, seed: int = 1) -> tuple[Part, ...]:
    """``count`` parts by ascending number. ``seed`` changes all but the hand-written ones' texts.

    Raises ValueError where ``count`` is too small to hold the hand-written parts.
    """
    written = list(drafts())
    if count < len(written) + len(_RECIPES):
        raise ValueError(f"a catalogue needs at least {len(written) + len(_RECIPES)} parts")
    shown = dict(enumerate(specimens.drafts(), SPECIMENS_FROM))
    shown |= enumerate(specimens.spelled(), SPELLED_FROM)
    made: list[Part] = []
    for index in range(count):
        draw = Draw("part", seed, index)
        if index < len(written):
            draft = written[index]
        elif index in shown:
            draft = shown[index]
        else:
            draft = _RECIPES[(index - len(written)) % len(_RECIPES)](draw)
        made.append(_part(index, draft, draw))
    return tuple(made)


def calmed(made: Sequence[Part]) -> tuple[Part, ...]:
    """The parts without datasheet addresses that lead nowhere, or away from where they should.

    >>> {part.datasheet_kind for part in calmed(parts())} & {"bare", "hostile", "expired"}
    set()
    """
    return tuple(
        replace(part, datasheet_kind="none", datasheet="")
        if part.datasheet_kind in ("bare", "hostile", "expired")
        else part
        for part in made
    )


def _part(index: int, draft: Draft, draw: Draw) -> Part:
    lcsc = FIRST_LCSC + LCSC_STEP * index
    mfr = f"{draft.stem}{index:05d}{draw.pick(('', '-T', '/R', ' A', '#TR'))}"
    manufacturer = draft.manufacturer and draw.pick(_MAKERS)
    if manufacturer and draw.chance(0.01):
        manufacturer = None
    basic = draw.chance(0.08)
    drawn_kind, drawn_models = _weighted(draw, _DATASHEETS), _weighted(draw, _MODELS)
    kind: Datasheet = draft.datasheet or drawn_kind
    models: Models = draft.models or drawn_models
    stock = draft.stock
    if stock is None:
        stock = 0 if draw.chance(0.06) else int(draw.value((1, 1.7, 2.9, 4.3, 8.1), 1, 6))
    description = draft.description
    if description is None:
        description = f"{draft.title} {draft.package} {draft.subcategory} ROHS".strip()
    return Part(
        lcsc=lcsc,
        category=draft.category,
        subcategory=draft.subcategory,
        mfr=mfr,
        manufacturer=manufacturer,
        package=draft.package,
        joints=draft.joints,
        is_basic=basic,
        is_preferred=not basic and draw.chance(0.05),
        description=description,
        attributes=draft.attributes,
        stock=stock,
        prices=_prices(draft.base_usd, draw),
        outline=draft.outline,
        models=models,
        datasheet_kind=kind,
        datasheet=_address(lcsc, kind, draw),
        images=_images(lcsc, mfr, draw) if draft.has_images else (),
    )


def _prices(base_usd: float, draw: Draw) -> tuple[Price, ...]:
    base = base_usd * (0.7 + draw.below(60) / 100)
    steps = (1, 50, 500, 5000)[: 2 + draw.below(3)]
    ends = [*(start - 1 for start in steps[1:]), -1]
    return tuple(
        Price(start, end, round(base * 0.8**row, 6))
        for row, (start, end) in enumerate(zip(steps, ends, strict=True))
    )


def _address(lcsc: int, kind: Datasheet, draw: Draw) -> str:
    host = "http://datasheets.upstream.test"
    if kind == "none":
        return draw.pick(("", "-", "", "null"))
    if kind == "hostile":
        return _HOSTILE[(lcsc // LCSC_STEP) % len(_HOSTILE)]
    return {
        "direct": f"{host}/pdf/C{lcsc}.pdf",
        "octet": f"{host}/api/file/downloadByFileSystemAccessId/85{lcsc}00",
        "wrapped": f"{host}/datasheet/C{lcsc}.html",
        "redirected": f"{host}/go/C{lcsc}.pdf?hops=2",
        "expired": f"{host}/expired/C{lcsc}.pdf",
        "gone": f"{host}/gone/C{lcsc}.pdf",
        "bare": f"{host}/bare/C{lcsc}.html",
    }[kind]


def _images(lcsc: int, mfr: str, draw: Draw) -> tuple[dict[str, str], ...]:
    if draw.chance(0.1):
        return ()
    suffix = draw.pick(("jpg", "png"))
    name = "".join(letter if letter.isalnum() else "-" for letter in mfr)
    return tuple(
        {
            size: f"http://images.upstream.test/images/{size}/{name}_C{lcsc}_{side}.{suffix}"
            for size in ("96x96", "224x224", "900x900")
        }
        for side in ("front", "back")[: 1 + draw.below(2)]
    )


def _weighted(draw: Draw, options: tuple[tuple[T, int], ...]) -> T:
    ball = draw.below(sum(weight for _, weight in options))
    for option, weight in options:
        ball -= weight
        if ball < 0:
            return option
    raise ValueError("options without weight")


def test_the_catalogue_is_the_same_every_time_and_grows_at_its_end() -> None:
    import hashlib

    small = parts()
    assert len(small) == DEFAULT_PARTS
    assert parts(1200)[:DEFAULT_PARTS] == small
    assert [part.lcsc for part in small] == sorted({part.lcsc for part in small})
    parts.cache_clear()
    digest = hashlib.sha256(repr(parts()).encode()).hexdigest()
    assert digest == hashlib.sha256(repr(small).encode()).hexdigest()
    assert parts(seed=2) != small


def test_the_catalogue_holds_what_a_real_one_holds() -> None:
    made = parts()
    assert {part.datasheet_kind for part in made} == {
        "direct", "octet", "wrapped", "redirected", "expired", "gone", "bare", "none", "hostile"
    }  # fmt: skip
    assert {part.models for part in made} == {"both", "obj-only", "step-only", "none", "no-cad"}
    assert any(part.manufacturer is None for part in made)
    assert any(part.stock == 0 for part in made)
    assert {"", "-"} <= {part.package for part in made}
    assert any(len(dict(part.attributes)) < len(part.attributes) for part in made)
    assert {part.category for part in made} >= {"Connectors", "Hardware/Fasteners", "Logic ICs"}
    assert sum(part.is_basic for part in made) > 20 and any(part.is_preferred for part in made)
    for part in made:
        starts = [price.start for price in part.prices]
        assert starts[0] == 1 and starts == sorted(starts) and part.prices[-1].end == -1
