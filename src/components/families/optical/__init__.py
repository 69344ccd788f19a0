"""Parts that see light, and those that pass signals by it."""
