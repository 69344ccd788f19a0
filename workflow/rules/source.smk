"""The catalogue. Needs nothing but the upstream; makes source/source.sqlite where no ready one is configured."""

if GRAPH.source_is_built:

    checkpoint fetch_catalogue:
        input:
            # The store's codecs; ready before the first page.
            library=ancient(LIBRARY),
        output:
            SOURCE,
        params:
            # Not our code: a crawl takes days, and `make daily` begins the next one anyway.
            upstream=GRAPH.upstream(),
        log:
            f"{CACHE}/logs/fetch_catalogue.log",
        conda:
            "../../envs/conda.yaml"
        retries: 2
        message:
            "fetching the catalogue from the JLC API"
        shell:
            f"{PYTHON} fetch-catalogue --settings {SETTINGS_ARG} --cache-dir {CACHE_ARG}"
            " --output {output:q} 2>&1 | tee {log:q} >&2"
