"""Stage 3: answers queries from a published snapshot."""
