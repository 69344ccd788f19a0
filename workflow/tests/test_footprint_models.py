"""Real STEP models become GLB files that the official glTF validator accepts, always the same.

Every model is converted and validated, and every fourth once more; with ``--long``, all of them
twice.
"""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from components.cad.glb.pool import GlbPool
from components.testing.extent import sized
from components.testing.library import shared_data
from components.testing.npm import GLTF_VALIDATOR, installed

pytestmark = pytest.mark.long
SCRIPT = """
const fs = require("fs"), validator = require(process.argv[2]);
(async () => {
  const reports = {};
  for (const path of process.argv.slice(3)) {
    const options = {maxIssues: 0, severityOverrides: {}};
    const report = await validator.validateBytes(new Uint8Array(fs.readFileSync(path)), options);
    reports[path] = report.issues;
  }
  console.log(JSON.stringify(reports));
})();
"""


def test_all_models_convert_twice_the_same_and_validate(tmp_path: Path) -> None:
    module = installed(GLTF_VALIDATOR)
    with tarfile.open(shared_data() / "step.tar.xz") as archive:
        steps = {
            Path(member.name).stem: file.read()
            for member in archive
            if member.name.endswith(".step") and (file := archive.extractfile(member))
        }
    assert len(steps) == 73
    workers = os.cpu_count() or 1
    with GlbPool(workers) as pool, ThreadPoolExecutor(workers) as threads:
        first = list(threads.map(pool.convert, steps.values()))
        stride = sized(4, 1)
        again = list(steps.values())[::stride]
        second = list(threads.map(pool.convert, reversed(again)))
    assert first[::stride] == second[::-1]
    paths = [tmp_path / f"{number}.glb" for number in range(len(first))]
    for path, data in zip(paths, first, strict=True):
        path.write_bytes(data)
    script = tmp_path / "validate.js"
    script.write_text(SCRIPT)
    ran = subprocess.run(
        ["node", str(script), str(module), *map(str, paths)],
        capture_output=True,
        check=True,
        text=True,
    )
    reports = json.loads(ran.stdout)
    assert len(reports) == len(steps)
    bad = {
        name: reports[str(path)]
        for name, path in zip(steps, paths, strict=True)
        if reports[str(path)]["numErrors"] or reports[str(path)]["numWarnings"]
    }
    assert bad == {}
