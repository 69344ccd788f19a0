#!/bin/sh
# The first argument is a verb of `components`. Snakemake keeps its notes in the cache volume, which
# is read-only for a server.
mkdir -p "$ATOPILE_COMPONENTS_CACHE_DIR/.snakemake" 2>/dev/null || true
exec python -m components "$@"
