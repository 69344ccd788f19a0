"""Dictionaries trained by the workflow's rule, and the store rewritten with them."""

from __future__ import annotations

import json
from pathlib import Path

from components.store.object_store import ObjectStore
from components.testing.library import library
from components.testing.pipeline import Pipeline

OVERLAY = {
    "stage1": {
        "where": "stock > 0 AND lcsc % 40 = 0",
        "requests_per_second": {"jlc": 0, "easyeda": 0, "lcsc": 0},
        "artifacts": {
            "easyeda_cad_json": True,
            "model_obj": False,
            "model_step": False,
            "datasheet_pdf": False,
        },
    },
}


def stored(pipeline: Pipeline) -> dict[str, tuple[int, bytes]]:
    store = ObjectStore(pipeline.layout.objects, library=library())
    texts = filter(lambda key: "/easyeda_cad_json/" in key, store.keys())
    return {key: (store.stored_size_bytes(key), store.get(key)) for key in texts}


def test_trained_dictionaries_make_the_store_smaller(tmp_path: Path) -> None:
    pipeline = Pipeline(tmp_path, OVERLAY)
    pipeline.run().check()
    before = stored(pipeline)
    snapshot = pipeline.layout.current.readlink()
    assert pipeline.run("--", "train_dictionaries").check().jobs == {"train_dictionaries": 1}
    trained = json.loads((pipeline.layout.dictionaries / "trained.json").read_text())
    assert "easyeda_cad_json" in trained
    for name in trained.values():
        assert (pipeline.layout.dictionaries / name).is_file()
    assert not pipeline.run("--", "train_dictionaries").check().jobs

    done = pipeline.components("recompress", "--configfile", str(pipeline.configfile))
    assert done.returncode == 0, done.stderr
    after = stored(pipeline)
    assert {key: text for key, (_, text) in after.items()} == {
        key: text for key, (_, text) in before.items()
    }
    assert sum(size for size, _ in after.values()) < sum(size for size, _ in before.values())
    verified = pipeline.components("verify", "--configfile", str(pipeline.configfile))
    assert verified.returncode == 0, verified.stdout + verified.stderr

    # Without its dictionary an object is not readable, and says which file is missing.
    name = trained["easyeda_cad_json"]
    (pipeline.layout.dictionaries / name).rename(tmp_path / name)
    broken = pipeline.components("verify", "--configfile", str(pipeline.configfile))
    assert broken.returncode == 1
    assert name in broken.stdout + broken.stderr
    (tmp_path / name).rename(pipeline.layout.dictionaries / name)

    # What a run builds does not depend on how the store is written.
    assert not pipeline.run().check().jobs
    assert pipeline.layout.current.readlink() == snapshot
