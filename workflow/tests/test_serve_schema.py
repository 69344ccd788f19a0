"""What OpenAPI promises is what the server does: some 5,000 generated requests, right and wrong.

All families are described and answered by the same code, so that a few of them stand for all: with
values and tolerances, with words, with ranges of two columns and with a default.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from components.core.project import PROJECT
from components.testing.server import Site, serving

CONFIG = PROJECT / "schemathesis.toml"
EXAMPLES = 10  # of each route, beside the thousands of its coverage phase
CASES_MIN = 4000
FAMILIES = ("resistor", "mosfet", "logic", "led")


def described(document: dict[str, Any]) -> dict[str, Any]:
    """``document`` with a few families' queries."""
    query = document["components"]["schemas"]["Query"]
    mapping = query["discriminator"]["mapping"]
    query["discriminator"]["mapping"] = {name: mapping[name] for name in FAMILIES}
    query["oneOf"] = [{"$ref": mapping[name]} for name in FAMILIES]
    return document


def test_schemathesis_finds_no_failure(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.build("only", rows=3, artifacts=[{"datasheet_pdf": b"%PDF-1.7\n"}])
    site.point("only")
    with serving(site.layout) as server:
        server.wait_for("only")
        config = tmp_path / CONFIG.name
        config.write_text(CONFIG.read_text().replace('"workflow/', f'"{PROJECT}/workflow/'))
        program = str(Path(sys.executable).with_name("schemathesis"))
        command = [program, "--config-file", str(config), "run", "--seed", "1"]
        document = described(server.ask("GET", "/openapi.json").json)
        (tmp_path / "openapi.json").write_text(json.dumps(document))
        address = f"http://127.0.0.1:{server.port}"
        done = subprocess.run(
            [*command, "--max-examples", str(EXAMPLES), "--url", address, "openapi.json"],
            # Where it may leave its notes, so that the hooks are named whole.
            cwd=tmp_path,
            env=os.environ | {"NO_COLOR": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-5000:]
        generated = re.search(r"(\d+) generated", done.stdout)
        assert generated is not None and int(generated[1]) >= CASES_MIN, done.stdout[-2000:]
        assert "Traceback" not in server.log.read_text()
