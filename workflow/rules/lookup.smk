"""The lookup. Needs zig/, fast.sqlite and detail.sqlite's prices; makes the compiled library and its memory-mapped index."""


rule build_library:
    input:
        [str(path) for path in zig_sources()],
    output:
        LIBRARY,
    params:
        tools=GRAPH.tools,
        code=GRAPH.code("build_library"),
    log:
        f"{CACHE}/logs/build_library.log",
    benchmark:
        f"{CACHE}/benchmarks/build_library.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "compiling liblookup"
    shell:
        f"{PYTHON} build-library --output {{output:q}} 2> {{log:q}}"


rule build_index:
    input:
        fast=f"{BUILD}/fast.sqlite",
        prices=f"{BUILD}/detail.sqlite",
        library=LIBRARY,
    output:
        f"{BUILD}/lookup.idx",
    params:
        tools=GRAPH.tools,
        code=GRAPH.code("build_index"),
    log:
        f"{CACHE}/logs/build_index.log",
    benchmark:
        f"{CACHE}/benchmarks/build_index.tsv"
    conda:
        "../../envs/conda.yaml"
    message:
        "laying out lookup.idx"
    shell:
        f"{PYTHON} build-index --fast {{input.fast:q}} --prices {{input.prices:q}} --library {{input.library:q}}"
        " --output {output:q} 2> {log:q}"
