"""The README's first query and first bundle, as its reader types them, over a real run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from components.core.project import PROJECT
from components.testing.library import library
from components.testing.pipeline import Pipeline

# The run is the README's but for what it fetches: the artifacts of the one part asked for.
OVERLAY = {"stage1": {"where": "lcsc = 80000145"}}


def blocks(language: str) -> list[str]:
    """The README's code blocks in one language."""
    return re.findall(
        rf"^```{language}\n(.*?)^```", (PROJECT / "README.md").read_text(), re.S | re.M
    )


def test_the_first_query_and_bundle_are_answered_as_shown(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path / "run", OVERLAY)
    (pipeline.layout.root / "lib").mkdir(parents=True)
    shutil.copy(library(), pipeline.layout.root / "lib" / "liblookup.so")
    pipeline.run().check()
    command = [sys.executable, "-m", "components", "serve", "--port", "0", "--print-port"]
    command += ["--configfile", str(pipeline.configfile)]
    server = subprocess.Popen(
        command, cwd=tmp_path, env=pipeline.environment(), stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        port = server.stdout.readline().strip()
        query, bundle = (b for b in blocks("sh") if b.startswith("curl"))

        def typed(text: str) -> str:
            asked = text.replace(":8079", f":{port}")
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", asked],
                cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
            return done.stdout

        assert json.loads(typed(query)) == json.loads(blocks("json")[0])
        checked = typed(bundle).splitlines()
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert checked and all(line.endswith(": OK") for line in checked)
    kinds = {line.split("/")[1] for line in checked if line.startswith("artifacts/")}
    assert {"kicad_footprint_mod", "footprint_svg", "model_step", "model_glb"} <= kinds
