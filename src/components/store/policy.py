"""How each artifact type is compressed, and the limits that reading keeps to."""

from __future__ import annotations

from components.artifacts import ARTIFACTS, Storage

# An object larger than this is refused when written and when read: no model or datasheet comes
# near it, and a damaged or hostile header must not make a reader allocate without bound.
RAW_SIZE_MAX_BYTES = 256 << 20
# The text model codes some 0.3 MB/s; what is larger goes to zstd.
TEXT_SIZE_MAX_BYTES = 4 << 20


Rule = Storage
# How a type is written stands with everything else about it.
POLICY: dict[str, Rule] = {name: artifact.storage for name, artifact in ARTIFACTS.items()}


def plain(rule: Rule) -> Rule:
    """The same level without what needs the native library."""
    return Rule(level=rule.level)


def test_the_plain_form_needs_no_library() -> None:
    assert not any(plain(rule).native for rule in POLICY.values())
