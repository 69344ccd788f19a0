"""Stage 1. Needs the plan's work lists; makes a frozen manifest for each shard and artifact group."""
