"""Stage 2. Needs the source, its plan and the list of the shards' manifests; makes pick tables, both databases, metadata."""


# One reading of the source serves all rooms that are stale; the others keep their files.
PICK_TABLES = expand(f"{BUILD}/pick/{{room}}.sqlite", room=GRAPH.rooms)


rule build_pick_tables:
    input:
        digests=planned(
            lambda plan, wildcards: expand(f"{PLAN}/rooms/{{room}}.sha256", room=GRAPH.rooms)
        ),
    output:
        [update(path) for path in PICK_TABLES],
    params:
        max_components=MAX_COMPONENTS,
        code=GRAPH.room_code(),
    threads: 2
    # The longest of those that wait for nothing.
    priority: 2
    log:
        f"{CACHE}/logs/build_pick_tables.log",
    benchmark:
        f"{CACHE}/benchmarks/build_pick_tables.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "reading the parameters of the rooms that changed"
    shell:
        f"{PYTHON} build-pick --source {SOURCE_ARG} --max-components {{params.max_components}}"
        f" --digests {PLAN_ARG}/rooms --code {{params.code}} --output {BUILD_ARG}/pick 2> {{log:q}}"


rule build_fast_db:
    input:
        PICK_TABLES,
    output:
        f"{BUILD}/fast.sqlite",
    params:
        tools=GRAPH.tools,
        code=GRAPH.code("build_fast_db"),
    log:
        f"{CACHE}/logs/build_fast_db.log",
    benchmark:
        f"{CACHE}/benchmarks/build_fast_db.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "joining the pick tables into fast.sqlite"
    shell:
        f"{PYTHON} build-fast --pick {{input:q}} --output {{output:q}} 2> {{log:q}}"


rule build_detail_db:
    input:
        digest=planned(lambda plan, wildcards: f"{PLAN}/source.sha256"),
        pick=PICK_TABLES,
        manifest=planned(lambda plan, wildcards: GRAPH.manifest_input()),
    output:
        f"{BUILD}/detail.sqlite",
    params:
        max_components=MAX_COMPONENTS,
        tools=GRAPH.tools,
        unserved=GRAPH.unserved(),
        code=GRAPH.code("build_detail_db"),
        manifest=lambda wildcards, input: f"--manifest {shlex.quote(str(input.manifest))}" if input.manifest else "",
    # The index and the metadata wait for it.
    priority: 1
    log:
        f"{CACHE}/logs/build_detail_db.log",
    benchmark:
        f"{CACHE}/benchmarks/build_detail_db.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "writing every part to detail.sqlite"
    shell:
        f"{PYTHON} build-detail --source {SOURCE_ARG} --max-components {{params.max_components}}"
        " --pick {input.pick:q}"
        " {params.manifest} --unserved {params.unserved:q} --output {output:q} 2> {log:q}"


rule build_search:
    input:
        digest=planned(lambda plan, wildcards: f"{PLAN}/source.sha256"),
        pick=PICK_TABLES,
    output:
        f"{BUILD}/search.sqlite",
    params:
        max_components=MAX_COMPONENTS,
        tools=GRAPH.tools,
        code=GRAPH.code("build_search"),
    # As long as detail and what follows that, which go on beside it.
    priority: 1
    log:
        f"{CACHE}/logs/build_search.log",
    benchmark:
        f"{CACHE}/benchmarks/build_search.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "laying out part numbers and words for search"
    shell:
        f"{PYTHON} build-search --source {SOURCE_ARG} --max-components {{params.max_components}}"
        " --pick {input.pick:q} --output {output:q} 2> {log:q}"


rule build_metadata:
    input:
        digest=planned(lambda plan, wildcards: f"{PLAN}/source.sha256"),
        pick=PICK_TABLES,
        detail=f"{BUILD}/detail.sqlite",
    output:
        f"{BUILD}/metadata.json",
    params:
        max_components=MAX_COMPONENTS,
        tools=GRAPH.tools,
        code=GRAPH.code("build_metadata"),
    log:
        f"{CACHE}/logs/build_metadata.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "counting into metadata.json"
    shell:
        f"{PYTHON} build-metadata --source {SOURCE_ARG} --source-digest \"$(<{{input.digest:q}})\""
        " --max-components {params.max_components} --pick {input.pick:q}"
        " --detail {input.detail:q} --output {output:q} 2> {log:q}"


rule validate_snapshot:
    input:
        fast=f"{BUILD}/fast.sqlite",
        detail=f"{BUILD}/detail.sqlite",
        search=f"{BUILD}/search.sqlite",
        metadata=f"{BUILD}/metadata.json",
        index=f"{BUILD}/lookup.idx",
    output:
        receipt=f"{BUILD}/validated.json",
        summary=report(f"{BUILD}/summary.html", category="Snapshot"),
    params:
        row_loss=GRAPH.config.stage2.max_row_loss_share,
        fill_loss=GRAPH.config.stage2.max_fill_loss_share,
        readings=GRAPH.config.stage2.max_changed_readings_share,
        tools=GRAPH.tools,
        code=GRAPH.code("validate_snapshot"),
    log:
        f"{CACHE}/logs/validate_snapshot.log",
    benchmark:
        f"{CACHE}/benchmarks/validate_snapshot.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "validating the snapshot against its schema and the published one"
    shell:
        f"{PYTHON} validate-snapshot --fast {{input.fast:q}} --detail {{input.detail:q}} --search {{input.search:q}} --index {{input.index:q}}"
        f" --metadata {{input.metadata:q}} --published {CACHE_ARG}/snapshots/current"
        " --max-row-loss-share {params.row_loss} --max-fill-loss-share {params.fill_loss}"
        " --max-changed-readings-share {params.readings}"
        " --summary {output.summary:q} --output {output.receipt:q} 2> {log:q}"
