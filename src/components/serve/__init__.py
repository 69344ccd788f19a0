"""Stage 3: answers queries from the published snapshot, over HTTP."""
