"""Several transistors in one package: how many, and how they are connected."""

from __future__ import annotations

from collections.abc import Callable

from components.families.model import Part, Value

ALONE = frozenset({"STANDALONE", "SINGLE", None})


def settle_pair(type_column: str) -> Callable[[dict[str, Value], Part], str | None]:
    """Settle ``element_count`` and ``configuration`` of transistors whose type is ``type_column``.

    A package of both types is complementary. Where no text names a number, a type in the singular
    is one device, unless its configuration needs several.
    """

    def settle(values: dict[str, Value], part: Part) -> str | None:
        kind, connected = values[type_column], values["configuration"]
        if isinstance(kind, str) and "+" in kind:
            values["configuration"] = "COMPLEMENTARY" if connected in ALONE else connected
            if values["element_count"] == 1.0:
                values["element_count"] = None
        elif "element_count" in part.contradicted:
            return None
        elif values["element_count"] is None and kind is not None and connected in ALONE:
            values["element_count"] = None if names_several(part) else 1.0
        elif values["element_count"] == 1.0 and (connected not in ALONE or names_several(part)):
            values["element_count"] = None
        return None

    return settle


def names_several(part: Part) -> bool:
    """Whether any text of a part says that its package holds more than one."""
    text = "\n".join((part.description, *part.attributes.values())).casefold()
    return "dual " in text or "(dual" in text or "pair" in text


def test_both_types_are_complementary_and_one_type_is_one_device() -> None:
    settle = settle_pair("channel_type")
    part = Part({}, "", "", "")
    for kind, count, connected, settled in (
        ("N_CHANNEL", None, None, (1.0, None)),
        ("N_CHANNEL", None, "HALF_BRIDGE", (None, "HALF_BRIDGE")),
        ("N_CHANNEL", 1.0, "HALF_BRIDGE", (None, "HALF_BRIDGE")),
        ("N_CHANNEL", 2.0, None, (2.0, None)),
        ("N_CHANNEL+P_CHANNEL", 2.0, None, (2.0, "COMPLEMENTARY")),
        ("N_CHANNEL+P_CHANNEL", 2.0, "HALF_BRIDGE", (2.0, "HALF_BRIDGE")),
    ):
        values: dict[str, Value] = {
            "channel_type": kind, "element_count": count, "configuration": connected
        }  # fmt: skip
        assert settle(values, part) is None
        assert (values["element_count"], values["configuration"]) == settled
    values = {"channel_type": "N_CHANNEL", "element_count": None, "configuration": None}
    settle(values, Part({"Type": "N-Channel (Dual)"}, "", "", ""))
    assert values["element_count"] is None
