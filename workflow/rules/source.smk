"""The catalogue. Needs nothing but the upstream; makes source/source.sqlite where no ready one is configured."""

if GRAPH.source_is_built:

    checkpoint fetch_catalogue:
        input:
            # The store's codecs; ready before the first page.
            library=ancient(LIBRARY),
        output:
            # Not the catalogue: the engine deletes outputs before a job, and a crawl takes days.
            GRAPH.source_receipt(),
        params:
            # Not our code: a crawl takes days, and `make daily` begins the next one anyway.
            upstream=GRAPH.catalogue_address(),
        log:
            f"{CACHE}/logs/fetch_catalogue.log",
        conda:
            "../../envs/conda.yaml"
        message:
            "fetching the catalogue from the JLC API"
        shell:
            f"{PYTHON} fetch-catalogue --settings {SETTINGS_ARG} --cache-dir {CACHE_ARG}"
            f"{PREFERRED_ARG} --output {SOURCE_ARG}"
            " --receipt {output:q} 2>&1 | tee {log:q} >&2"
