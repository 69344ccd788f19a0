"""The locked requirements: each one pinned to a version and to the hashes of its files."""

from __future__ import annotations

import re

import pytest

from components.core.project import PROJECT


@pytest.mark.parametrize("name", ["runtime", "export", "dev"])
def test_every_requirement_is_pinned_by_version_and_hash(name: str) -> None:
    text = (PROJECT / "envs" / f"{name}.txt").read_text()
    entries = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)==(\S+)[^\n]*\\\n((?:    --hash=\S+.*\n?)+)", text, re.M
    )
    named = re.findall(r"^([a-z0-9][^\s=<>!~]*)", text, re.M | re.I)
    assert [entry[0] for entry in entries] == named, "a line is not NAME==VERSION with hashes"
    for package, _, hashes in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", hashes), package
    wanted = (PROJECT / "envs" / f"{name}.in").read_text().splitlines()
    direct = {line.lower() for line in wanted if line and line[0] not in "#-"}
    assert direct <= {package.lower() for package in named}


def test_nothing_is_fetched_from_elsewhere_than_the_index() -> None:
    for name in ("runtime", "export", "dev"):
        text = (PROJECT / "envs" / f"{name}.txt").read_text()
        assert not re.search(r"https?://|git\+|--index-url|--extra-index|--find-links", text)
