"""Stage 1. Needs the plan's work lists; makes a frozen manifest for each shard and artifact group."""

SHARDS = str(GRAPH.layout.shards)
BOXES = f"{SHARDS}/{{shard}}.boxes.json"
# Where a model stands depends on the box that it fills; a GLB manifest is made where GLB are wanted.
BOXES_ARG = " --boxes {input.boxes:q}" if GRAPH.measures() else ""
GLB_ARG = " --output {output.manifest:q}" if GRAPH.converts() else ""


rule fetch_shard:
    input:
        parts=f"{PLAN}/shards/{{shard}}.{{group}}.tsv",
        # The store's codecs are in it; a new library reads and writes what the old one did.
        library=ancient(LIBRARY),
    output:
        f"{SHARDS}/{{shard}}.{{group}}.sqlite3",
    params:
        # What the artifacts depend on; how fast they are fetched is in the settings only.
        identity=lambda wildcards: GRAPH.identity(wildcards.group),
        # Changes when what failed may be tried again.
        tries=lambda wildcards: GRAPH.tries(wildcards.shard, wildcards.group),
        code=lambda wildcards: GRAPH.code("fetch_shard", GROUPS[wildcards.group].module),
    log:
        f"{CACHE}/logs/fetch_shard/{{shard}}.{{group}}.log",
    benchmark:
        f"{CACHE}/benchmarks/fetch_shard/{{shard}}.{{group}}.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "fetching {wildcards.group} of shard {wildcards.shard}"
    shell:
        f"{PYTHON} fetch-shard --worklist {{input.parts:q}} --group {{wildcards.group}}"
        f" --settings {SETTINGS_ARG} --cache-dir {CACHE_ARG} --library {{input.library:q}}"
        " --tries {params.tries} --output {output:q} 2>&1 | tee {log:q} >&2"


rule convert_cad:
    input:
        manifest=f"{SHARDS}/{{shard}}.cad.sqlite3",
        boxes=BOXES if GRAPH.measures() else [],
        library=ancient(LIBRARY),
    output:
        f"{SHARDS}/{{shard}}.drawing.sqlite3",
    params:
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
        " --output {output:q} 2>&1 | tee {log:q} >&2"


rule convert_glb:
    input:
        manifest=f"{SHARDS}/{{shard}}.cad.sqlite3",
        library=ancient(LIBRARY),
    output:
        **({"manifest": f"{SHARDS}/{{shard}}.glb.sqlite3"} if GRAPH.converts() else {}),
        boxes=BOXES,
    params:
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
        f" --workers {GLB_WORKERS} --boxes {{output.boxes:q}}{GLB_ARG} 2>&1 | tee {{log:q}} >&2"


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
