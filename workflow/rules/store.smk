"""The store's dictionaries. Need what stage 1 has fetched; made on demand: `make recompress`.

No product depends on them, so that what a run builds does not depend on when they were trained.
Their receipt is the output: Snakemake deletes outputs before a job, and objects need dictionaries.
"""


rule train_dictionaries:
    input:
        manifest=str(GRAPH.folded()),
        library=ancient(LIBRARY),
    output:
        f"{CACHE}/dictionaries/trained.json",
    params:
        code=GRAPH.code("train_dictionaries"),
    log:
        f"{CACHE}/logs/train_dictionaries.log",
    conda:
        "../../envs/conda.yaml"
    message:
        "training dictionaries on the store"
    shell:
        f"{PYTHON} train-dictionaries --objects {CACHE_ARG}/objects --library {{input.library:q}}"
        f" --output {CACHE_ARG}/dictionaries --receipt {{output:q}} 2>&1 | tee {{log:q}} >&2"
