"""SECURITY.md names tests that there are, for every threat."""

from __future__ import annotations

import hashlib
import re
import subprocess

from components.core.project import PROJECT

PAGE = (PROJECT / "SECURITY.md").read_text()


def rows() -> list[list[str]]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def test_every_threat_is_held_by_a_test() -> None:
    assert len(rows()) >= 16
    for threat, defence, tests in rows():
        named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", tests)
        assert named and defence, threat
        assert len(named) == tests.count("::"), tests
        for file, test in named:
            folder = "src/components" if "/" in file else "workflow/tests"
            source = (PROJECT / folder / file).read_text()
            assert re.search(rf"^(async )?def {test}\(", source, re.MULTILINE), f"{file}::{test}"


def test_the_commands_make_the_hash_that_the_configuration_wants() -> None:
    (block,) = re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    done = subprocess.run(
        ["bash", "-ec", block + "\necho $key"], capture_output=True, text=True, check=True
    )
    digest, key = done.stdout.split("  -\n")
    assert digest == hashlib.sha256(key.strip().encode()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", digest)
