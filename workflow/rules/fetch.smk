"""Stage 1. Needs the plan's work lists; makes a frozen manifest for each shard and artifact group, one
job a shard."""

SHARDS = str(GRAPH.layout.shards)
LISTS_ARG = f"{PLAN_ARG}/shards"
KEPT_ARG = argument(GRAPH.layout.kept)
BOXES = f"{SHARDS}/{{shard}}.boxes.json"
# Where a model stands depends on the box that it fills; a GLB manifest is made where GLB are wanted.
BOXES_ARG = " --boxes {input.boxes:q}" if GRAPH.measures() else ""
GLB_ARG = " --output {output.manifest:q}" if GRAPH.converts() else ""


# A rule without outputs is none.
if FETCHED := GRAPH.groups():

    rule fetch_shard:
        input:
            # The store's codecs; a new library reads and writes what the old one did. The lists of
            # parts count by their digests: a group that is switched off is no change.
            library=ancient(LIBRARY),
        output:
            [f"{SHARDS}/{{shard}}.{group}.sqlite3" for group in FETCHED],
        params:
            # Of each group its list of parts, code, what its artifacts depend on in the settings
            # (not how fast they are fetched), and how often what failed was tried again.
            made_from=lambda wildcards: GRAPH.keys.made_from(wildcards.shard),
        log:
            f"{CACHE}/logs/fetch_shard/{{shard}}.log",
        benchmark:
            f"{CACHE}/benchmarks/fetch_shard/{{shard}}.tsv"
        conda:
            "../../envs/conda.yaml"
        message:
            f"fetching {', '.join(FETCHED)} of shard {{wildcards.shard}}"
        shell:
            f"{PYTHON} fetch-shard --group {' '.join(FETCHED)}"
            f" --worklist {' '.join(f'{LISTS_ARG}/{{wildcards.shard}}.{group}.tsv' for group in FETCHED)}"
            f" --settings {SETTINGS_ARG} --cache-dir {CACHE_ARG} --library {{input.library:q}}"
            " --made-from {params.made_from:q} --output {output:q} 2>&1 | tee {log:q} >&2"


rule convert_cad:
    input:
        manifest=manifest_of_cad("drawing"),
        boxes=BOXES if GRAPH.measures() else [],
        library=ancient(LIBRARY),
    output:
        f"{SHARDS}/{{shard}}.drawing.sqlite3",
    params:
        made_from=lambda wildcards: GRAPH.keys.conversion(wildcards.shard, "drawing"),
        types=GRAPH.artifacts("drawing"),
        # What is drawn already by the same converter is kept.
        converter=GRAPH.converter("drawing"),
        code=GRAPH.code("convert_cad"),
    log:
        f"{CACHE}/logs/convert_cad/{{shard}}.log",
    benchmark:
        f"{CACHE}/benchmarks/convert_cad/{{shard}}.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "drawing footprints from the CAD answers of shard {wildcards.shard}"
    shell:
        f"{PYTHON} convert-cad --manifest {{input.manifest:q}} --cache-dir {CACHE_ARG}"
        " --library {input.library:q} --types {params.types:q} --converter {params.converter}"
        f"{BOXES_ARG}"
        f" --mark {KEPT_ARG}/{{wildcards.shard}}.drawing.{{params.made_from}}"
        " --output {output:q} 2>&1 | tee {log:q} >&2"


rule convert_glb:
    input:
        manifest=manifest_of_cad("boxes"),
        library=ancient(LIBRARY),
    output:
        **({"manifest": f"{SHARDS}/{{shard}}.glb.sqlite3"} if GRAPH.converts() else {}),
        boxes=BOXES,
    params:
        made_from=lambda wildcards: GRAPH.keys.conversion(wildcards.shard, "boxes"),
        tools=GRAPH.tools,
        code=GRAPH.code("convert_glb"),
    log:
        f"{CACHE}/logs/convert_glb/{{shard}}.log",
    benchmark:
        f"{CACHE}/benchmarks/convert_glb/{{shard}}.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "measuring the STEP models of shard {wildcards.shard}, and converting them to GLB"
    shell:
        f"{PYTHON} convert-glb --manifest {{input.manifest:q}} --objects {CACHE_ARG}/objects"
        f" --workers {GLB_WORKERS} --boxes {{output.boxes:q}}{GLB_ARG}"
        f" --mark {KEPT_ARG}/{{wildcards.shard}}.boxes.{{params.made_from}} 2>&1 | tee {{log:q}} >&2"


# Where this run fetches nothing, the list is what an earlier run has left: a rule that made it would
# make it anew from no shards.
if GRAPH.fetches():

    rule fold_manifests:
        input:
            planned(lambda plan, wildcards: GRAPH.shard_manifests()),
        output:
            GRAPH.folded(),
        params:
            max_failed_share=GRAPH.config.stage1.max_failed_share,
            # No inputs: what is switched off is not made again.
            kept=[str(path) for path in GRAPH.kept_manifests()],
            code=GRAPH.code("fold_manifests"),
        log:
            f"{CACHE}/logs/fold_manifests.log",
        benchmark:
            f"{CACHE}/benchmarks/fold_manifests.tsv"
        conda:
            "../../envs/conda.yaml"
        message:
            "folding the shards' manifests"
        shell:
            f"{PYTHON} fold-manifests --manifest {{input:q}} {{params.kept:q}} --cache-dir {CACHE_ARG}"
            " --max-failed-share {params.max_failed_share} --output {output:q} 2>&1 | tee {log:q} >&2"
