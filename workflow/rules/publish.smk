"""Publishing. Needs validated files; seals snapshots/<name> and swaps `current`. Its output is a receipt:
what Snakemake calls an output it deletes before a job and after a failure, and `current` must survive both."""


rule publish_snapshot:
    input:
        files=[f"{BUILD}/{name}" for name in SEALED_FILES],
        validated=f"{BUILD}/validated.json",
    output:
        str(GRAPH.layout.receipt),
    params:
        name=GRAPH.config.workflow.snapshot_name,
        allow_partial="--allow-partial" if GRAPH.config.stage2.allow_partial else "",
        code=GRAPH.code("publish_snapshot"),
    log:
        f"{CACHE}/logs/publish_snapshot.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "sealing the snapshot and swapping `current`"
    shell:
        f"{PYTHON} publish --build {BUILD_ARG} --cache-dir {CACHE_ARG} --name {{params.name:q}}"
        f" --keep {KEEP_SNAPSHOTS} {{params.allow_partial}} --output {{output:q}} 2>&1 | tee {{log:q}} >&2"
