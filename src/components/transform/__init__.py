"""Stage 2: turns the source and the manifest into validated databases."""
