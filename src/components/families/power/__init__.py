"""Power supplies."""
