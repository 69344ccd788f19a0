"""Config, paths and plan, known before the graph is drawn. Names in capitals serve all rules."""

import gc
import os
import shlex
import sys

from snakemake.exceptions import WorkflowError

# A graph of thousands of jobs is objects that stay: looking through them for garbage again and again
# takes a quarter of the time that it takes to draw.
gc.set_threshold(200_000, 50, 1000)
sys.path.insert(0, os.path.join(workflow.basedir, "src"))
# Jobs run `python -m components`, with this checkout's code wherever they start.
os.environ.update(PYTHONPATH=os.path.join(workflow.basedir, "src"))

from components.graph.graph import SEALED_FILES, Graph, record_code, zig_sources
from components.core import run_lock
from components.core.errors import ComponentsError

try:
    GRAPH = Graph(config)
    if not GRAPH.source_is_built or GRAPH.source.exists():
        GRAPH.plan()
except ComponentsError as error:
    raise WorkflowError(str(error)) from None


onstart:
    try:
        os.environ[run_lock.VARIABLE] = run_lock.acquire(GRAPH.layout.root)
    except ComponentsError as error:
        raise WorkflowError(str(error)) from None


onsuccess:
    record_code(GRAPH.layout)
    # The first run had no place for it when it began.
    GRAPH.remember()


CACHE = str(GRAPH.layout.root)
BUILD = str(GRAPH.layout.build)
PLAN = str(GRAPH.layout.plan)
SOURCE = str(GRAPH.source)
LIBRARY = str(GRAPH.layout.library)
KEEP_SNAPSHOTS = GRAPH.config.stage2.keep_snapshots
GLB_WORKERS = GRAPH.config.stage2.glb_workers
MAX_COMPONENTS = GRAPH.config.workflow.max_components


def argument(value):
    """A fixed word of a shell command. What a product depends on belongs into params instead."""
    return shlex.quote(str(value)).replace("{", "{{").replace("}", "}}")


PYTHON = f"{argument(sys.executable)} -m components"
CACHE_ARG = argument(CACHE)
BUILD_ARG = argument(BUILD)
PLAN_ARG = argument(PLAN)
SOURCE_ARG = argument(SOURCE)
SETTINGS_ARG = argument(GRAPH.settings())
PREFERRED = GRAPH.config.paths.preferred_parts
PREFERRED_ARG = f" --preferred-parts {argument(PREFERRED)}" if PREFERRED else ""


wildcard_constraints:
    shard="[0-9]+",


def planned(of_plan):
    """An input function for what is known only when there is a catalogue."""

    def inputs(wildcards):
        if GRAPH.source_is_built and GRAPH.fetches_catalogue():
            checkpoints.fetch_catalogue.get()
        return of_plan(GRAPH.plan(), wildcards)

    return inputs


def manifest_of_cad(made):
    """The manifest that a conversion reads; where it has nothing to do, a time that does not count."""

    def manifest(wildcards):
        path = str(GRAPH.shard_manifest(wildcards.shard, "cad"))
        return ancient(path) if GRAPH.keys.is_settled(wildcards.shard, made) else path

    return manifest
