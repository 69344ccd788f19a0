"""Which 3D model an answer names: what fetching it needs to know, apart from where it stands."""

from __future__ import annotations

import re

from components.cad.shapes import Node, read_shape
from components.core.errors import CadError

_UUID = re.compile(r"[0-9a-fA-F]{32}")


def is_model(node: Node) -> bool:
    """Whether a drawing node stands for the 3D model, and is no picture."""
    attributes = node.attributes
    return attributes.get("layerid") == "19" or attributes.get("c_etype") == "outline3D"


def uuid_of(node: Node) -> str:
    """The model's UUID, 32 hex digits in lower case; empty where the node names none."""
    uuid = node.attributes.get("uuid", "")
    return uuid.lower() if _UUID.fullmatch(uuid) else ""


def model_uuid(answer: object) -> str:
    """The UUID of the first model that a decoded answer names; empty where there is none.

    An answer whose footprint cannot be converted may well have a model.
    """
    value = answer.get("result", answer) if isinstance(answer, dict) else None
    for key in ("packageDetail", "dataStr", "shape"):
        value = value.get(key) if isinstance(value, dict) else None
    for text in value if isinstance(value, list) else ():
        if isinstance(text, str) and text.startswith("SVGNODE~"):
            try:
                node = read_shape(text)
            except CadError:
                continue
            if isinstance(node, Node) and is_model(node) and (uuid := uuid_of(node)):
                return uuid
    return ""


def test_the_first_model_counts_whatever_else_the_answer_holds() -> None:
    from components.testing.cad import NODE, answer_of

    assert model_uuid(answer_of("PAD~nonsense", "SVGNODE~{", NODE)) == "0123456789abcdef" * 2
    assert model_uuid(answer_of(NODE.replace("0123456789abcdef", "../", 1))) == ""
    damaged: list[object] = [None, [], {}, {"result": None}, {"result": {"packageDetail": [[]]}}]
    assert not any(map(model_uuid, damaged))
